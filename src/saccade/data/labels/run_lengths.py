"""Masks as run lengths: how many pixels are off, on, off …, down one column after the other, as COCO writes them.

The compressed form writes each length as its difference to the one two before, five bits to a letter.

Source: ours; the form is that of COCO (Lin et al., 2014) and its mask API.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Int64

from saccade.errors import BadLabel, printable

_LETTERS, _MORE, _SIGN, _BITS = 48, 32, 16, 5
_MOST_LETTERS = 7  # 35 bits, more than any picture has pixels


@dataclass(frozen=True)
class RunLengths:
    """One mask, packed.

    Args:
        size: (height, width) in pixels.
        packed: Its run lengths in the compressed form.

    Source: ours.

    Example:
        >>> RunLengths.of(np.array([[False, True], [False, True]])).counts().tolist()
        [2, 2]
    """

    size: tuple[int, int]
    packed: bytes

    @staticmethod
    def of(mask: Bool[np.ndarray, "height width"]) -> RunLengths:
        """Pack a mask.

        Args:
            mask: True where the thing is.

        Returns:
            The same, packed.
        """
        flat = mask.T.ravel()
        changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
        edges = np.concatenate([[0], changes, [len(flat)]])
        counts = np.diff(edges)
        if len(flat) and flat[0]:
            counts = np.concatenate([[0], counts])
        return RunLengths((mask.shape[0], mask.shape[1]), packed(counts.tolist()))

    def counts(self) -> Int64[np.ndarray, " runs"]:
        """Give the lengths of the runs; the first is of pixels that are off."""
        return unpacked(self.packed)

    def pixels(self) -> Bool[np.ndarray, "height width"]:
        """Give the mask itself."""
        counts = self.counts()
        flat = np.repeat(np.arange(len(counts)) % 2 == 1, counts)
        return flat.reshape(self.size[1], self.size[0]).T

    def area(self) -> int:
        """Count the pixels that are on."""
        return int(self.counts()[1::2].sum())

    def box(self) -> tuple[float, float, float, float]:
        """Draw the smallest box (x1, y1, x2, y2) around the pixels that are on; all 0 where none is."""
        mask = self.pixels()
        rows, columns = np.flatnonzero(mask.any(1)), np.flatnonzero(mask.any(0))
        if not len(rows):
            return 0.0, 0.0, 0.0, 0.0
        return float(columns[0]), float(rows[0]), float(columns[-1] + 1), float(rows[-1] + 1)


def run_lengths(segmentation: Any) -> RunLengths:
    """Read the object that a COCO file has for a mask: {"size": [height, width], "counts": text or numbers}.

    Args:
        segmentation: From the file.

    Returns:
        The mask, checked and packed.

    Raises:
        BadLabel: If it is no such object, or its runs do not fill its size.

    Source: ours.

    Example:
        >>> run_lengths({"size": [2, 3], "counts": [2, 1, 3]}).area()
        1
    """
    size, counts = _fields(segmentation)
    if isinstance(counts, list):
        if not all(type(one) is int and 0 <= one < 2**31 for one in counts):
            raise BadLabel("got run lengths that are no whole numbers ≥ 0; taken are such; mend the labels")
        code = packed(counts)
    else:
        code = counts.encode("ascii", "replace")
    lengths = unpacked(code)
    total = int(lengths.sum()) if len(lengths) and lengths.min() >= 0 else -1
    if total != size[0] * size[1]:
        raise BadLabel(
            f"got run lengths that do not fill {size[0]} × {size[1]} pixels (height × width); taken are lengths that "
            "add up to all of them; mend the labels"
        )
    return RunLengths(size, code)


def packed(counts: Sequence[int]) -> bytes:
    """Compress run lengths.

    Args:
        counts: The lengths.

    Returns:
        Printable letters.

    Source: ours, in COCO's form.

    Example:
        >>> packed([2, 1, 3])
        b'213'
    """
    letters = bytearray()
    for number, count in enumerate(counts):
        left = count - counts[number - 2] if number > 2 else count
        while True:
            five = left & (_MORE - 1)
            left >>= _BITS
            more = left != (-1 if five & _SIGN else 0)
            letters.append(_LETTERS + five + (_MORE if more else 0))
            if not more:
                break
    return bytes(letters)


def unpacked(letters: bytes) -> Int64[np.ndarray, " runs"]:
    """Read compressed run lengths.

    Args:
        letters: As `packed` gives them.

    Returns:
        The lengths; from a stranger's letters they may be negative.

    Raises:
        BadLabel: If a letter is none of the form's, or the last length is cut short.

    Source: ours, in COCO's form.

    Example:
        >>> unpacked(b"213").tolist()
        [2, 1, 3]
    """
    codes = np.frombuffer(letters, np.uint8).astype(np.int64) - _LETTERS
    if not len(codes):
        return codes
    ends = np.flatnonzero(codes < _MORE)
    starts = np.concatenate([[0], ends[:-1] + 1])
    sizes = ends - starts + 1 if len(ends) else np.zeros(0, np.int64)
    if codes.min() < 0 or codes.max() >= 64 or codes[-1] >= _MORE or sizes.max() > _MOST_LETTERS:
        raise BadLabel(
            f"got run lengths {printable(letters[:12].decode('latin-1'))!r}…, which are cut short or hold other "
            "letters; taken is COCO's compressed form; mend the labels"
        )
    place = np.arange(len(codes)) - np.repeat(starts, sizes)
    values = np.add.reduceat((codes & (_MORE - 1)) << (_BITS * place), starts)
    values -= np.where(codes[ends] & _SIGN, np.int64(1) << (_BITS * sizes), 0)
    lengths = values.copy()
    lengths[1::2] = np.cumsum(values[1::2])
    lengths[2::2] = np.cumsum(values[2::2])
    return lengths


def _fields(segmentation: Any) -> tuple[tuple[int, int], Any]:
    size = segmentation.get("size") if isinstance(segmentation, dict) else None
    counts = segmentation.get("counts") if isinstance(segmentation, dict) else None
    whole = isinstance(size, list) and len(size) == 2 and all(type(one) is int and 0 < one < 2**20 for one in size)
    if not whole or not isinstance(size, list) or not isinstance(counts, str | list):
        raise BadLabel(
            'got a mask that is no run lengths; taken is {"size": [height, width], "counts": …}; mend the labels'
        )
    return (size[0], size[1]), counts
