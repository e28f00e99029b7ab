"""A block as a drawing: its layers in ranks from top to bottom, ways beside each other, and where they meet.

Source: ours; ranks by the longest way and stand-ins for long ways after Sugiyama, Tagawa & Toda 1981.
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass

from saccade.reporting.block_graph import Node

_TALL, _RANK, _TITLE, _LETTER = 24.0, 44.0, 30.0, 6.4


@dataclass(frozen=True)
class Placed:
    """A piece of a drawing, from (0, 0) on.

    Args:
        width: Of all of it.
        height: Of all of it.
        body: SVG elements.

    Source: ours.
    """

    width: float
    height: float
    body: str


def text(x: float, y: float, words: str, *, bold: bool = False, faint: bool = False, middle: bool = False) -> str:
    """Write a line.

    Args:
        x: Where it begins, or its middle.
        y: Its base line.
        words: What it says; markup is escaped.
        bold: In bold letters.
        faint: Fainter than the text around.
        middle: x is its middle.

    Returns:
        An SVG element.

    Source: ours.

    Example:
        >>> text(1, 2, "a < b")
        '<text x="1.0" y="2.0" font-size="12">a &lt; b</text>'
    """
    more = ' font-weight="600"' * bold + ' opacity="0.72"' * faint + ' text-anchor="middle"' * middle
    return f'<text x="{x:.1f}" y="{y:.1f}" font-size="12"{more}>{html.escape(words)}</text>'


def block_drawing(title: str, graph: list[Node], colours: Mapping[str, str]) -> Placed:
    """Draw what is inside a block.

    Args:
        title: Above it.
        graph: Its nodes, the inputs first.
        colours: Of "conv", "dense" and "pool".

    Returns:
        The drawing.

    Source: ours.
    """
    places = _places(graph)
    lanes = 1 + max(x for x, _ in places.values())
    ranks = 1 + max(rank for _, rank in places.values())
    box = 16 + _LETTER * max(len(_label(node)) for node in graph)
    lane = box + 10
    width = max(lanes * lane, 8.0 * len(title))

    def at(key: _Key) -> tuple[float, float]:
        x, rank = places[key]
        return (x + 0.5) * lane, _TITLE + _RANK * rank + _TALL / 2

    body = text(0, 12, title, bold=True)
    for number, node in enumerate(graph):
        for source in node.sources:
            body += _way([at(key) for key in _route(source, number, places)])
    for number, node in enumerate(graph):
        body += _node(node, at((number, -1)), box, colours)
    x, y = at((len(graph) - 1, -1))
    body += f'<path d="M{x:.1f} {y + 12:.1f}v16" stroke="currentColor" opacity="0.6"/>'
    return Placed(width, _TITLE + _RANK * ranks + 4, body)


_Key = tuple[int, int]
"""A node (its number, −1), or a stand-in on a long way (number of the way's end times 1000 and its source, rank)."""


def _route(source: int, end: int, places: Mapping[_Key, tuple[float, int]]) -> list[_Key]:
    """The node, the stand-ins and the other node of a way."""
    first, last = places[source, -1][1], places[end, -1][1]
    return [(source, -1), *((1000 * end + source, rank) for rank in range(first + 1, last)), (end, -1)]


def _places(graph: list[Node]) -> dict[_Key, tuple[float, int]]:
    """Give each node and stand-in its lane and its rank."""
    ranks: list[int] = []
    for node in graph:
        ranks.append(1 + max((ranks[source] for source in node.sources), default=-1))
    places: dict[_Key, tuple[float, int]] = {(number, -1): (0.0, rank) for number, rank in enumerate(ranks)}
    order: dict[_Key, int] = {}

    def visit(number: int) -> None:
        if (number, -1) in order:
            return
        order[number, -1] = len(order)
        for end, node in enumerate(graph):
            if number in node.sources:
                for key in _route(number, end, places)[1:-1]:
                    order[key] = len(order)
                visit(end)

    for number, node in enumerate(graph):
        if not node.sources:
            visit(number)
    by_rank: dict[int, list[_Key]] = {}
    for key in sorted(order, key=lambda key: order[key]):
        by_rank.setdefault(places[key][1] if key in places else key[1], []).append(key)
    widest = max(len(keys) for keys in by_rank.values())
    return {
        key: (lane + (widest - len(keys)) / 2, rank) for rank, keys in by_rank.items() for lane, key in enumerate(keys)
    }


def _way(points: list[tuple[float, float]]) -> str:
    """A smooth line down through some points."""
    (x, y), *others = points
    path = f"M{x:.1f} {y:.1f}"
    for below_x, below_y in others:
        half = (y + below_y) / 2
        path += f"C{x:.1f} {half:.1f} {below_x:.1f} {half:.1f} {below_x:.1f} {below_y:.1f}"
        x, y = below_x, below_y
    return f'<path d="{path}" fill="none" stroke="currentColor" stroke-width="1.3" opacity="0.6"/>'


def _label(node: Node) -> str:
    return f"{node.label}, {node.channels}" if node.kind in ("conv", "dense") else node.label


def _node(node: Node, place: tuple[float, float], box: float, colours: Mapping[str, str]) -> str:
    x, y = place
    if node.kind == "input":
        return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4"/>'
    if node.kind == "join":
        box = 52 if len(node.label) > 1 else 24
    colour = colours["pool"] if node.kind == "join" else colours[node.kind]
    return (
        f'<rect x="{x - box / 2:.1f}" y="{y - _TALL / 2:.1f}" width="{box:.1f}" height="{_TALL}" '
        f'rx="{12 if node.kind == "join" else 4}" fill="{colour}"/>'
        f'<g fill="#fff">{text(x, y + 4, _label(node), middle=True)}</g>'
    )
