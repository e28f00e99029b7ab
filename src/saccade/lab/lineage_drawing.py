"""The drawing of a lineage: accuracy against speed, and where the seconds went.

Source: ours.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patheffects import Normal, Stroke
from matplotlib.text import Annotation
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter
from matplotlib.transforms import Bbox, BboxBase

from saccade.lab.stepping import Standing
from saccade.types.plotting import STRONG, Plot

_GREY, _DARK = "#64748b", "#1e293b"
_STAGES = {"training": STRONG, "evaluation": "#94a3b8"}
_OTHERS = ("#f59e0b", "#dc2626", "#7c3aed", "#0d9488", "#be185d")
_MARGIN, _NEAR = 2.0, 16
_WAYS = ((1, 0), (-1, 0), (0, 1), (0, -1), (1, 1), (-1, 1), (1, -1), (-1, -1))
_OFFSETS = [(far * across, far * up) for far in (9, 16, 26, 38, 52) for across, up in _WAYS]  # in points, nearest first


def draw_lineage(standings: Sequence[Standing]) -> Plot:
    """Draw each step as a point, accuracy over images a second, and beside that the seconds of its stages as a bar.

    Args:
        standings: In the order of the lineage, which a pale line follows.

    Returns:
        The figure.

    Source: ours.
    """
    figure = Plot(figsize=(12.4, 4.9), layout="constrained")
    points, bars = figure.subplots(1, 2, width_ratios=(1.15, 1))
    _draw_bars(bars, standings)
    _draw_points(points, standings)
    for axes in (points, bars):
        axes.tick_params(labelsize=8)
        axes.spines[["top", "right"]].set_visible(False)
    FigureCanvasAgg(figure)
    figure.draw_without_rendering()  # places of texts in pixels are known from now on
    figure.set_layout_engine("none")
    _name_points(points, standings)
    return figure


def _draw_points(axes: Axes, standings: Sequence[Standing]) -> None:
    places = [_place(one) for one in standings]
    axes.set_xscale("log")
    axes.plot(*zip(*places, strict=True), color=_GREY, alpha=0.3, linewidth=1.0, zorder=1)
    for number, (one, (across, up)) in enumerate(zip(standings, places, strict=True)):
        _, low, high = one.figures["map50"]
        colour = _colour(number, len(standings))
        if math.isfinite(low) and math.isfinite(high):
            axes.plot([across, across], [low, high], color=colour, alpha=0.35, linewidth=1.2, zorder=2)
        axes.plot([across], [up], "o", color=colour, markersize=6, zorder=3)
    axes.set_ylim(-0.02, 1.02)
    axes.margins(x=0.12)
    axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axes.xaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.grid(alpha=0.2, linewidth=0.6)
    axes.set_xlabel("images a second, one at a time", fontsize=9)
    axes.set_ylabel("mAP50 on the test images", fontsize=9)


def _name_points(axes: Axes, standings: Sequence[Standing]) -> None:
    """Write each name beside its point, where it covers no other name and no point."""
    figure: Any = axes.figure
    renderer, pixels = figure.canvas.get_renderer(), figure.dpi / 72
    marks = [axes.transData.transform(_place(one)) for one in standings]
    taken: list[BboxBase] = [Bbox.from_extents(x - 5, y - 5, x + 5, y + 5) for x, y in marks]
    frame = axes.get_window_extent(renderer)
    for one, mark in zip(standings, marks, strict=True):
        text = axes.annotate(
            one.title, _place(one), xytext=(0, 0), textcoords="offset points", fontsize=8.5, parse_math=False,
            color=_DARK, va="center", path_effects=[Stroke(linewidth=2.5, foreground="white"), Normal()],
        )  # fmt: skip

        def stands(offset: tuple[int, int], text: Annotation = text) -> BboxBase:
            text.set_horizontalalignment(("center", "left", "right")[(offset[0] > 0) - (offset[0] < 0)])
            text.set_position(offset)
            return text.get_window_extent(renderer).padded(_MARGIN)

        free = (offset for offset in _OFFSETS if _is_free(stands(offset), frame, taken))
        offset = next(free, _OFFSETS[0])
        taken.append(stands(offset))
        if max(map(abs, offset)) > _NEAR:
            end = axes.transData.inverted().transform((mark[0] + offset[0] * pixels, mark[1] + offset[1] * pixels))
            axes.plot(*zip(_place(one), end, strict=True), color=_GREY, alpha=0.5, linewidth=0.6, zorder=1)


def _is_free(box: BboxBase, frame: BboxBase, taken: Sequence[BboxBase]) -> bool:
    inside = frame.x0 <= box.x0 and box.x1 <= frame.x1 and frame.y0 <= box.y0 and box.y1 <= frame.y1
    return bool(inside) and not any(box.overlaps(other) for other in taken)


def _draw_bars(axes: Axes, standings: Sequence[Standing]) -> None:
    """Draw the seconds of each stage, one after the other, the first step at the top."""
    names = list(dict.fromkeys(name for one in standings for name in one.stages))
    others = itertools.cycle(_OTHERS)
    colours = {name: _STAGES.get(name) or next(others) for name in names}
    whole = [sum(one.stages.values()) for one in standings]
    for row, one in enumerate(standings):
        start = 0.0
        for name, seconds in one.stages.items():
            axes.barh(row, seconds, left=start, color=colours[name], height=0.62)
            start += seconds
        axes.text(start + 0.012 * max(whole), row, f"{start:.0f} s", va="center", fontsize=8)
    for name in names:
        axes.barh(0, 0, color=colours[name], label=name)
    axes.set_yticks(range(len(standings)), [one.title for one in standings], parse_math=False)
    axes.set(xlim=(0, 1.12 * max(whole)), ylim=(len(standings) - 0.5, -0.5))
    axes.set_xlabel("seconds", fontsize=9)
    axes.legend(fontsize=8, frameon=False, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=min(5, len(names)))


def _place(one: Standing) -> tuple[float, float]:
    value = one.figures["map50"][0]
    return one.images_per_second, value if math.isfinite(value) else 0.0


def _colour(number: int, count: int) -> Any:
    return colormaps["plasma"](0.78 * number / max(1, count - 1))
