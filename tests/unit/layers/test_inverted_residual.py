"""Inverted residuals: the linear end, the shortcut, squeeze and excitation, stochastic depth."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from saccade.errors import BadConfig
from saccade.layers.inverted_residual import InvertedResidual, MobileBottleneck

Block = type[InvertedResidual] | type[MobileBottleneck]
both = pytest.mark.parametrize("block", [InvertedResidual, MobileBottleneck])


def count(module: nn.Module) -> int:
    return sum(weight.numel() for weight in module.parameters())


def without_weights(block: nn.Module) -> nn.Module:
    for part in block.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.zeros_(part.weight)
    return block.eval()


@both
def test_there_is_no_activation_at_the_end(block: Block) -> None:
    torch.manual_seed(0)
    given = block(4, 8).eval()(torch.randn(2, 4, 6, 6))
    assert (given < 0).any()
    assert (given > 0).any()


@both
def test_a_block_without_weights_is_the_identity_below_zero_too(block: Block) -> None:
    x = torch.randn(2, 8, 5, 6)
    assert torch.equal(without_weights(block(8, 8))(x), x)


@both
@pytest.mark.parametrize(("out_channels", "stride"), [(8, 2), (9, 1)])
def test_there_is_no_shortcut_where_the_shape_changes(block: Block, out_channels: int, stride: int) -> None:
    assert not without_weights(block(8, out_channels, stride=stride))(torch.randn(2, 8, 5, 6)).any()


def test_it_is_expand_filter_project() -> None:
    torch.manual_seed(0)
    block, x = InvertedResidual(4, 6, stride=2).eval(), torch.randn(2, 4, 7, 8)
    expand, filtered, project, norm = block.conv.children()
    y = expand[1](expand[0](x)).clamp(0, 6)  # pyright: ignore[reportIndexIssue]
    y = filtered[1](filtered[0](y)).clamp(0, 6)  # pyright: ignore[reportIndexIssue]
    torch.testing.assert_close(block(x), norm(project(y)))


def test_its_weights_by_hand() -> None:
    assert count(InvertedResidual(24, 32)) == (24 * 144 + 288) + (9 * 144 + 288) + (144 * 32 + 64) == 10_000
    assert count(InvertedResidual(32, 16, expansion=1)) == (9 * 32 + 64) + (32 * 16 + 32) == 896


def test_gates_are_made_from_a_quarter_of_the_channels_that_come_in() -> None:
    gates = 2 * 96 * 4 + 4 + 96
    plain = (16 * 96 + 192) + (9 * 96 + 192) + (96 * 24 + 48)
    assert count(MobileBottleneck(16, 24)) == plain + gates == 6_004


def test_a_subclass_chooses_the_activation_and_no_gates() -> None:
    class Plain(MobileBottleneck):
        activation = nn.Hardswish
        squeeze = None

    kinds = [type(part) for part in Plain(16, 24).modules()]
    assert kinds.count(nn.Hardswish) == 2
    assert nn.Sigmoid not in kinds


def test_a_dropped_branch_leaves_the_input() -> None:
    torch.manual_seed(0)
    block, x = MobileBottleneck(8, 8, drop_path_rate=0.5).train(), torch.randn(16, 8, 3, 3)
    unchanged = (block(x) == x).flatten(1).all(1)
    assert 0 < unchanged.sum() < 16


def test_a_branch_without_a_shortcut_is_never_dropped() -> None:
    torch.manual_seed(0)
    block = MobileBottleneck(8, 9, drop_path_rate=0.9).train()
    assert block(torch.randn(16, 8, 3, 3)).flatten(1).any(1).all()


@both
@pytest.mark.bad_input
def test_wrong_numbers_are_refused(block: Block) -> None:
    wrong: list[tuple[Callable[[], object], str]] = [
        (lambda: block(8, 8, stride=0), f"got stride=0; {block.__name__} takes whole numbers ≥ 1"),
        (lambda: block(8, 0, expansion=0), "got out_channels=0, expansion=0"),
        (lambda: block(8, 8, kernel_size=4), "got kernel_size=4; .* use 3 or 5"),
    ]
    for make, message in wrong:
        with pytest.raises(BadConfig, match=message):
            make()


@pytest.mark.bad_input
def test_a_branch_that_is_always_dropped_is_refused() -> None:
    with pytest.raises(BadConfig, match=r"got drop_path_rate=1\.0; MobileBottleneck takes a rate"):
        MobileBottleneck(8, 8, drop_path_rate=1.0)
