"""A network that wants to sees some training images first, or the boxes on them."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from saccade.api.building import Plan
from saccade.api.preparing import prepare
from saccade.data.arrays import Arrays
from saccade.errors import BadImage
from saccade.layers.normalised import Normalised
from saccade.ops.anchor_shapes import shape_fit
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Sample

SEEN = Preprocessing((16, 16), 3, (0.5,) * 3, (0.25,) * 3)


class Broken(Arrays):
    """A source of which every other picture cannot be read."""

    def read(self, index: int) -> Sample:
        if index % 2:
            raise BadImage("got a broken one; taken are whole ones; mend it")
        return super().read(index)


def pictures(kind: type[Arrays] = Arrays) -> Arrays:
    drawn = np.random.default_rng(0).integers(0, 256, (20, 16, 16, 3), dtype=np.uint8)
    return kind(tuple(drawn), (0,) * 20, "x", np.arange(20))


def filters(source: Arrays, seed: int = 0) -> torch.Tensor:
    network = Plan("airbench94", {"num_classes": 2}, SEEN).make(0)
    prepare(network, source, SEEN, seed)
    return network.network.whiten.weight  # pyright: ignore[reportAttributeAccessIssue, reportReturnType]


def test_the_images_come_as_the_network_sees_them():
    images = torch.stack([torch.from_numpy(pictures().read(row).image) for row in range(20)]).permute(0, 3, 1, 2)
    network = Plan("airbench94", {"num_classes": 2}, SEEN).make(0)
    network.network.prepare((images / 255 - 0.5) / 0.25)  # pyright: ignore[reportCallIssue]
    torch.testing.assert_close(filters(pictures()).abs(), network.network.whiten.weight.abs(), rtol=1e-3, atol=1e-4)  # pyright: ignore[reportAttributeAccessIssue, reportCallIssue]


def test_the_same_seed_gives_the_same_bits():
    assert torch.equal(filters(pictures(), 3), filters(pictures(), 3))


def test_pictures_that_cannot_be_read_are_left_out():
    assert bool(filters(pictures(Broken)).isfinite().all())


def test_a_module_of_ones_own_is_left_alone():
    class Own(nn.Module):
        def prepare(self, images: torch.Tensor) -> None:
            asked.append(images)  # it means something else by the word

    asked: list[torch.Tensor] = []
    prepare(Normalised(Own(), [0.0], [1.0]), pictures(), SEEN, 0)
    assert asked == []


def scenes() -> tuple[Arrays, torch.Tensor]:
    """Pictures of 32 × 64 with a box each, of two sorts, and their sizes at half the scale."""
    sizes = torch.tensor([[8.0 + row % 3, 20 - row % 2] if row % 2 else [30 - row % 3, 10.0] for row in range(20)])
    start = torch.tensor([2.0, 3.0])
    targets = tuple(
        Annotations((32, 64), torch.tensor([0]), Boxes(torch.cat([start, start + size])[None], (32, 64)))
        for size in sizes
    )
    drawn = np.zeros((20, 32, 64, 3), np.uint8)
    return Arrays(tuple(drawn), targets, "x", np.arange(20)), sizes / 2


def test_a_detector_takes_the_shapes_of_the_boxes_as_it_sees_them():
    source, sizes = scenes()
    seen = Preprocessing((32, 32), 3, (0.5,) * 3, (0.25,) * 3, "pad")
    network = Plan("yolo_anchor_small", {"num_classes": 1}, seen).make(0)
    before = network.network.head.anchors.clone()  # pyright: ignore[reportAttributeAccessIssue, reportCallIssue]
    prepare(network, source, seen, 0)
    anchors = network.network.head.anchors  # pyright: ignore[reportAttributeAccessIssue]
    assert not torch.equal(anchors, before)  # pyright: ignore[reportArgumentType]
    assert shape_fit(sizes, anchors) > 0.95  # pyright: ignore[reportArgumentType]
    assert "head.anchors" in network.network.state_dict()


def test_where_too_few_boxes_differ_the_anchors_stay():
    source, _ = scenes()
    few = Arrays(tuple(source.read(row).image for row in range(2)), source.targets[:2], "x", np.arange(2))
    network = Plan("yolo_anchor_small", {"num_classes": 1}, SEEN).make(0)
    before = network.network.head.anchors.clone()  # pyright: ignore[reportAttributeAccessIssue, reportCallIssue]
    prepare(network, few, SEEN, 0)
    assert torch.equal(network.network.head.anchors, before)  # pyright: ignore[reportAttributeAccessIssue, reportArgumentType]
