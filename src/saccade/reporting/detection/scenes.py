"""Pictures with boxes on them, as drawings in the page: a picture is stored once, its boxes are lines over it.

A solid line is what the detector said, a dashed one what is there; blue is right, orange is wrong or missed.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from saccade.reporting.thumbnails import Album, Part

SIDE = 320
_SMALL, _AROUND, _LEAST = 1 / 8, 5, 48
_MOST_BOXES, _MOST_NAMES, _LONGEST_NAME = 100, 8, 22
_FLATTEST = 2 / 3
_LINE, _MARGIN = 16, 3


@dataclass(frozen=True, eq=False)
class Marks:
    """Boxes that are drawn alike.

    Args:
        kind: A class of the style sheet: "right", "wrong", "there", "missed", "crowd", or "other" for
            what is there besides.
        boxes: Rows (x1, y1, x2, y2) in pixels of the picture; the first hundred are drawn.
        names: What to write at each; left out where a picture would have more than eight.

    Source: ours.
    """

    kind: str
    boxes: Float[np.ndarray, "boxes 4"]
    names: Sequence[str] = ()


@dataclass(frozen=True)
class Scene:
    """A picture with boxes, ready for the page.

    Args:
        picture: The id of its thumbnail; "" when there is none.
        words: What can be said of it without seeing it.
        view: What of the drawing is shown: left, top, width and height, as SVG writes it.
        size: Of the picture in the drawing, (height, width).
        lines: (kind, path) of each kind of box.
        names: (kind, x, y, text) of each name.
        part: "" for the whole picture; else how large a part of it is shown, in words.

    Source: ours.
    """

    picture: str
    words: str
    view: str = ""
    size: tuple[str, str] = ("", "")
    lines: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[str, str, str, str], ...] = ()
    part: str = ""


def draw_scene(
    key: str, marks: Sequence[Marks], words: str, album: Album, *, about: Float[np.ndarray, "boxes 4"] | None = None
) -> Scene:
    """Draw boxes on a picture.

    Args:
        key: Which picture.
        marks: The boxes, in the order in which they are drawn.
        words: What can be said of it without seeing it.
        album: Gets the thumbnail.
        about: What must be seen well: where it is small beside the picture, a part of the picture is shown.

    Returns:
        The drawing; without a picture when that cannot be read.

    Source: ours.

    Example:
        >>> album = Album(lambda key: np.zeros((60, 80, 3), np.uint8), side=320)
        >>> box = np.array([[0.0, 0.0, 40.0, 30.0]])
        >>> draw_scene("a", [Marks("wrong", box)], "a box", album).lines
        (('wrong', 'M0 0H160V120H0Z'),)
    """
    size = album.size_of(key)
    part = _part(about, size) if size is not None and about is not None else None
    picture = album.add(key, part) if size is not None else ""
    if size is None or not picture:
        return Scene("", words)
    left, top, right, bottom = part or (0, 0, size[1], size[0])
    scale = SIDE / max(right - left, bottom - top)
    width, height = (right - left) * scale, (bottom - top) * scale
    frame = np.array([[0.0, 0.0, width, height]])
    moved = [Marks(one.kind, (one.boxes[:_MOST_BOXES] - np.array([left, top] * 2)) * scale, one.names) for one in marks]
    named = sum(len(one.names) for one in marks) <= _MOST_NAMES
    return Scene(
        picture,
        words,
        _view(width, height),
        (_short(height), _short(width)),
        tuple((one.kind, path) for one in moved if (path := _path(one.boxes, frame))),
        tuple(name for one in moved for name in _names(one, width, height)) if named else (),
        f"a part of {right - left}\xa0×\xa0{bottom - top} pixels" if part else "",
    )


def _part(about: Float[np.ndarray, "boxes 4"], size: tuple[int, int]) -> Part | None:
    """The part of a picture around what is small beside it."""
    height, width = size
    low, high = about[:, :2].min(axis=0).clip(0, (width, height)), about[:, 2:].max(axis=0).clip(0, (width, height))
    longest = float((high - low).max())
    if longest >= _SMALL * max(size) or max(size) <= _LEAST:
        return None
    side = round(max(_AROUND * longest, _LEAST))
    columns, rows = min(side, width), min(side, height)
    middle = (low + high) / 2
    left = int(np.clip(middle[0] - columns / 2, 0, width - columns))
    top = int(np.clip(middle[1] - rows / 2, 0, height - rows))
    return left, top, left + columns, top + rows


def _view(width: float, height: float) -> str:
    """The picture, with room around it where it is higher than wide, or very wide, so that rows of pictures fit."""
    wide, high = max(width, height), max(height, _FLATTEST * width)
    return " ".join(map(_short, ((width - wide) / 2, (height - high) / 2, wide, high)))


def _path(boxes: Float[np.ndarray, "boxes 4"], frame: Float[np.ndarray, "1 4"]) -> str:
    seen = (boxes[:, :2] <= frame[:, 2:]).all(axis=1) & (boxes[:, 2:] >= frame[:, :2]).all(axis=1)
    corners = (map(_short, box) for box in boxes[seen].tolist())
    return "".join(f"M{left} {top}H{right}V{bottom}H{left}Z" for left, top, right, bottom in corners)


def _names(marks: Marks, width: float, height: float) -> list[tuple[str, str, str, str]]:
    """Names inside the upper edge of their boxes; those far to the right end there."""
    found = []
    for (left, top, right, _), name in zip(marks.boxes.tolist(), marks.names, strict=False):
        text = name if len(name) <= _LONGEST_NAME else f"{name[: _LONGEST_NAME - 1]}…"
        ends = left > 0.55 * width
        x = min(right, width) - _MARGIN if ends else max(left, 0) + _MARGIN
        y = min(max(top + _LINE, _LINE), height - _MARGIN)
        found.append((f"{marks.kind} end" if ends else marks.kind, _short(x), _short(y), text))
    return found


def _short(number: float) -> str:
    """One digit after the point at most, and never a minus before 0."""
    return f"{round(number, 1) + 0.0:g}"
