"""The rows of a YOLO label file: a class and numbers that are shares of the picture's width and height.

    5 columns          class, centre x, centre y, width, height
    7, 9, 11 …         class, then x, y of each corner of an outline
    5 + 2·k or 3·k     class, box, then x, y (and visibility) of each of k keypoints, where the data set says so

Source: Ultralytics' documentation of its dataset formats; the tolerance of 1.01 is that of its checks.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float64

from saccade.data.labels.text_files import number_of
from saccade.errors import printable

_MOST = 1.01


@dataclass(frozen=True)
class YoloKind:
    """What the rows of a data set may be.

    Args:
        ids: The class id of each number that stands in the files.
        points: How many keypoints a row has; 0 where rows have none.
        columns: How many numbers each of them has: 2 or 3.

    Source: ours.
    """

    ids: Mapping[int, int]
    points: int = 0
    columns: int = 3


@dataclass(frozen=True, eq=False)
class YoloRow:
    """One thing.

    Args:
        class_id: Its class.
        box: (x1, y1, x2, y2) as shares.
        ring: Its outline as shares; None where it has none.
        keypoints: (x, y, visibility), the places as shares; None where it has none.

    Source: ours.
    """

    class_id: int
    box: tuple[float, float, float, float]
    ring: Float64[np.ndarray, "_ 2"] | None = None
    keypoints: Float64[np.ndarray, "points 3"] | None = None


@dataclass(frozen=True)
class Refused:
    """A row that is left out.

    Args:
        line: Its number, from 1.
        code: What kind of mistake.
        message: What it is.

    Source: ours.
    """

    line: int
    code: str
    message: str


def yolo_rows(text: str, kind: YoloKind) -> Iterator[YoloRow | Refused]:
    """Read the rows of a label file.

    Args:
        text: Of the file.
        kind: What they may be.

    Yields:
        A thing for each good row; for each wrong one, why it is left out. A row that is there twice counts once.

    Source: ours.

    Example:
        >>> row, wrong = yolo_rows("0 0.5 0.5 0.5 0.25" + chr(10) + "0 0.5 0.5 1.2 0.25", YoloKind({0: 0}))
        >>> row.box, wrong.line, wrong.code
        ((0.25, 0.375, 0.75, 0.625), 2, 'box-outside')
    """
    seen: dict[tuple[str, ...], int] = {}
    for line, words in enumerate((line.split() for line in text.splitlines()), 1):
        if not words:
            continue
        first = seen.setdefault(tuple(words), line)
        if first != line:
            yield Refused(line, "duplicate-label", f"got the same row as in line {first}; taken is each once")
        else:
            yield _row(words, line, kind)


def yolo_line(class_id: int, numbers: Sequence[float]) -> str:
    """Write one row, with all digits.

    Args:
        class_id: The number of the class.
        numbers: What follows.

    Returns:
        The line, without its end.

    Source: ours.

    Example:
        >>> yolo_line(3, [0.5, 0.1])
        '3 0.5 0.1'
    """
    return " ".join([str(class_id), *(str(int(one)) if one == int(one) else repr(float(one)) for one in numbers)])


def _row(words: list[str], line: int, kind: YoloKind) -> YoloRow | Refused:
    wanted = 5 + kind.points * kind.columns if kind.points else 5
    if len(words) != wanted and (kind.points or len(words) < 7 or len(words) % 2 == 0):
        taken = f"{wanted}" if kind.points else "5 for a box, or an odd number from 7 on for an outline"
        return Refused(line, "wrong-columns", f"got {len(words)} columns; taken are {taken}; mend the row")
    numbers = [number_of(word) for word in words]
    bad = next((word for word, value in zip(words, numbers, strict=True) if math.isnan(value)), None)
    if bad is not None:
        finite = bad.lower().lstrip("+-") not in ("nan", "inf", "infinity")
        code = "not-a-number" if finite else "box-not-finite"
        return Refused(line, code, f"got {printable(bad[:20])}; taken are finite numbers; mend the row")
    class_id = kind.ids.get(int(numbers[0])) if numbers[0].is_integer() else None
    if class_id is None:
        known = f"{min(kind.ids)} to {max(kind.ids)}" if kind.ids else "none"
        return Refused(line, "wrong-class", f"got class {printable(words[0][:20])}; taken are {known}; mend the row")
    return _thing(class_id, np.array(numbers[1:]), line, kind)


def _thing(class_id: int, values: np.ndarray, line: int, kind: YoloKind) -> YoloRow | Refused:
    outline = len(values) > 4 and not kind.points
    points = values[4:].reshape(kind.points, -1) if kind.points and len(values) > 4 else None
    for code, places in (("box-outside", values if points is None else values[:4]), ("bad-keypoints", points)):
        flat = np.zeros(0) if places is None else places[..., :2].ravel() if places is points else places
        wrong = flat[(flat < 0) | (flat > _MOST)]
        if len(wrong):
            told = f"got {wrong[0]:.6g}; taken are shares from 0 to 1 of the width and height; mend the row"
            return Refused(line, code, told)
    ring = values.reshape(-1, 2) if outline else None
    if ring is not None:
        (x1, y1), (x2, y2) = ring.min(0).tolist(), ring.max(0).tolist()
    else:
        x, y, width, height = values[:4].tolist()
        x1, y1, x2, y2 = x - width / 2, y - height / 2, x + width / 2, y + height / 2
    if x1 >= x2 or y1 >= y2:
        return Refused(line, "box-empty", "got a box of area 0; taken is a width and height above 0; draw it again")
    if points is not None:
        points = _seen(points)
        if points is None:
            return Refused(line, "bad-keypoints", "got a visibility other than 0, 1 and 2; taken are these; mend it")
    return YoloRow(class_id, (x1, y1, x2, y2), ring, points)


def _seen(points: np.ndarray) -> np.ndarray | None:
    """Keypoints with their visibility: where none is given, a point at (0, 0) is not labelled, and others are seen."""
    if points.shape[1] == 2:
        return np.concatenate([points, 2.0 * points.any(1, keepdims=True)], 1)
    return points if np.isin(points[:, 2], (0, 1, 2)).all() else None
