"""How much of the figure is left under noise, blur, JPEG and brightness.

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.ticker import MaxNLocator, PercentFormatter

from saccade.metrics.judgement import Figure
from saccade.metrics.robustness import Point, Robustness
from saccade.reporting.phrases import counted, named, written
from saccade.reporting.svg import FAINT, FIRST, as_inline_svg, blank_axes

_KINDS = {
    "noise": ("Noise", "deviation, where levels are from 0 to 1", "{:g}"),
    "blur": ("Blur", "deviation, of the shorter side", "{:.0%}"),
    "jpeg": ("JPEG", "quality", "{:g}"),
    "brightness": ("Brightness", "levels times", "{:g}"),
}
_AS_IS = {"brightness": 1.0}


@dataclass(frozen=True)
class DisturbedChart:
    """A drawing of one kind of disturbance: its title, the drawing, and a row for each strength."""

    title: str
    svg: str
    rows: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True)
class RobustnessSection:
    """The section.

    Args:
        sentence: What was judged, and what hurts most.
        figure: The name of the figure.
        charts: One for each kind of disturbance.

    Source: ours.
    """

    sentence: str
    figure: str
    charts: tuple[DisturbedChart, ...]


def robustness_section(found: Robustness | str | None, split: str) -> RobustnessSection | None:
    """Lay out how much is left.

    Args:
        found: What was measured; or a sentence that says why nothing was.
        split: Of which images, in words.

    Returns:
        The section; None where nothing was measured.

    Source: ours.
    """
    if found is None or isinstance(found, str):
        return None if found is None else RobustnessSection(found, "", ())
    name = named(found.name)[0]
    chosen = f", a sample of {found.of:,}" if found.of > found.images else ""
    whole = _with_interval(found.name, found.undisturbed, "95\xa0% interval ")
    sentence = (
        f"Judged on {counted(found.images, f'{split} image')}{chosen}, each time the same. As they are, "
        f"{_within(name)} is {whole}.{_worst(found)}"
    )
    return RobustnessSection(sentence, name, tuple(_chart(kind, found, name) for kind in found.kinds))


def _within(name: str) -> str:
    """A name inside a sentence; abbreviations stay as they are."""
    return name[0].lower() + name[1:] if name[1:2].islower() else name


def _worst(found: Robustness) -> str:
    worst = found.worst
    if worst is None:
        return ""
    title, unit, _ = _kind(worst.kind)
    left = _with_interval(found.name, worst.figure)
    return f" Least is left under {_within(title)} ({unit} {_told(worst)}): {left}."


def _chart(kind: str, found: Robustness, name: str) -> DisturbedChart:
    title, unit, _ = _kind(kind)
    points = found.along(kind)
    marks = [(_told(point), point.figure) for point in points]
    at = sum(point.strength < _AS_IS[kind] for point in points) if kind in _AS_IS else 0
    marks.insert(at, ("as it is", found.undisturbed))
    rows = tuple((told, *_written(found.name, figure)) for told, figure in marks)
    values = ", ".join(f"{told}: {value}" for told, value, _ in rows)
    svg = _drawn(marks, found.undisturbed[0], f"robust-{kind}", unit, f"{name} under {_within(title)}. {values}.")
    return DisturbedChart(title, svg, rows)


def _kind(kind: str) -> tuple[str, str, str]:
    """The title of a kind, the unit of its strength, and how that is written."""
    return _KINDS.get(kind, (kind.capitalize(), "strength", "{:g}"))


def _told(point: Point) -> str:
    return _kind(point.kind)[2].format(point.strength)


def _written(name: str, figure: Figure) -> tuple[str, str]:
    value, low, high = (written(name, number) for number in figure)
    return value, f"{low} to {high}" if math.isfinite(figure[0]) else ""


def _with_interval(name: str, figure: Figure, told: str = "") -> str:
    value, interval = _written(name, figure)
    return f"{value} ({told}{interval})" if interval else value


def _drawn(marks: Sequence[tuple[str, Figure]], whole: float, name: str, unit: str, label: str) -> str:
    figure, axes = blank_axes()
    places, (values, low, high) = range(len(marks)), zip(*(one for _, one in marks), strict=True)
    axes.fill_between(places, low, high, color=FIRST, alpha=0.16, linewidth=0, zorder=2)
    axes.plot(places, values, color=FIRST, marker="o", markersize=3.4, zorder=3)
    axes.axhline(whole, color=FAINT, linewidth=0.9, linestyle=(0, (3, 3)), zorder=1)
    axes.set_xticks(list(places), [told for told, _ in marks])
    axes.set_xlabel(unit)
    reach = max((number for number in (*values, *high) if math.isfinite(number)), default=1.0)
    axes.set_ylim(0, min(1.02, 1.15 * reach or 1.02))
    axes.yaxis.set_major_locator(MaxNLocator(nbins=5, steps=[1, 2, 5, 10]))
    axes.yaxis.set_major_formatter(PercentFormatter(1, decimals=0 if reach > 0.05 else 1, symbol=" %"))
    return as_inline_svg(figure, name, label)
