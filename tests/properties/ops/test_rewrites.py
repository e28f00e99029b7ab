"""Every form of every convolution: maps of the same shape, and just the cost that arithmetic says."""

from __future__ import annotations

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from saccade.inspect.advice_layers import described
from saccade.layers.rewrites import rewritten
from saccade.ops.rewrites import rewrites

# torch says this once in a process, wherever that happens to be
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")


@st.composite
def layers(draw):
    """A convolution with whatever PyTorch has, and a size that it can run at."""
    groups = draw(st.sampled_from([1, 1, 1, 2, 4]))
    kernel = draw(st.sampled_from([(3, 3), (5, 5), (7, 7), (2, 2), (1, 1), (3, 5), (1, 7), (4, 2)]))
    stride = draw(st.sampled_from([(1, 1), (2, 2), (1, 2), (3, 3)]))
    same = stride == (1, 1) and draw(st.booleans())
    layer = nn.Conv2d(
        groups * draw(st.integers(1, 3)) * draw(st.sampled_from([1, 4])),
        groups * draw(st.integers(1, 9)),
        kernel,
        stride=stride,
        padding=draw(st.sampled_from(["same", "valid"]))
        if same
        else draw(st.tuples(st.integers(0, 4), st.integers(0, 4))),
        dilation=draw(st.sampled_from([1, 1, 2])),
        groups=groups,
        bias=draw(st.booleans()),
        device="meta",
    )
    smallest = [dilation * (side - 1) + 1 for side, dilation in zip(kernel, layer.dilation, strict=True)]
    return layer, tuple(side + draw(st.integers(0, 9)) for side in smallest)


def cost(module: nn.Module, images: torch.Tensor) -> tuple[torch.Size, int, int]:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        shape = module(images).shape
    return shape, counter.get_total_flops() // 2, sum(weight.numel() for weight in module.parameters())


@given(layers())
def test_a_form_gives_the_same_shape_and_costs_what_was_said(drawn) -> None:
    layer, size = drawn
    convolution = described(layer)
    images = torch.empty(1, layer.in_channels, *size, device="meta")
    shape, macs, parameters = cost(layer, images)
    assert (macs, parameters) == (convolution.macs(size), convolution.parameters)
    for form in rewrites(convolution):
        assert cost(rewritten(layer, {"": form}), images) == (shape, form.macs(size), form.parameters)
