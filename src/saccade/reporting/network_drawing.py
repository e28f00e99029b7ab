"""A network as one drawing, made from the network itself: its stages in a row, and below what is inside its blocks.

The height of a slab is its resolution (the square root, so that the last ones can be seen), its width the channels that
it gives; a slab is a layer or a block. Text and lines have the colour of the text around, so that the drawing suits a
light page and a dark one.

Source: ours.
"""

from __future__ import annotations

import html
from collections import Counter
from dataclasses import dataclass
from itertools import chain, count, groupby

import torch
from torch import Tensor, nn

from saccade.inspect.taps import borrowed
from saccade.inspect.without_content import images_for, without_content
from saccade.layers.backbone import Backbone
from saccade.reporting.block_drawing import Placed, block_drawing, text
from saccade.reporting.block_graph import Node, block_graph
from saccade.reporting.stages import StageRow, stage_table

COLOURS = {"conv": "#2a8f9d", "block": "#3f7fc1", "pool": "#8a929b", "dense": "#d0762b"}
"""In the middle between light and dark."""
_WIDTH, _TALL, _TOP = 960.0, 150.0, 8.0
_GAP, _APART, _LINE, _LETTER, _LEAST = 2.0, 20.0, 15.0, 7.2, 0.1
_FILE_STYLE = (
    "<style>svg{color:#1c2126;background:#fbfaf7}"
    "@media (prefers-color-scheme:dark){svg{color:#e9e6df;background:#14171a}}</style>"
)


@dataclass(frozen=True)
class _Slab:
    """A layer or a block of a stage."""

    kind: str
    label: str
    channels: int
    rows: int
    graph: tuple[Node, ...]


def network_drawing(network: Backbone, size: tuple[int, int], *, name: str = "", as_file: bool = False) -> str:
    """Draw a network.

    Args:
        network: Any backbone; on PyTorch's meta device nothing is computed.
        size: (height, width) of the images.
        name: What to call it; "" for its own name.
        as_file: Give a document with colours of its own, rather than an element for a page.

    Returns:
        SVG.

    Raises:
        BadShape: If the network cannot run at that size.

    Source: ours.

    Example:
        >>> from saccade.architectures.lenet import lenet5
        >>> network_drawing(lenet5(), (32, 32))[:26]
        '<svg class="network" xmlns'
    """
    rows, table = stage_table(network, size)
    stages = [(row, _slabs(row, graphs)) for row, graphs in zip(rows, _graphs(network, rows, table.shape), strict=True)]
    strip = _strip(table.shape, stages)
    blocks = _blocks([slab for _, slabs in stages for slab in slabs])
    width = max([_WIDTH, strip.width, *(block.width for block in blocks)])
    below = _in_lines(blocks, width)
    height = strip.height + (_APART + below.height if blocks else 0)
    title = html.escape(f"{name or network.name}: {table.parameters:,} parameters, {table.macs:,} multiply-adds")
    style = _FILE_STYLE if as_file else ""
    return (
        f'<svg class="network" xmlns="http://www.w3.org/2000/svg" viewBox="-12 0 {width + 24:.0f} {height + 12:.0f}" '
        f'role="img" fill="currentColor" font-family="ui-sans-serif, system-ui, sans-serif" aria-label="{title}">'
        f"<title>{title}</title>{style}{strip.body}"
        f'<g transform="translate(0 {strip.height + _APART:.1f})">{below.body}</g></svg>'
    )


def _graphs(network: Backbone, rows: list[StageRow], shape: tuple[int, ...]) -> list[list[list[Node]]]:
    """What is inside each item of each stage, on the inputs that it really gets."""
    inputs: dict[nn.Module, tuple[Tensor, ...]] = {}
    parts = [[network.get_submodule(item.name) for item in row.items] for row in rows]
    with without_content(), torch.no_grad():
        with borrowed(network):
            for part in chain.from_iterable(parts):
                part.register_forward_pre_hook(inputs.__setitem__)
            network(images_for(network, shape, zeros=False))
        with borrowed(network):
            return [[block_graph(part, *inputs[part]) for part in row] for row in parts]


def _slabs(row: StageRow, graphs: list[list[Node]]) -> list[_Slab]:
    """The layers and blocks of a stage; what changes no shape is left out."""
    found = []
    for item, graph in zip(row.items, graphs, strict=True):
        own = [node for node in graph if node.kind != "input"]
        if own:
            kind, label = (
                (own[0].kind, own[0].label) if len(own) == 1 and own[0].kind in COLOURS else ("block", item.kind)
            )
            rows = item.shape[1] if len(item.shape) == 3 else 0
            found.append(_Slab(kind, label, item.shape[0] if item.shape else 0, rows, tuple(graph)))
    return found


def _strip(shape: tuple[int, ...], stages: list[tuple[StageRow, list[_Slab]]]) -> Placed:
    """The image and the stages beside each other, each as wide as its slabs and its words."""
    _, channels, height, width = shape
    told = [_told(row, slabs) for row, slabs in stages]
    words = [_LETTER * max(map(len, lines)) for lines in told]
    natural = [sum(_thick(slab.channels) + _GAP for slab in slabs) for _, slabs in stages]
    first = _LETTER * len(f"{height}×{width}×{channels}") + _APART
    room = _WIDTH - first - _APART * len(stages)
    scale = next(scale for scale in (0.95**step for step in count())
                 if scale < _LEAST or sum(max(wide * scale, word)
                                          for wide, word in zip(natural, words, strict=True)) <= room)  # fmt: skip
    body = f'<rect x="1" y="{_TOP}" width="{_TALL * 0.42:g}" height="{_TALL}" fill="none" stroke="currentColor"/>'
    body += _lines(0, ["images", f"{height}×{width}×{channels}"])
    x = first
    for (_, slabs), lines, wide, word in zip(stages, told, natural, words, strict=True):
        body += _row_of(slabs, x, scale, height) + _lines(x, lines)
        x += max(wide * scale, word) + _APART
    return Placed(x - _APART, _TOP + _TALL + 8 + _LINE * max(map(len, told)), body)


def _row_of(slabs: list[_Slab], x: float, scale: float, height: int) -> str:
    body = ""
    for slab in slabs:
        tall = max(6.0, _TALL * (slab.rows / height) ** 0.5) if slab.rows else _TALL / 6
        wide = _thick(slab.channels) * scale
        body += (
            f'<rect x="{x:.1f}" y="{_TOP + (_TALL - tall) / 2:.1f}" width="{wide:.1f}" height="{tall:.1f}" rx="1.5" '
            f'fill="{COLOURS[slab.kind]}"><title>{html.escape(slab.label)}: {slab.channels:,} channels</title></rect>'
        )
        x += wide + _GAP * scale
    return body


def _thick(channels: int) -> float:
    return 4 + 0.55 * channels**0.5


def _told(row: StageRow, slabs: list[_Slab]) -> list[str]:
    """The lines below a stage: its name, what it gives, what a unit sees, what runs in it."""
    lines = [row.name, f"{row.shape[0]:,} logits"]
    if len(row.shape) == 3:
        seen = row.field.words()[0]
        lines = [row.name, "×".join(map(str, (*row.shape[1:], row.shape[0])))]
        lines.append("sees all of it" if seen == "all" else f"sees {seen}")
    for label, same in groupby(slabs, key=lambda slab: slab.label):
        times = len([*same])
        lines.append(label if times == 1 else f"{times} × {label}")
    return lines


def _lines(x: float, lines: list[str]) -> str:
    y = _TOP + _TALL + 20
    return "".join(
        text(x, y + _LINE * place, line, bold=place == 0, faint=place > 1) for place, line in enumerate(lines)
    )


def _blocks(slabs: list[_Slab]) -> list[Placed]:
    """Draw each kind of block once, in the form that is the most frequent; of equals, the one with most in it."""
    drawn = []
    counts = Counter(slab.label for slab in slabs if slab.kind == "block")
    for label in counts:
        forms = Counter(_form(slab.graph) for slab in slabs if slab.label == label)
        chosen = max(forms, key=lambda form: (forms[form], len(form)))
        graph = next(slab.graph for slab in slabs if slab.label == label and _form(slab.graph) == chosen)
        drawn.append(block_drawing(label, list(graph), COLOURS))
    return drawn


def _form(graph: tuple[Node, ...]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    return tuple((node.label, node.sources) for node in graph)


def _in_lines(blocks: list[Placed], width: float) -> Placed:
    """Put drawings beside each other, as many in a line as there is room for."""
    body, x, y, tall = "", 0.0, 0.0, 0.0
    for block in blocks:
        if x and x + block.width > width:
            x, y, tall = 0.0, y + tall + _APART, 0.0
        body += f'<g transform="translate({x:.1f} {y:.1f})">{block.body}</g>'
        x, tall = x + block.width + 1.5 * _APART, max(tall, block.height)
    return Placed(width, y + tall, body)
