"""Folded is unfolded: pairs by hand, every kind of layer, whole networks; and what must be left alone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from kinds import CLASSIFIERS
from norms import trained
from saccade import catalog
from saccade.errors import BadConfig, BadShape
from saccade.layers.folding import Norm, fold, fold_batch_norm
from saccade.layers.normalised import Normalised

NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)


def layers(module: nn.Module) -> list[nn.Module]:
    return [part for part in module.modules() if next(part.children(), None) is None]


def norms(module: nn.Module) -> int:
    return sum(isinstance(part, NORMS) for part in module.modules())


def difference(module: nn.Module, x: Tensor) -> float:
    with torch.no_grad():
        return float((fold(module).network(x) - module.eval()(x)).abs().max())


PAIRS: list[tuple[Callable[[], nn.Module], Callable[[], Norm], tuple[int, ...]]] = [
    (lambda: nn.Conv1d(4, 6, 3, stride=2, padding=1), lambda: nn.BatchNorm1d(6), (2, 4, 9)),
    (lambda: nn.Conv2d(4, 6, 3, bias=False), lambda: nn.BatchNorm2d(6), (2, 4, 7, 8)),
    (lambda: nn.Conv2d(4, 6, (3, 2), groups=2, dilation=2), lambda: nn.BatchNorm2d(6, affine=False), (2, 4, 7, 8)),
    (lambda: nn.Conv2d(4, 6, 3, padding=1, padding_mode="reflect"), lambda: nn.BatchNorm2d(6, eps=0.5), (2, 4, 7, 8)),
    (lambda: nn.Conv3d(2, 4, 2, bias=False), lambda: nn.BatchNorm3d(4), (1, 2, 3, 4, 5)),
    (lambda: nn.ConvTranspose1d(6, 4, 3, groups=2), lambda: nn.BatchNorm1d(4), (2, 6, 5)),
    (lambda: nn.ConvTranspose2d(4, 6, 3, stride=2, groups=2, bias=False), lambda: nn.BatchNorm2d(6), (2, 4, 5, 4)),
    (lambda: nn.ConvTranspose3d(2, 3, 2), lambda: nn.BatchNorm3d(3), (1, 2, 3, 2, 2)),
    (lambda: nn.Linear(5, 7), lambda: nn.BatchNorm1d(7), (4, 5)),
]


@pytest.mark.parametrize(("layer", "norm", "shape"), PAIRS)
def test_a_pair_becomes_one_layer(
    layer: Callable[[], nn.Module], norm: Callable[[], Norm], shape: tuple[int, ...]
) -> None:
    torch.manual_seed(0)
    pair, x = trained(nn.Sequential(layer(), norm())), torch.randn(shape, dtype=torch.float64)
    before = {name: tensor.clone() for name, tensor in pair.state_dict().items()}
    folded = fold_batch_norm(pair[0], pair[1])
    assert type(folded) is type(pair[0])
    torch.testing.assert_close(folded(x), pair(x), rtol=1e-10, atol=1e-10)
    assert fold(pair).pairs == (("0", "1"),)
    assert difference(pair, x) < 1e-10
    assert all(torch.equal(tensor, before[name]) for name, tensor in pair.state_dict().items())


def test_a_hand_can_fold() -> None:
    """6x, less 2, over 2, times 3, plus 1: 9x − 2."""
    layer, norm = nn.Linear(1, 1, bias=False), nn.BatchNorm1d(1, eps=0)
    layer.weight.data.fill_(6)
    norm.running_mean, norm.running_var = torch.tensor([2.0]), torch.tensor([4.0])
    norm.weight.data.fill_(3)
    norm.bias.data.fill_(1)
    folded = fold_batch_norm(layer, norm)
    assert (folded.weight.item(), folded.bias.item()) == (9, -2)


@pytest.mark.parametrize(("name", "size", "pairs"), [("lenet5", 32, 0), ("resnet8", 12, 7), ("resnet18", 33, 20)])
def test_a_network_of_the_catalogue_gives_the_same_without_its_norms(name: str, size: int, pairs: int) -> None:
    torch.manual_seed(0)
    network = trained(catalog.find("architectures", name)(num_classes=4))
    folded = fold(network)
    assert len(folded.pairs) == norms(network) == pairs
    assert norms(folded.network) == len(folded.kept) == 0
    assert len(layers(folded.network)) <= len(layers(network)) - pairs
    assert difference(network, torch.rand(2, network.in_channels, size, size, dtype=torch.float64)) < 1e-10


@pytest.mark.full
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_network_of_the_catalogue_gives_the_same(name: str) -> None:
    torch.manual_seed(0)
    network = trained(catalog.find("architectures", name)(num_classes=4))
    size = [max(64, side) for side in network.smallest_size]
    images = torch.rand(2, network.in_channels, *size, dtype=torch.float64)
    with torch.no_grad():
        expected = network(images)
        torch.testing.assert_close(fold(network).network(images), expected, rtol=1e-10, atol=1e-10)


def test_the_layers_that_are_left_keep_their_names_and_get_a_bias() -> None:
    network = trained(catalog.find("architectures", "resnet8")())
    folded = fold(network)
    assert folded.pairs[0] == ("conv1", "bn1")
    assert ("layer2.0.conv2", "layer2.0.bn2") in folded.pairs
    kept = {name for name in network.state_dict() if ".bn" not in f".{name}"}
    biases = {f"{layer}.bias" for layer, _ in folded.pairs}
    assert set(folded.network.state_dict()) == kept | biases


def test_a_normalised_network_stays_normalised() -> None:
    inside = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3))
    network = trained(Normalised(inside, [0.3], [0.7]))
    folded = fold(network)
    assert isinstance(folded.network, Normalised)
    assert folded.pairs == (("network.0", "network.1"),)
    assert difference(network, torch.rand(2, 1, 5, 5, dtype=torch.float64)) < 1e-10


def test_the_copy_is_in_evaluation_mode_and_the_module_stays_as_it_was() -> None:
    network = nn.Sequential(nn.Conv2d(1, 3, 3), nn.BatchNorm2d(3), nn.Dropout()).train()
    assert not any(part.training for part in fold(network).network.modules())
    assert all(part.training for part in network.modules())
    assert norms(network) == 1


class Branching(nn.Module):
    """The output of a convolution goes to its norm, and past it."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2)

    def forward(self, x: Tensor) -> Tensor:
        z = self.conv(x)
        return self.norm(z) + z


class Sharing(nn.Module):
    """One convolution runs twice, each time with a norm of its own."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.one, self.two = nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2), nn.BatchNorm2d(2)

    def forward(self, x: Tensor) -> Tensor:
        return self.two(self.conv(self.one(self.conv(x))))


class Reading(nn.Module):
    """Someone else reads the weight of a convolution."""

    def __init__(self) -> None:
        super().__init__()
        self.conv, self.norm = nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.conv(x)) + self.conv.weight.sum()


class Twice(nn.Module):
    """One norm stands behind two convolutions: each can take it in."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two, self.norm = nn.Conv2d(2, 2, 1), nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.two(self.norm(self.one(x)).relu()))


def hooked() -> nn.Module:
    network = nn.Sequential(nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2))
    network[0].register_forward_hook(lambda _module, _inputs, output: 2 * output)
    return network


def scaled() -> nn.Module:
    network = nn.Sequential(nn.Conv2d(2, 2, 1), nn.BatchNorm2d(2))
    nn.utils.parametrizations.weight_norm(network[0])
    return network


@pytest.mark.parametrize(
    "make",
    [
        Branching,
        Sharing,
        Reading,
        hooked,
        scaled,
        lambda: nn.Sequential(nn.BatchNorm2d(2), nn.Conv2d(2, 2, 3)),
        lambda: nn.Sequential(nn.BatchNorm2d(2), nn.ReLU(), nn.Conv2d(2, 2, 3)),
        lambda: nn.Sequential(nn.Conv2d(2, 2, 3), nn.ReLU(), nn.BatchNorm2d(2)),
        lambda: nn.Sequential(nn.Conv2d(2, 2, 3), nn.BatchNorm2d(2, track_running_stats=False)),
        lambda: nn.Sequential(nn.Conv2d(2, 2, 3), nn.InstanceNorm2d(2)),
    ],
)
def test_what_cannot_be_folded_is_left_alone(make: Callable[[], nn.Module]) -> None:
    torch.manual_seed(0)
    network = trained(make())
    folded = fold(network)
    assert folded.pairs == ()
    assert len(folded.kept) == norms(network)
    assert difference(network, torch.randn(2, 2, 5, 6, dtype=torch.float64)) < 1e-10


def test_a_norm_that_stands_behind_two_convolutions_goes_into_both() -> None:
    torch.manual_seed(0)
    network = trained(Twice())
    assert fold(network).pairs == (("one", "norm"), ("two", "norm"))
    assert fold(network).kept == ()
    assert difference(network, torch.randn(2, 2, 5, 6, dtype=torch.float64)) < 1e-10


def test_a_second_norm_goes_where_the_first_one_went() -> None:
    torch.manual_seed(0)
    network = trained(nn.Sequential(nn.Conv2d(2, 3, 3), nn.BatchNorm2d(3), nn.BatchNorm2d(3)))
    assert fold(network).pairs == (("0", "1"), ("0", "2"))
    assert difference(network, torch.randn(2, 2, 5, 6, dtype=torch.float64)) < 1e-10


class Choosing(nn.Module):
    def forward(self, x: Tensor) -> Tensor:
        return x if x.sum() > 0 else -x


@pytest.mark.bad_input
def test_what_cannot_be_traced_is_refused() -> None:
    with pytest.raises(
        BadConfig, match=r"got a Choosing that cannot be traced .*; taken is any module whose way does n"
    ):
        fold(Choosing())


@pytest.mark.bad_input
def test_what_is_no_pair_is_refused() -> None:
    with pytest.raises(BadConfig, match="got a ReLU and a BatchNorm2d; taken are a convolution or a dense layer"):
        fold_batch_norm(nn.ReLU(), nn.BatchNorm2d(3))  # type: ignore[arg-type]
    with pytest.raises(BadShape, match="got a layer of 4 channels and a norm of 3; taken are equally many"):
        fold_batch_norm(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(3))
    with pytest.raises(BadConfig, match="got a BatchNorm2d without running statistics; taken is one that keeps them"):
        fold_batch_norm(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4, track_running_stats=False))
