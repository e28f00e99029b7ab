"""A trace as a page to step through: one file, with a content policy that lets nothing in but what is in it.

Source: ours.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache

import jinja2
from markupsafe import Markup

from saccade import __version__
from saccade.errors import printable
from saccade.inspect.tracing.drawing import draw, escaped, picture_symbols, written
from saccade.inspect.tracing.panels import Grid, Panel, Scene, Sum, Table, describe, kind_of
from saccade.inspect.tracing.style import TEMPLATES, panel_rules, variables
from saccade.inspect.tracing.trace import Trace


@dataclass(frozen=True)
class _Shown:
    """A panel as part of the page."""

    kind: str
    caption: str
    sign: str
    body: Markup


@dataclass(frozen=True)
class _ShownStep:
    title: str
    text: str
    rows: tuple[tuple[_Shown, ...], ...]


def write_page(trace: Trace) -> str:
    """Lay out the page.

    Args:
        trace: What to show.

    Returns:
        HTML that asks nothing of the network; without a script all steps stand below each other.

    Source: ours.
    """
    style, script = _style(), (TEMPLATES / "trace.js").read_text(encoding="utf-8")
    panels = [panel for step in trace.steps for row in step.panels for panel in row]
    album = _Album(panels)
    steps = [
        _ShownStep(step.title, step.text, tuple(tuple(_shown(panel, album) for panel in row) for row in step.panels))
        for step in trace.steps
    ]
    return _environment().get_template("trace.html").render(
        trace=trace, steps=steps, version=__version__,
        style=Markup(style), style_hash=_digest(style), script=Markup(script), script_hash=_digest(script),  # noqa: S704
        pictures=Markup(picture_symbols(panels) + album.symbols()),  # noqa: S704
    )  # fmt: skip


def write_frame(trace: Trace) -> str:
    """Lay out the page inside a frame, so that a notebook shows it and its styles stay its own.

    Args:
        trace: What to show.

    Returns:
        An element that may run its own script and nothing else.

    Source: ours.
    """
    limits = f'sandbox="allow-scripts" title="{escaped(trace.title)}" width="100%" height="640"'
    return f'<iframe srcdoc="{escaped_page(write_page(trace))}" {limits}></iframe>'


def escaped_page(page: str) -> str:
    """Write a page as the value of an attribute.

    Args:
        page: HTML.

    Returns:
        The same, with & and quotes as entities.

    Source: ours.

    Example:
        >>> escaped_page('<p class="a">&amp;</p>')
        '<p class=&quot;a&quot;>&amp;amp;</p>'
    """
    return page.replace("&", "&amp;").replace('"', "&quot;")


class _Album:
    """The drawings that several steps share; each is on the page once."""

    def __init__(self, panels: Iterable[Panel]) -> None:
        bodies = Counter(draw(panel).body for panel in panels if isinstance(panel, Grid))
        self.names = {body: f"cells-{place}" for place, (body, times) in enumerate(bodies.items()) if times > 1}

    def refer(self, body: str) -> str:
        """Give a reference to a drawing, or the drawing if it is on the page but once."""
        return f'<use href="#{self.names[body]}"/>' if body in self.names else body

    def symbols(self) -> str:
        return "".join(f'<g id="{name}">{body}</g>' for body, name in self.names.items())


def _shown(panel: Panel, album: _Album) -> _Shown:
    if isinstance(panel, Grid | Scene):
        drawing = draw(panel)
        told = f'role="img" aria-label="{escaped(describe(panel))}"'
        body = f"<svg {drawing.size()} {told}>{album.refer(drawing.body)}{drawing.marks}</svg>"
    elif isinstance(panel, Table):
        body = _table(panel)
    else:
        lines = panel.lines() if isinstance(panel, Sum) else panel.lines
        body = '<pre class="lines">' + "\n".join(map(escaped, lines)) + "</pre>"
    return _Shown(kind_of(panel), panel.caption, panel.sign, Markup(body))  # noqa: S704


def _table(table: Table) -> str:
    left = [isinstance(column[0], str) for column in zip(*table.rows, strict=True)] or [True] * len(table.head)
    opening = ["" if to_left else ' class="n"' for to_left in left]
    head = "".join(f"<th{name}>{escaped(cell)}</th>" for cell, name in zip(table.head, opening, strict=True))
    states = table.states or ("plain",) * len(table.rows)
    rows = "".join(
        f'<tr class="{escaped(state)}">'
        + "".join(f"<td{name}>{escaped(written(cell))}</td>" for cell, name in zip(row, opening, strict=True))
        + "</tr>"
        for row, state in zip(table.rows, states, strict=True)
    )
    return f'<div class="scroll"><table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></div>'


@cache
def _style() -> str:
    dark = f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {variables(True)} }} }}\n"
    light = f":root {{ color-scheme: light dark; {variables(False)} }}\n"
    return light + dark + panel_rules() + (TEMPLATES / "trace.css").read_text(encoding="utf-8")


def _digest(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@cache
def _environment() -> jinja2.Environment:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["printable"] = printable
    return environment
