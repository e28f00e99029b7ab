"""The 68 points of a face as 300-W numbers them: what each is called, which change places in a mirror, what lines join.

Left and right are those of the person, as everywhere: the left eye is on the right of a picture seen from the front.

Source: Gross et al., "Multi-PIE" (2010), figure of the 68 points, as used by Sagonas et al., "300 faces in-the-wild
challenge" (2013).
"""

from __future__ import annotations

from itertools import pairwise

_PARTS = (("jaw", 17), ("right brow", 5), ("left brow", 5), ("nose bridge", 4), ("nose base", 5), ("right eye", 6),
          ("left eye", 6), ("outer lip", 12), ("inner lip", 8))  # fmt: skip
_RINGS = ("right eye", "left eye", "outer lip", "inner lip")


def _numbers() -> dict[str, range]:
    found, start = {}, 0
    for name, count in _PARTS:
        found[name] = range(start, start + count)
        start += count
    return found


def _lines() -> tuple[tuple[int, int], ...]:
    lines = []
    for name, points in _numbers().items():
        lines += list(pairwise(points))
        lines += [(points[-1], points[0])] if name in _RINGS else []
    return tuple(lines)


FACE_68_NAMES = tuple(f"{name} {number}" for name, count in _PARTS for number in range(1, count + 1))
FACE_68_LINES = _lines()
FACE_68_SWAPS = (
    *((point, 16 - point) for point in range(8)),  # the jaw, from ear to chin
    *((point, 43 - point) for point in range(17, 22)),  # the brows
    (31, 35), (32, 34),  # the nostrils
    (36, 45), (37, 44), (38, 43), (39, 42), (40, 47), (41, 46),  # the eyes
    (48, 54), (49, 53), (50, 52), (55, 59), (56, 58),  # the outer lip
    (60, 64), (61, 63), (65, 67),  # the inner lip
)  # fmt: skip
