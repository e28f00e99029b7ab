"""The layer table as a page: one HTML file that opens offline, prints well, and runs no script.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import jinja2

from saccade import __version__
from saccade.errors import printable
from saccade.inspect.layer_rows import LayerRow, LayerTable
from saccade.inspect.layer_text import bytes_in_words, cells, in_thousands
from saccade.reporting.page import TEMPLATES, page_style, write_page


@dataclass(frozen=True)
class PageRow:
    """One layer in words, its shares in hundredths, and whether it is the head of a group."""

    words: dict[str, str]
    macs: float
    memory: float
    head: bool = False
    frozen: bool = False


@dataclass(frozen=True)
class Tile:
    """One figure of the first screen."""

    name: str
    value: str
    under: str


def write_layer_page(table: LayerTable, path: Path) -> Path:
    """Write the layer table as one HTML file, whole or not at all.

    Args:
        table: What to show.
        path: The file.

    Returns:
        The same path.

    Raises:
        StorageFull: If the disk is full.

    Source: ours.
    """
    return write_page(render_layer_page(table), path)


def render_layer_page(table: LayerTable) -> str:
    """Lay out the layer table: the totals, then the layers in groups, with bars for their shares.

    Args:
        table: What to show.

    Returns:
        A page that asks nothing of the network.

    Source: ours.

    Example:
        >>> "<h1>LeNet5</h1>" in render_layer_page(LayerTable("LeNet5", (1, 1, 32, 32), ()))
        True
    """
    style, digest = page_style("layer_page.css")
    return _environment().get_template("layer_page.html").render(
        style=style,
        style_hash=digest,
        version=__version__,
        table=table,
        shape=" × ".join(map(str, table.shape[1:])),
        tiles=_tiles(table),
        groups=list(_groups(table)),
        totals=table.totals(),
    )  # fmt: skip


def _tiles(table: LayerTable) -> list[Tile]:
    frozen = table.parameters - table.trainable
    tiles = [
        Tile("parameters", in_thousands(table.parameters), f"{frozen:,} of them frozen" if frozen else "all trainable"),
        Tile("multiply-adds", in_thousands(table.macs), f"{in_thousands(2 * table.macs)} FLOPs, for one image"),
    ]
    if table.memory is not None:
        use = table.memory
        tiles += [
            Tile("weights", bytes_in_words(use.weights), f"buffers {bytes_in_words(use.buffers)}"),
            Tile("inference", bytes_in_words(use.inference), f"of activations at once, at {use.at or 'the beginning'}"),
        ]
        if use.training is not None:
            images = "1 image" if use.training.batch == 1 else f"{use.training.batch:,} images"
            tiles.append(Tile("training", bytes_in_words(use.training.activations), f"of activations, {images} a step"))
    return tiles


def _groups(table: LayerTable) -> Iterator[list[PageRow]]:
    """Each part that stands at the first level, as a row with its sum, and its layers."""
    costliest = max((row.macs for row in table.rows), default=0)
    largest = max((row.activation_bytes for row in table.rows), default=0)

    def page_row(row: LayerRow, *, head: bool = False) -> PageRow:
        macs, memory = (table.macs, table.activation_bytes) if head else (costliest, largest)
        return PageRow(
            cells(row, table.wrapper),
            100 * row.macs / max(1, macs),
            100 * row.activation_bytes / max(1, memory),
            head,
            row.parameters > row.trainable,
        )

    place = 0
    for whole in table.at_depth(1):
        after = place + 1
        for part in table.parts:
            if part.first == place and part.row.name == whole.name:
                after = part.after
        inner = table.rows[place:after]
        yield [page_row(whole, head=True), *map(page_row, inner)] if len(inner) > 1 else [page_row(whole)]
        place = after


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
