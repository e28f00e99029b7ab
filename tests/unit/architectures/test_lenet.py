"""LeNet-5, as today and as in 1998: the numbers of the paper."""

from __future__ import annotations

import torch
from torch import nn

from saccade.architectures.lenet import C3_TABLE, CARDS, lenet5, lenet5_paper
from saccade.layers.pooling import TrainableSubsampling
from saccade.layers.sparse import SparseConvolution


def counts(network: nn.Module) -> list[int]:
    return [
        sum(weight.numel() for weight in part.parameters()) for part in network.children() if list(part.parameters())
    ]


def test_the_modern_form_has_61706_parameters() -> None:
    assert counts(lenet5()) == [156, 2_416, 48_120, 10_164, 850]
    assert sum(counts(lenet5())) == 61_706


def test_the_1998_form_has_60000_trainable_parameters() -> None:
    network = lenet5_paper()
    parts = [network.c1, network.s2, network.c3, network.s4, network.c5, network.f6, network.output]
    assert [sum(weight.numel() for weight in part.parameters()) for part in parts] == [
        156, 12, 1_516, 32, 48_120, 10_164, 0,
    ]  # fmt: skip
    assert sum(weight.numel() for weight in network.parameters()) == 60_000


def test_the_1998_form_has_340908_connections() -> None:
    """A unit's connections are its inputs and its bias; a unit of the output has only its 84 inputs."""
    sizes: dict[str, tuple[int, ...]] = {}
    network = lenet5_paper()
    for name, part in network.named_children():
        part.register_forward_hook(
            lambda _part, _inputs, output, name=name: sizes.update({name: tuple(output.shape[1:])})
        )
    network(torch.zeros(1, 1, 32, 32))
    units = {name: size[0] * size[1] * size[2] if len(size) == 3 else size[0] for name, size in sizes.items()}
    window = units["c3"] // 16
    connections = [
        units["c1"] * (25 + 1),
        units["s2"] * (4 + 1),
        sum(window * (25 * len(row) + 1) for row in C3_TABLE),
        units["s4"] * (4 + 1),
        units["c5"] * (16 * 25 + 1),
        units["f6"] * (120 + 1),
        units["output"] * 84,
    ]
    assert connections == [122_304, 5_880, 151_600, 2_000, 48_120, 10_164, 840]
    assert sum(connections) == CARDS["lenet5_paper"]["connections"] == 340_908


def test_layers_come_in_the_papers_order() -> None:
    torch.manual_seed(0)
    network, images = lenet5_paper(), torch.rand(2, 1, 32, 32)

    def squash(x: torch.Tensor) -> torch.Tensor:
        return 1.7159 * torch.tanh(2 * x / 3)

    x = network.s2(squash(network.c1(images)))
    x = network.s4(squash(network.c3(x)))
    x = squash(network.f6(squash(network.c5(x)).flatten(1)))
    distances = (x[:, None] - network.output.codes).square().sum(2)
    torch.testing.assert_close(network(images), -distances, rtol=1e-5, atol=1e-3)
    assert (type(network.s2), type(network.c3)) == (TrainableSubsampling, SparseConvolution)


def test_the_1998_form_takes_any_number_of_classes_without_a_parameter_more() -> None:
    for classes in (2, 10, 26):
        network = lenet5_paper(num_classes=classes)
        assert network(torch.zeros(1, 1, 32, 32)).shape == (1, classes)
        assert sum(weight.numel() for weight in network.parameters()) == 60_000


def test_larger_images_are_averaged_after_c5() -> None:
    torch.manual_seed(0)
    network, images = lenet5().eval(), torch.rand(1, 1, 36, 40)
    maps = network.forward_features(images)["stage2"]
    assert maps.shape == (1, 120, 2, 3)
    hidden = torch.relu(network.f6(maps.mean((2, 3))))
    torch.testing.assert_close(network(images), network.output(hidden))
