"""The curves of a detector: precision against recall, and both against confidence.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Float
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from saccade.errors import printable
from saccade.metrics.detection.curves import Curve
from saccade.metrics.detection.judgement import DetectionJudgement
from saccade.metrics.detection.matches import RECALLS
from saccade.reporting.phrases import counted, per_cent, threshold
from saccade.reporting.svg import FAINT, FIRST, SECOND, THIRD, as_inline_svg, blank_axes

FEW = 10
_GRID = np.linspace(1, 0, 201)


@dataclass(frozen=True)
class Chart:
    """A drawing with its title, its legend as (class of the style sheet, name), and a line below.

    Source: ours.
    """

    title: str
    svg: str
    legend: tuple[tuple[str, str], ...]
    note: str


def charts(judgement: DetectionJudgement) -> tuple[Chart, ...]:
    """Draw precision against recall, and precision, recall and F1 against confidence.

    Args:
        judgement: Of a detector.

    Returns:
        Two drawings; the second is left out when nothing was found, and both when there is nothing to find.

    Source: ours.
    """
    if not any(row.support for row in judgement.per_class):
        return ()
    against_recall = _against_recall(judgement)
    return (against_recall, _against_confidence(judgement)) if len(judgement.curve.confidence) else (against_recall,)


def known_classes(judgement: DetectionJudgement) -> list[int]:
    """List the classes of which enough is known to call one weak or strong.

    Args:
        judgement: Of a detector.

    Returns:
        The numbers of those with ten things or more, if there are two such; else of all that have things.

    Source: ours.
    """
    support = [row.support for row in judgement.per_class]
    many = [number for number, count in enumerate(support) if count >= FEW]
    return many if len(many) > 1 else [number for number, count in enumerate(support) if count]


def spark(precision: Float[np.ndarray, " recalls"]) -> tuple[str, str]:
    """Draw a small precision-recall curve into a box of 100 × 40.

    Args:
        precision: The best precision at recalls evenly spaced from 0 to 1, or above.

    Returns:
        The path of the line, and that of the area below it; "" and "" for a class without things.

    Source: ours.

    Example:
        >>> spark(np.array([1.0, 0.5, 0.0]))
        ('M0 0L50 20L50 40', 'M0 0L50 20L50 40V40H0Z')
    """
    if not len(precision) or np.isnan(precision).any():
        return "", ""
    recalls, values = _corners(precision, np.linspace(0, 1, len(precision)))
    places = (
        f"{round(100 * at, 1):g} {round(40 * (1 - value), 1):g}" for at, value in zip(recalls, values, strict=True)
    )
    line = f"M{'L'.join(places)}"
    return line, f"{line}V40H0Z"


def _corners(
    precision: Float[np.ndarray, " recalls"], recalls: Float[np.ndarray, " recalls"]
) -> tuple[list[float], list[float]]:
    """The points of a falling curve that its neighbours do not tell; it ends where it falls to 0."""
    reached = np.flatnonzero(precision > 0)
    if not len(reached):
        return [0.0, 1.0], [0.0, 0.0]
    precision, recalls = precision[: reached[-1] + 1], recalls[: reached[-1] + 1]
    change = np.append(True, precision[1:] != precision[:-1])
    kept = change | np.append(change[1:], True)
    ends = bool(recalls[-1] < 1)
    return [*recalls[kept].tolist(), *recalls[-1:].tolist() * ends], [*precision[kept].tolist(), *[0.0] * ends]


def _against_recall(judgement: DetectionJudgement) -> Chart:
    by_class = judgement.precision[0].T
    there = [number for number, row in enumerate(judgement.per_class) if row.support]
    rows = judgement.per_class
    ordered = sorted(known_classes(judgement), key=lambda number: rows[number].figures["average_precision"][0])
    figure, axes = blank_axes(4.4, 3.3)
    for number in there:
        _plot(axes, by_class[number], FAINT, width=0.7, order=2, opacity=0.6 if len(there) < 20 else 0.35)
    named = [("c2", "weakest", SECOND, ordered[0]), ("c3", "strongest", THIRD, ordered[-1])] if len(ordered) > 1 else []
    for _, _, colour, number in named:
        _plot(axes, by_class[number], colour, width=1.3, order=3)
    _plot(axes, by_class[there].mean(axis=0), FIRST, width=2.2, order=4)
    _shares(axes, "recall: share of the things found", "precision: share of the boxes that are right")
    whole = "mean" if len(there) > 1 else printable(judgement.labels[there[0]])
    mean = f"mAP50\xa0{per_cent(judgement.figures['map50'][0])}"
    legend = [("c1", whole)]
    legend += [(css, f"{word}: {printable(judgement.labels[number])}") for css, word, _, number in named]
    legend += [("c0", "others")] if len(there) > len(named) > 0 else []
    label = f"Precision against recall at an IoU of 0.5, of {counted(len(there), 'class', 'classes')}: {mean}."
    note = "At an IoU of 0.5. The area under a curve is the average precision of its class."
    return Chart(
        f"Precision against recall: {mean}", as_inline_svg(figure, "precision-recall", label), tuple(legend), note
    )


def _against_confidence(judgement: DetectionJudgement) -> Chart:
    figure, axes = blank_axes(4.4, 3.3)
    confidence, columns = _thinned(judgement.curve)
    for values, colour in zip(columns, (FIRST, SECOND, THIRD), strict=True):
        axes.plot(confidence, values, color=colour, linewidth=1.5, zorder=3)
    chosen, best = judgement.curve.best
    axes.axvline(chosen, color=FAINT, linewidth=0.9, linestyle=(0, (3, 3)), zorder=1)
    _shares(axes, "confidence from which on boxes count", "")
    legend = (("c1", "precision"), ("c2", "recall"), ("c3", "F1"), ("best", f"best F1, at {threshold(chosen)}"))
    label = f"Precision, recall and F1 against confidence; F1 is best, {per_cent(best)}, at {threshold(chosen)}."
    note = "At an IoU of 0.5, of all classes together. To the left more is found, and more of it is wrong."
    svg = as_inline_svg(figure, "against-confidence", label)
    return Chart("Precision, recall and F1 against confidence", svg, legend, note)


def _thinned(curve: Curve) -> tuple[np.ndarray, Sequence[np.ndarray]]:
    """The curve at evenly spaced confidences and at the chosen one; where no box is as sure, there is no precision."""
    wanted = np.sort(np.append(_GRID, curve.best[0]))[::-1]
    at = np.searchsorted(-curve.confidence, -wanted, side="right") - 1
    parts = ((curve.precision, np.nan), (curve.recall, 0.0), (curve.f1, 0.0))
    return wanted, [np.where(at >= 0, values[at], blank) for values, blank in parts]


def _plot(
    axes: Axes, precision: Float[np.ndarray, " recalls"], colour: str, *, width: float, order: int, opacity: float = 1
) -> None:
    recalls, values = _corners(precision, RECALLS)
    axes.plot(recalls, values, color=colour, linewidth=width, zorder=order, alpha=opacity)


def _shares(axes: Axes, horizontal: str, vertical: str) -> None:
    axes.set_xlabel(horizontal)
    axes.set_ylabel(vertical)
    axes.set_xlim(0, 1.01)
    axes.set_ylim(0, 1.03)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1, symbol=" %"))
