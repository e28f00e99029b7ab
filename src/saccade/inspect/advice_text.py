"""Advice as plain words, as an HTML table, and as plain values.

Source: ours.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from textwrap import fill
from typing import TYPE_CHECKING, Any

from saccade.inspect.advice_layers import WORTH, LayerCost
from saccade.inspect.layer_text import bytes_in_words

if TYPE_CHECKING:
    from saccade.inspect.advice import Advice

_CLAIMS = (
    "Nobody can compute what accuracy is left: the network must be trained again, and compared.",
    "Fewer multiply-adds are not as much less time: a separable layer waits for memory.",
)
_BLACK = "Its way depends on what it sees: this is how it went for a black image."
_COLUMNS = 100
_WIDTHS = "A bottleneck has a quarter, 1x1 first half, of the smaller number of channels in between."


@dataclass(frozen=True)
class Section:
    """A table and its heading; which columns are words, the others being numbers."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: tuple[int, ...]


def to_text(advice: Advice) -> str:
    """Write advice in plain words, at most a screen.

    Args:
        advice: What to write.

    Returns:
        Several lines.
    """
    tables = ("\n".join(_aligned(section)) for section in _sections(advice))
    return "\n\n".join([_wrapped(_opening(advice)), *tables, "\n".join(map(_wrapped, _closing(advice)))])


def to_html(advice: Advice) -> str:
    """Write advice as HTML without a style of its own; the class of numbers is "number".

    Args:
        advice: What to write.

    Returns:
        Paragraphs and tables.
    """
    parts = [f"<p>{html.escape(_opening(advice))}</p>"]
    for section in _sections(advice):
        lines = [
            _html_row(section.head, "th", section.words),
            *(_html_row(row, "td", section.words) for row in section.rows),
        ]
        parts.append('<table class="advice">' + "\n".join(lines) + "</table>")
    return "\n".join([*parts, *(f"<p>{html.escape(line)}</p>" for line in _closing(advice))])


def to_dict(advice: Advice) -> dict[str, Any]:
    """Give advice as plain values that JSON can hold.

    Args:
        advice: What to give.

    Returns:
        Totals, layers with their forms, and what each form would make of the whole network.
    """
    first = advice.first
    return {
        "network": advice.network,
        "shape": list(advice.shape),
        "parameters": advice.parameters,
        "macs": advice.macs,
        "flops": 2 * advice.macs,
        "activation_bytes": advice.activations,
        "layers": [_layer_values(layer) for layer in advice.layers if layer.macs or layer.parameters],
        "changes": [
            {**asdict(totals), "flops": 2 * totals.macs, "in": list(advice.changes(totals.name))}
            for totals in advice.ranked
        ],
        "first": first.name if first else None,
    }


def _layer_values(layer: LayerCost) -> dict[str, Any]:
    return {
        "name": layer.name,
        "what": layer.what,
        "output": list(layer.outputs),
        "parameters": layer.parameters,
        "macs": layer.macs,
        "activation_bytes": layer.activations,
        "note": layer.note,
        "forms": [
            {
                "name": other.rewrite.name,
                "parts": str(other.rewrite),
                "parameters": other.parameters,
                "macs": other.macs,
            }
            for other in layer.alternatives
        ],
    }


def _opening(advice: Advice) -> str:
    _, channels, height, width = advice.shape
    return (
        f"{advice.network}, for an image of {height} × {width} × {channels}: {advice.macs:,} multiply-adds "
        f"({2 * advice.macs:,} FLOPs), {advice.parameters:,} parameters, "
        f"{bytes_in_words(advice.activations)} of activations."
    )


def _closing(advice: Advice) -> list[str]:
    """What to do first, and what the numbers do not say; or that there is nothing to gain, and why."""
    first = advice.first
    seen = [_BLACK] if advice.content == "zeros" else []
    if first is None:
        return [*_nothing(advice), *seen]
    lines = [f"First: {_step(advice, first.name)}"]
    lines += [
        f"For fewer {what}: {_step(advice, totals.name)}"
        for what, totals in advice.fewest.items()
        if (first.macs - totals.macs >= WORTH * advice.macs and what == "multiply-adds")
        or (first.parameters - totals.parameters >= WORTH * advice.parameters and what == "parameters")
    ]
    widths = [_WIDTHS] if {"bottleneck", "1x1 first"} & {totals.name for totals in advice.ranked} else []
    return [*lines, *widths, *_CLAIMS, *seen]


def _step(advice: Advice, name: str) -> str:
    """What to do to the dearest layers, and what that alone gives."""
    chosen = advice.changes(name)
    layer = next(iter(chosen))
    most = min(advice.shown, len(chosen))
    part = advice.totals(name, most=most)
    what = next(one.what for one in advice.layers if one.name == layer)
    where = f"the {most} dearest layers, such as {layer}" if most > 1 else layer or "the one layer"
    return (
        f"{name} in {where}: {chosen[layer]} instead of {what}. That alone is "
        f"{_change(part.macs, advice.macs)} multiply-adds and {_change(part.parameters, advice.parameters)} parameters "
        "of the whole network."
    )


def _nothing(advice: Advice) -> list[str]:
    shares: dict[str, int] = {}
    for layer in advice.layers:
        reason = layer.note or "has a form, but it is too small to count"
        shares[reason] = shares.get(reason, 0) + layer.macs
    told = [
        f"{_share(macs, advice.macs)} of the multiply-adds: {reason}"
        for reason, macs in sorted(shares.items(), key=lambda item: -item[1])
        if macs > advice.macs / 1000
    ]
    return [
        f"Nothing to gain: no form would save {100 * WORTH:.0f} % of the multiply-adds or of the parameters.",
        *told,
    ]


def _sections(advice: Advice) -> list[Section]:
    groups = _groups(advice)
    shown = sorted(groups[: advice.shown], key=lambda group: -sum(layer.macs for layer in group))
    sections = [_costs(advice, shown, groups[advice.shown :])] if groups else []
    if advice.ranked:
        sections += [_forms(shown), _whole(advice)]
    return sections


def _groups(advice: Advice) -> list[list[LayerCost]]:
    """Layers with the same numbers together; first what has the largest share of multiply-adds or of parameters."""
    alike: dict[tuple[Any, ...], list[LayerCost]] = {}
    for layer in advice.layers:
        if layer.macs or layer.parameters:
            key = (layer.what, layer.outputs, layer.macs, layer.parameters, layer.note, layer.alternatives)
            alike.setdefault(key, []).append(layer)

    def weight(group: Sequence[LayerCost]) -> float:
        macs, parameters = sum(one.macs for one in group), sum(one.parameters for one in group)
        return max(macs / max(advice.macs, 1), parameters / max(advice.parameters, 1))

    return sorted(alike.values(), key=weight, reverse=True)


def _costs(advice: Advice, groups: Sequence[list[LayerCost]], rest: Sequence[list[LayerCost]]) -> Section:
    rows = [(_title(group), group[0].what, *_figures(advice, group)) for group in groups]
    others = [layer for group in rest for layer in group]
    if others:
        rows.append((_count(len(others), "other layer"), "", *_figures(advice, others)))
    head = ("where the cost is", "", "multiply-adds", "", "parameters", "", "activations")
    return Section(head, tuple(rows), (0, 1))


def _figures(advice: Advice, layers: Sequence[LayerCost]) -> tuple[str, ...]:
    macs, parameters, activations = (
        sum(values) for values in zip(*((one.macs, one.parameters, one.activations) for one in layers), strict=True)
    )
    return (
        f"{macs:,}", _share(macs, advice.macs), f"{parameters:,}", _share(parameters, advice.parameters),
        _share(activations, advice.activations),
    )  # fmt: skip


def _forms(groups: Sequence[list[LayerCost]]) -> Section:
    """What is left of the multiply-adds of each layer in each form that any of them can take."""
    layers = [group[0] for group in groups]
    names = list(dict.fromkeys(other.rewrite.name for layer in layers for other in layer.alternatives))
    rows = []
    for group in groups:
        layer = group[0]
        found = {other.rewrite.name: _change(other.macs, layer.macs) for other in layer.alternatives}
        rows.append((_title(group), *(found.get(name, "–") for name in names), layer.note))
    return Section(("its multiply-adds, as", *names, ""), tuple(rows), (0, len(names) + 1))


def _whole(advice: Advice) -> Section:
    rows = [
        (
            f"{totals.name} in {_count(totals.layers, 'layer')}",
            f"{totals.macs:,}", _change(totals.macs, advice.macs),
            f"{totals.parameters:,}", _change(totals.parameters, advice.parameters),
            _change(advice.totals(totals.name, most=advice.shown).macs, advice.macs),
        )
        for totals in advice.ranked
    ]  # fmt: skip
    head = ("the whole network, with", "multiply-adds", "", "parameters", "", f"in the {advice.shown} dearest")
    return Section(head, tuple(rows), (0,))


def _title(group: Sequence[LayerCost]) -> str:
    name = group[0].name or "(itself)"
    return name if len(group) == 1 else f"{name} and {len(group) - 1} alike"


def _count(number: int, word: str) -> str:
    return f"{number} {word}" if number == 1 else f"{number} {word}s"


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "–"


def _wrapped(line: str) -> str:
    """Break a long line, but not before a sign of percent."""
    return fill(line.replace(" %", "\N{NO-BREAK SPACE}%"), _COLUMNS, subsequent_indent="  ").replace("\xa0", " ")


def _change(then: int, now: int) -> str:
    """The change in percent, with its sign."""
    if not now or then == now:
        return "0 %" if now else "–"
    percent = 100 * abs(then - now) / now
    exact = percent < 1 or 99 < percent < 100
    return f"{'−' if then < now else '+'}{percent:,.{int(exact)}f} %"


def _aligned(section: Section) -> list[str]:
    lines = [section.head, *section.rows]
    widths = [max(len(cell) for cell in column) for column in zip(*lines, strict=True)]
    return [
        "  ".join(
            cell.ljust(width) if place in section.words else cell.rjust(width)
            for place, (cell, width) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    ]


def _html_row(cells: Sequence[str], tag: str, words: Sequence[int]) -> str:
    openings = (f"<{tag}>" if place in words else f'<{tag} class="number">' for place in range(len(cells)))
    texts = (opening + html.escape(cell) + f"</{tag}>" for opening, cell in zip(openings, cells, strict=True))
    return f"<tr>{''.join(texts)}</tr>"
