"""From typed layers to modules."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.errors import BadConfig
from saccade.layers.line import Conv, Dense, Layer, Plain, parse
from saccade.layers.line_modules import LineBuilder


def built(*layers: Layer, channels: int = 4) -> nn.Sequential:
    return LineBuilder(channels).sequence(layers)


def test_modules_are_named_by_kind_and_number() -> None:
    names = built(*parse("conv 8 3 relu, conv 8 3 norm tanh, pool 2, gap, dense 5 relu")).named_children()
    assert [name for name, _ in names] == [
        "conv1", "relu1", "conv2", "norm1", "tanh1", "pool1", "gap1", "dense1", "relu2",
    ]  # fmt: skip


def test_same_padding_is_even_where_it_can_be_and_uneven_where_it_must_be() -> None:
    assert [type(module) for module in built(Conv(8, (3, 5), activation="linear"))] == [nn.Conv2d]
    x = torch.rand(1, 4, 6, 7)
    assert built(Conv(8, (3, 5), activation="linear"))(x).shape == (1, 8, 6, 7)
    assert built(Conv(8, (4, 2), dilation=3, activation="linear"))(x).shape == (1, 8, 6, 7)
    assert built(Conv(8, (4, 4), stride=2, activation="linear"))(x).shape == (1, 8, 3, 4)
    assert built(Conv(8, (4, 4), padding="valid", activation="linear"))(x).shape == (1, 8, 3, 4)


def test_a_norm_takes_the_place_of_the_bias() -> None:
    conv, dense = built(
        Conv(8, (3, 3), norm=True, activation="linear"), Plain("gap"), Dense(3, norm=True, activation="linear")
    )[::3]
    assert (conv.bias, dense.bias) == (None, None)


def test_an_activation_of_its_own_does_not_write_into_its_input() -> None:
    x = torch.tensor([[[[-1.0]]]])
    assert built(Plain("relu"), channels=1)(x).item() == 0
    assert x.item() == -1


def test_leaky_has_a_slope_of_a_tenth() -> None:
    assert built(Plain("leaky"))(torch.tensor([-2.0])).item() == pytest.approx(-0.2)


@pytest.mark.bad_input
def test_groups_that_do_not_divide_are_refused_with_their_place() -> None:
    with pytest.raises(BadConfig, match="got item 2, 'conv 9 3 groups 3 relu', on 8 channels, for 9; taken are groups"):
        built(*parse("conv 8 3 relu, conv 9 3 groups 3 relu, gap"))


@pytest.mark.bad_input
def test_flattening_maps_of_unknown_size_is_refused() -> None:
    with pytest.raises(BadConfig, match="got item 2, 'dense 10 linear', which flattens maps, and no size"):
        built(*parse("conv 8 3 relu, dense 10 linear"))


@pytest.mark.bad_input
def test_an_enormous_layer_is_refused_before_memory_is_asked_for() -> None:
    with pytest.raises(BadConfig, match="got item 2, 'conv 1000000 9 relu', with 81,001,000,000 weights"):
        built(*parse("conv 1000 1 relu, conv 1000000 9 relu, gap"))
