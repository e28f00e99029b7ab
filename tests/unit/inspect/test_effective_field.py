"""The effective receptive field: by hand for averages, and a sixth of the theoretical one for a deep line."""

from __future__ import annotations

import json

import pytest
import torch
from torch import nn

from saccade.errors import BadConfig, BadShape, UnknownName
from saccade.inspect.effective_field import effective_field


def averages(depth: int) -> nn.Module:
    network = nn.Sequential(*[nn.Conv2d(1, 1, 3, padding=1, bias=False) for _ in range(depth)])
    for weight in network.parameters():
        nn.init.constant_(weight, 1 / 9)
    return network


def test_two_averages_make_a_pyramid() -> None:
    field = effective_field(averages(2), (9, 9), layer="1", count=2)
    row = torch.tensor([0, 0, 1, 2, 3, 2, 1, 0, 0]) / 3
    torch.testing.assert_close(torch.from_numpy(field.gradient), torch.outer(row, row).double())
    assert (field.place, field.theoretical, field.theoretical_size) == ((4, 4), ((2, 7), (2, 7)), 5)
    assert field.size == 5  # the corners count 1/9, which is above 4.55 %


def test_the_effective_field_grows_as_a_root_of_the_depth() -> None:
    # each average adds a variance of 2/3; a Gaussian is above 4.55 % of its peak up to 2.486 deviations
    field = effective_field(averages(24), (61, 61), layer="23", count=1)
    radius = 2.486 * (24 * 2 / 3) ** 0.5
    assert field.size == pytest.approx((torch.pi * radius**2) ** 0.5, rel=0.03)
    assert field.theoretical_size == 49


def test_images_can_be_given() -> None:
    torch.manual_seed(1)  # with some a ReLU of one channel may be silent
    network = nn.Sequential(nn.Conv2d(2, 1, 3), nn.ReLU(), nn.Conv2d(1, 1, 3))
    images = torch.rand(3, 2, 9, 9)
    field = effective_field(network, (9, 9), layer="2", images=images)
    assert (field.images, field.gradient.shape, field.gradient.max()) == (3, (9, 9), 1)


def test_the_module_is_as_before() -> None:
    network = averages(1).train()
    effective_field(network, (9, 9), layer="0", count=1)
    assert network.training
    assert all(weight.requires_grad and weight.grad is None for weight in network.parameters())
    assert not network[0]._forward_hooks


def test_the_figures_are_plain_and_the_drawing_a_picture() -> None:
    field = effective_field(averages(2), (9, 12), layer="1", count=1)
    assert json.loads(json.dumps(field.to_dict()))["theoretical"] == [[2, 7], [4, 9]]
    assert field.plot()._repr_png_().startswith(b"\x89PNG")


@pytest.mark.bad_input
def test_what_has_no_map_is_refused() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 36, 2))
    with pytest.raises(BadConfig, match=r"got layer '2', which gives \(1, 2\); taken are layers that give"):
        effective_field(network, (8, 8), layer="2")
    with pytest.raises(UnknownName, match="got layer '9'"):
        effective_field(network, (8, 8), layer="9")
    with pytest.raises(BadShape, match="does not run on images of shape"):
        effective_field(network, (2, 8), layer="0")
    with pytest.raises(BadConfig, match="count=0"):
        effective_field(network, (8, 8), layer="0", count=0)
    with pytest.raises(BadShape, match=r"got images of shape \(1, 3, 9, 8\)"):
        effective_field(network, (8, 8), layer="0", images=torch.zeros(1, 3, 9, 8))
    with pytest.raises(BadConfig, match="without weights"):
        effective_field(nn.Conv2d(3, 3, 3, device="meta"), (8, 8), layer="")
    dead = nn.Conv2d(3, 1, 3)
    nn.init.zeros_(dead.weight)
    with pytest.raises(BadConfig, match="depends on nothing of these images"):
        effective_field(nn.Sequential(dead), (8, 8), layer="0", count=1)
