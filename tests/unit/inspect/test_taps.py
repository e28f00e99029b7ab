"""A borrowed model comes back as it was; what layers gave is what they gave."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.fx import symbolic_trace

from saccade.architectures.resnet_cifar import resnet8
from saccade.errors import BadConfig, UnknownName
from saccade.inspect.taps import activations, borrowed, tapped


def state(module: nn.Module) -> list[Any]:
    """Everything that a borrower could leave behind."""
    tables = [{key: dict(table) for key, table in vars(part).items() if "hooks" in key and hasattr(table, "items")}
              for part in module.modules()]  # fmt: skip
    flags = [(part.training, part._is_full_backward_hook) for part in module.modules()]
    weights = [(weight.requires_grad, id(weight.grad)) for weight in module.parameters()]
    return [tables, flags, weights]


def used() -> nn.Module:
    """A network in the middle of its life: partly in training, partly frozen, with a hook and with gradients."""
    network = resnet8().train()
    network.get_submodule("layer2").eval()
    network.get_submodule("conv1").requires_grad_(False)
    network.get_submodule("layer1").register_forward_hook(lambda *_: None)
    network(torch.rand(2, 3, 8, 8)).sum().backward()
    return network


def misuse(network: nn.Module) -> None:
    for part in network.modules():
        part.train()
        part.register_forward_pre_hook(lambda *_: None)
        part.register_forward_hook(lambda *_, **__: None, with_kwargs=True, always_call=True)
    network.get_submodule("linear").register_full_backward_hook(lambda *_: None)
    network.get_submodule("layer1")._forward_hooks.clear()
    network.requires_grad_(False)
    next(network.parameters()).requires_grad_()
    network(torch.rand(2, 3, 8, 8)).sum().backward()


def test_everything_is_put_back() -> None:
    network = used()
    before, gradients = (
        state(network),
        [weight.grad.clone() for weight in network.parameters() if weight.grad is not None],
    )
    with borrowed(network) as same:
        assert same is network
        assert not any(part.training for part in network.modules())
        assert all(weight.grad is None for weight in network.parameters())
        misuse(network)
        assert state(network) != before
    assert state(network) == before
    after = [weight.grad for weight in network.parameters() if weight.grad is not None]
    assert all(torch.equal(old, new) for old, new in zip(gradients, after, strict=True))


def test_a_traced_module_can_be_borrowed_too() -> None:
    """It has lists of hooks of its own, on nodes of its graph."""
    graph = symbolic_trace(nn.Sequential(nn.Linear(2, 3), nn.ReLU()))
    with borrowed(graph):
        assert not graph.training
    assert graph.training


def test_everything_is_put_back_after_an_error_too() -> None:
    network = used()
    before = state(network)

    def fail() -> None:
        with borrowed(network):
            misuse(network)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    assert state(network) == before


def test_activations_are_what_the_layers_gave() -> None:
    torch.manual_seed(0)
    network, images = used(), torch.rand(2, 3, 9, 9)
    before = state(network)
    found = activations(network, images, ["layer1", "bn1", ""])
    assert state(network) == before
    network.eval()
    first = network.get_submodule("bn1")(network.get_submodule("conv1")(images))
    assert list(found) == ["layer1", "bn1", ""]
    torch.testing.assert_close(found["bn1"], first)
    torch.testing.assert_close(found[""], network(images))
    assert not found["bn1"].requires_grad


def test_a_later_in_place_activation_does_not_change_what_is_kept() -> None:
    network = nn.Sequential(nn.Conv2d(1, 1, 1), nn.ReLU(inplace=True))
    nn.init.constant_(network[0].weight, -1.0)
    nn.init.zeros_(network[0].bias)
    found = activations(network, torch.ones(1, 1, 2, 2), ["0", "1"])
    assert found["0"].unique().tolist() == [-1.0]
    assert found["1"].unique().tolist() == [0.0]


def test_what_is_kept_is_part_of_the_graph() -> None:
    network = nn.Sequential(nn.Conv2d(1, 2, 1), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(8, 1))
    with tapped(network, ["0"]) as kept:
        logit = network(torch.rand(1, 1, 2, 2)).sum()
        (gradient,) = torch.autograd.grad(logit, kept["0"])
    weights = network[3].weight.reshape(1, 2, 2, 2)
    torch.testing.assert_close(gradient, torch.where(kept["0"] > 0, weights, 0.0))


def test_of_a_layer_that_runs_twice_the_last_output_is_kept() -> None:
    class Twice(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.layer = nn.Conv2d(1, 1, 3)

        def forward(self, images: Tensor) -> Tensor:
            return self.layer(self.layer(images))

    assert activations(Twice(), torch.rand(1, 1, 7, 7), ["layer"])["layer"].shape == (1, 1, 3, 3)


@pytest.mark.bad_input
def test_an_unknown_layer_is_answered_with_the_nearest() -> None:
    network = resnet8()
    before = state(network)
    with pytest.raises(
        UnknownName, match=r"got layer 'layer3.0.conv3'; taken are \d+ names; did you mean 'layer3.0.conv"
    ):
        activations(network, torch.rand(1, 3, 8, 8), ["layer1", "layer3.0.conv3"])
    assert state(network) == before


@pytest.mark.bad_input
def test_a_layer_that_gives_no_tensor_or_does_not_run_is_refused() -> None:
    class Odd(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.both = nn.LSTM(4, 4)
            self.unused = nn.Linear(4, 4)

        def forward(self, images: Tensor) -> Tensor:
            return self.both(images.flatten(1))[0]

    with pytest.raises(BadConfig, match="got layer 'both', which gives a tuple"):
        activations(Odd(), torch.rand(2, 1, 2, 2), ["both"])
    with pytest.raises(BadConfig, match="got layer 'unused', which did not run"):
        activations(Odd(), torch.rand(2, 1, 2, 2), ["unused"])
