"""A detector, judged: what the model card and a notebook show."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float, Int

from saccade.errors import printable
from saccade.metrics.detection.curves import Curve
from saccade.metrics.detection.judged import Judged
from saccade.metrics.detection.mistakes import Mistake
from saccade.metrics.detection.voc import VocFigures
from saccade.metrics.judgement import ClassRow, Figure, as_text, plain, plain_figure

_MOST_CLASSES = 100


@dataclass(frozen=True)
class SizeRow:
    """How things of one size fared.

    Args:
        size: "small" (below 32² square pixels), "medium" (32² to 96²) or "large".
        things: How many there are.
        average_precision: (value, low, high); NaN where there are none.
        recall: Averaged over IoU from 0.5 to 0.95, as (value, low, high).

    Source: ours; the sizes are COCO's.
    """

    size: str
    things: int
    average_precision: Figure
    recall: Figure

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        figures = {"average_precision": self.average_precision, "recall": self.recall}
        return {"size": self.size, "things": self.things, **{name: plain_figure(one) for name, one in figures.items()}}


@dataclass(frozen=True)
class ErrorKind:
    """One kind of mistake.

    Args:
        kind: "localisation", "class", "both", "duplicate", "background" or "missed".
        count: How many, of the boxes from the chosen confidence on.
        gain: What AP50 would gain if all of them were mended, at any confidence.

    Source: ours; see `mistakes`.
    """

    kind: str
    count: int
    gain: float

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return {"kind": self.kind, "count": self.count, "gain": plain(self.gain)}


@dataclass(frozen=True, eq=False, repr=False)
class DetectionJudgement:
    """How good a detector is, with the uncertainty of each figure, and everything that it found.

    Args:
        labels: The names of the classes.
        images: What was found in each image beside what is there.
        confidence: The one with the best F1 on these images, from which precision, recall, F1, the confusion matrix
            and the mistakes count; it was chosen on them, so the figures at it are a little too good.
        figures: COCO's twelve, and precision, recall and F1 of all classes together, as (value, low, high); NaN where
            there are no such things.
        per_class: A row for each class; it counts things and boxes.
        per_size: A row for each size of things.
        curve: Precision and recall against confidence of all classes together, at an IoU of 0.5.
        curves: The same of each class.
        precision: COCO's best precision at 101 recalls, by IoU (0.5 to 0.95).
        voc: VOC's average precision, in both of its forms.
        confusion: Counts, a row for each true class and a column for each predicted one, then the background.
        errors: How many mistakes of each kind, and what mending them would bring.
        wrong: The surest wrong boxes, fifty at most.
        missed: The largest things missed, fifty at most.
        resamples: On how many draws of the images the intervals rest; of a great many images fewer than asked for.

    Source: ours.
    """

    labels: tuple[str, ...]
    images: tuple[Judged, ...]
    confidence: float
    figures: dict[str, Figure]
    per_class: tuple[ClassRow, ...]
    per_size: tuple[SizeRow, ...]
    curve: Curve
    curves: tuple[Curve, ...]
    precision: Float[np.ndarray, "10 101 classes"]
    voc: VocFigures
    confusion: Int[np.ndarray, "true predicted"]
    errors: tuple[ErrorKind, ...]
    wrong: tuple[Mistake, ...]
    missed: tuple[Mistake, ...]
    resamples: int

    @property
    def keys(self) -> tuple[str, ...]:
        """Where each image comes from."""
        return tuple(image.key for image in self.images)

    @property
    def absent(self) -> tuple[str, ...]:
        """The classes that no image judged has; averages leave them out."""
        return tuple(row.label for row in self.per_class if not row.support)

    @property
    def mistakes(self) -> tuple[Mistake, ...]:
        """The worst mistakes: surest wrong boxes, then largest things missed."""
        return (*self.wrong, *self.missed)

    def numbers(self) -> dict[str, Figure]:
        """Give each figure as (value, low, high), the interval at 95 %."""
        return dict(self.figures)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold: all but single boxes; large tables up to a hundred classes."""
        small = len(self.labels) <= _MOST_CLASSES
        return {
            "images": len(self.images),
            "resamples": self.resamples,
            "confidence": plain(self.confidence),
            "numbers": {name: plain_figure(figure) for name, figure in self.figures.items()},
            "voc": {name: plain(value) for name, value in self.voc.numbers().items()},
            "absent_classes": list(self.absent),
            "per_class": [row.to_dict() for row in self.per_class],
            "per_size": [row.to_dict() for row in self.per_size],
            "curve": self.curve.to_dict(),
            "precision_at_recall": [
                {"label": label, "precision": [plain(value) for value in self.precision[0, :, number]]}
                for number, label in enumerate(self.labels)
            ]
            if small
            else None,
            "confusion": self.confusion.tolist() if small else None,
            "errors": [one.to_dict() for one in self.errors],
            "wrong": [one.to_dict() for one in self.wrong],
            "missed": [one.to_dict() for one in self.missed],
        }

    def __str__(self) -> str:
        return f"{as_text(self.figures, len(self.images))}\n{self._at}"

    @property
    def _at(self) -> str:
        return f"precision, recall and f1 from confidence {self.confidence:.3f} on"

    def __repr__(self) -> str:
        return f"<DetectionJudgement of {len(self.images)} images, mAP {self.figures['map'][0]:.4f}>"

    def _repr_html_(self) -> str:
        whole = [[name.replace("_", " "), *map(_told, figure)] for name, figure in self.figures.items()]
        rows = self.per_class[:20]
        classes = [[row.label, row.support, *(_told(one[0]) for one in row.figures.values())] for row in rows]
        columns = [name.replace("_", " ") for name in rows[0].figures] if rows else []
        worst = "".join(f"<li>{html.escape(str(one))}</li>" for one in (*self.wrong[:5], *self.missed[:5]))
        more = len(self.per_class) - len(rows)
        return (
            _table([f"{len(self.images)} images", "value", "low", "high"], whole)
            + f"<p>{self._at}</p>"
            + _table(["", "things", *columns], classes)
            + (f"<p>and {more} more classes</p>" if more else "")
            + _table(
                ["mistake", "times", "AP50 gained if mended"],
                [[one.kind, one.count, _told(one.gain)] for one in self.errors],
            )
            + (f"<p>worst mistakes:</p><ol>{worst}</ol>" if worst else "")
        )


def _told(value: float) -> str:
    return f"{value:.4f}" if math.isfinite(value) else "–"


def _table(head: Sequence[object], rows: Sequence[Sequence[object]]) -> str:
    lines = ["".join(f"<td>{html.escape(printable(str(cell)))}</td>" for cell in row) for row in rows]
    top = "".join(f"<th>{html.escape(str(name))}</th>" for name in head)
    return f"<table><tr>{top}</tr>{''.join(f'<tr>{line}</tr>' for line in lines)}</table>"
