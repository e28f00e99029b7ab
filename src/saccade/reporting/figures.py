"""The drawings of a model card: how training went, and whether confidence can be believed.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.ticker import MaxNLocator, PercentFormatter

from saccade.metrics.calibration import ReliabilityCurve
from saccade.reporting.svg import FAINT, FIRST, SECOND, THIRD, as_inline_svg, blank_axes

_COLOURS = (FIRST, SECOND, THIRD)


@dataclass(frozen=True)
class Curve:
    """One line of a drawing: its name, its values at each epoch or part of one, and its colour, 1 to 3."""

    name: str
    epochs: Sequence[float]
    values: Sequence[float]
    colour: int = 1


def draw_curves(curves: Sequence[Curve], name: str, label: str, *, best: int | None = None, rates: bool = False) -> str:
    """Draw values over epochs.

    Args:
        curves: The lines, each with at least one epoch.
        name: Unique in the page.
        label: What the drawing shows, in a sentence.
        best: The epoch whose weights were kept, marked by a line.
        rates: Whether the values are shares, to be written in per cent.

    Returns:
        An SVG element.

    Source: ours.

    Example:
        >>> "epoch" in draw_curves([Curve("training", [1, 2], [0.9, 0.5])], "loss", "The loss falls.")
        True
    """
    figure, axes = blank_axes()
    for curve in curves:
        few = len(curve.epochs) <= 30
        colour = _COLOURS[curve.colour - 1]
        axes.plot(curve.epochs, curve.values, color=colour, marker="o" if few else None, markersize=3.2, zorder=3)
    if best is not None:
        axes.axvline(best, color=FAINT, linewidth=0.9, linestyle=(0, (3, 3)), zorder=1)
    axes.set_xlabel("epoch")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=7))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    if rates:
        low, high = axes.get_ylim()
        axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0 if high - low > 0.05 else 1, symbol=" %"))
    return as_inline_svg(figure, name, label)


def draw_reliability(curve: ReliabilityCurve, name: str, label: str) -> str:
    """Draw how often the model is right against how sure it was; the gap to the diagonal is drawn too.

    Args:
        curve: Confidence against accuracy, bin by bin.
        name: Unique in the page.
        label: What the drawing shows, in a sentence.

    Returns:
        An SVG element.

    Source: ours, after the reliability diagrams of Guo et al. 2017 (arXiv 1706.04599).
    """
    figure, axes = blank_axes(4.4, 3.3)
    filled = curve.count > 0
    sure, right, count = curve.confidence[filled], curve.accuracy[filled], curve.count[filled]
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=0.9, linestyle=(0, (3, 3)), zorder=2)
    axes.vlines(sure, np.minimum(sure, right), np.maximum(sure, right), color=SECOND, linewidth=2.2, zorder=2)
    axes.plot(sure, right, color=FIRST, linewidth=1.2, zorder=3)
    axes.scatter(sure, right, color=FIRST, s=16 + 120 * count / count.max(), zorder=4)
    axes.set_xlabel("how sure it was")
    axes.set_ylabel("how often it was right")
    axes.set_xlim(0, 1.04)
    axes.set_ylim(0, 1.04)
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    return as_inline_svg(figure, name, label)


def draw_confidences(curve: ReliabilityCurve, name: str, label: str) -> str:
    """Draw how many answers were given with how much confidence.

    Args:
        curve: Confidence against accuracy, bin by bin.
        name: Unique in the page.
        label: What the drawing shows, in a sentence.

    Returns:
        An SVG element.

    Source: ours.
    """
    figure, axes = blank_axes(4.4, 3.3)
    axes.bar(curve.edges[:-1], curve.count, np.diff(curve.edges) * 0.9, align="edge", color=FIRST, zorder=3)
    axes.set_xlabel("how sure it was")
    axes.set_ylabel("answers")
    axes.set_xlim(0, 1.04)
    axes.xaxis.set_major_formatter(PercentFormatter(1, symbol=" %"))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, integer=True))
    return as_inline_svg(figure, name, label)
