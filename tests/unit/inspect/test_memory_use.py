"""Peaks of memory that a hand can add up."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from saccade.architectures.resnet_cifar import resnet8
from saccade.errors import BadShape
from saccade.inspect.layer_table import layer_table
from saccade.inspect.memory_use import MemoryUse, TrainingMemory, bytes_of, training_memory

MAP = 4 * 8 * 8  # one channel of 8×8 floats


def inference(network: nn.Module) -> MemoryUse:
    memory = layer_table(network, (8, 8)).memory
    assert memory is not None
    return memory


def test_a_line_keeps_the_input_and_the_output_of_what_runs() -> None:
    line = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU(), nn.Conv2d(4, 6, 1))
    # the caller of a module holds its input: image, 4 maps of the convolution, 4 of the activation, then 4 and 6
    assert inference(line).inference == (3 + 4 + 6) * MAP
    assert inference(line).at == "2"


def test_what_works_in_place_needs_nothing() -> None:
    line = nn.Sequential(nn.Conv2d(3, 4, 1), nn.ReLU(inplace=True), nn.Conv2d(4, 6, 1))
    assert inference(line).inference == (3 + 4 + 6) * MAP
    assert layer_table(line, (8, 8)).rows[1].activation_bytes == 0


class Around(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.one, self.other = nn.Conv2d(3, 3, 1), nn.Conv2d(3, 3, 1)

    def forward(self, x: Tensor) -> Tensor:
        y = self.one(x)
        z = self.other(y)
        del y
        return x + z


def test_a_shortcut_keeps_its_beginning_alive() -> None:
    assert inference(Around()).inference == 9 * MAP
    assert layer_table(Around(), (8, 8)).rows[0].activation_bytes == 3 * MAP


def test_training_keeps_what_the_backward_pass_needs() -> None:
    used = training_memory(nn.Conv2d(1, 2, 3), (6, 6))
    # image 36, output 2·4·4, its sum, the gradient of the sum, those of 18 weights and 2 biases; all of 4 bytes
    assert (used.batch, used.gradients) == (1, 80)
    assert used.activations == 4 * (36 + 32 + 1 + 1 + 18 + 2)
    one, two = (training_memory(resnet8(), (32, 32), batch=batch) for batch in (2, 4))
    assert 1.8 < two.activations / one.activations <= 2
    assert one.gradients == two.gradients == 4 * sum(weight.numel() for weight in resnet8().parameters())


def test_frozen_weights_have_no_gradients() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 2, 3)).requires_grad_(False)
    assert training_memory(network, (8, 8)).gradients == 0
    network[1].requires_grad_(True)
    assert training_memory(network, (8, 8)).gradients == 4 * (4 * 2 * 9 + 2)


def test_nothing_of_the_module_is_changed_by_training_it_without_content() -> None:
    network = resnet8()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    network.eval()
    training_memory(network, (16, 16), batch=2)
    assert not network.training
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert all(weight.grad is None and type(weight) is nn.Parameter for weight in network.parameters())
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in network.modules())


def test_optimisers_add_what_they_keep() -> None:
    use = MemoryUse(100, 10, 5, "", TrainingMemory(1, 50, "", 100, 130))
    assert [use.step(name) for name in use.to_dict()["optimisers"]] == [240, 340, 440]
    assert MemoryUse(1, 1, 1, "").step("SGD") is None


def test_memory_that_is_shared_counts_once() -> None:
    weight = torch.ones(4)
    assert bytes_of([weight, weight[1:], torch.ones(1, dtype=torch.float64)]) == 24


@pytest.mark.bad_input
def test_what_cannot_be_trained_at_a_size_is_refused() -> None:
    norm = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.BatchNorm2d(3))
    with pytest.raises(BadShape, match="Expected more than 1 value per channel"):
        training_memory(norm, (8, 8))
    assert training_memory(norm, (8, 8), batch=2).batch == 2
    with pytest.raises(BadShape, match="batch of 0"):
        training_memory(norm, (8, 8), batch=0)
