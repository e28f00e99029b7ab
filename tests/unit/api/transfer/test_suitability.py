"""Whether a network suits the data, before anything is written."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.api.transfer.suitability import refuse_changes, refuse_lone_pictures, refuse_unfit
from saccade.errors import BadConfig, BadShape
from saccade.layers.normalised import Normalised
from saccade.tasks.classification import classification
from saccade.training.settings import TrainingSettings
from saccade.types.preprocessing import Preprocessing

SMALL = Preprocessing((8, 8), 3, (0.0,) * 3, (1.0,) * 3)
TASK = classification(["a", "b"])


def wrapped(*layers: nn.Module) -> Normalised:
    return Normalised(nn.Sequential(*layers), SMALL.mean, SMALL.std)


def test_a_module_that_suits_is_left_as_it_was():
    network = wrapped(nn.Conv2d(3, 2, 3), nn.BatchNorm2d(2), nn.AdaptiveAvgPool2d(1), nn.Flatten()).train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    refuse_unfit(network, SMALL, TASK)
    refuse_lone_pictures(network, SMALL, 1)
    assert network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())


def test_lazy_layers_find_their_size():
    network = wrapped(nn.Flatten(), nn.LazyLinear(2))
    refuse_unfit(network, SMALL, TASK)
    assert network.network[1].in_features == 192


def test_one_picture_at_a_time_is_no_matter_without_batch_normalisation_or_with_enough_pixels():
    assert refuse_lone_pictures(wrapped(nn.Conv2d(3, 2, 8)), SMALL, 1) is None
    assert refuse_lone_pictures(wrapped(nn.Conv2d(3, 2, 3), nn.BatchNorm2d(2)), SMALL, 1) is None
    assert refuse_lone_pictures(wrapped(nn.Conv2d(3, 2, 8), nn.BatchNorm2d(2)), SMALL, 2) is None


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("layers", "told"),
    [
        ([nn.Flatten(), nn.Linear(192, 3)], r"gives \(2, 3\) .* taken is \(2, 2\), one number for each class"),
        ([nn.Conv2d(3, 2, 3)], r"gives \(2, 2, 6, 6\)"),
        ([nn.Flatten(), nn.Linear(5, 2)], r"cannot take images of shape \(2, 3, 8, 8\).*set height and width"),
        ([nn.Conv2d(1, 2, 3)], "cannot take images"),
        ([nn.Conv2d(3, 2, 9)], "cannot take images"),
    ],
)
def test_a_module_that_does_not_suit_is_refused(layers, told):
    with pytest.raises(BadShape, match=told):
        refuse_unfit(wrapped(*layers), SMALL, TASK)


@pytest.mark.bad_input
def test_a_single_value_is_nothing_to_normalise():
    with pytest.raises(BadConfig, match=r"one value of a 8 × 8 picture.*set batch_size to 2"):
        refuse_lone_pictures(wrapped(nn.Conv2d(3, 2, 8), nn.BatchNorm2d(2)), SMALL, 1)


@pytest.mark.bad_input
def test_changes_that_suit_neither_task_nor_channels_are_refused():
    strong, mixed = TrainingSettings(augment="strong"), TrainingSettings(mixing="mixup")
    refuse_changes(strong, "multi_label", 3)
    refuse_changes(mixed, "classification", 5)
    with pytest.raises(BadConfig, match="for pictures of 5 channels"):
        refuse_changes(strong, "classification", 5)
    with pytest.raises(BadConfig, match="got mixing='mixup' for multi_label"):
        refuse_changes(mixed, "multi_label", 3)
