"""What a data set is made of, as a page of small charts: one HTML file that opens offline and runs no script.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
import numpy as np
from markupsafe import Markup
from matplotlib.ticker import MaxNLocator

from saccade import __version__
from saccade.data.checking.counting import Counts
from saccade.errors import printable
from saccade.reporting.page import TEMPLATES, page_style, write_page
from saccade.reporting.phrases import counted, per_cent
from saccade.reporting.svg import FIRST, as_inline_svg, blank_axes

_BINS, _BARS, _NAME = 30, 40, 24


@dataclass(frozen=True)
class Chart:
    """A drawing with its title and a sentence."""

    title: str
    svg: Markup
    told: str


def write_stats_page(values: Mapping[str, Any], counts: Counts, when: datetime, path: Path) -> Path:
    """Write the page as one HTML file, whole or not at all.

    Args:
        values: What `DataStats.to_dict` gives.
        counts: All the numbers.
        when: When they were counted.
        path: The file.

    Returns:
        The same path.

    Raises:
        StorageFull: If the disk is full.

    Source: ours.
    """
    return write_page(render_stats_page(values, counts, when), path)


def render_stats_page(values: Mapping[str, Any], counts: Counts, when: datetime) -> str:
    """Lay out the page.

    Args:
        values: What `DataStats.to_dict` gives.
        counts: All the numbers.
        when: When they were counted.

    Returns:
        A page that asks nothing of the network.

    Source: ours.
    """
    style, digest = page_style("card.css", "check_page.css")
    splits = list(counts.images)
    rows = [(label, [several[split] for split in splits]) for label, several in values["classes"].items()]
    return _environment().get_template("stats_page.html").render(
        values=values, counts=counts, when=when, splits=splits, rows=rows, charts=_charts(values, counts),
        total=sum(counts.images.values()), style=style, style_hash=digest, version=__version__,
    )  # fmt: skip


def _charts(values: Mapping[str, Any], counts: Counts) -> list[Chart]:
    charts = []
    totals = [sum(several.values()) for several in values["classes"].values()]
    if totals:
        names = list(values["classes"])
        charts.append(_bars("Images of each class", names, totals, "images"))
    if counts.things:
        charts.append(_bars("Things of each class", list(values["things"]), list(values["things"].values()), "things"))
        most = max(counts.things_per_image)
        things = [number for number, times in counts.things_per_image.items() for _ in range(times)]
        charts.append(_histogram("Things in an image", things, "things", bins=min(_BINS, most + 1)))
    if counts.boxes:
        sides = [(width * height) ** 0.5 for width, height in counts.boxes]
        charts.append(_histogram("Size of boxes", sides, "square root of the area, in pixels"))
        sizes = values["box sizes"]
        charts.append(_bars("Small, medium and large", list(sizes), list(sizes.values()), "boxes"))
        ratios = np.log2([width / height for width, height in counts.boxes if width > 0 and height > 0])
        charts.append(_histogram("Shape of boxes", ratios.tolist(), "log₂ of width by height; 0 is square"))
    shapes = [size for size, times in counts.sizes.items() for _ in range(times)]
    if shapes:
        charts.append(_histogram("Height of images", [height for height, _ in shapes], "pixels"))
        charts.append(_histogram("Width of images", [width for _, width in shapes], "pixels"))
    if "keypoints visible" in values:
        points = values["keypoints visible"]
        charts.append(_bars("Keypoints that are visible", list(points), list(points.values()), "share"))
    return charts


def _bars(title: str, names: Sequence[str], numbers: Sequence[float], unit: str) -> Chart:
    """Bars for names; of many names the largest forty, in their order."""
    chosen = sorted(sorted(range(len(names)), key=lambda one: -numbers[one])[:_BARS])
    figure, axes = blank_axes(4.4, max(1.2, 0.22 * len(chosen) + 0.5))
    places = np.arange(len(chosen))[::-1]
    axes.barh(places, [numbers[one] for one in chosen], color=FIRST, height=0.7, zorder=3)
    axes.set_yticks(places, [_plain(names[one]) for one in chosen])
    axes.set_ylim(-0.6, len(chosen) - 0.4)
    axes.grid(visible=False, axis="y")
    axes.grid(visible=True, axis="x")
    axes.set_xlabel(unit)
    axes.xaxis.set_major_locator(MaxNLocator(nbins=5))
    more = f" The {_BARS} largest of {len(names):,}." if len(names) > _BARS else ""
    label = f"{title}: from {_short(min(numbers))} to {_short(max(numbers))} {unit}."
    return Chart(title, Markup(as_inline_svg(figure, _id(title), label)), label + more)  # noqa: S704


def _histogram(title: str, numbers: Sequence[float], unit: str, bins: int = _BINS) -> Chart:
    figure, axes = blank_axes(4.4, 2.2)
    axes.hist(np.asarray(numbers, np.float64), bins=max(1, bins), color=FIRST, zorder=3, rwidth=0.92)
    axes.set_xlabel(unit)
    axes.yaxis.set_major_locator(MaxNLocator(nbins=4, integer=True))
    middle = float(np.median(numbers))
    label = f"{title}: from {_short(min(numbers))} to {_short(max(numbers))}, half of them up to {_short(middle)}."
    return Chart(title, Markup(as_inline_svg(figure, _id(title), label)), label)  # noqa: S704


def _short(number: float) -> str:
    return f"{number:,.4g}".replace("-", "−")


def _plain(name: str) -> str:
    r"""A stranger's name as matplotlib may draw it: no mathematics between dollars, and not too long."""
    text = printable(name)
    return (text if len(text) <= _NAME else text[: _NAME - 1] + "…").replace("$", r"\$")


def _id(title: str) -> str:
    return "".join(letter if letter.isalpha() else "-" for letter in title.lower())


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update({"counted": counted, "short": _short, "per_cent": per_cent, "printable": printable})
    return environment
