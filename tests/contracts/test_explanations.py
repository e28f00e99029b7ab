"""Every method keeps the contract; the folder is walked: a new file in it is tested the moment it exists."""

from __future__ import annotations

import dataclasses
import gc
from typing import Any

import pytest
import torch

from explaining import question_about, reused
from saccade import catalog
from saccade.cli._knobs import knobs_of
from saccade.errors import BadData, BadShape
from saccade.explanations.asking.method import Answer, Method
from saccade.explanations.asking.sealed import answered

ROOM = "explanations"
NAMES = list(catalog.offers(ROOM))
QUICK = {"rise": {"masks": 24}, "integrated_gradients": {"steps": 6}, "smooth_grad": {"samples": 3}}
IMAGES = torch.rand(3, 3, 13, 12, generator=torch.Generator().manual_seed(1))


def made(name: str) -> Method:
    return catalog.find(ROOM, name).from_dict(QUICK.get(name, {}))


@pytest.fixture(params=NAMES)
def method(request: pytest.FixtureRequest) -> Method:
    return made(request.param)


def state_of(network: torch.nn.Module) -> list[Any]:
    parts = [
        (part.training, len(part._forward_hooks), len(part._forward_pre_hooks), len(part._backward_hooks))
        for part in network.modules()
    ]
    parameters = [(one.requires_grad, None if one.grad is None else one.grad.tolist()) for one in network.parameters()]
    return [parts, parameters, [one.tolist() for one in (*network.parameters(), *network.buffers())]]


def test_there_is_a_map_for_each_image_and_the_network_is_as_it_was(method: Method) -> None:
    network = reused()
    before = state_of(network)
    answer = answered(method, question_about(network, IMAGES, [0, 1, 2]))
    assert state_of(network) == before
    assert answer.maps.shape == (3, 13, 12)
    assert bool(answer.maps.isfinite().all())
    assert bool(answer.maps.any())
    assert answer.signed or bool((answer.maps >= 0).all())
    assert answer.colours is None or answer.colours.shape == IMAGES.shape
    assert len(answer.notes) in (0, 1, 3)
    assert not answer.maps.requires_grad


def test_the_same_is_said_twice_and_whatever_goes_together(method: Method) -> None:
    network = reused()
    first = answered(method, question_about(network, IMAGES, [0, 1, 2])).maps
    torch.testing.assert_close(answered(method, question_about(network, IMAGES, [0, 1, 2])).maps, first, rtol=0, atol=0)
    parts = answered(method, question_about(network, IMAGES, [0, 1, 2], batch_size=2)).maps
    if type(method).__name__ not in ("Rise", "SmoothGrad"):  # what is drawn depends on how many are drawn at once
        torch.testing.assert_close(parts, first, rtol=1e-4, atol=1e-5)


def test_images_that_want_gradients_are_left_alone(method: Method) -> None:
    images = IMAGES.clone().requires_grad_()
    answered(method, question_about(reused(), images, [0, 1, 2]))
    assert images.grad is None


def test_the_network_is_as_it_was_after_an_error(method: Method) -> None:
    network = reused()
    before = state_of(network)

    def fails(logits: torch.Tensor, asked: Any) -> torch.Tensor:
        raise KeyboardInterrupt

    question = dataclasses.replace(question_about(network, IMAGES, [0, 1, 2]), score=fails, confidence=fails)
    with pytest.raises(KeyboardInterrupt):
        answered(method, question)
    assert state_of(network) == before


def test_its_card_says_what_it_is_for(method: Method) -> None:
    name = next(name for name in NAMES if isinstance(method, catalog.find(ROOM, name)))
    card = catalog.cards(ROOM)[name]
    assert card["paper"]
    assert card["year"] > 1990
    assert card["about"]


def test_its_knobs_are_read_without_importing_it(method: Method) -> None:
    name = next(name for name in NAMES if type(method) is catalog.find(ROOM, name))
    read, real = knobs_of(ROOM, name), type(method)
    assert read().to_dict() == real().to_dict()
    told = {one.name: dict(one.metadata) for one in dataclasses.fields(read)}
    assert told == {one.name: dict(one.metadata) for one in dataclasses.fields(real)}


def test_nothing_is_kept_over_fifty_calls() -> None:
    network, method = reused(), made("grad_cam")
    question = question_about(network, IMAGES, [0, 1, 2])
    answered(method, question)
    gc.collect()
    before = sum(issubclass(type(one), torch.Tensor) for one in gc.get_objects())
    for _ in range(50):
        answered(method, question)
    gc.collect()
    assert sum(issubclass(type(one), torch.Tensor) for one in gc.get_objects()) == before


@pytest.mark.bad_input
def test_images_that_are_none_are_refused() -> None:
    for images in (torch.rand(3, 12, 12), torch.zeros(1, 3, 8, 8, dtype=torch.int64), torch.zeros(0, 3, 8, 8)):
        with pytest.raises(BadShape, match="add images"):
            answered(made("gradient"), question_about(reused(), images, [0]))
    with pytest.raises(BadShape, match="2 questions about 3 images"):
        answered(made("gradient"), question_about(reused(), IMAGES, [0, 1]))
    with pytest.raises(BadData, match="NaN"):
        answered(made("gradient"), question_about(reused(), IMAGES * float("nan"), [0, 1, 2]))


@pytest.mark.bad_input
def test_maps_that_are_none_are_refused() -> None:
    class Wrong(Method):
        def look(self, question: Any) -> Answer:
            return Answer(torch.full((3, 2, 2), float("inf")))

    class Fewer(Method):
        def look(self, question: Any) -> Answer:
            return Answer(torch.zeros(1, 2, 2))

    with pytest.raises(BadData, match="a map with NaN"):
        answered(Wrong(), question_about(reused(), IMAGES, [0, 1, 2]))
    with pytest.raises(BadShape, match="for 3 images"):
        answered(Fewer(), question_about(reused(), IMAGES, [0, 1, 2]))


def test_what_takes_its_time_says_how_far_it_is(method: Method) -> None:
    said: list[tuple[int, int]] = []
    answered(method, dataclasses.replace(question_about(reused(), IMAGES[:1], [0]), told=lambda *one: said.append(one)))
    assert bool(said) == method.image_by_image
    assert [done for done, _ in said] == sorted({done for done, _ in said})
    assert all(total == said[-1][0] for _, total in said)
