"""The verb restyle: one picture in the style of another.

Source: ours.
"""

from __future__ import annotations

import hashlib
import json
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from torch import Tensor

from saccade import catalog
from saccade.api.imagining.seeing import Eyes, Model, eyes_of
from saccade.api.imagining.watching import as_pixels
from saccade.api.pictures import name_of
from saccade.errors import BadCheckpoint, BadConfig, Unreachable, printable
from saccade.imagine.making.subject import Imagination, State, Subject, Watch, imagined, unwatched
from saccade.types.descents import Descents
from saccade.types.imagined import Imagined
from saccade.weights.files import read_tensors, write_tensors

METHOD = "style_transfer"
_BEST, _ALWAYS_THERE = "vgg19/imagenet", "resnet14_half/saccade"
_SIDE, _SMALLEST, _PUT_AWAY, _ONE_COLOUR = 640, 16, 10.0, 1 / 255


def restyle(
    content: Any,
    style: Any,
    *,
    model: Model | None = None,
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
    state: str | Path | None = None,
    watch: Watch = unwatched,
) -> Imagined:
    """Make a picture with the content of one and the style of another.

    Args:
        content: In any form; its shape is that of what is made.
        style: In any form and size.
        model: The network in whose eyes they are compared, as for `dream`; None: VGG-19 with ImageNet's weights, as the
            paper has it, or where those are not to be had the network that comes with saccade.
        settings: Knobs of style_transfer, such as `style_weight`, `steps`, `side`, `scales`, `memory`.
        seed: Where all randomness comes from.
        state: A file where it is put away every ten seconds and when it is stopped, and taken up from where it is
            there, to the same bits. It is yours to remove when the picture is safe.
        watch: Hears of each step; stops it by giving True.

    Returns:
        The picture, and how it was made; its notes name the network and the layers.

    Raises:
        BadConfig: If a knob is wrong, a picture too small, or the style all of one colour.
        BadImage: If a picture cannot be read.
        BadCheckpoint: If the state is of other pictures, settings or weights.
        UnknownName: If there is no such layer; the nearest are offered.
        StorageFull: If there is no room for the state.
        Diverged: If the cost is no number any more.

    Source: Gatys, Ecker & Bethge, arXiv 1508.06576.
    """
    way = catalog.find("imagine", METHOD).from_dict(settings or {})
    eyes = usual_eyes() if model is None else eyes_of(model)
    subject = _subject(eyes, content, style, way, seed)
    keeper = _Keeper(None if state is None else Path(state).expanduser(), _mark(eyes, subject, way))
    subject = replace(subject, watch=watch, keep=keeper, resumed=keeper.found())
    started = time.monotonic()
    made = imagined(way, subject)
    keeper.end(made.state)
    title = f"{Path(name_of(content, 0)).stem} in the style of {Path(name_of(style, 1)).stem}"
    return Imagined(
        title, METHOD, way.to_dict(), as_pixels(made.image), made.values, (eyes.name, *made.notes),
        time.monotonic() - started, made.whole,
    )  # fmt: skip


def compare_descents(
    content: Any,
    style: Any,
    *,
    model: Model | None = None,
    settings: Mapping[str, Any] | None = None,
    seed: int = 0,
    watch: Watch = unwatched,
) -> Descents:
    """Make the same picture by L-BFGS and by Adam, and see which needs fewer passes through the network.

    Args:
        content: As for `restyle`.
        style: As for `restyle`.
        model: As for `restyle`.
        settings: Knobs of style_transfer, at one size; `optimizer` is both.
        seed: Where all randomness comes from.
        watch: Hears of each step; stops it by giving True.

    Returns:
        Both pictures with the cost after each pass; it draws them.

    Raises:
        BadConfig: If a knob is wrong, several sizes are wanted, a picture is too small, or the style of one colour.
        BadImage: If a picture cannot be read.
        UnknownName: If there is no such layer; the nearest are offered.
        Diverged: If the cost is no number any more.

    Source: ours.
    """
    knobs = {**(settings or {}), "scales": 1}
    if (settings or {}).get("scales", 1) != 1:
        raise BadConfig("got several scales for a comparison; taken is one, since costs differ by size; leave it out")
    eyes = usual_eyes() if model is None else eyes_of(model)
    found = {
        name: restyle(content, style, model=eyes, settings={**knobs, "optimizer": name}, seed=seed, watch=watch)
        for name in ("lbfgs", "adam")
    }
    return Descents(found["lbfgs"], found["adam"])


def usual_eyes(*, device: str = "auto", commercial_only: bool | None = None) -> Eyes:
    """Open VGG-19 with ImageNet's weights; where they are not to be had, the network that comes with saccade.

    Args:
        device: "auto", "cpu", "cuda" or "mps".
        commercial_only: As for `load`.

    Returns:
        The network; a warning says so where it is not the first.

    Raises:
        BadConfig: If the device is not here.
        Denied: If the licence of the weights is refused.

    Source: ours.
    """
    try:
        return eyes_of(_BEST, device=device, commercial_only=commercial_only)
    except Unreachable:
        told = f"{_BEST} is not to be had here; {_ALWAYS_THERE} looks instead, whose pictures are plainer"
        warnings.warn(told, stacklevel=2)
        return eyes_of(_ALWAYS_THERE, device=device, commercial_only=commercial_only)


def _subject(eyes: Eyes, content: Any, style: Any, way: Imagination, seed: int) -> Subject:
    side = way.side or _SIDE
    begun, wanted = eyes.picture(content, side), eyes.picture(style, side)
    for told, picture in (("content", begun), ("style", wanted)):
        height, width = picture.shape[2:]
        if min(height, width) < _SMALLEST:
            raise BadConfig(
                f"got a picture of {height} × {width} pixels for the {told}; taken are {_SMALLEST} × {_SMALLEST} or "
                "more; enlarge it, or raise side"
            )
    if float(wanted.std((2, 3)).max()) < _ONE_COLOUR:
        raise BadConfig("got a style of one colour, which has no style; taken is a picture with forms; name another")
    size = begun.shape[2], begun.shape[3]
    return Subject(eyes.network, size, eyes.grey, begun, wanted, asked="style", seed=seed)


def _mark(eyes: Eyes, subject: Subject, way: Imagination) -> str:
    """What tells one painting from another: pictures, settings, weights, seed."""
    digest = hashlib.sha256(json.dumps([eyes.name, way.to_dict(), subject.seed]).encode())
    assert subject.images is not None
    assert subject.guide is not None
    for tensor in (subject.images, subject.guide, *eyes.network.state_dict().values()):
        digest.update(np.ascontiguousarray(tensor.detach().cpu().numpy()).tobytes())
    return digest.hexdigest()


class _Keeper:
    """Puts a picture away from time to time, and finds what was put away."""

    def __init__(self, path: Path | None, mark: str) -> None:
        self._path, self._mark, self._last = path, mark, time.monotonic()

    def __call__(self, state: Callable[[], State]) -> None:
        if self._path is not None and time.monotonic() - self._last >= _PUT_AWAY:
            self._write(state())
            self._last = time.monotonic()

    def found(self) -> State | None:
        """Read what was put away of this very picture."""
        if self._path is None or not self._path.exists():
            return None
        tensors, described = read_tensors(self._path)
        if described.get("kind") != METHOD or described.get("mark") != self._mark:
            raise BadCheckpoint(
                f"got {printable(str(self._path))}, the state of another picture, or of other settings or weights; "
                "taken is that of this one; name another file, or remove it to begin anew"
            )
        return State(tensors, described)

    def end(self, state: State | None) -> None:
        """Put away what was stopped."""
        if self._path is not None and state is not None:
            self._write(state)

    def _write(self, state: State) -> None:
        assert self._path is not None
        tensors: dict[str, Tensor] = {name: value.detach().cpu().contiguous() for name, value in state.tensors.items()}
        write_tensors(self._path, tensors, {"kind": METHOD, "mark": self._mark, **state.described})
