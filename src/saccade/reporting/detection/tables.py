"""The tables of a detector: its figures, its classes, things by size, kinds of mistakes.

Source: ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from saccade.metrics.detection.coco import NAMES
from saccade.metrics.detection.judgement import DetectionJudgement
from saccade.metrics.judgement import Figure
from saccade.reporting.detection.curves import FEW, spark
from saccade.reporting.phrases import named, per_cent

_ALWAYS_SHOWN = 20
_CHOSEN = {
    "precision": "of the boxes, the share that is right",
    "recall": "of the things, the share that is found",
    "f1": "harmonic mean of the two",
}
_COLUMNS = ("average_precision", "average_precision_50", "precision", "recall")
_OF_CLASSES = ("class", "both")
_SIZES = {"small": "below 32² square pixels", "medium": "32² to 96²", "large": "above 96²"}
_KINDS = {
    "localisation": ("out of place", "of the right class, but with an IoU of 0.1 to 0.5 with the thing"),
    "class": ("wrong class", "on a thing, with an IoU of 0.5 or more, that is of another class"),
    "both": ("out of place and of the wrong class", "an IoU of 0.1 to 0.5 with a thing of another class"),
    "duplicate": ("second box", "on a thing that a surer box has already found"),
    "background": ("nothing there", "an IoU below 0.1 with everything"),
    "missed": ("missed thing", "no box found it, and none that is out of place or misnamed is about it"),
}


@dataclass(frozen=True)
class NumberLine:
    """One figure with its interval in words, and where they lie in hundredths; None where there is no figure."""

    name: str
    meaning: str
    value: str
    interval: str
    places: tuple[float, float, float] | None


@dataclass(frozen=True)
class ClassLine:
    """One class: how many things it has, its figures with intervals, its curve as two paths, and whether it has few."""

    label: str
    things: str
    cells: tuple[tuple[str, str], ...]
    line: str
    area: str
    few: bool


@dataclass(frozen=True)
class SizeLine:
    """Things of one size: what that is, how many there are, and (value, interval) of precision and recall."""

    size: str
    meaning: str
    things: str
    cells: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class KindLine:
    """One kind of mistake: its name, what it is, how many, what mending it would bring, and that as a bar."""

    kind: str
    name: str
    meaning: str
    count: int
    gain: str
    bar: float


def number_lines(judgement: DetectionJudgement) -> tuple[tuple[NumberLine, ...], tuple[NumberLine, ...]]:
    """Lay out the figures.

    Args:
        judgement: Of a detector.

    Returns:
        Those over all confidences: COCO's twelve, after any that the task adds; then those at the chosen confidence.

    Source: ours.
    """
    others = [name for name in judgement.figures if name not in NAMES and name not in _CHOSEN]
    lines = {
        name: _number(*_spoken(name), judgement.figures[name])
        for name in (*others, *NAMES, *_CHOSEN)
        if name in judgement.figures
    }
    chosen = tuple(lines.pop(name) for name in _CHOSEN if name in lines)
    return tuple(lines.values()), chosen


def class_lines(judgement: DetectionJudgement) -> tuple[tuple[ClassLine, ...], tuple[ClassLine, ...]]:
    """Lay out the figures of each class, the weakest first; those without things come last.

    Args:
        judgement: Of a detector.

    Returns:
        The first twenty, and the others.

    Source: ours.
    """
    rows = list(enumerate(judgement.per_class))
    rows.sort(key=lambda one: (not one[1].support, _sortable(one[1].figures["average_precision"][0])))
    lines = tuple(
        ClassLine(
            row.label,
            f"{row.support:,}",
            tuple(_cell(row.figures[name]) for name in _COLUMNS),
            *spark(judgement.precision[0, :, number]),
            0 < row.support < FEW,
        )
        for number, row in rows
    )
    return lines[:_ALWAYS_SHOWN], lines[_ALWAYS_SHOWN:]


def size_lines(judgement: DetectionJudgement) -> tuple[SizeLine, ...]:
    """Lay out how things of each size fared.

    Args:
        judgement: Of a detector.

    Returns:
        A line for each size.

    Source: ours.
    """
    return tuple(
        SizeLine(
            row.size, _SIZES.get(row.size, ""), f"{row.things:,}", (_cell(row.average_precision), _cell(row.recall))
        )
        for row in judgement.per_size
    )


def kind_lines(judgement: DetectionJudgement) -> tuple[KindLine, ...]:
    """Lay out the kinds of mistakes, first those whose mending would bring most.

    Args:
        judgement: Of a detector.

    Returns:
        A line for each kind; with one class, none for what is of the wrong class.

    Source: ours.
    """
    most = max((one.gain for one in judgement.errors if not math.isnan(one.gain)), default=0.0)
    possible = [one for one in judgement.errors if len(judgement.labels) > 1 or one.kind not in _OF_CLASSES]
    ordered = sorted(possible, key=lambda one: (-_sortable(one.gain), -one.count))
    return tuple(
        KindLine(
            one.kind,
            *_KINDS.get(one.kind, (one.kind, "")),
            one.count,
            "–" if math.isnan(one.gain) else f"+{100 * max(one.gain, 0.0):.1f}",
            100 * one.gain / most if most > 0 and one.gain > 0 else 0.0,
        )
        for one in ordered
    )


def commonest(lines: tuple[KindLine, ...]) -> KindLine | None:
    """Find the kind of mistake that is made most often.

    Args:
        lines: The kinds.

    Returns:
        The kind; None when there is no mistake.

    Source: ours.
    """
    most = max(lines, key=lambda line: line.count, default=None)
    return most if most is not None and most.count else None


def _spoken(name: str) -> tuple[str, str]:
    title, meaning = named(name)
    return title, _CHOSEN.get(name, meaning)


def _number(name: str, meaning: str, figure: Figure) -> NumberLine:
    value, interval = _cell(figure)
    places = None if any(map(math.isnan, figure)) else tuple(round(100 * number, 2) for number in figure)
    return NumberLine(name, meaning, value, interval, places)  # pyright: ignore[reportArgumentType]


def _cell(figure: Figure) -> tuple[str, str]:
    value, low, high = figure
    return per_cent(value), "" if math.isnan(value) else f"{per_cent(low)} to\xa0{per_cent(high)}"


def _sortable(value: float) -> float:
    return -1.0 if math.isnan(value) else value
