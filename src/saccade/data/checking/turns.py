"""The eight ways in which a picture can lie: upright or mirrored, each turned by quarters.

A picture of another lying needs no new look at its pixels: a mirror changes the sign of every second frequency, and the
diagonal exchanges rows and columns.

Source: ours.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Shaped, UInt8, UInt64

from saccade.data.checking.perceptual import low_strengths, stronger_half

TURNS = (
    "",
    "mirrored left to right",
    "mirrored top to bottom",
    "turned by 180°",
    "mirrored and turned by 90° anticlockwise",
    "turned by 90° clockwise",
    "turned by 90° anticlockwise",
    "mirrored and turned by 90° clockwise",
)
OPPOSITE = (0, 1, 2, 3, 4, 6, 5, 7)  # what undoes each
_ACROSS, _DOWN, _DIAGONAL = 1, 2, 4
_AT_ONCE = 1 << 15


def turned(images: Shaped[np.ndarray, "pictures side side"], turn: int) -> Shaped[np.ndarray, "pictures side side"]:
    """Lay square pictures in another way.

    Args:
        images: Any; nothing is copied.
        turn: Its number in `TURNS`.

    Returns:
        The same pictures, mirrored left to right first where the words say mirrored.

    Source: ours.

    Example:
        >>> turned(np.array([[[1, 2], [3, 4]]]), TURNS.index("turned by 90° clockwise")).tolist()
        [[[3, 1], [4, 2]]]
    """
    if turn & _DIAGONAL:
        images = images.transpose(0, 2, 1)
    return images[:, :: -1 if turn & _DOWN else 1, :: -1 if turn & _ACROSS else 1]


def turned_hashes(thumbnails: UInt8[np.ndarray, "pictures 16 16"]) -> UInt64[np.ndarray, "8 pictures"]:
    """Hash pictures as they would look in each of the eight ways.

    Args:
        thumbnails: From `thumbnails_of`. Hashes of these differ in a few bits from those of `small_luma`, so compare
            them among themselves.

    Returns:
        A row for each of `TURNS`; the first is of the pictures as they are.

    Source: ours.

    Example:
        >>> thumbnails = np.random.default_rng(0).integers(0, 256, (1, 16, 16), dtype=np.uint8)
        >>> hashes = turned_hashes(thumbnails)
        >>> bool(turned_hashes(turned(thumbnails, 1))[0, 0] == hashes[1, 0])
        True
    """
    hashes = np.empty((len(TURNS), len(thumbnails)), np.uint64)
    signs = np.where(np.arange(8) % 2, np.float32(-1), np.float32(1))
    for start in range(0, len(thumbnails), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        upright = low_strengths(thumbnails[part])
        for turn in range(len(TURNS)):
            strengths = upright.transpose(0, 2, 1) if turn & _DIAGONAL else upright
            down, across = (signs if turn & bit else np.ones_like(signs) for bit in (_DOWN, _ACROSS))
            hashes[turn, part] = stronger_half(strengths * (down[:, None] * across))
    return hashes
