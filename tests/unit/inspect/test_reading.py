"""Maps of layers are read without running more than is needed."""

import pytest
import torch
from torch import nn

from saccade.errors import BadConfig, UnknownName
from saccade.inspect.reading import Reader


class Counted(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.runs = 0

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        self.runs += 1
        return images


class Twice(nn.Module):
    """One ReLU that runs twice, with a change of sign between."""

    def __init__(self) -> None:
        super().__init__()
        self.relu = nn.ReLU()

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.relu(1 - self.relu(images))


def test_what_comes_after_the_last_layer_runs_once_to_learn_and_never_again() -> None:
    network = nn.Sequential(nn.ReLU(), nn.Sigmoid(), Counted())
    reader, images = Reader(network, ["0", "1"]), torch.tensor([[[[2.0, -1.0]]]])
    for _ in range(3):
        assert reader(images)["0"].tolist() == [[[[2.0, 0.0]]]]
    assert network[2].runs == 1


def test_maps_are_those_before_a_later_change_in_place() -> None:
    network = nn.Sequential(nn.Conv2d(1, 1, 1), nn.ReLU(inplace=True), nn.Conv2d(1, 1, 1))
    nn.init.constant_(network[0].weight, -1.0)
    nn.init.zeros_(network[0].bias)
    reader = Reader(network, ["0", "2"])
    for _ in range(2):
        assert reader(torch.ones(1, 1, 1, 1))["0"].item() == -1.0


def test_of_a_layer_that_runs_twice_the_last_maps_are_read() -> None:
    reader = Reader(Twice(), ["relu"])
    for _ in range(2):
        assert reader(torch.full((1, 1, 1, 1), 0.25))["relu"].item() == 0.75


def test_gradients_reach_the_images() -> None:
    images = torch.full((1, 1, 2, 2), 3.0, requires_grad=True)
    maps = Reader(nn.Sequential(nn.ReLU(), nn.ReLU()), ["1"])(images)["1"]
    maps.sum().backward()
    assert images.grad is not None
    assert images.grad.tolist() == [[[[1.0, 1.0], [1.0, 1.0]]]]


def test_no_hook_is_left() -> None:
    network = nn.Sequential(nn.ReLU(), nn.ReLU())
    Reader(network, ["0"])(torch.ones(1, 1, 1, 1))
    assert not any(part._forward_hooks for part in network.modules())


@pytest.mark.bad_input
def test_what_cannot_be_read_is_said() -> None:
    with pytest.raises(UnknownName, match="layer"):
        Reader(nn.Sequential(nn.ReLU()), ["7"])
    with pytest.raises(BadConfig, match="got no layer to read"):
        Reader(nn.ReLU(), [])
    with pytest.raises(BadConfig, match="taken are layers with maps"):
        Reader(nn.Sequential(nn.Flatten()), ["0"])(torch.ones(1, 1, 2, 2))
