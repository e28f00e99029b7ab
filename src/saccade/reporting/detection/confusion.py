"""What a detector took for what, with a row and a column for the background.

Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int

from saccade.metrics.confusion import most_confused, shares
from saccade.metrics.detection.judgement import DetectionJudgement
from saccade.reporting.confusion import LARGEST_MATRIX, tint
from saccade.reporting.phrases import per_cent

_PAIRS, _NAMED = 12, 8


@dataclass(frozen=True)
class BoxCell:
    """One cell: how many, a class of the style sheet ("" in an empty cell), and what it says in words."""

    count: int
    tint: str
    words: str


@dataclass(frozen=True)
class BoxPair:
    """A class taken for another: both names, how often, and the share of the class."""

    true: str
    predicted: str
    count: int
    share: str


@dataclass(frozen=True)
class BoxConfusion:
    """The section on confusion.

    Args:
        labels: The names of the classes; the background is the row and the column after them.
        rows: The cells, a row for each class and one for the background; () when there are too many classes to draw.
        pairs: The classes most often taken for others.
        more_pairs: How many such pairs there are beside those.
        most_missed: (class, how many, share of the class) of those missed most often.
        most_invented: (class, how many, share of its boxes) of those most often seen where nothing is.
        confused: Things taken for another class.
        missed: Things that no box is on.
        invented: Boxes that are on nothing.

    Source: ours.
    """

    labels: tuple[str, ...]
    rows: tuple[tuple[BoxCell, ...], ...]
    pairs: tuple[BoxPair, ...]
    more_pairs: int
    most_missed: tuple[tuple[str, int, str], ...]
    most_invented: tuple[tuple[str, int, str], ...]
    confused: int
    missed: int
    invented: int


def box_confusion(judgement: DetectionJudgement) -> BoxConfusion:
    """Lay out what was taken for what.

    Args:
        judgement: Of a detector.

    Returns:
        The section; the matrix itself only up to thirty classes.

    Source: ours.
    """
    matrix, labels = judgement.confusion, judgement.labels
    size, part = len(labels), np.nan_to_num(shares(judgement.confusion))
    among = matrix[:size, :size]
    pairs = sorted(most_confused(among, size * size), key=lambda pair: (-pair[2], -part[pair[0], pair[1]]))
    shown = tuple(
        BoxPair(labels[true], labels[said], count, per_cent(float(part[true, said])))
        for true, said, count in pairs[:_PAIRS]
    )
    rows: tuple[tuple[BoxCell, ...], ...] = ()
    if size <= LARGEST_MATRIX:
        rows = tuple(
            tuple(
                _cell(labels, (true, said), int(matrix[true, said]), float(part[true, said]))
                for said in range(size + 1)
            )
            for true in range(size + 1)
        )
    return BoxConfusion(
        labels,
        rows,
        shown,
        len(pairs) - len(shown),
        _most(labels, matrix[:size, size], matrix[:size].sum(axis=1)),
        _most(labels, matrix[size, :size], matrix[:, :size].sum(axis=0)),
        confused=int(among.sum() - among.trace()),
        missed=int(matrix[:size, size].sum()),
        invented=int(matrix[size, :size].sum()),
    )


def _most(
    labels: tuple[str, ...], times: Int[np.ndarray, " classes"], of: Int[np.ndarray, " classes"]
) -> tuple[tuple[str, int, str], ...]:
    """The classes with the highest counts, with the share of a total."""
    order = np.argsort(-times, kind="stable")[:_NAMED].tolist()
    return tuple((labels[at], int(times[at]), per_cent(float(times[at] / of[at]))) for at in order if times[at])


def _cell(labels: tuple[str, ...], place: tuple[int, int], count: int, share: float) -> BoxCell:
    true, said = place
    if not count:
        return BoxCell(0, "", "")
    if said == len(labels):
        words = f"{labels[true]} missed: {per_cent(share)} of the class"
    elif true == len(labels):
        words = f"nothing there, taken for {labels[said]}"
    else:
        words = f"{labels[true]} taken for {labels[said]}: {per_cent(share)} of the class"
    return BoxCell(count, tint(share, right=true == said), words)
