"""A network that wants to sees some training images first."""

from __future__ import annotations

import numpy as np
import torch
from torch import nn

from saccade.api.building import Plan
from saccade.api.preparing import prepare
from saccade.data.arrays import Arrays
from saccade.errors import BadImage
from saccade.layers.normalised import Normalised
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
