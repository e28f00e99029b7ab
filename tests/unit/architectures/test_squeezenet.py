"""SqueezeNet: what a hand can count, and how small an image may be."""

from __future__ import annotations

import pytest
import torch

from saccade.architectures.alexnet import alexnet_paper
from saccade.architectures.squeezenet import squeezenet1_0, squeezenet1_1
from saccade.errors import BadShape


def test_a_hand_counts_squeezenet() -> None:
    def fire(before: int, squeeze: int, expand: int) -> int:
        return squeeze * (before + 1) + expand * (squeeze + 1) + expand * (9 * squeeze + 1)

    numbers = (
        (96, 16, 64),
        (128, 16, 64),
        (128, 32, 128),
        (256, 32, 128),
        (256, 48, 192),
        (384, 48, 192),
        (384, 64, 256),
    )
    modules = sum(fire(*each) for each in numbers) + fire(512, 64, 256)
    with torch.device("meta"):
        counts = [sum(weight.numel() for weight in make().parameters()) for make in (squeezenet1_0, squeezenet1_1)]
    assert counts[0] == (49 * 3 + 1) * 96 + modules + (512 + 1) * 1000 == 1_248_424
    assert counts[0] - counts[1] == (49 * 3 + 1) * 96 - (9 * 3 + 1) * 64 + 16 * (96 - 64)


def test_it_has_a_fiftieth_of_the_weights_of_alexnet() -> None:
    with torch.device("meta"):
        large, small = (
            sum(weight.numel() for weight in make().parameters()) for make in (alexnet_paper, squeezenet1_0)
        )
    assert round(large / small, 1) == 48.8


def test_maps_of_the_original_image_size_are_those_of_the_papers_table() -> None:
    with torch.device("meta"):
        features = squeezenet1_0().forward_features(torch.empty(1, 3, 227, 227))
    assert {name: tuple(x.shape[1:]) for name, x in features.items()} == {
        "stem": (96, 111, 111), "stage1": (256, 55, 55), "stage2": (512, 27, 27), "stage3": (512, 13, 13),
    }  # fmt: skip


def test_logits_are_averages_of_what_a_relu_let_through() -> None:
    torch.manual_seed(0)
    network, images = squeezenet1_1(num_classes=5).eval(), torch.rand(2, 3, 40, 50)
    maps = network.classifier[1](network.forward_features(images)["stage3"])
    torch.testing.assert_close(network(images), maps.relu().mean((2, 3)))
    assert bool((network(images) >= 0).all())


@pytest.mark.bad_input
def test_one_pixel_less_than_the_smallest_size_would_leave_nothing() -> None:
    for make, smallest in ((squeezenet1_0, 21), (squeezenet1_1, 17)):
        network = make(num_classes=2).eval()
        network(torch.zeros(1, 3, smallest, smallest))
        with pytest.raises(RuntimeError, match="too small"):
            network.features(torch.zeros(1, 3, smallest - 1, smallest - 1))
        with pytest.raises(BadShape, match=f"takes {smallest} × {smallest} or more; enlarge them"):
            network(torch.zeros(1, 3, smallest, smallest - 1))
