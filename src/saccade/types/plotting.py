"""Figures for notebooks and files, made without pyplot and so without any global state.

Source: ours.
"""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np
from jaxtyping import Shaped
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

from saccade.errors import printable
from saccade.types.drawing import as_picture

STRONG, PALE = "#2563eb", "#c7d2e4"
_WIDER_FONTS = ("Noto Sans CJK JP", "WenQuanYi Zen Hei", "Arial Unicode MS", "PingFang SC", "Microsoft YaHei")


class Plot(Figure):
    """A matplotlib figure that a notebook shows as a picture, whether or not pyplot was ever imported."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        self.savefig(buffer, format="png", dpi=120)
        return buffer.getvalue()


def plot_bars(
    rows: Sequence[tuple[str, float]],
    *,
    image: Shaped[np.ndarray, "height width channels"] | None = None,
    title: str = "",
    strong: Sequence[bool] = (),
    threshold: float | None = None,
) -> Plot:
    """Draw probabilities as bars, beside the picture they are about.

    Args:
        rows: Names and probabilities, the first at the top.
        image: The picture; None leaves it out.
        title: Over everything; taken as plain text, as the names are.
        strong: Which bars stand out; by default the first.
        threshold: Where to draw a line, if anywhere.

    Returns:
        The figure.

    Source: ours.
    """
    figure = Plot(figsize=(3.6 if image is None else 6.4, 0.7 + 0.36 * max(len(rows), 5)), layout="constrained")
    if image is None:
        bars = figure.add_subplot()
    else:
        picture, bars = figure.subplots(1, 2, width_ratios=(1, 1.2))
        picture.imshow(as_picture(image), interpolation="nearest" if max(image.shape[:2]) < 200 else "antialiased")
        picture.set_axis_off()
    _draw_bars(bars, rows, strong or [number == 0 for number in range(len(rows))])
    if threshold is not None:
        bars.axvline(threshold, color="#64748b", linewidth=1, linestyle=(0, (3, 3)))
    if title:
        figure.suptitle(_short(title, 60), fontsize=10, parse_math=False)
    return figure


def _draw_bars(axes: Axes, rows: Sequence[tuple[str, float]], strong: Sequence[bool]) -> None:
    places = list(range(len(rows)))
    colours = [STRONG if one else PALE for one in strong]
    axes.barh(places, [probability for _, probability in rows], color=colours, height=0.62)
    axes.set_yticks(places, [_short(name, 28) for name, _ in rows], parse_math=False)
    for place, (_, probability) in zip(places, rows, strict=True):
        axes.text(probability + 0.02, place, f"{100 * probability:.1f} %", va="center", fontsize=9)
    axes.set(xlim=(0, 1.22), xticks=[], ylim=(max(len(rows), 1) - 0.5, -0.5))
    axes.tick_params(left=False)
    axes.spines[["top", "right", "bottom"]].set_visible(False)
    for text in axes.findobj(Text):
        text.set_fontfamily(_families())  # pyright: ignore[reportAttributeAccessIssue]


def _short(text: str, most: int) -> str:
    shown = printable(text)
    return shown if len(shown) <= most else shown[: most - 1] + "…"


def _families() -> list[str]:
    installed = set(font_manager.get_font_names())
    return ["DejaVu Sans", *(name for name in _WIDER_FONTS if name in installed)]
