"""What is printed of a detector that was judged, after its figures: its classes, and the kinds of its mistakes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from saccade.cli._streams import print_table
from saccade.errors import printable

if TYPE_CHECKING:
    from saccade.metrics.detection.judgement import DetectionJudgement

_MOST_CLASSES = 100
_COLUMNS = {
    "average_precision": "ap", "average_precision_50": "ap50", "precision": "precision", "recall": "recall", "f1": "f1",
}  # fmt: skip


def told(value: float) -> str:
    """Write a figure.

    Args:
        value: Any number.

    Returns:
        Four digits after the point; "–" where there is no figure.

    Source: ours.

    Example:
        >>> told(0.5), told(float("nan"))
        ('0.5000', '–')
    """
    return f"{value:.4f}" if math.isfinite(value) else "–"


def print_detector(judgement: DetectionJudgement) -> None:
    """Print from which confidence on boxes count, the figures of each class, and how many mistakes there are of a kind.

    Args:
        judgement: Of a detector.

    Source: ours.
    """
    print(f"precision, recall and f1 from confidence {judgement.confidence:.3f} on, the best for f1 on these images")
    voc = judgement.voc.numbers()
    print(f"by VOC's rules: {told(voc['voc2010'])} (area, from 2010 on), {told(voc['voc2007'])} (eleven points)")
    print()
    rows = judgement.per_class
    if len(rows) > _MOST_CLASSES:
        print(f"the first {_MOST_CLASSES} of {len(rows):,} classes; --json gives all")
    classes = [
        [printable(row.label), f"{row.support:,}", *(told(row.figures[name][0]) for name in _COLUMNS)]
        for row in rows[:_MOST_CLASSES]
    ]
    print_table(classes, head=["class", "things", *_COLUMNS.values()], right=range(1, 2 + len(_COLUMNS)))
    print()
    mistakes = [[one.kind, f"{one.count:,}", told(one.gain)] for one in judgement.errors]
    print_table(mistakes, head=["mistake", "times", "map50 gained if mended"], right=[1, 2])
