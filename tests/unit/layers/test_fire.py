"""The fire module: channels, counts, what it computes."""

from __future__ import annotations

import pytest
import torch

from saccade.errors import BadConfig
from saccade.layers.fire import Fire


def test_the_channels_shrink_and_then_expand() -> None:
    module = Fire(96, 16, expand1x1_channels=64, expand3x3_channels=64)
    x = torch.rand(1, 96, 5, 6)
    assert module.squeeze(x).shape == (1, 16, 5, 6)
    assert module(x).shape == (1, 128, 5, 6)


def test_the_second_module_of_squeezenet_weighs_what_the_paper_says() -> None:
    module = Fire(96, 16, expand1x1_channels=64, expand3x3_channels=64)
    weights = sum(weight.numel() for weight in module.parameters())
    assert weights == (96 * 16 + 16) + (16 * 64 + 64) + (9 * 16 * 64 + 64) == 11_920


def test_it_is_two_expansions_of_one_squeeze() -> None:
    torch.manual_seed(0)
    module, x = Fire(4, 8, expand1x1_channels=5, expand3x3_channels=6), torch.randn(2, 4, 5, 6)
    narrow = module.squeeze(x).relu()
    joined = torch.cat([module.expand1x1(narrow), module.expand3x3(narrow)], dim=1)
    torch.testing.assert_close(module(x), joined.relu())


@pytest.mark.bad_input
def test_every_wrong_number_of_channels_is_named() -> None:
    with pytest.raises(BadConfig, match="got squeeze_channels=0, expand3x3_channels=-1; Fire takes whole numbers"):
        Fire(4, 0, expand1x1_channels=5, expand3x3_channels=-1)
