"""Bytes of tensors and of a training step; the moments are those that PyTorch's optimisers keep."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.errors import BadShape, UnknownName
from saccade.ops.footprint import MOMENTS, TrainingMemory, tensor_bytes, training_memory
from saccade.training.optimizers import make_optimizer
from saccade.training.settings import TrainingSettings


def test_bytes_are_numbers_times_their_width() -> None:
    assert tensor_bytes(2, 3, bytes_per_number=2) == 12
    assert tensor_bytes() == 4
    assert tensor_bytes(0, 5) == 0


def test_a_training_step_holds_weights_gradients_moments_and_activations() -> None:
    assert training_memory(10, 100, batch_size=3, optimizer="adam") == TrainingMemory(40, 40, 80, 1200)
    assert training_memory(10, 100, optimizer="sgd").total == 480


@pytest.mark.parametrize("name", MOMENTS)
def test_the_moments_are_those_that_the_optimiser_keeps(name: str) -> None:
    layer = nn.Linear(5, 7)
    optimizer = make_optimizer(layer.parameters(), TrainingSettings(optimizer=name))
    layer(torch.ones(1, 5)).sum().backward()
    optimizer.step()
    kept = [value for state in optimizer.state.values() for value in state.values() if torch.is_tensor(value)]
    assert sum(tensor.numel() for tensor in kept if tensor.ndim) == MOMENTS[name] * 42


@pytest.mark.bad_input
def test_an_unknown_optimiser_and_a_negative_side_are_refused() -> None:
    with pytest.raises(UnknownName, match="did you mean 'adam'"):
        training_memory(1, 1, optimizer="adan")
    with pytest.raises(BadShape, match="numbers ≥ 0"):
        tensor_bytes(3, -1)
