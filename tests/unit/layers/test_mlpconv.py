"""The layer of Network in Network: dense layers at every pixel."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch

from saccade.errors import BadConfig
from saccade.layers.mlpconv import MlpConv


def test_a_pixel_is_what_dense_layers_make_of_its_window() -> None:
    torch.manual_seed(0)
    layer, x = MlpConv(3, (8, 7, 6), kernel_size=3), torch.randn(2, 3, 5, 5)
    values = x[:, :, 1:4, 2:5].flatten(1)
    for number in (1, 2, 3):
        weight, bias = layer.get_parameter(f"conv{number}.weight"), layer.get_parameter(f"conv{number}.bias")
        values = torch.relu(values @ weight.flatten(1).T + bias)
    torch.testing.assert_close(layer(x)[:, :, 1, 2], values)


def test_its_weights_by_hand() -> None:
    layer = MlpConv(3, (192, 160, 96), kernel_size=5, padding=2)
    weights = sum(weight.numel() for weight in layer.parameters())
    assert weights == (25 * 3 * 192 + 192) + (192 * 160 + 160) + (160 * 96 + 96)


def test_a_single_width_is_a_convolution_and_its_activation() -> None:
    assert [name for name, _ in MlpConv(3, (4,), kernel_size=1).named_children()] == ["conv1", "relu1"]


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: MlpConv(3, (), kernel_size=3), r"got widths=\(\) and padding=0; MlpConv takes one width or more"),
        (lambda: MlpConv(3, (4, 0), kernel_size=3), r"got widths\[1\]=0; "),
        (lambda: MlpConv(3, (4,), kernel_size=3, stride=0), "got stride=0; "),
        (lambda: MlpConv(3, (4,), kernel_size=3, padding=-1), "padding=-1; .* a padding ≥ 0"),
    ],
)
def test_wrong_numbers_are_refused(make: Callable[[], object], message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        make()
