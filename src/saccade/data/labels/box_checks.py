"""What can be wrong with a box in a file of labels, whatever its format.

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from saccade.types.finding import Finding, Severity

_SLACK = 1.0  # pixels that a box may reach beyond its picture without a word


def box_finding(
    box: Sequence[float], size: tuple[float, float] | None, *, file: str = "", line: int = 0, key: str = ""
) -> Finding | None:
    """Say what is wrong with a box.

    Args:
        box: (x1, y1, x2, y2) in pixels.
        size: (height, width) of its picture; None where it is not known.
        file: For the finding.
        line: For the finding.
        key: For the finding.

    Returns:
        None for a good box. An "error" means that it is of no use; a "warning", that it reaches beyond its picture by
        more than a pixel.

    Source: ours.

    Example:
        >>> box_finding((1, 2, 1, 5), (10, 10)).code, box_finding((1, 2, 3, 5), (10, 10))
        ('box-empty', None)
    """
    wrong = _wrong(box, size)
    if wrong is None:
        return None
    code, message, severity = wrong
    return Finding(code, message, file, line, key, severity)


def _wrong(box: Sequence[float], size: tuple[float, float] | None) -> tuple[str, str, Severity] | None:
    x1, y1, x2, y2 = box
    height, width = (math.inf, math.inf) if size is None else size
    wide = -_SLACK <= x1 < min(x2, width) and 0 < x2 <= width + _SLACK and x2 < math.inf
    if wide and -_SLACK <= y1 < min(y2, height) and 0 < y2 <= height + _SLACK and y2 < math.inf:
        return None  # as nearly all are
    shown = f"({', '.join(f'{one:.6g}' for one in box)})"
    if not all(map(math.isfinite, box)):
        return "box-not-finite", f"got a box {shown}; taken are finite numbers; mend it", "error"
    if x2 < x1 or y2 < y1:
        return "box-inside-out", f"got a box {shown} that ends before it begins; taken is x1 < x2, y1 < y2", "error"
    if x2 == x1 or y2 == y1:
        return "box-empty", f"got a box {shown} of area 0; taken is a width and height above 0; draw it again", "error"
    if size is None:
        return None
    told = f"got a box {shown} on a picture of {height:g} × {width:g} pixels (height × width)"
    if x1 >= width or y1 >= height or x2 <= 0 or y2 <= 0:
        return "box-outside", f"{told}; taken are boxes on the picture; mend it", "error"
    if min(x1, y1) < -_SLACK or x2 > width + _SLACK or y2 > height + _SLACK:
        return "box-outside", f"{told}; taken are boxes that end where it ends; clip it", "warning"
    return None
