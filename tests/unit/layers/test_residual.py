"""Residual blocks: identities that a hand can check, shortcuts, names."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.errors import BadConfig
from saccade.layers.residual import (
    BasicBlock,
    Block,
    Bottleneck,
    PaperBottleneck,
    Shortcut,
    ZeroPadShortcut,
    residual_stage,
)


def without_weights(block: nn.Module) -> nn.Module:
    """The block when weight decay has won: every convolution is zero."""
    for part in block.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.zeros_(part.weight)
    return block.eval()


def count(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize(("block", "width"), [(BasicBlock, 8), (Bottleneck, 2)])
@pytest.mark.parametrize("shortcut", ["A", "B"])
def test_a_block_without_weights_is_the_identity(block: Block, width: int, shortcut: Shortcut) -> None:
    positive = torch.rand(2, 8, 5, 6)
    assert torch.equal(without_weights(block(8, width, shortcut=shortcut))(positive), positive)


@pytest.mark.parametrize(("block", "width"), [(BasicBlock, 8), (Bottleneck, 2)])
def test_a_plain_block_without_weights_gives_nothing(block: Block, width: int) -> None:
    assert not without_weights(block(8, width, shortcut="none"))(torch.rand(2, 8, 5, 6)).any()


def test_a_block_adds_its_input_before_the_last_activation() -> None:
    torch.manual_seed(0)
    block, x = BasicBlock(4, 4).eval(), torch.randn(1, 4, 5, 5)
    y = torch.relu(block.bn1(block.conv1(x)))
    torch.testing.assert_close(block(x), torch.relu(block.bn2(block.conv2(y)) + x))


def test_zero_padding_takes_every_second_pixel_and_adds_zeros_on_both_sides() -> None:
    x = torch.arange(9.0).reshape(1, 1, 3, 3)
    padded = ZeroPadShortcut(3, stride=2)(x)
    assert padded.shape == (1, 4, 2, 2)
    assert padded[0, 1].tolist() == [[0, 2], [6, 8]]
    assert not padded[0, [0, 2, 3]].any()


def test_a_strided_block_without_weights_is_its_zero_padded_shortcut() -> None:
    positive = torch.rand(2, 4, 5, 6)
    block = without_weights(BasicBlock(4, 8, stride=2, shortcut="A"))
    assert torch.equal(block(positive), ZeroPadShortcut(4, stride=2)(positive))


def test_only_projections_have_parameters() -> None:
    same, changed = (8, 8, 1), (8, 16, 2)
    convolutions = {same: 2 * 9 * 8 * 8 + 4 * 8, changed: 9 * 8 * 16 + 9 * 16 * 16 + 4 * 16}
    projections = {same: 8 * 8 + 2 * 8, changed: 8 * 16 + 2 * 16}
    for shape, own in convolutions.items():
        fan_in, width, stride = shape
        counts = [count(BasicBlock(fan_in, width, stride=stride, shortcut=word)) for word in ("A", "B", "C", "none")]
        with_projection = own + projections[shape]
        assert counts == [own, with_projection if shape is changed else own, with_projection, own]


def test_parameters_are_named_as_published_weights_name_them() -> None:
    names = [name for name, _ in Bottleneck(8, 4).named_parameters()]
    assert names == [
        "conv1.weight", "bn1.weight", "bn1.bias", "conv2.weight", "bn2.weight", "bn2.bias",
        "conv3.weight", "bn3.weight", "bn3.bias", "downsample.0.weight", "downsample.1.weight", "downsample.1.bias",
    ]  # fmt: skip


def test_the_paper_strides_in_the_first_convolution_and_today_in_the_second() -> None:
    def strides(block: Bottleneck) -> list[tuple[int, ...]]:
        return [block.conv1.stride, block.conv2.stride, block.conv3.stride]

    assert strides(PaperBottleneck(8, 4, stride=2)) == [(2, 2), (1, 1), (1, 1)]
    assert strides(Bottleneck(8, 4, stride=2)) == [(1, 1), (2, 2), (1, 1)]


def test_a_stage_strides_once() -> None:
    stage = residual_stage(Bottleneck, 8, width=4, depth=3, stride=2)
    assert stage(torch.rand(1, 8, 8, 8)).shape == (1, 16, 4, 4)
    assert [block.downsample is None for block in stage] == [False, True, True]


@pytest.mark.bad_input
def test_an_unknown_shortcut_is_refused() -> None:
    with pytest.raises(BadConfig, match="got shortcut='D'; taken are A, B, C, none; choose one of them"):
        BasicBlock(4, 4, shortcut="D")  # pyright: ignore[reportArgumentType]
