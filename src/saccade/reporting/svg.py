"""matplotlib's drawings as part of a page: text stays text, colours follow the page, light or dark.

Source: ours.
"""

from __future__ import annotations

import io
import re
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

# Stand-ins: matplotlib draws with them, and the page's own colours take their place.
INK, FAINT, GRID = "#010203", "#010204", "#010205"
FIRST, SECOND, THIRD = "#010206", "#010207", "#010208"
_VARIABLES = {
    INK: "--ink", FAINT: "--faint", GRID: "--line",
    FIRST: "--curve-1", SECOND: "--curve-2", THIRD: "--curve-3",
}  # fmt: skip
_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "font.size": 9,
    "axes.edgecolor": GRID,
    "axes.labelcolor": FAINT,
    "axes.labelsize": 9,
    "axes.linewidth": 0.8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.spines.left": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "axes.grid.axis": "y",
    "grid.color": GRID,
    "grid.linewidth": 0.6,
    "text.color": INK,
    "xtick.color": GRID,
    "xtick.labelcolor": FAINT,
    "ytick.color": GRID,
    "ytick.labelcolor": FAINT,
    "ytick.major.size": 0,
    "xtick.major.size": 2.5,
    "lines.linewidth": 1.8,
    "lines.solid_capstyle": "round",
    "figure.facecolor": "none",
    "axes.facecolor": "none",
    "axes.unicode_minus": True,
}


def blank_axes(width: float = 4.4, height: float = 2.55) -> tuple[Figure, Axes]:
    """Start a drawing in the style of the page.

    Args:
        width: In inches of 72 points; the page scales the drawing to its column.
        height: In the same inches.

    Returns:
        The figure and its only axes.

    Source: ours.
    """
    with matplotlib.rc_context(_STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        return figure, figure.add_subplot()


def as_inline_svg(figure: Figure, name: str, label: str) -> str:
    """Write a drawing as an SVG element that can stand in an HTML page with a strict content policy.

    Style attributes become presentation attributes, ids get the name as a prefix, fonts are the page's.

    Args:
        figure: Started with `blank_axes`.
        name: Letters, digits and hyphens; unique in the page.
        label: What the drawing shows, in a sentence, for those who cannot see it; no markup.

    Returns:
        The element.

    Source: ours.

    Example:
        >>> figure, axes = blank_axes()
        >>> as_inline_svg(figure, "empty", "nothing")[:26]
        '<svg class="figure" role="'
    """
    stream = io.StringIO()
    with matplotlib.rc_context({**_STYLE, "svg.hashsalt": name}):
        figure.savefig(stream, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    text = stream.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>|<style.*?</style>|<!--.*?-->", "", text, flags=re.DOTALL)
    text = re.sub(r'\bstyle="([^"]*)"', lambda match: _attributes(match[1]), text)
    wanted = set(re.findall(r"#([^\")]+)", text))
    text = re.sub(r' id="([^"]+)"', lambda match: f' id="{name}-{match[1]}"' if match[1] in wanted else "", text)
    text = re.sub(r'(?:xlink:)?href="#([^"]+)"', rf'href="#{name}-\1"', text)
    text = text.replace("url(#", f"url(#{name}-")
    for stand_in, variable in _VARIABLES.items():
        text = text.replace(stand_in, f"var({variable})")
    box = re.search(r'viewBox="[^"]+"', text)
    assert box is not None
    text = re.sub(r"<svg.*?>", "", text, count=1, flags=re.DOTALL)
    described = label.replace("&", "&amp;").replace("<", "&lt;").replace('"', "&quot;")
    return f'<svg class="figure" role="img" aria-label="{described}" {box[0]}>' + re.sub(r"\s+", " ", text).strip()


def _attributes(style: str) -> str:
    """`fill: none; font: 9px 'DejaVu Sans'` → `fill="none" font-size="9"`."""
    written = []
    for declaration in style.split(";"):
        name, _, value = (part.strip() for part in declaration.partition(":"))
        size = re.search(r"([\d.]+)px", value)
        if name in ("font", "font-size") and size:
            written.append(f'font-size="{size[1]}"')
        elif name and not name.startswith("font"):
            written.append(f'{name}="{value}"')
    return " ".join(written)
