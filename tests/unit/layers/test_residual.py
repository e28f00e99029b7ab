"""Residual blocks: identities that a hand can check, shortcuts, names."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
import torch
from torch import nn

from saccade.errors import BadConfig, BadShape
from saccade.layers.residual import (
    BasicBlock,
    Block,
    Bottleneck,
    PaperBottleneck,
    Shortcut,
    WideProjectionBottleneck,
    ZeroPadShortcut,
    grouped_width,
    residual_stage,
)
from saccade.layers.squeeze_excitation import SqueezeExcitation


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


@pytest.mark.parametrize(("block", "width"), [(BasicBlock, 8), (Bottleneck, 2)])
@pytest.mark.parametrize("attention", [None, partial(SqueezeExcitation, ratio=2)])
def test_the_identity_of_a_block_without_weights_is_cut_off_at_zero(
    block: Block, width: int, attention: Callable[[int], nn.Module] | None
) -> None:
    x = torch.randn(2, 8, 5, 6)
    assert torch.equal(without_weights(block(8, width, attention=attention))(x), x.relu())


@pytest.mark.parametrize(("block", "width", "last"), [(BasicBlock, 8, "bn2"), (Bottleneck, 2, "bn3")])
def test_a_block_whose_last_norm_is_zero_is_the_identity_while_training_too(
    block: Block, width: int, last: str
) -> None:
    layer, x = block(8, width).train(), torch.randn(2, 8, 5, 6)
    nn.init.zeros_(layer.get_parameter(f"{last}.weight"))
    assert torch.equal(layer(x), x.relu())


def test_a_projection_weighs_the_channels_of_every_second_pixel() -> None:
    block = without_weights(BasicBlock(2, 2, stride=2))
    projection = block.get_submodule("downsample.0")
    with torch.no_grad():
        projection.weight.copy_(torch.tensor([[1.0, 1.0], [1.0, -1.0]])[:, :, None, None])  # pyright: ignore
    norm = block.get_submodule("downsample.1")
    norm.eps = 0.0  # pyright: ignore[reportAttributeAccessIssue]
    x = torch.tensor([[[5.0, 9.0, 7.0], [9.0, 9.0, 9.0]], [[1.0, 9.0, 8.0], [9.0, 9.0, 9.0]]])[None]
    assert block(x).tolist() == [[[[6.0, 15.0]], [[4.0, 0.0]]]]


def test_groups_and_widths_make_the_known_blocks() -> None:
    plain, grouped, wide = (
        Bottleneck(256, 64, groups=groups, width_per_group=each) for groups, each in ((1, 64), (32, 4), (1, 128))
    )
    norms = 2 * 256
    assert count(plain) == 256 * 64 + 9 * 64 * 64 + 64 * 256 + 4 * 64 + norms == 70_400
    assert count(grouped) == 256 * 128 + 9 * 128 * 4 + 128 * 256 + 4 * 128 + norms == 71_168
    assert count(wide) == 256 * 128 + 9 * 128 * 128 + 128 * 256 + 4 * 128 + norms
    assert grouped.conv2.groups == 32


def test_attention_weighs_the_branch_before_the_shortcut_is_added() -> None:
    torch.manual_seed(0)
    block, x = Bottleneck(8, 2, attention=partial(SqueezeExcitation, ratio=2)).eval(), torch.randn(1, 8, 5, 5)
    weighed = block.get_submodule("se")(block.bn3(block.branch(x)))
    torch.testing.assert_close(block(x), torch.relu(weighed + x))


def test_attention_makes_resnet50_what_the_squeeze_and_excitation_network_weighs() -> None:
    depths, channels = (3, 4, 6, 3), (256, 512, 1024, 2048)
    with torch.device("meta"):
        added = [
            count(Bottleneck(fan_in, fan_in // 4, attention=SqueezeExcitation)) - count(Bottleneck(fan_in, fan_in // 4))
            for fan_in in channels
        ]
    assert added == [2 * fan_in * (fan_in // 16) + fan_in // 16 + fan_in for fan_in in channels]
    extra = sum(depth * more for depth, more in zip(depths, added, strict=True))
    assert 25_557_032 + extra == 28_088_024


def test_a_stage_takes_a_block_with_arguments_filled_in() -> None:
    stage = residual_stage(partial(Bottleneck, groups=4, width_per_group=16), 8, width=64, depth=2)
    assert [block.get_submodule("conv2").groups for block in stage] == [4, 4]
    assert stage(torch.rand(1, 8, 4, 4)).shape == (1, 256, 4, 4)


def test_the_wide_projection_is_three_pixels_wide_only_where_it_strides() -> None:
    def projection(stride: int) -> list[int]:
        block = WideProjectionBottleneck(128, 64, stride=stride, groups=64, width_per_group=4)
        return list(block.get_parameter("downsample.0.weight").shape)

    assert projection(1) == [256, 128, 1, 1]
    assert projection(2) == [256, 128, 3, 3]


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: BasicBlock(4, 4, stride=0), BadConfig, "got stride=0; BasicBlock takes whole numbers ≥ 1; change it"),
        (lambda: Bottleneck(0, 4, stride=0), BadConfig, "got in_channels=0, stride=0; .*; change them"),
        (lambda: Bottleneck(4, 4, groups=0), BadConfig, "got groups=0; Bottleneck takes whole numbers ≥ 1"),
        (lambda: Bottleneck(4, 4, width_per_group=8), BadConfig, "no channel for a group; .* width_per_group=16"),
        (lambda: WideProjectionBottleneck(4, 64, groups=4, width_per_group=3), BadShape, "groups that divide both"),
        (lambda: BasicBlock(8, 4, shortcut="A"), BadConfig, "got a block that loses 4 channels; .* use shortcut B"),
        (lambda: residual_stage(BasicBlock, 4, width=4, depth=0), BadConfig, "got depth=0"),
        (lambda: grouped_width(64, groups=-1), BadConfig, "got groups=-1"),
        (lambda: ZeroPadShortcut(2, stride=0), BadConfig, "got stride=0; ZeroPadShortcut takes"),
    ],
)
def test_numbers_that_make_no_block_are_refused(make: Callable[[], object], error: type, message: str) -> None:
    with pytest.raises(error, match=message):
        make()


@pytest.mark.bad_input
def test_an_unknown_shortcut_is_refused() -> None:
    with pytest.raises(BadConfig, match="got shortcut='D'; taken are A, B, C, none; choose one of them"):
        BasicBlock(4, 4, shortcut="D")  # pyright: ignore[reportArgumentType]
