"""The layers of the network: shapes, parameters, multiply-adds.

Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from saccade.inspect.layer_rows import LayerRow, LayerTable
from saccade.inspect.layer_text import bytes_in_words, cells

_ALWAYS_SHOWN = 16


@dataclass(frozen=True)
class LayerLine:
    """One layer in words, and its share of all parameters in hundredths."""

    name: str
    kind: str
    output: str
    parameters: str
    macs: str
    field: str
    share: float


@dataclass(frozen=True)
class Layers:
    """The section on layers: the first lines, the others, the totals for one image, and the memory in words."""

    shown: tuple[LayerLine, ...]
    folded: tuple[LayerLine, ...]
    parameters: int
    macs: int
    memory: str = ""


def layers_section(table: LayerTable | None) -> Layers | None:
    """Lay out the layers of a network.

    Args:
        table: For one image; None when it could not be made.

    Returns:
        The section; None without a table.

    Source: ours.

    Example:
        >>> rows = (LayerRow("network.conv", "Conv2d", ((1, 6, 28, 28),), 156, 156, 117600),)
        >>> layers_section(LayerTable("Normalised", (1, 1, 28, 28), rows)).shown[0].output
        '6 × 28 × 28'
    """
    if table is None or not table.rows:
        return None
    lines = tuple(_line(row, table.wrapper, table.parameters) for row in table.rows)
    shown = len(lines) if len(lines) <= _ALWAYS_SHOWN + 4 else _ALWAYS_SHOWN
    memory = ""
    if table.memory is not None:
        weights, activations = map(bytes_in_words, (table.memory.weights, table.memory.inference))
        memory = f"Its weights take {weights} of memory, and its activations at most {activations} at once."
    return Layers(lines[:shown], lines[shown:], table.parameters, table.macs, memory)


def _line(row: LayerRow, wrapper: str, parameters: int) -> LayerLine:
    words = cells(row, wrapper)
    output = " + ".join(" × ".join(map(str, shape[1:])) or "1" for shape in row.outputs) or "not run"
    macs = f"{row.macs:,}" if row.macs else "–"
    share = 100 * row.parameters / max(1, parameters)
    return LayerLine(words["layer"], row.kind, output, words["parameters"], macs, words["field"], share)
