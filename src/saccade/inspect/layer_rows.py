"""The layer table as values: its rows and totals, as data, text and HTML.

Source: ours.
"""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from saccade.inspect.layer_text import RIGHT, aligned, bytes_in_words, cells, columns
from saccade.inspect.memory_use import OPTIMISERS, MemoryUse
from saccade.inspect.receptive_field import ReceptiveField


@dataclass(frozen=True)
class LayerRow:
    """One run of one layer.

    Args:
        name: As in `module.named_modules()`; "" for the module itself.
        kind: The name of its class.
        outputs: The shape of each tensor that it gave, the batch first; () for a layer that did not run.
        parameters: Its own, each counted only where it is met first.
        trainable: How many of them want a gradient.
        macs: Multiply-adds of convolutions and matrix products, its own, for the whole batch.
        again: Whether it has parameters, but all of them have been counted before.
        weight_bytes: Memory of those parameters.
        activation_bytes: Memory of all tensors that its own operations made; none if they work in place.
        fields: What one output sees of the image, for each tensor that it gave.

    Source: ours.
    """

    name: str
    kind: str
    outputs: tuple[tuple[int, ...], ...]
    parameters: int
    trainable: int
    macs: int
    again: bool = False
    weight_bytes: int = 0
    activation_bytes: int = 0
    fields: tuple[ReceptiveField, ...] = ()

    @property
    def flops(self) -> int:
        """Count floating-point operations: twice the multiply-adds."""
        return 2 * self.macs

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values that JSON can hold."""
        return {**asdict(self), "flops": self.flops}


@dataclass(frozen=True)
class Part:
    """One run of a part that has parts: a row that says what it gave, and the rows that ran within it.

    Args:
        row: Of the part, with only its own costs.
        first: The place of the first row within it.
        after: The place after the last.

    Source: ours.
    """

    row: LayerRow
    first: int
    after: int


@dataclass(frozen=True)
class LayerTable:
    """The layers of a network, in the order in which they run.

    Args:
        network: The name of its class.
        shape: Of the images: (batch, channels, height, width), the batch being 1.
        rows: One for each run of a layer; parts with parameters that did not run come last.
        parts: The parts that hold several rows.
        memory: What the network needs; training only where it has been asked for.
        content: "none", or "zeros" where the way depends on what is seen, so that black images had to be used.

    Source: ours.
    """

    network: str
    shape: tuple[int, ...]
    rows: tuple[LayerRow, ...]
    parts: tuple[Part, ...] = ()
    memory: MemoryUse | None = None
    content: str = "none"

    @property
    def parameters(self) -> int:
        """Count all parameters, each once."""
        return sum(row.parameters for row in self.rows)

    @property
    def trainable(self) -> int:
        """Count the parameters that want a gradient, each once."""
        return sum(row.trainable for row in self.rows)

    @property
    def macs(self) -> int:
        """Count all multiply-adds for one image; FLOPs are twice as many."""
        return sum(row.macs for row in self.rows)

    @property
    def activation_bytes(self) -> int:
        """Count the bytes of everything that is made on the way, for one image."""
        return sum(row.activation_bytes for row in self.rows)

    @property
    def wrapper(self) -> str:
        """The part that holds all others, with its dot: "network." of "network.conv" and "network.fc"; "" without."""
        first = {row.name.partition(".")[0] for row in self.rows if row.name}
        nested = all("." in row.name for row in self.rows if row.name)
        return f"{first.pop()}." if len(first) == 1 and nested else ""

    def at_depth(self, depth: int) -> tuple[LayerRow, ...]:
        """Sum up the rows of parts that are nested deep.

        Args:
            depth: How many names a row may have at most: 1 makes one row of "layer1" with all that is in it.

        Returns:
            The rows; what a part gave and sees is that of the part.

        Source: ours.
        """
        whole = {part.first: part for part in reversed(self.parts) if self._depth(part.row) == depth}
        found, place = [], 0
        while place < len(self.rows):
            part = whole.get(place)
            found.append(_summed(part.row, self.rows[place : part.after]) if part else self.rows[place])
            place = part.after if part else place + 1
        return tuple(found)

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values that JSON can hold."""
        return {
            "network": self.network,
            "shape": list(self.shape),
            "content": self.content,
            "rows": [row.to_dict() for row in self.rows],
            "parameters": self.parameters,
            "trainable": self.trainable,
            "macs": self.macs,
            "flops": 2 * self.macs,
            "activation_bytes": self.activation_bytes,
            "memory": self.memory and self.memory.to_dict(),
        }

    def to_text(self, *, depth: int | None = None) -> str:
        """Write the table in columns, and the totals below.

        Args:
            depth: As in `at_depth`; None for every row.

        Returns:
            Lines of at most 120 characters, unless names of layers are very long.

        Source: ours.
        """
        rows = self.rows if depth is None else self.at_depth(depth)
        head, lines = columns([cells(row, self.wrapper) for row in rows])
        return "\n".join([*aligned([head, *lines], RIGHT), "", *self.totals()])

    def to_html(self) -> str:
        """Write an HTML table without a style of its own: its class is "layers", that of numbers "number"."""
        head, lines = columns([cells(row, self.wrapper) for row in self.rows])
        opening = ['<td class="number">' if name in RIGHT else "<td>" for name in head]
        rows = (
            "".join(tag + html.escape(cell) + "</td>" for tag, cell in zip(opening, line, strict=True))
            for line in lines
        )
        body = "\n".join(f"<tr>{row}</tr>" for row in rows)
        heading = "".join(f"<th>{name}</th>" for name in head)
        caption = f"<caption>{'<br>'.join(map(html.escape, self.totals()))}</caption>"
        return f'<table class="layers">{caption}\n<thead><tr>{heading}</tr></thead>\n<tbody>\n{body}\n</tbody></table>'

    def _repr_html_(self) -> str:
        return self.to_html()

    def __str__(self) -> str:
        return self.to_text()

    def summary(self) -> str:
        """Write the totals in one line."""
        return (
            f"{self.network}: {self.parameters:,} parameters ({self.trainable:,} trainable), "
            f"{self.macs:,} multiply-adds ({2 * self.macs:,} FLOPs) for {' × '.join(map(str, self.shape))}"
        )

    def totals(self) -> list[str]:
        """Write the totals and the memory in lines."""
        lines = [
            f"{self.network}: {self.parameters:,} parameters ({self.trainable:,} trainable)",
            f"{self.macs:,} multiply-adds ({2 * self.macs:,} FLOPs) for {' × '.join(map(str, self.shape))}",
        ]
        if self.memory is not None:
            lines += _memory_lines(self.memory)
        if self.content != "none":
            lines.append("its way depends on what it sees; this is how it went for a black image")
        return lines

    def _depth(self, row: LayerRow) -> int:
        if not row.name or f"{row.name}." == self.wrapper:
            return 0
        return row.name.removeprefix(self.wrapper).count(".") + 1


def _summed(whole: LayerRow, rows: Sequence[LayerRow]) -> LayerRow:
    """Put rows into one, which gives what the whole gives."""
    sums = {name: sum(getattr(row, name) for row in rows)
            for name in ("parameters", "trainable", "macs", "weight_bytes", "activation_bytes")}  # fmt: skip
    return replace(whole, again=not sums["parameters"] and any(row.again for row in rows), **sums)


def _memory_lines(memory: MemoryUse) -> list[str]:
    kept = memory.weights + memory.buffers
    buffers = f", buffers {bytes_in_words(memory.buffers)}" if memory.buffers else ""
    place = f" ({memory.at})" if memory.at else ""
    lines = [
        f"memory: weights {bytes_in_words(memory.weights)}{buffers}",
        f"inference: activations {bytes_in_words(memory.inference)} at most at once{place}; "
        f"with weights {bytes_in_words(kept + memory.inference)}",
    ]
    if memory.training is not None:
        step = memory.training
        images = "1 image" if step.batch == 1 else f"{step.batch:,} images"
        lines.append(
            f"training, {images} a step: activations {bytes_in_words(step.activations)} at most at once "
            f"({step.at or 'itself'}), gradients of weights {bytes_in_words(step.gradients)}"
        )
        totals = ", ".join(f"{bytes_in_words(memory.step(name) or 0)} with {name}" for name in OPTIMISERS)
        lines.append(f"training, all in all: {totals}")
    elif memory.untrained:
        lines.append(f"training: cannot be told; {memory.untrained}")
    return lines
