"""MobileNet: the tables of the paper."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from saccade.architectures.mobilenet_v1 import mobilenet_v1
from saccade.errors import BadConfig
from saccade.layers.separable import DepthwiseSeparable
from saccade.ops.receptive_field import Window, receptive_fields


def test_a_hand_counts_the_thirteen_blocks() -> None:
    widths = [32, 64, 128, 128, 256, 256, *[512] * 6, 1024, 1024]
    blocks = sum(9 * a + 2 * a + a * b + 2 * b for a, b in pairwise(widths))
    with torch.device("meta"):
        network = mobilenet_v1()
    assert sum(isinstance(part, DepthwiseSeparable) for part in network.modules()) == 13
    counted = 27 * 32 + 2 * 32 + blocks + 1024 * 1000 + 1000
    assert sum(weight.numel() for weight in network.parameters()) == counted == 4_231_976


@pytest.mark.parametrize(
    ("width", "side", "millions", "parameters"),
    [
        (1.0, 224, 569, 4.2), (0.75, 224, 325, 2.6), (0.5, 224, 149, 1.3), (0.25, 224, 41, 0.5),
        (1.0, 192, 418, 4.2), (1.0, 160, 290, 4.2), (1.0, 128, 186, 4.2),
    ],
)  # fmt: skip
def test_tables_6_and_7_of_the_paper_are_reproduced(width: float, side: int, millions: int, parameters: float) -> None:
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        network = mobilenet_v1(width=width).eval()
        network(torch.empty(1, 3, side, side))
    assert counter.get_total_flops() / 2e6 == pytest.approx(millions, rel=0.005)
    assert round(sum(weight.numel() for weight in network.parameters()) / 1e6, 1) == parameters


def test_a_pixel_of_the_last_map_sees_315_pixels() -> None:
    with torch.device("meta"):
        parts = [part for part in mobilenet_v1().modules() if isinstance(part, nn.Conv2d)]
    windows = [Window(part.kernel_size[0], stride=part.stride[0]) for part in parts]
    assert receptive_fields(windows)[-1].field == 315


@pytest.mark.bad_input
def test_a_width_that_is_none_is_refused() -> None:
    with pytest.raises(BadConfig, match=r"^got width=0; taken are factors above 0; use 1"):
        mobilenet_v1(width=0)
