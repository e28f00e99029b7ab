"""Every classifier of `architectures` keeps the contract: the folder is walked, and a new file is tested at once."""

from __future__ import annotations

import copy
import importlib
from collections.abc import Iterator
from typing import Any

import pytest
import torch
from torch.utils.flop_counter import FlopCounterMode

from kinds import CLASSIFIERS as CARDS
from kinds import SMALLEST
from saccade import catalog
from saccade.errors import BadConfig, BadShape
from saccade.layers.backbone import Backbone
from saccade.layers.normalised import Normalised

CLASSES = 10


def heavy(name: str) -> bool:
    """Whether a network is large, and not the smallest of its family: it computes under --full alone."""
    homes = catalog.offers("architectures")
    family = [other for other in CARDS if homes[other] == homes[name]]
    card, smallest = CARDS[name], min(family, key=lambda other: CARDS[other]["macs"])
    return name != smallest and (card["macs"] > 4_000_000_000 or card["parameters"] > 60_000_000)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Each name in turn, with all its tests, so that one network at a time is in memory.

    What a family does alike is asked of its smallest; of all under --full.
    """
    if "name" in metafunc.fixturenames:
        computes, alike = "network" in metafunc.fixturenames, "channels" in metafunc.fixturenames
        names = [
            pytest.param(
                name, marks=[pytest.mark.full] if (computes and heavy(name)) or (alike and name not in SMALLEST) else []
            )
            for name in CARDS
        ]
        metafunc.parametrize("name", names, scope="module")


@pytest.fixture(scope="module")
def network(name: str) -> Iterator[Backbone]:
    """One network of each name, in evaluation mode; who changes it puts it back."""
    torch.manual_seed(0)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)  # the images are tiny: threads would only wait for each other
    yield make(name, num_classes=CLASSES, in_channels=CARDS[name]["channels"]).eval()
    torch.set_num_threads(threads)


def make(name: str, **arguments: int) -> Any:
    return catalog.find("architectures", name)(**arguments)


def images(name: str, count: int = 2, more: tuple[int, int] = (0, 0), channels: int = 0) -> torch.Tensor:
    """Images of the smallest size, and so many pixels more."""
    height, width = (side + extra for side, extra in zip(CARDS[name]["smallest_size"], more, strict=True))
    return torch.rand(
        count, channels or CARDS[name]["channels"], height, width, generator=torch.Generator().manual_seed(1)
    )


def test_card_is_complete(name: str) -> None:
    card = CARDS[name]
    assert {
        "paper": str, "year": int, "arxiv": str, "parameters": int, "macs": int, "classes": int, "channels": int,
        "native_size": tuple, "smallest_size": tuple, "deviates": str,
    }.items() <= {key: type(value) for key, value in card.items()}.items()  # fmt: skip
    assert card["deviates"]
    assert all(small <= native for small, native in zip(card["smallest_size"], card["native_size"], strict=True))


def test_parameters_and_multiply_adds_are_those_of_the_card(name: str) -> None:
    card = CARDS[name]
    with torch.device("meta"):
        network = make(name).eval()
    with torch.device("meta"), torch.no_grad(), FlopCounterMode(display=False) as counter:
        logits = network(torch.empty(1, card["channels"], *card["native_size"]))
    assert sum(parameter.numel() for parameter in network.parameters()) == card["parameters"]
    assert counter.get_total_flops() == 2 * card["macs"]
    assert logits.shape == (1, card["classes"])
    assert (network.num_classes, network.in_channels) == (card["classes"], card["channels"])
    assert network.smallest_size == card["smallest_size"]


def test_stages_have_the_names_strides_and_widths_that_they_state(name: str) -> None:
    with torch.device("meta"):
        network = make(name).eval()
    strides = [stage.stride for stage in network.stages]
    assert strides == sorted(set(strides))
    assert [stage.name for stage in network.stages] == ["stem", *(f"stage{n}" for n in range(1, len(strides)))]
    longer = (strides[-1], 2 * strides[-1])
    with torch.no_grad():
        small, large = (network.forward_features(images(name, more=more).to("meta")) for more in ((0, 0), longer))
    assert list(small) == [stage.name for stage in network.stages]
    for stage in network.stages:
        assert small[stage.name].shape[:2] == (2, stage.width)
        rows, columns = (large[stage.name].shape[axis] - small[stage.name].shape[axis] for axis in (2, 3))
        assert (rows * stage.stride, columns * stage.stride) == longer


def test_every_parameter_gets_a_gradient(name: str, network: Backbone) -> None:
    network.train()
    before = {key: value.clone() for key, value in network.state_dict().items()}
    network(images(name, 4)).square().sum().backward()
    without = [key for key, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert without == []
    assert all(bool(weight.grad.isfinite().all()) for weight in network.parameters() if weight.grad is not None)
    network.zero_grad()
    network.eval().load_state_dict(before)


def test_evaluation_is_deterministic_and_each_image_stands_alone(name: str, network: Backbone) -> None:
    some = images(name, 3)
    with torch.no_grad():
        once, twice, alone = network(some), network(some), network(some[:1])
    assert once.shape == (3, CLASSES)
    assert torch.equal(once, twice)
    torch.testing.assert_close(alone, once[:1], rtol=1e-3, atol=1e-4 * float(once.abs().max()))


def test_a_state_dict_makes_the_same_network_again(name: str, network: Backbone) -> None:
    other = make(name, num_classes=CLASSES, in_channels=CARDS[name]["channels"]).eval()
    other.load_state_dict(network.state_dict())
    with torch.no_grad():
        assert torch.equal(other(images(name)), network(images(name)))


def test_odd_sizes_work(name: str, network: Backbone) -> None:
    with torch.no_grad():
        assert network(images(name, 1, more=(5, 12))).isfinite().all()


def test_cuda_gives_what_the_processor_gives(name: str, network: Backbone, cuda: torch.device) -> None:
    here = copy.deepcopy(network).double()
    some = images(name).double()
    with torch.no_grad():
        wanted = here(some)
        found = here.to(cuda)(some.to(cuda))
    torch.testing.assert_close(found.cpu(), wanted)
    here.train()(images(name, 4).double().to(cuda)).square().sum().backward()
    assert all(bool(weight.grad.isfinite().all()) for weight in here.parameters() if weight.grad is not None)


@pytest.mark.parametrize("channels", [1, 3, 4])
def test_any_number_of_channels_and_classes_works(name: str, channels: int) -> None:
    with torch.device("meta"):
        network = make(name, num_classes=3, in_channels=channels).eval()
        assert network(images(name, channels=channels).to("meta")).shape == (2, 3)


def test_features_and_logits_leave_the_images_alone_and_agree(name: str, network: Backbone) -> None:
    """What `forward` computes is the head on the last of `forward_features`; the same behind a normalisation."""
    some = images(name)
    same, normalised = some.clone(), Normalised(network, [0.0] * some.shape[1], [1.0] * some.shape[1]).eval()
    with torch.no_grad():
        features = normalised.forward_features(some)
        assert torch.equal(network.logits_of(features), network(some))
        assert torch.equal(normalised(some), network(some))
    assert torch.equal(some, same)


@pytest.mark.bad_input
def test_what_is_no_batch_of_images_is_refused_in_words(name: str) -> None:
    with torch.device("meta"):
        network = make(name)
    channels, (height, width) = CARDS[name]["channels"], CARDS[name]["smallest_size"]
    for shape, cure in (
        ((channels, height, width), r"add images\[None\]"),
        ((2, channels + 1, height + 9, width + 9), f"in_channels={channels + 1}"),
        ((2, height + 9, width + 9, channels), "permute"),
        ((2, channels, height - 1, width), f"{height} × {width} or more"),
    ):
        for run in (network, network.forward_features):
            with pytest.raises(BadShape, match=f"^got images of .*; {name} takes .*{cure}"):
                run(torch.zeros(shape, device="meta"))
    with pytest.raises(BadShape, match="uint8"):
        network(torch.zeros((2, channels, height, width), dtype=torch.uint8, device="meta"))


@pytest.mark.bad_input
@pytest.mark.parametrize("wrong", [0, -1, 2.5, True])
def test_no_classes_or_channels_are_refused(name: str, wrong: Any) -> None:
    with torch.device("meta"):
        with pytest.raises(BadConfig, match=f"got num_classes={wrong}; {name} takes"):
            make(name, num_classes=wrong)
        with pytest.raises(BadConfig, match=f"got in_channels={wrong}; {name} takes"):
            make(name, in_channels=wrong)


def test_every_file_has_a_card_for_each_name_and_no_other() -> None:
    for module in set(catalog.offers("architectures").values()):
        names = [name for name, place in catalog.offers("architectures").items() if place == module]
        assert sorted(importlib.import_module(module).CARDS) == names
