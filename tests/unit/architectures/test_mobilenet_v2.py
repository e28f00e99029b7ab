"""MobileNet v2: the table of the paper, and its width."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from saccade.architectures.mobilenet_v2 import mobilenet_v2
from saccade.errors import BadConfig
from saccade.layers.inverted_residual import InvertedResidual


def count(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


def test_a_hand_counts_the_seventeen_blocks() -> None:
    """Of each block: expand, norm, 3×3, norm, project, norm; the first one expands nothing."""
    blocks = 11 * 32 + 32 * 16 + 2 * 32 + 2 * 16 - 2 * 32
    widths = [16, 24, 24, *[32] * 3, *[64] * 4, *[96] * 3, *[160] * 3, 320]
    for before, after in pairwise(widths):
        inside = 6 * before
        blocks += before * inside + 2 * inside + 9 * inside + 2 * inside + inside * after + 2 * after
    with torch.device("meta"):
        network = mobilenet_v2()
    assert sum(isinstance(part, InvertedResidual) for part in network.modules()) == len(widths) == 17
    ends = 27 * 32 + 2 * 32 + 320 * 1280 + 2 * 1280 + 1280 * 1000 + 1000
    assert count(network) == blocks + ends == 3_504_872


def test_ten_blocks_hand_on_what_they_got() -> None:
    with torch.device("meta"):
        parts = [part for part in mobilenet_v2().modules() if isinstance(part, InvertedResidual)]
    assert [number for number, part in enumerate(parts, 1) if not part.residual] == [1, 2, 4, 7, 11, 14, 17]


@pytest.mark.parametrize(
    ("width", "side", "millions"), [(1.0, 224, 300), (0.5, 224, 97), (0.35, 224, 59), (1.0, 160, 154)]
)
def test_the_published_multiply_adds_of_other_widths_and_sizes_come_out(width: float, side: int, millions: int) -> None:
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        mobilenet_v2(width=width).eval()(torch.empty(1, 3, side, side))
    assert counter.get_total_flops() / 2e6 == pytest.approx(millions, rel=0.01)


def test_at_width_1_4_the_rule_gives_fewer_weights_than_the_paper_says() -> None:
    with torch.device("meta"):
        network = mobilenet_v2(width=1.4)
    assert (count(network), network.stages[-1].width) == (6_108_776, 1792)


def test_the_last_convolution_stays_wide_in_a_thin_network() -> None:
    with torch.device("meta"):
        network = mobilenet_v2(width=0.35)
    assert [stage.width for stage in network.stages] == [8, 8, 16, 32, 1280]


@pytest.mark.bad_input
def test_a_width_that_is_none_is_refused() -> None:
    with pytest.raises(BadConfig, match=r"^got width=-1; taken are factors above 0; use 1"):
        mobilenet_v2(width=-1)
