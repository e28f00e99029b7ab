"""A trace as one drawing: some of its steps as a film strip.

Source: ours.
"""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from saccade.errors import BadConfig
from saccade.inspect.tracing.drawing import LETTER, Drawing, draw, escaped, picture_symbols
from saccade.inspect.tracing.panels import Panel
from saccade.inspect.tracing.style import fixed_rules, panel_rules
from saccade.inspect.tracing.trace import Step, Trace

_MARGIN, _GAP, _CAPTION, _SIGN = 24, 18, 20, 20
_RULES = """
.ground { fill: var(--paper); }
.card { fill: var(--raised); stroke: var(--line); }
.title { font: 600 21px var(--serif); fill: var(--ink); }
.about { font: 13px var(--sans); fill: var(--faint); }
.step { font: 600 13px var(--sans); fill: var(--ink); }
.caption { font: 12px var(--sans); fill: var(--faint); }
.sign { font: 18px var(--sans); fill: var(--faint); }
"""


def draw_strip(trace: Trace, frames: int, columns: int) -> str:
    """Draw some steps of a trace, each in a frame.

    Args:
        trace: What to draw.
        frames: How many steps at most, evenly spread, the first and the last among them.
        columns: How many stand beside each other.

    Returns:
        An SVG document.

    Raises:
        BadConfig: If a number is below 1.

    Source: ours.
    """
    if frames < 1 or columns < 1:
        raise BadConfig(f"got frames={frames}, columns={columns}; taken are numbers above zero; change them")
    chosen = spread(len(trace.steps), frames)
    cards = [_draw_step(trace.steps[place], f"{place + 1} of {len(trace.steps)}") for place in chosen]
    columns = min(columns, len(cards))
    wide = max(card.width for card in cards) + 2 * _GAP
    width = max(columns * (wide + _GAP) - _GAP, 420) + 2 * _MARGIN
    about = textwrap.wrap(trace.about, int((width - 2 * _MARGIN) / 6.6))
    body = _text(_MARGIN, _MARGIN + 20, "title", trace.title)
    body += "".join(_text(_MARGIN, _MARGIN + 44 + 18 * place, "about", line) for place, line in enumerate(about))
    y = _MARGIN + 44 + 18 * len(about)
    for start in range(0, len(cards), columns):
        row = cards[start : start + columns]
        high = max(card.height for card in row) + 2 * _GAP
        for place, card in enumerate(row):
            x = _MARGIN + place * (wide + _GAP)
            body += f'<rect class="card" x="{x:g}" y="{y:g}" width="{wide:g}" height="{high:g}" rx="8"/>'
            body += _at(x + _GAP, y + _GAP, card.body)
        y += high + _GAP
    return _document(trace, Drawing(width, y - _GAP + _MARGIN, body), [trace.steps[place] for place in chosen])


def spread(count: int, most: int) -> list[int]:
    """Choose numbers below a count, evenly spread, the first and the last among them.

    Args:
        count: How many there are.
        most: How many to choose at most.

    Returns:
        The numbers in order.

    Source: ours.

    Example:
        >>> spread(16, 4)
        [0, 5, 10, 15]
    """
    if most >= count:
        return list(range(count))
    return [count - 1] if most == 1 else [round(place * (count - 1) / (most - 1)) for place in range(most)]


def _document(trace: Trace, whole: Drawing, steps: Sequence[Step]) -> str:
    pictures = picture_symbols(panel for step in steps for row in step.panels for panel in row)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {whole.size()} role="img" aria-label="{escaped(trace.title)}">'
        f"<title>{escaped(trace.title)}</title><style>{fixed_rules(panel_rules() + _RULES)}</style>{pictures}"
        f'<rect class="ground" width="{whole.width:g}" height="{whole.height:g}" rx="10"/>{whole.body}</svg>\n'
    )


def _draw_step(step: Step, place: str) -> Drawing:
    body, y, width = _text(0, 12, "step", f"{place} · {step.title}"), 30.0, (len(place) + len(step.title)) * 7.0 + 24
    for panels in step.panels:
        row = _draw_row(panels)
        body += _at(0, y, row.body)
        y, width = y + row.height + 14, max(width, row.width)
    return Drawing(width, y - 14, body)


def _draw_row(panels: Sequence[Panel]) -> Drawing:
    drawings = [draw(panel) for panel in panels]
    captioned = _CAPTION * any(panel.caption for panel in panels)
    high = max(drawing.height for drawing in drawings)
    body, x = "", 0.0
    for panel, drawing in zip(panels, drawings, strict=True):
        down = captioned + (high - drawing.height) / 2
        if panel.sign:
            body += _text(x + 2, captioned + high / 2 + 6, "sign", panel.sign)
            x += _SIGN + 6
        if panel.caption:
            body += _text(x, down - 7, "caption", panel.caption)
        body += _at(x, down, drawing.body + drawing.marks)
        x += max(drawing.width, len(panel.caption) * LETTER * 0.85) + _GAP
    return Drawing(x - _GAP, high + captioned, body)


def _at(x: float, y: float, body: str) -> str:
    return f'<g transform="translate({x:g} {y:g})">{body}</g>'


def _text(x: float, y: float, name: str, text: str) -> str:
    return f'<text class="{name}" x="{x:g}" y="{y:g}">{escaped(text)}</text>'
