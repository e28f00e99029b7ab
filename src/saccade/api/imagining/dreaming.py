"""The verb dream: pictures that show what a network looks for, what it remembers, what it sees in a picture.

Source: ours.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor

from saccade import catalog
from saccade.api.imagining.seeing import Eyes, Model, eyes_of
from saccade.api.imagining.watching import as_pixels
from saccade.errors import BadConfig
from saccade.imagine.making.subject import Imagination, Subject, Watch, imagined, unwatched
from saccade.inspect.taps import borrowed
from saccade.tasks.classification import classification
from saccade.types.imagined import Imagined
from saccade.types.task import Task

ROOM = "imagine"
_SIDE, _SMALLEST = 640, 8


def dream(
    model: Model,
    image: Any = None,
    *,
    method: str = "deep_dream",
    about: Any = None,
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
    watch: Watch = unwatched,
) -> Imagined:
    """Make a picture that shows what a network looks for, what it remembers, or what it sees in another picture.

    Args:
        model: What `load` takes; or any module of torch, which takes images in [0, 1].
        image: The picture to begin with, in any form; only for methods that begin with one.
        method: One of those that `saccade dream` lists.
        about: What to dream of. For class_model a class, by name or number; of a module also a function that takes what
            it gives and returns one number. For deep_dream another picture, towards whose forms one dreams.
        settings: Knobs of the method.
        seed: Where all randomness comes from.
        watch: Hears of each step; stops it by giving True.

    Returns:
        The picture, and how it was made. The model is as it was.

    Raises:
        UnknownName: If there is no such method, class or layer; the nearest are offered.
        BadConfig: If a knob is wrong, a picture or a class is wanting or too much, or the network cannot be used.
        BadImage: If the picture cannot be read.

    Source: ours.

    Example:
        >>> from torch import nn
        >>> edges = nn.Sequential(nn.Conv2d(1, 2, 3), nn.ReLU())
        >>> made = dream(edges, method="feature_visualisation", settings={"steps": 2, "side": 16})
        >>> made.pixels.shape
        (16, 16, 1)
    """
    way = catalog.find(ROOM, method).from_dict(settings or {})
    refuse_idle(method, way, image=image, about=about)
    eyes = eyes_of(model)
    subject = _subject(eyes, way, image, about, seed=seed)
    started = time.monotonic()
    made = imagined(way, replace(subject, watch=watch))
    return Imagined(
        f"{method} of {subject.asked}" if subject.asked else method, method, way.to_dict(), as_pixels(made.image),
        made.values, (eyes.name, *made.notes), time.monotonic() - started, made.whole,
        [as_pixels(one) for one in made.frames],
    )  # fmt: skip


def refuse_idle(method: str, way: Imagination, *, image: Any, about: Any) -> None:
    """Refuse what a method would leave unused, and the want of what it needs.

    Args:
        method: Its name.
        way: Itself.
        image: The picture to begin with, if any.
        about: What to dream of, if anything.

    Raises:
        BadConfig: If something is too much or wanting, or the picture to be made is too small.

    Source: ours.
    """
    if image is None and way.needs_image:
        raise BadConfig(f"got no picture for {method}; taken is one to begin with; name it")
    if image is not None and not way.needs_image:
        raise BadConfig(f"got a picture for {method}, which makes one from nothing; taken is none; leave it out")
    if about is None and way.needs_class:
        raise BadConfig(f"got no class for {method}; taken is its name or number; say it as about, or with --about")
    if about is None and way.needs_guide:
        raise BadConfig(f"got one picture for {method}; taken are two; give the other one as about, or with --guide")
    if about is not None and not (way.needs_class or way.takes_guide or way.needs_guide):
        raise BadConfig(
            f"got something to dream of for {method}, which asks about a layer; taken is a layer; name that"
        )
    if 0 < way.side < _SMALLEST:
        raise BadConfig(f"got side={way.side}; taken is {_SMALLEST} or more, or 0; change it")


def _subject(eyes: Eyes, way: Imagination, image: Any, about: Any, *, seed: int) -> Subject:
    """What a picture is made of: the one to begin with or a size, a score or a guide."""
    if way.needs_image:
        begun = eyes.picture(image, way.side or _SIDE)
        size = begun.shape[2], begun.shape[3]
    else:
        begun, size = None, (way.side, way.side) if way.side else eyes.size
    subject = Subject(eyes.network, size, eyes.grey, begun, seed=seed)
    if way.needs_class:
        score, asked = _score(eyes, subject, about)
        return replace(subject, score=score, asked=asked)
    if about is None:
        return subject
    side = way.side or _SIDE if way.needs_guide else max(eyes.size)
    return replace(subject, guide=eyes.picture(about, side), asked="a guide")


def _score(eyes: Eyes, subject: Subject, about: Any) -> tuple[Callable[[Any], Tensor], str]:
    """The number that a class is, asked once of the picture that is begun with; and what it is called."""
    if callable(about):
        chosen: Any = about
        return chosen, getattr(about, "__name__", "what is asked")
    task: Task = eyes.task if eyes.task is not None else classification()
    begun = subject.nothing() if subject.images is None else subject.images
    with borrowed(eyes.network), torch.no_grad():
        outputs = eyes.network(begun)
    if eyes.task is None and (not isinstance(outputs, Tensor) or outputs.dim() != 2):
        raise BadConfig(
            "got a network that gives no logits (batch, classes); taken is a class of one that does, or a function of "
            "what it gives; say that as about=lambda outputs: outputs[...]"
        )
    asked = task.asked(outputs, about)

    def score(outputs: Any) -> Tensor:
        return task.score(outputs, asked)

    return score, str(asked[0])
