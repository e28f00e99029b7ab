"""What is particular to GoogLeNet: the table of the paper, its classifiers on the side."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from saccade.architectures.googlenet import CARDS, GoogLeNet, googlenet, googlenet_paper
from saccade.errors import BadShape
from saccade.inspect.layer_table import layer_table
from saccade.layers.normalisation import LocalResponseNorm
from saccade.layers.normalised import Normalised
from saccade.tasks.classification import classification
from saccade.types.batch import Batch

both = pytest.mark.parametrize("make", [googlenet, googlenet_paper])
MODULES = ("3a", "3b", "4a", "4b", "4c", "4d", "4e", "5a", "5b")


def count(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


def kernels(network: nn.Module) -> int:
    return sum(part.weight.numel() for part in network.modules() if isinstance(part, nn.Conv2d))


def some(count: int, side: int) -> Batch:
    images = torch.rand(count, 3, side, side, generator=torch.Generator().manual_seed(0))
    return Batch(images, torch.full((count, 2), side), torch.arange(count) % 3, tuple("abcdef"[:count]))


def test_module_3a_has_the_weights_that_a_hand_counts() -> None:
    five = 192 * 64 + (192 * 96 + 96 * 128 * 9) + (192 * 16 + 16 * 32 * 25) + 192 * 32
    with torch.device("meta"):
        assert kernels(googlenet_paper().inception3a) == five == 163_328
        assert kernels(googlenet().inception3a) == five - 16 * 32 * (25 - 9) == 155_136


def test_every_module_has_the_multiply_adds_of_the_table() -> None:
    """In millions; of 5a the paper says 54, which its own widths do not give."""
    with torch.device("meta"):
        weights = [kernels(googlenet_paper().get_submodule(f"inception{module}")) for module in MODULES]
    pixels = (28, 28, 14, 14, 14, 14, 14, 7, 7)
    millions = [number * side * side / 1e6 for number, side in zip(weights, pixels, strict=True)]
    assert millions == pytest.approx([128, 304, 73, 88, 100, 119, 170, 51, 71], abs=0.7)


@both
def test_the_maps_shrink_as_in_the_table(make: Callable[..., GoogLeNet]) -> None:
    with torch.device("meta"):
        network = make().eval()
        maps = network.forward_features(torch.empty(1, 3, 224, 224))
    assert [tuple(stage.shape[1:]) for stage in maps.values()] == [
        (64, 112, 112), (192, 56, 56), (480, 28, 28), (832, 14, 14), (1024, 7, 7),
    ]  # fmt: skip


@both
def test_it_is_22_layers_deep(make: Callable[..., GoogLeNet]) -> None:
    """Three convolutions, two in a row in each of nine modules, one dense layer; 57 convolutions in all."""
    with torch.device("meta"):
        kinds = [type(part) for part in make().modules()]
    assert kinds.count(nn.Conv2d) == 3 + 9 * 6
    assert kinds.count(nn.Linear) == 1
    assert 3 + 9 * 2 + 1 == 22


def test_the_paper_normalises_responses_twice_and_batches_never() -> None:
    with torch.device("meta"):
        today, paper = ([type(part) for part in make().modules()] for make in (googlenet, googlenet_paper))
    assert (paper.count(LocalResponseNorm), paper.count(nn.BatchNorm2d)) == (2, 0)
    assert (today.count(LocalResponseNorm), today.count(nn.BatchNorm2d)) == (0, 57)
    with torch.device("meta"):
        order = [row.kind for row in layer_table(googlenet_paper(), (224, 224)).rows]
    places = [order[:20].index("LocalResponseNorm"), 19 - order[:20][::-1].index("LocalResponseNorm")]
    assert [order[places[0] - 1], order[places[1] + 1]] == ["MaxPool2d", "MaxPool2d"]


def test_the_classifiers_on_the_side_have_the_weights_that_a_hand_counts() -> None:
    dense = (2048 + 1) * 1024 + (1024 + 1) * 1000
    for make, each in ((googlenet_paper, 128), (googlenet, 2 * 128)):  # a bias, or the two of batch normalisation
        with torch.device("meta"):
            plain, sided = make(), make(auxiliary=True)
        more = (512 * 128 + each + dense) + (528 * 128 + each + dense)
        assert count(sided) - count(plain) == more
        assert count(sided) == CARDS[plain.name]["parameters_with_auxiliaries"]
        assert count(plain) == CARDS[plain.name]["parameters"]
        assert (plain.auxiliary_weight, sided.auxiliary_weight) == (0, 0.3)


def test_the_paper_averages_windows_of_five_at_steps_of_three_and_the_published_form_adaptively() -> None:
    with torch.device("meta"):
        paper, today = googlenet_paper(auxiliary=True), googlenet(auxiliary=True)
    assert paper.aux1 is not None
    assert today.aux1 is not None
    ramp = torch.arange(14.0).expand(1, 1, 14, 14)
    assert paper.aux1.pool(ramp)[0, 0, 0].tolist() == [2, 5, 8, 11]
    assert today.aux1.pool(ramp)[0, 0, 0].tolist() == [1.5, 4.5, 8.5, 11.5]


@pytest.mark.parametrize(("make", "side"), [(googlenet, 15), (googlenet_paper, 79)])
def test_a_step_of_training_moves_the_classifiers_on_the_side_too(make: Callable[..., GoogLeNet], side: int) -> None:
    torch.manual_seed(0)
    network = Normalised(make(num_classes=3, auxiliary=True), [0.5] * 3, [0.5] * 3).train()
    task, batch = classification(["a", "b", "c"]), some(4, side)
    terms = task.loss(network, batch)
    assert list(terms) == ["cross_entropy", "auxiliary"]
    torch.stack(list(terms.values())).sum().backward()
    without = [key for key, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert without == []
    before = {key: weight.clone() for key, weight in network.named_parameters()}
    torch.optim.SGD(network.parameters(), 0.1).step()
    assert [key for key, weight in network.named_parameters() if torch.equal(weight, before[key])] == []


def test_evaluation_ignores_them() -> None:
    network, batch = googlenet(num_classes=3, auxiliary=True).eval(), some(2, 32)
    assert network.aux1 is not None
    task = classification(["a", "b", "c"])
    with torch.no_grad():
        expected = network(batch.images), task.loss(network, batch)
        network.aux1.fc2.weight.fill_(float("nan"))
        found = network(batch.images), task.loss(network, batch)
    assert list(found[1]) == ["cross_entropy"]
    torch.testing.assert_close(found, expected)


def test_the_logits_are_those_of_forward() -> None:
    network, images = googlenet(num_classes=3, auxiliary=True).eval(), some(2, 32).images
    with torch.no_grad():
        logits, others = network.forward_with_auxiliaries(images)
        assert torch.equal(logits, network(images))
    assert [tuple(other.shape) for other in others] == [(2, 3), (2, 3)]


@pytest.mark.bad_input
def test_images_too_small_for_the_classifiers_of_the_paper_are_refused() -> None:
    with torch.device("meta"):
        network = googlenet_paper(auxiliary=True)
        assert network(torch.empty(1, 3, 78, 78)).shape == (1, 1000)
        assert len(network.forward_with_auxiliaries(torch.empty(1, 3, 79, 79))[1]) == 2
        with pytest.raises(BadShape, match="googlenet_paper with its auxiliary classifiers takes 79 × 79 or more"):
            network.forward_with_auxiliaries(torch.empty(1, 3, 78, 79))
