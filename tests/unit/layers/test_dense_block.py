"""Dense blocks: channels, what each layer sees, recomputing, transitions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from saccade.errors import BadConfig
from saccade.layers.dense_block import DenseBlock, DenseLayer, DenseTransition


def count(module: nn.Module) -> int:
    return sum(weight.numel() for weight in module.parameters())


@pytest.mark.parametrize(("channels", "depth", "growth"), [(64, 6, 32), (96, 6, 48), (7, 1, 3)])
def test_a_block_adds_growth_rate_channels_at_each_layer(channels: int, depth: int, growth: int) -> None:
    block = DenseBlock(channels, depth=depth, growth_rate=growth)
    assert block.out_channels == channels + depth * growth
    assert block.eval()(torch.rand(1, channels, 3, 4)).shape == (1, channels + depth * growth, 3, 4)


def test_the_input_and_every_layer_are_still_there_in_the_output() -> None:
    torch.manual_seed(0)
    block, x = DenseBlock(4, depth=2, growth_rate=3).eval(), torch.randn(2, 4, 5, 6)
    first = block.get_submodule("denselayer1")(x)
    second = block.get_submodule("denselayer2")(torch.cat([x, first], dim=1))
    assert torch.equal(block(x), torch.cat([x, first, second], dim=1))


def test_a_layer_normalises_and_cuts_off_before_each_convolution() -> None:
    torch.manual_seed(0)
    layer, x = DenseLayer(4, growth_rate=3).eval(), torch.randn(2, 4, 5, 6)
    between = F.conv2d(layer.norm1(x).relu(), layer.conv1.weight)
    assert between.shape == (2, 12, 5, 6)
    torch.testing.assert_close(layer(x), F.conv2d(layer.norm2(between).relu(), layer.conv2.weight, padding=1))


def test_the_weights_of_a_layer_by_hand() -> None:
    assert count(DenseLayer(64)) == 2 * 64 + 64 * 128 + 2 * 128 + 9 * 128 * 32 == 45_440


def test_a_transition_halves_channels_and_sides() -> None:
    transition = DenseTransition(256)
    assert transition(torch.rand(2, 256, 7, 8)).shape == (2, 128, 3, 4)
    assert count(transition) == 2 * 256 + 256 * 128
    assert DenseTransition(7).out_channels == 3
    assert DenseTransition(256, compression=1.0).out_channels == 256


def test_a_transition_averages_windows() -> None:
    transition, x = DenseTransition(4, compression=0.25).eval(), torch.rand(1, 4, 4, 4)
    nn.init.ones_(transition.conv.weight)
    expected = F.avg_pool2d(x.sum(1, keepdim=True), 2) / (1 + transition.norm.eps) ** 0.5
    torch.testing.assert_close(transition(x), expected)


def trained(recompute: bool, *, steps: int = 2) -> tuple[Tensor, dict[str, Tensor], Tensor]:
    """Outputs, state and gradient of the input after some steps on the same data."""
    torch.manual_seed(0)
    block, data = DenseBlock(4, depth=3, growth_rate=5, recompute=recompute), torch.randn(2, 4, 5, 6)
    optimizer = torch.optim.SGD(block.parameters(), lr=0.1)
    for _ in range(steps):
        x = data.clone().requires_grad_()
        y = block(x)
        optimizer.zero_grad()
        y.square().mean().backward()
        optimizer.step()
    assert x.grad is not None
    return y, block.state_dict(), x.grad


def test_recomputing_changes_no_number_and_counts_no_batch_twice() -> None:
    (y, state, gradient), (other, other_state, other_gradient) = trained(False), trained(True)
    assert torch.equal(y, other)
    assert torch.equal(gradient, other_gradient)
    assert state.keys() == other_state.keys()
    assert all(torch.equal(value, other_state[key]) for key, value in state.items())
    assert other_state["denselayer1.norm1.num_batches_tracked"].item() == 2


def kept_for_the_backward_pass(recompute: bool) -> int:
    """Bytes of the maps that autograd keeps, weights left out."""
    torch.manual_seed(0)
    block = DenseBlock(8, depth=8, growth_rate=4, recompute=recompute)
    weights = {weight.data_ptr() for weight in [*block.parameters(), *block.buffers()]}
    kept: dict[int, int] = {}

    def pack(tensor: Tensor) -> Tensor:
        if tensor.data_ptr() not in weights:
            kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        block(torch.rand(2, 8, 16, 16, requires_grad=True))
    return sum(kept.values())


def test_recomputing_keeps_less() -> None:
    assert kept_for_the_backward_pass(True) < 0.7 * kept_for_the_backward_pass(False)


def test_dropout_is_on_what_a_layer_adds() -> None:
    torch.manual_seed(0)
    block, x = DenseBlock(4, depth=1, growth_rate=8, dropout_rate=0.5).train(), torch.rand(2, 4, 9, 9) + 1
    given = block(x)
    assert torch.equal(given[:, :4], x)
    assert 0.4 < (given[:, 4:] == 0).float().mean().item() < 0.6


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DenseBlock(4, depth=0), "got depth=0; DenseBlock takes whole numbers ≥ 1"),
        (lambda: DenseLayer(4, growth_rate=0, bottleneck=0), "got growth_rate=0, bottleneck=0; "),
        (lambda: DenseLayer(4, dropout_rate=1.0), "got dropout_rate=1.0; DenseLayer takes a rate"),
        (lambda: DenseTransition(4, compression=0), "got compression=0 of 4 channels; "),
        (lambda: DenseTransition(4, compression=2), "got compression=2 of 4 channels; .* up to 1"),
        (lambda: DenseTransition(1), "got compression=0.5 of 1 channels; .* leaves a channel"),
    ],
)
def test_wrong_numbers_are_refused(make: Callable[[], Any], message: str) -> None:
    with pytest.raises(BadConfig, match=message):
        make()
