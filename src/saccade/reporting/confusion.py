"""What was taken for what: the matrix, the pairs confused most, and the pictures behind them.

Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saccade.metrics.classification import ClassificationJudgement
from saccade.metrics.confusion import most_confused, shares
from saccade.reporting.phrases import per_cent
from saccade.reporting.pictures import Shown, show
from saccade.reporting.thumbnails import Album

LARGEST_MATRIX = 30
_TINTS = 8
_PAIRS, _PAIRS_ALONE = 10, 20
_PAIR_SHOWN, _WRONG_SHOWN, _RIGHT_SHOWN = 8, 12, 8


@dataclass(frozen=True)
class Cell:
    """One cell of the matrix, or one pair of confused classes.

    Args:
        true: The class of its images.
        predicted: The class they were taken for.
        count: How many images.
        share: Of all images of the true class, in per cent.
        tint: A class of the style sheet, "" in an empty cell.
        images: Some of them, those that have a thumbnail: the surest mistakes, the least sure right answers.

    Source: ours.
    """

    true: str
    predicted: str
    count: int
    share: str
    tint: str
    images: tuple[Shown, ...]


@dataclass(frozen=True)
class Confusion:
    """The section on confusion.

    Args:
        labels: The names of the classes.
        rows: The cells of the matrix; () when there are too many classes to draw.
        pairs: The pairs confused most, most first.
        more_pairs: How many pairs were confused beside those.
        wrong: Images taken for another class.

    Source: ours.
    """

    labels: tuple[str, ...]
    rows: tuple[tuple[Cell, ...], ...]
    pairs: tuple[Cell, ...]
    more_pairs: int
    wrong: int


def confusion_section(judgement: ClassificationJudgement, album: Album) -> Confusion:
    """Lay out the confusion of the classes.

    Args:
        judgement: Of a classifier.
        album: Gets the thumbnails; should it fill up, the pairs confused most have theirs, then the other mistakes.

    Returns:
        The section; the matrix itself only up to 30 classes.

    Source: ours.
    """
    matrix, size = judgement.confusion, len(judgement.labels)
    part = np.nan_to_num(shares(matrix))
    confused = most_confused(matrix, size * size)

    def cell(true: int, predicted: int, limit: int) -> Cell:
        right, share = true == predicted, float(part[true, predicted])
        count = int(matrix[true, predicted])
        images = judgement.images_in(true, predicted).tolist() if count else []
        chosen = (images[::-1] if right else images)[:limit]
        shown = (show(judgement, image, predicted, album) for image in chosen)
        return Cell(
            judgement.labels[true],
            judgement.labels[predicted],
            count,
            per_cent(share),
            tint(share, right=right) if count else "",
            tuple(image for image in shown if image.picture),
        )

    most = _PAIRS if size <= LARGEST_MATRIX else _PAIRS_ALONE
    pairs = tuple(cell(true, predicted, _PAIR_SHOWN) for true, predicted, _ in confused[:most])
    rows: tuple[tuple[Cell, ...], ...] = ()
    if size <= LARGEST_MATRIX:
        wrong = {(true, predicted): cell(true, predicted, _WRONG_SHOWN) for true, predicted, _ in confused}
        rows = tuple(
            tuple(wrong.get((true, predicted)) or cell(true, predicted, _RIGHT_SHOWN) for predicted in range(size))
            for true in range(size)
        )
    return Confusion(judgement.labels, rows, pairs, len(confused) - len(pairs), len(judgement.mistakes))


def tint(share: float, *, right: bool) -> str:
    """Give the shade of a cell; mistakes, which are few, get theirs from the root of their share.

    Args:
        share: Of the row, in [0, 1].
        right: Whether the cell holds right answers.

    Returns:
        A class of the style sheet.

    Source: ours.

    Example:
        >>> tint(0.25, right=True), tint(0.25, right=False)
        ('right-2', 'wrong-5')
    """
    level = int(share * _TINTS) if right else int(share**0.5 * _TINTS) + 1
    return f"{'right' if right else 'wrong'}-{max(1, min(_TINTS, level))}"
