"""The three forms of the ResNeXt block: the same numbers, the same weights, the same cost."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from saccade.errors import BadConfig
from saccade.layers.aggregated import FORMS, EarlyConcatenation, SplitTransformMerge, converted
from saccade.layers.residual import Bottleneck, PaperBottleneck, Shortcut
from saccade.layers.squeeze_excitation import SqueezeExcitation

PAIRS = list(itertools.permutations(FORMS, 2))
pairs = pytest.mark.parametrize(("source", "target"), PAIRS)


def block_of(form: type[Bottleneck], shortcut: Shortcut = "B") -> Bottleneck:
    """A block in double precision whose norms are no identities."""
    torch.manual_seed(0)
    block = form(8, 16, stride=2, shortcut=shortcut, groups=4, width_per_group=12).double()
    for name, value in block.state_dict().items():
        if value.is_floating_point() and value.dim() == 1:
            value.uniform_(0.5, 1.5) if "var" in name or "weight" in name else value.normal_()
    return block


@pytest.mark.parametrize("shortcut", ["A", "B", "none"])
@pytest.mark.parametrize("training", [False, True])
@pairs
def test_all_forms_compute_the_same(
    source: type[Bottleneck], target: type[Bottleneck], training: bool, shortcut: Shortcut
) -> None:
    block = block_of(source, shortcut).train(training)
    other, x = converted(block, target), torch.randn(3, 8, 7, 8, dtype=torch.double)
    assert type(other) is target
    torch.testing.assert_close(other(x), block(x), rtol=0, atol=1e-10)


@pairs
def test_there_and_back_gives_the_very_same_weights(source: type[Bottleneck], target: type[Bottleneck]) -> None:
    block = block_of(source)
    again = converted(converted(block, target), source)
    assert list(again.state_dict()) == list(block.state_dict())
    assert all(torch.equal(value, again.state_dict()[key]) for key, value in block.state_dict().items())


@pairs
def test_the_new_block_owns_its_weights(source: type[Bottleneck], target: type[Bottleneck]) -> None:
    block = block_of(source)
    before = {key: value.clone() for key, value in block.state_dict().items()}
    for value in converted(block, target).state_dict().values():
        value.zero_()
    assert all(torch.equal(value, before[key]) for key, value in block.state_dict().items())


def multiply_adds(block: nn.Module) -> int:
    with FlopCounterMode(display=False) as counter:
        block(torch.zeros(1, 256, 14, 14, device="meta"))
    return counter.get_total_flops() // 2


def test_all_forms_weigh_and_cost_the_same() -> None:
    with torch.device("meta"):
        blocks = [form(256, 64, groups=32, width_per_group=4).eval() for form in FORMS]
    weights = [sum(weight.numel() for weight in block.parameters()) for block in blocks]
    kernels = 256 * 128 + 9 * 128 * 4 + 128 * 256
    assert weights == [kernels + 4 * 128 + 2 * 256] * 3
    assert [multiply_adds(block) for block in blocks] == [kernels * 14 * 14] * 3


def test_the_split_form_has_a_path_for_each_group() -> None:
    block = SplitTransformMerge(256, 64)
    assert len(block.paths) == 32
    assert [tuple(weight.shape) for name, weight in block.paths[0].named_parameters() if "conv" in name] == [
        (4, 256, 1, 1), (4, 4, 3, 3), (256, 4, 1, 1),
    ]  # fmt: skip


def test_the_sum_over_paths_written_out_is_the_grouped_block() -> None:
    block = block_of(Bottleneck, "none").eval()
    x = torch.randn(1, 8, 7, 8, dtype=torch.double)
    total: Tensor = torch.zeros(())
    for path in range(4):
        own = slice(3 * path, 3 * path + 3)
        y = block.bn1(torch.conv2d(x, block.conv1.weight)).relu()[:, own]
        y = torch.conv2d(y, block.conv2.weight[own], stride=2, padding=1)
        scale = block.bn2.weight[own] / (block.bn2.running_var[own] + block.bn2.eps).sqrt()  # pyright: ignore
        shift = block.bn2.bias[own] - block.bn2.running_mean[own] * scale  # pyright: ignore
        y = (y * scale[:, None, None] + shift[:, None, None]).relu()
        total = total + torch.conv2d(y, block.conv3.weight[:, own])
    torch.testing.assert_close(block(x), block.bn3(total).relu(), rtol=0, atol=1e-10)


def test_attention_and_the_mode_come_along() -> None:
    block = Bottleneck(64, 16, groups=2, width_per_group=16, attention=SqueezeExcitation).eval()
    other, x = converted(block, EarlyConcatenation), torch.rand(1, 64, 4, 4)
    assert not other.training
    torch.testing.assert_close(other(x), block(x))
    assert torch.equal(other.get_parameter("se.fc1.weight"), block.get_parameter("se.fc1.weight"))


@pytest.mark.bad_input
def test_other_blocks_are_refused() -> None:
    with pytest.raises(BadConfig, match="got PaperBottleneck; taken are Bottleneck, EarlyConcatenation, SplitT"):
        converted(PaperBottleneck(64, 16), SplitTransformMerge)
    with pytest.raises(BadConfig, match="got PaperBottleneck; taken are"):
        converted(Bottleneck(64, 16), PaperBottleneck)
    with pytest.raises(BadConfig, match="got groups=0; Bottleneck takes whole numbers"):
        SplitTransformMerge(64, 16, groups=0)
