"""Identities of residual blocks, for any shape."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from saccade.layers.normalised import Normalised
from saccade.layers.residual import BasicBlock, Bottleneck, ZeroPadShortcut

sides = st.integers(1, 9)


@settings(max_examples=30)
@given(sides, sides, st.sampled_from(["A", "B"]), st.sampled_from([BasicBlock, Bottleneck]))
def test_blocks_without_weights_are_the_identity(
    height: int, width: int, shortcut: str, block: type[BasicBlock]
) -> None:
    layer = block(8, 8 // block.expansion, shortcut=shortcut).eval()  # pyright: ignore[reportArgumentType]
    for part in layer.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.zeros_(part.weight)
    positive = torch.rand(2, 8, height, width)
    assert torch.equal(layer(positive), positive)


@settings(max_examples=30)
@given(sides, sides, st.integers(0, 5), st.integers(1, 3))
def test_zero_padding_keeps_every_pixel_that_it_takes(height: int, width: int, extra: int, stride: int) -> None:
    x = torch.rand(1, 3, height, width) + 1
    padded = ZeroPadShortcut(extra, stride=stride)(x)
    assert torch.equal(padded[:, extra // 2 : extra // 2 + 3], x[:, :, ::stride, ::stride])
    assert int((padded != 0).sum()) == x[:, :, ::stride, ::stride].numel()


@given(st.lists(st.tuples(st.floats(-2, 2), st.floats(0.01, 4)), min_size=1, max_size=4))
def test_normalisation_can_be_undone(channels: list[tuple[float, float]]) -> None:
    mean, std = zip(*channels, strict=True)
    images = torch.rand(2, len(channels), 3, 3)
    given_images = Normalised(nn.Identity(), mean, std)(images)
    undone = given_images * torch.tensor(std)[:, None, None] + torch.tensor(mean)[:, None, None]
    torch.testing.assert_close(undone, images, rtol=1e-4, atol=1e-4)
