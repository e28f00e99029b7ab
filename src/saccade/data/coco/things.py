"""One entry of COCO's list of annotations: what of it can be used, and what is wrong with the rest.

Boxes are (x, y, width, height) in pixels, outlines lists of x, y, x, y …, masks run lengths. Keypoints are taken as
they are written, as the reference evaluation does.

Source: the format of COCO (Lin et al., 2014).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float64

from saccade.data.labels.box_checks import box_finding
from saccade.data.labels.run_lengths import RunLengths, run_lengths
from saccade.errors import BadLabel
from saccade.types.finding import Severity

Say = Callable[[str, str, Severity], None]
KNOWN = frozenset((
    "id", "image_id", "category_id", "bbox", "segmentation", "iscrowd", "keypoints", "num_keypoints", "caption",
))  # fmt: skip
_NUMBERS = frozenset((int, float))
_SHARE, _NEAR = 0.05, 1.0  # of an area, and pixels along half of the box's outline


@dataclass(frozen=True, eq=False)
class Shape:
    """The outline or mask of a thing.

    Args:
        rings: Its outline.
        mask: Its mask, where it has no outline.

    Source: ours.
    """

    rings: tuple[Float64[np.ndarray, "_ 2"], ...] = ()
    mask: RunLengths | None = None

    def area(self) -> float:
        """Measure it in square pixels; 0 where there is none."""
        return float(self.mask.area()) if self.mask else sum(map(_ring_area, self.rings))

    def box(self) -> tuple[float, float, float, float] | None:
        """Draw the smallest box around it."""
        if self.mask:
            return self.mask.box()
        if not self.rings:
            return None
        points = np.concatenate(self.rings)
        (x1, y1), (x2, y2) = points.min(0).tolist(), points.max(0).tolist()
        return x1, y1, x2, y2


def number(value: Any) -> float:
    """Read a plain number.

    Args:
        value: From a file.

    Returns:
        A float; NaN for anything that is no number, or too large.

    Source: ours.

    Example:
        >>> number(3), number("3"), number(True)
        (3.0, nan, nan)
    """
    if type(value) not in (int, float):
        return math.nan
    try:
        return float(value)
    except OverflowError:
        return math.nan


def identity(value: Any) -> int | str | None:
    """Read an id.

    Args:
        value: From a file.

    Returns:
        A whole number or a text; None for anything else.

    Source: ours.

    Example:
        >>> identity(3), identity(3.0), identity(None), identity([])
        (3, 3, None, None)
    """
    if type(value) is float and value.is_integer():
        return int(value)
    return value if isinstance(value, int | str) and not isinstance(value, bool) else None


def shape_of(entry: dict[str, Any], size: tuple[int, int] | None, say: Say) -> Shape:
    """Read the outline or mask of a thing.

    Args:
        entry: From the list of annotations.
        size: (height, width) that the file states for the picture; None where it states none.
        say: Takes what is wrong with it.

    Returns:
        What of it is right.

    Source: ours.
    """
    given = entry.get("segmentation")
    if given is None or given in ([], {}, ""):
        return Shape()
    if isinstance(given, dict):
        return Shape(mask=_mask(given, size, say))
    rings = list(map(_ring, given)) if isinstance(given, list) else [None]
    if isinstance(given, list) and _NUMBERS.issuperset(map(type, given)):
        rings = [_ring(given)]  # one outline without the list around it
    right = tuple(ring for ring in rings if ring is not None)
    if len(right) < len(rings):
        say(
            "bad-segmentation",
            f"got {len(rings) - len(right)} outlines that are no lists of x, y, x, y …; taken are 3 points at least, "
            "all finite; mend them",
            "error",
        )
    return Shape(right)


def box_of(
    entry: dict[str, Any], shape: Shape, size: tuple[int, int] | None, say: Say
) -> tuple[float, float, float, float] | None:
    """Read the box of a thing; one that has none gets the box around its outline.

    Args:
        entry: From the list of annotations.
        shape: Its outline or mask.
        size: (height, width) that the file states for the picture; None where it states none.
        say: Takes what is wrong with it.

    Returns:
        (x1, y1, x2, y2); None where it is of no use.

    Source: ours.
    """
    given = entry.get("bbox")
    if given is None or given == []:
        box = shape.box()
        if box is None:
            say("empty-segmentation", "got a thing without a box and without an outline; taken is one of both", "error")
            return None
    elif isinstance(given, list) and len(given) == 4:
        x, y, width, height = map(number, given)
        box = (x, y, x + width, y + height)
    else:
        say("wrong-columns", "got a bbox that is no list of four; taken is [x, y, width, height]; mend it", "error")
        return None
    wrong = box_finding(box, size)
    if wrong is not None:
        say(wrong.code, wrong.message, wrong.severity)
        if wrong.severity == "error":
            return None
    return box


def keypoints_of(entry: dict[str, Any], points: int, say: Say) -> Float64[np.ndarray, "points 3"] | None:
    """Read the keypoints of a thing.

    Args:
        entry: From the list of annotations.
        points: How many a thing has at most.
        say: Takes what is wrong with them.

    Returns:
        (x, y, visibility) of each; None where it has none.

    Source: ours.
    """
    given = entry.get("keypoints")
    if not points or given is None or given == []:
        return None
    right = isinstance(given, list) and len(given) % 3 == 0 and len(given) <= 3 * points
    values = np.array([number(one) for one in given] if right else [math.nan] * 3).reshape(-1, 3)
    if not np.isfinite(values).all() or not np.isin(values[:, 2], (0, 1, 2)).all():
        say(
            "bad-keypoints",
            f"got keypoints that are not up to {points} of x, y, visibility 0, 1 or 2; taken are these; mend them",
            "error",
        )
        return None
    whole = np.zeros((points, 3))
    whole[: len(values)] = values
    return whole


def attributes_of(entry: dict[str, Any]) -> dict[str, float]:
    """Read what else is known of a thing, where it is a finite number: its area, a score.

    Args:
        entry: From the list of annotations.

    Returns:
        Numbers by name.

    Source: ours.
    """
    values = {name: number(value) for name, value in entry.items() if name not in KNOWN}
    return {name: value for name, value in values.items() if math.isfinite(value)}


def check_area(area: float | None, box: tuple[float, float, float, float], shape: Shape, say: Say) -> None:
    """Compare the area that a file states with that of the outline or, as some tools have it, of the box.

    Args:
        area: As stated; None where it is not.
        box: The thing's box.
        shape: Its outline or mask.
        say: Takes a difference.

    Source: ours.
    """
    if area is None:
        return
    width, height = box[2] - box[0], box[3] - box[1]
    own = shape.area()
    slack = _SHARE * max(own, area) + _NEAR * (width + height)
    lies = area > width * height * (1 + _SHARE) + slack or area <= 0 if not own else abs(area - own) > slack
    if lies and abs(area - width * height) > _SHARE * width * height + 1:
        told = f"its outline has {own:.6g}" if own else f"its box has {width * height:.6g}"
        say("area-mismatch", f"got an area of {area:.6g} square pixels, but {told}; take one from the other", "warning")


def _mask(given: dict[str, Any], size: tuple[int, int] | None, say: Say) -> RunLengths | None:
    try:
        mask = run_lengths(given)
    except BadLabel as error:
        say("bad-segmentation", str(error), "error")
        return None
    if size is not None and mask.size != size:
        say(
            "mask-size",
            f"got a mask of {mask.size[0]} × {mask.size[1]} for a picture of {size[0]} × {size[1]} pixels (height × "
            "width); taken is one size for both; mend it",
            "error",
        )
        return None
    if not mask.area():
        say("empty-segmentation", "got a mask without a pixel; taken are masks with some; draw it again", "warning")
        return None
    return mask


def _ring(given: Any) -> np.ndarray | None:
    if not isinstance(given, list) or len(given) < 6 or len(given) % 2:
        return None
    if not _NUMBERS.issuperset(map(type, given)):
        return None
    try:
        values = np.array(given, np.float64)
    except OverflowError:
        return None
    return values.reshape(-1, 2) if _all_finite(given, values) else None


def _all_finite(given: list[float], values: np.ndarray) -> bool:
    """Whether all are finite; a sum that is finite says so at once."""
    try:
        if math.isfinite(sum(given)):
            return True
    except OverflowError:
        pass
    return bool(np.isfinite(values).all())


def _ring_area(ring: np.ndarray) -> float:
    x, y = ring.T
    closing = x[-1] * y[0] - y[-1] * x[0]
    return abs(float(x[:-1].dot(y[1:]) - y[:-1].dot(x[1:]) + closing)) / 2
