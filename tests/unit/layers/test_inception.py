"""The inception module: the paper's numbers, its branches, its naive form."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from saccade.errors import BadConfig
from saccade.layers.inception import Inception, InceptionWidths, NaiveInception

FIRST = InceptionWidths(64, 96, 128, 16, 32, 32)


def kernels(module: nn.Module) -> int:
    return sum(part.weight.numel() for part in module.modules() if isinstance(part, nn.Conv2d))


def test_the_first_module_of_the_paper_has_its_163_328_weights_and_256_channels() -> None:
    module = Inception(192, FIRST)
    one, three, five, pool = 192 * 64, 192 * 96 + 9 * 96 * 128, 192 * 16 + 25 * 16 * 32, 192 * 32
    assert kernels(module) == one + three + five + pool == 163_328
    assert module(torch.zeros(1, 192, 28, 28)).shape == (1, 64 + 128 + 32 + 32, 28, 28)
    assert module.out_channels == FIRST.out_channels == 256


def test_the_form_of_published_weights_has_a_small_third_kernel() -> None:
    assert kernels(Inception(192, FIRST)) - kernels(Inception(192, FIRST, largest=3)) == (25 - 9) * 16 * 32


def test_without_norm_the_convolutions_have_biases_as_in_the_paper() -> None:
    module = Inception(192, FIRST, batch_norm=False)
    biases = 64 + 96 + 128 + 16 + 32 + 32
    assert sum(weight.numel() for weight in module.parameters()) == 163_328 + biases
    assert not any(isinstance(part, nn.BatchNorm2d) for part in module.modules())


def test_each_branch_stands_where_the_paper_has_it() -> None:
    torch.manual_seed(0)
    module, x = Inception(4, InceptionWidths(2, 3, 4, 3, 5, 3), batch_norm=False), torch.randn(2, 4, 6, 7)

    def convolution(name: str, x: torch.Tensor) -> torch.Tensor:
        weight, bias = module.get_parameter(f"{name}.conv.weight"), module.get_parameter(f"{name}.conv.bias")
        return F.conv2d(x, weight, bias, padding="same").relu()

    one, three, five, pool = module(x).split((2, 4, 5, 3), dim=1)
    torch.testing.assert_close(one, convolution("branch1", x))
    torch.testing.assert_close(three, convolution("branch2.1", convolution("branch2.0", x)))
    torch.testing.assert_close(five, convolution("branch3.1", convolution("branch3.0", x)))
    highest = F.max_pool2d(F.pad(x, (1, 1, 1, 1), value=-torch.inf), 3, stride=1)
    torch.testing.assert_close(pool, convolution("branch4.1", highest))


def test_the_naive_module_keeps_every_channel_and_costs_more() -> None:
    naive = NaiveInception(192, (64, 128, 32))
    assert naive(torch.zeros(1, 192, 28, 28)).shape == (1, 64 + 128 + 32 + 192, 28, 28)
    assert naive.out_channels == 416
    assert kernels(naive) == 192 * 64 + 9 * 192 * 128 + 25 * 192 * 32 == 387_072


def test_norms_have_the_epsilon_of_published_weights() -> None:
    module = Inception(4, InceptionWidths(2, 3, 4, 3, 5, 3))
    assert {part.eps for part in module.modules() if isinstance(part, nn.BatchNorm2d)} == {0.001}


@pytest.mark.bad_input
def test_wrong_numbers_are_refused_by_name() -> None:
    with pytest.raises(BadConfig, match="got reduce_five=0, pool=-1; Inception takes whole numbers ≥ 1; change them"):
        Inception(4, InceptionWidths(2, 3, 4, 0, 5, -1))
    with pytest.raises(BadConfig, match="got largest=4; Inception takes odd numbers; use 3 or 5"):
        Inception(4, InceptionWidths(2, 3, 4, 3, 5, 3), largest=4)
    with pytest.raises(BadConfig, match="got three=0; NaiveInception takes"):
        NaiveInception(4, (2, 0, 5))
