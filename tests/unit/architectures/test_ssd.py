"""What is particular to SSD; the contract tests walk it too."""

from __future__ import annotations

import math
from typing import Any

import pytest
import torch
from torch import nn

from saccade import catalog
from saccade.architectures.ssd import CARDS, VGGMaps, ssd300, ssd512
from saccade.errors import BadConfig, BadShape, UnknownName
from saccade.types.truth import Truth

SIDES = {"ssd300": [38, 19, 10, 5, 3, 1], "ssd512": [64, 32, 16, 8, 4, 2, 1]}
BOXES = {"ssd300": 8732, "ssd512": 24564}


def make(name: str, **arguments: Any) -> Any:
    return catalog.find("architectures", name)(**arguments)


def small(**arguments: Any) -> Any:
    torch.manual_seed(0)
    return ssd300(num_classes=3, backbone="resnet8", finest=2, **arguments)


def truth(*boxes: tuple[float, float, float, float]) -> Truth:
    return Truth(torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4), torch.arange(len(boxes)) % 3)


@pytest.mark.parametrize("name", SIDES)
def test_maps_and_boxes_are_those_of_the_paper(name: str) -> None:
    side = CARDS[name]["native_size"][0]
    with torch.device("meta"), torch.no_grad():
        network = make(name)
        images = torch.empty(1, 3, side, side)
        maps, found = network.backbone(images), network(images)
    assert [tuple(one.shape[2:]) for one in maps] == [(cells, cells) for cells in SIDES[name]]
    assert [one.shape[1] for one in maps] == [512, 1024, 512, *[256] * (len(maps) - 3)] == list(network.backbone.widths)
    assert (found["boxes"].shape, found["scores"].shape) == ((1, BOXES[name], 4), (1, BOXES[name], 90))
    assert sum(weight.numel() for weight in network.parameters()) == CARDS[name]["parameters"]


def test_the_trunk_is_vgg_16_without_its_dense_layers() -> None:
    with torch.device("meta"):
        network, other = ssd300(), make("vgg16")
    mine, theirs = network.backbone.features.state_dict(), other.features.state_dict()
    assert len(mine) == 20
    assert {key: value.shape for key, value in mine.items()} == {key: theirs[key].shape for key in mine}
    fifth = [part for part in network.backbone.extra[0].modules() if isinstance(part, nn.Conv2d)]
    assert [(part.out_channels, part.kernel_size[0], part.dilation[0]) for part in fifth] == [
        (512, 3, 1), (512, 3, 1), (512, 3, 1), (1024, 3, 6), (1024, 1, 1),
    ]  # fmt: skip


def test_the_first_map_has_vectors_of_the_learnt_length() -> None:
    torch.manual_seed(0)
    network = VGGMaps(1, ssd300_form())
    first = network(torch.rand(1, 1, 40, 40))[0]
    torch.testing.assert_close(first.norm(dim=1), torch.full((1, 5, 5), 20.0))


def ssd300_form() -> Any:
    from saccade.architectures.ssd import _FORM300

    return _FORM300


@pytest.mark.parametrize("size", [(32, 32), (33, 70), (101, 64)])
@pytest.mark.parametrize("channels", [1, 4])
def test_any_size_and_channels_keep_every_scale(size: tuple[int, int], channels: int) -> None:
    network = small(in_channels=channels).eval()
    with torch.no_grad():
        maps = network.backbone(torch.rand(1, channels, *size))
        found = network(torch.rand(1, channels, *size))
    assert len(maps) == 6
    per_cell = (4, 6, 6, 6, 4, 4)
    assert found["boxes"].shape[1] == sum(
        count * one.shape[2] * one.shape[3] for count, one in zip(per_cell, maps, strict=True)
    )
    assert all(bool(part.isfinite().all()) for part in found.values())


@pytest.mark.parametrize("name", SIDES)
@pytest.mark.parametrize("size", [(12, 12), (13, 40), (64, 301)])
def test_the_trunk_takes_small_and_odd_images(name: str, size: tuple[int, int]) -> None:
    with torch.device("meta"), torch.no_grad():
        maps = make(name).backbone(torch.empty(1, 3, *size))
    assert len(maps) == len(SIDES[name])
    assert min(min(one.shape[2:]) for one in maps) >= 1


def test_a_backbone_begins_at_the_stride_that_is_asked_for() -> None:
    with torch.device("meta"):
        assert ssd300(backbone="resnet18").backbone.maps.strides == (8, 16, 32)
        assert ssd300(backbone="resnet18", finest=4).backbone.maps.strides == (8, 16, 32)
        assert ssd512(backbone="resnet8", finest=1).backbone.maps.strides == (1, 2, 4)
        assert small().backbone.maps.strides == (2, 4, 8)


def test_behind_a_backbone_there_are_as_many_boxes_as_behind_its_own_trunk() -> None:
    with torch.device("meta"), torch.no_grad():
        for name, side in (("ssd300", 300), ("ssd512", 512)):
            assert make(name, backbone="resnet18")(torch.empty(1, 3, side, side))["boxes"].shape[1] == BOXES[name]


@pytest.mark.parametrize(
    "truths",
    [
        [truth((4, 4, 30, 28)), truth()],
        [truth(), truth()],
        [truth((10, 10, 11, 11)), truth((0, 0, 48, 48), (0, 0, 48, 48))],
        [truth((47, 0, 48, 1)), truth(*[(n % 40, n // 40, n % 40 + 5, n // 40 + 7) for n in range(1000)])],
    ],
    ids=["one image empty", "all empty", "one pixel, and twice the same", "in the corner, and a thousand"],
)
def test_losses_are_finite_and_every_part_learns(truths: list[Truth]) -> None:
    network = small()
    terms = network(torch.rand(2, 3, 48, 48), truths)
    assert set(terms) == {"classes", "boxes"}
    assert all(math.isfinite(term.item()) for term in terms.values())
    assert terms["classes"].item() > 0
    sum(terms.values()).backward()
    gradients = [weight.grad for weight in network.parameters() if weight.grad is not None]
    assert all(bool(gradient.isfinite().all()) for gradient in gradients)
    assert network.backbone.maps.network.conv1.weight.grad.any()


def test_candidates_carry_gradients_to_the_images() -> None:
    network, images = small().eval(), torch.rand(1, 3, 48, 48, requires_grad=True)
    found = network(images)
    (found["scores"].max() + found["boxes"][0, 0].sum()).backward()
    assert images.grad is not None
    assert bool(images.grad.any() & images.grad.isfinite().all())


def test_a_batch_is_learnt_by_heart() -> None:
    network, images = small(), torch.rand(3, 3, 48, 48, generator=torch.Generator().manual_seed(0))
    truths = [truth((4, 4, 30, 28), (25, 20, 45, 44)), truth(), truth((10, 12, 17, 20))]
    optimizer = torch.optim.AdamW(network.parameters(), 5e-3)
    for _ in range(40):
        loss = sum(network(images, truths).values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        found = network(images)  # with the statistics of the batch, as it was learnt
    for image, goal in enumerate(truths):
        assert bool((found["scores"][image].amax(0)[len(goal) :] < 0.4).all())
        for box, class_id in zip(goal.boxes, goal.class_ids, strict=True):
            best = found["scores"][image, :, class_id].argmax()
            assert found["scores"][image, best, class_id] > 0.7
            assert (found["boxes"][image, best] - box).abs().max() < 3.0


@pytest.mark.bad_input
@pytest.mark.parametrize("wrong", [[], {}, 3, None, ("resnet18",)])
def test_a_backbone_that_is_no_name_is_refused(wrong: Any) -> None:
    with torch.device("meta"), pytest.raises(BadConfig, match=r"got backbone=.*; taken is the name of an architecture"):
        ssd300(backbone=wrong)


@pytest.mark.bad_input
@pytest.mark.parametrize("wrong", [0, -1, 2.5, "8", True])
def test_a_stride_that_is_none_is_refused(wrong: Any) -> None:
    with torch.device("meta"), pytest.raises(BadConfig, match="finest="):
        ssd300(backbone="resnet18", finest=wrong)


@pytest.mark.bad_input
def test_what_it_has_not_is_refused_in_words() -> None:
    with torch.device("meta"):
        with pytest.raises(UnknownName, match="resnet18"):
            ssd300(backbone="resnet1")
        with pytest.raises(BadConfig, match="got finest=4 without a backbone"):
            ssd300(finest=4)
        with pytest.raises(BadConfig, match="got the backbone 'ssd300', which has no stages"):
            ssd300(backbone="ssd300")
        with pytest.raises(BadShape, match="12 × 12 or more"):
            ssd300()(torch.zeros(1, 3, 11, 40))
