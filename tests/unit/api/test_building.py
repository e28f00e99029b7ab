"""From a name and pictures to a plan: size, channels, normalisation."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from saccade.api.building import Plan, network_kind, plan, refuse_small
from saccade.api.kinds import refuse_other_kind
from saccade.data.arrays import Arrays
from saccade.data.preprocess import preprocess
from saccade.errors import BadConfig, BadData, BadImage, BadShape
from saccade.training.settings import TrainingSettings
from saccade.types.preprocessing import Preprocessing

SETTINGS = TrainingSettings()


class Broken(Arrays):
    """A source of which some pictures cannot be read."""

    def read(self, index):
        if index % 2:
            raise BadImage("got nothing; taken are pictures; try again")
        return super().read(index)


def source(*images, kind=Arrays):
    return kind(tuple(images), tuple([0] * len(images)), "x", np.arange(len(images)))


def grey(height=32, width=32, level=100):
    return np.full((height, width, 1), level, np.uint8)


def colour(height=32, width=32, levels=(255, 0, 51)):
    return np.zeros((height, width, 3), np.uint8) + np.array(levels, np.uint8)


@pytest.mark.parametrize(
    ("images", "channels"),
    [
        ([grey(), grey()], 1),
        ([grey(), colour()], 3),
        ([np.zeros((32, 32, 2), np.uint8)], 1),
        ([np.zeros((32, 32, 4), np.uint8)], 3),
        ([np.zeros((32, 32, 5), np.uint8)] * 2, 5),
        ([np.zeros((32, 32, 5), np.uint8), colour()], 3),
    ],
)
def test_channels_are_those_of_the_pictures(images, channels):
    planned = plan("conv 4 3, gap", source(*images), classes=2, settings=SETTINGS)
    assert planned.preprocessing.channels == channels
    assert planned.arguments["in_channels"] == channels


@pytest.mark.parametrize(
    ("model", "images", "settings", "size"),
    [
        ("conv 4 3, gap", [grey(50, 60), grey(50, 70)], {}, (55, 55)),
        ("conv 4 3, gap", [grey(4, 4)], {}, (24, 24)),
        ("conv 4 3, gap", [grey(400, 700)], {}, (128, 128)),
        ("lenet5", [grey(8, 8)], {}, (32, 32)),
        ("conv 4 3, gap", [grey(400, 700)], {"height": 40}, (40, 40)),
        ("conv 4 3, gap", [grey(400, 700)], {"width": 40}, (40, 40)),
        ("conv 4 3, gap", [grey(400, 700)], {"height": 40, "width": 50}, (40, 50)),
    ],
)
def test_the_size_is_the_middle_one_within_reason_or_what_was_asked_for(model, images, settings, size):
    planned = plan(model, source(*images), classes=2, settings=TrainingSettings(**settings))
    assert planned.preprocessing.size == size


def test_the_normalisation_is_the_mean_and_deviation_of_the_pictures():
    half = np.vstack([grey(16, 32, 0), grey(16, 32, 255)])
    planned = plan("conv 4 3, gap", source(half), classes=2, settings=SETTINGS)
    assert planned.preprocessing.mean == (0.5,)
    assert planned.preprocessing.std == (0.5002,)  # √(n / (n − 1)) / 2 of 1,024 values
    flat = plan("conv 4 3, gap", source(colour()), classes=2, settings=SETTINGS).preprocessing
    assert flat.mean == (1.0, 0.0, 0.2)
    assert flat.std == (0.001, 0.001, 0.001)


def test_large_pictures_are_looked_at_small(monkeypatch):
    seen = []
    monkeypatch.setattr(
        "saccade.api.building.preprocess", lambda image, how: seen.append(image.shape) or preprocess(image, how)
    )
    planned = plan("conv 4 3, gap", source(colour(1_000, 2_000)), classes=2, settings=SETTINGS)
    assert seen == [(1_000, 2_000, 3), (128, 256, 3)]
    assert planned.preprocessing.size == (128, 128)
    assert planned.preprocessing.mean == (1.0, 0.0, 0.2)


def test_pictures_that_cannot_be_read_are_passed_over():
    planned = plan("conv 4 3, gap", source(grey(), colour(), kind=Broken), classes=2, settings=SETTINGS)
    assert planned.preprocessing.channels == 1


def test_a_line_is_built_and_a_name_is_called():
    assert plan("conv 4 3, gap", source(grey()), classes=5, settings=SETTINGS).arguments == {
        "line": "conv 4 3, gap", "num_classes": 5, "in_channels": 1, "size": [32, 32],
    }  # fmt: skip
    assert plan("resnet18", source(grey()), classes=5, settings=SETTINGS).arguments == {
        "num_classes": 5,
        "in_channels": 1,
    }


@pytest.mark.parametrize(
    ("takes", "given", "channels"), [(3, grey(), 3), (1, colour(), 1), (3, colour(), 3), (64, colour(), 3)]
)
def test_a_module_of_your_own_gets_the_channels_that_it_takes(takes, given, channels):
    planned = plan(nn.Sequential(nn.Conv2d(takes, 4, 3)), source(given), classes=2, settings=SETTINGS)
    assert (planned.architecture, planned.preprocessing.channels) == ("", channels)


@pytest.mark.parametrize(
    ("image", "mean", "std"),
    [
        (colour(), (0.1, 0.2, 0.6), (0.2, 0.3, 0.4)),
        (grey(), (0.3,), (0.3,)),
        (np.zeros((32, 32, 5), np.uint8), (0.1, 0.2, 0.6, 0.1, 0.2), (0.2, 0.3, 0.4, 0.2, 0.3)),
    ],
)
def test_weights_to_begin_with_bring_what_their_pictures_were_like(image, mean, std):
    seen = Preprocessing((48, 40), 3, (0.1, 0.2, 0.6), (0.2, 0.3, 0.4), "crop", (60, 60), "bicubic")
    planned = plan("resnet18", source(image), classes=2, settings=TrainingSettings(fit="pad"), published=seen)
    assert planned.preprocessing == Preprocessing((48, 40), len(mean), mean, std, "pad", resampling="bicubic")
    smaller = plan("resnet18", source(image), classes=2, settings=TrainingSettings(height=20), published=seen)
    assert smaller.preprocessing.size == (20, 20)


def test_weights_are_drawn_from_the_seed_and_the_global_generator_is_left_alone():
    planned = Plan("lenet5", {"num_classes": 2, "in_channels": 1}, Preprocessing((32, 32), 1, (0.0,), (1.0,)))
    before = torch.get_rng_state()
    one, same, other = (next(planned.make(seed).parameters()) for seed in (1, 1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.bad_input
def test_pictures_of_which_nothing_would_be_left_are_refused_with_the_smallest_size():
    network = Plan("alexnet", {"num_classes": 2}, Preprocessing((63, 63), 3, (0.0,) * 3, (1.0,) * 3)).make(0)
    refuse_small(network, (63, 63))
    with pytest.raises(BadShape, match="got pictures of 63 × 62 pixels; alexnet takes 63 × 63 or more; set height"):
        refuse_small(network, (63, 62))


@pytest.mark.bad_input
def test_what_cannot_be_planned_is_refused():
    with pytest.raises(BadData, match="no readable picture"):
        plan("conv 4 3, gap", Broken((grey(),) * 2, (0, 0), "x", np.array([1])).pick([]), classes=2, settings=SETTINGS)
    five, six = np.zeros((32, 32, 5), np.uint8), np.zeros((32, 32, 6), np.uint8)
    with pytest.raises(BadData, match="6 channels"):
        plan("conv 4 3, gap", source(five, six), classes=2, settings=SETTINGS)


@pytest.mark.parametrize(
    ("sizes", "size"),
    [
        ([(480, 640)] * 3, (320, 416)),  # alike: their own shape, 416 at most, whole cells of 32
        ([(480, 640), (640, 480)], (416, 416)),  # not alike: square
        ([(96, 96)], (96, 96)),
        ([(40, 50)], (64, 64)),
        ([(100, 2000)], (32, 416)),
    ],
)
def test_pictures_with_boxes_keep_their_shape_where_it_is_one(sizes, size):
    planned = plan("yolo_nano", source(*[grey(*one) for one in sizes]), classes=2, settings=SETTINGS)
    assert planned.preprocessing.size == size


def test_a_detector_may_stand_on_another_network():
    planned = plan("yolo_nano", source(grey()), classes=2, settings=TrainingSettings(backbone="resnet8"))
    assert planned.arguments == {"num_classes": 2, "in_channels": 1, "backbone": "resnet8"}


def test_an_architecture_is_made_for_one_kind_of_task():
    assert (network_kind("yolo_nano"), network_kind("resnet18")) == ("detection", "classification")
    refuse_other_kind("yolo_nano", "detection")
    refuse_other_kind("conv 4 3, gap", "multi_label")
    refuse_other_kind(nn.Identity(), "detection")


@pytest.mark.bad_input
def test_a_network_for_another_task_is_refused_and_another_named():
    with pytest.raises(BadConfig, match=r"got 'resnet8', which names classes, .*; take yolo_nano, or yolo_nano with"):
        refuse_other_kind("resnet8", "detection")
    with pytest.raises(BadConfig, match=r"got 'gap, dense 3', which names classes, .*; take yolo_nano$"):
        refuse_other_kind("gap, dense 3", "detection")
    with pytest.raises(BadConfig, match=r"got 'yolo_nano', which finds boxes, .*; take resnet18"):
        refuse_other_kind("yolo_nano", "classification")
    with pytest.raises(BadConfig, match=r"got backbone='resnet8' for 'lenet5', which stands on no other network"):
        plan("lenet5", source(grey()), classes=2, settings=TrainingSettings(backbone="resnet8"))
