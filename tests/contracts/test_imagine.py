"""Every way of making pictures keeps the contract; the folder is walked: a new file is tested the moment it exists."""

from __future__ import annotations

import gc
from dataclasses import fields, replace
from typing import Any

import pytest
import torch
from torch import nn

from explaining import reused
from saccade import catalog
from saccade.cli._knobs import knobs_of
from saccade.errors import BadConfig, BadShape
from saccade.imagine.making.subject import Imagination, Subject, imagined

ROOM = "imagine"
NAMES = list(catalog.offers(ROOM))
PICTURE = torch.rand(1, 3, 40, 44, generator=torch.Generator().manual_seed(1))
GREY = torch.tensor([0.4, 0.5, 0.6])


def first_class(logits: torch.Tensor) -> torch.Tensor:
    return logits[:, 0]


def made(name: str) -> Imagination:
    return catalog.find(ROOM, name).from_dict({"steps": 3})


def subject_of(way: Imagination, network: nn.Module, **more: Any) -> Subject:
    return Subject(
        network, (40, 44), GREY, PICTURE.clone() if way.needs_image else None,
        PICTURE.flip(3) if way.needs_guide else None, first_class if way.needs_class else None, **more,
    )  # fmt: skip


@pytest.fixture(params=NAMES)
def way(request: pytest.FixtureRequest) -> Imagination:
    return made(request.param)


def state_of(network: nn.Module) -> list[Any]:
    parts = [(part.training, len(part._forward_hooks), len(part._backward_hooks)) for part in network.modules()]
    parameters = [(one.requires_grad, None if one.grad is None else one.grad.tolist()) for one in network.parameters()]
    return [parts, parameters, [one.tolist() for one in (*network.parameters(), *network.buffers())]]


def test_there_is_a_picture_and_the_network_is_as_it_was(way: Imagination) -> None:
    network = reused()
    before, subject = state_of(network), subject_of(way, network)
    found = imagined(way, subject)
    assert state_of(network) == before
    assert found.image.shape == (1, 3, 40, 44)
    assert 0 <= float(found.image.min()) <= float(found.image.max()) <= 1
    assert not torch.equal(found.image, subject.nothing() if subject.images is None else subject.images)
    assert found.whole
    assert found.values
    assert subject.images is None or torch.equal(subject.images, PICTURE)


def test_a_seed_makes_the_same_bits_twice(way: Imagination) -> None:
    first, second = (imagined(way, subject_of(way, reused(), seed=3)).image for _ in range(2))
    assert torch.equal(first, second)


def test_who_watches_hears_of_every_step_and_can_stop(way: Imagination) -> None:
    heard: list[tuple[int, int]] = []

    def watch(step: int, of: int, value: float, picture: torch.Tensor) -> bool:
        heard.append((step, of))
        return step == 2

    network = reused()
    before = state_of(network)
    found = imagined(way, subject_of(way, network, watch=watch))
    assert [step for step, _ in heard] == [1, 2]
    assert heard[0][1] >= 3
    assert not found.whole
    assert found.image.shape == (1, 3, 40, 44)
    assert state_of(network) == before


def test_the_network_is_as_it_was_after_an_error(way: Imagination) -> None:
    def watch(*_: Any) -> bool:
        raise KeyboardInterrupt

    network = reused()
    before = state_of(network)
    with pytest.raises(KeyboardInterrupt):
        imagined(way, subject_of(way, network, watch=watch))
    assert state_of(network) == before


def test_nothing_is_kept_over_many_calls(way: Imagination) -> None:
    network = reused()

    def alive() -> int:
        imagined(way, subject_of(way, network))
        gc.collect()
        return sum(type(one) is torch.Tensor for one in gc.get_objects())

    first = alive()
    assert [alive() for _ in range(5)][-1] <= first


@pytest.mark.parametrize("name", NAMES)
def test_the_flags_are_its_knobs_and_the_card_says_what_it_needs(name: str) -> None:
    kind, flags = type(made(name)), knobs_of(ROOM, name)
    assert [one.name for one in fields(flags)] == [one.name for one in fields(kind)]
    card = catalog.cards(ROOM)[name]
    pictures = "pictures" if kind.needs_guide else "picture" if kind.needs_image else ""
    assert card["needs"] == ("class" if kind.needs_class else pictures)
    assert {"paper", "year", "arxiv", "about"} <= card.keys()


@pytest.mark.bad_input
@pytest.mark.parametrize("name", NAMES)
def test_what_is_wanting_is_said(name: str) -> None:
    way = made(name)
    subject = subject_of(way, reused())
    if way.needs_image or way.needs_class:
        with pytest.raises(BadConfig, match=r"got no (picture|class)"):
            imagined(way, replace(subject, images=None, score=None))
    if way.needs_image:
        with pytest.raises(BadShape, match=r"taken is \(1, channels, height, width\)"):
            imagined(way, replace(subject, images=PICTURE[0]))
    if not way.needs_class:
        with pytest.raises(BadConfig, match="without maps"):
            imagined(way, subject_of(way, nn.Sequential(nn.Flatten(), nn.Linear(3 * 40 * 44, 2))))
