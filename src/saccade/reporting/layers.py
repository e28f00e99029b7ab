"""The layers of the network: shapes, parameters, multiply-adds.

Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from saccade.inspect.layer_table import LayerRow, LayerTable

_ALWAYS_SHOWN = 16


@dataclass(frozen=True)
class LayerLine:
    """One layer in words, and its share of all parameters in hundredths."""

    name: str
    kind: str
    output: str
    parameters: str
    macs: str
    share: float


@dataclass(frozen=True)
class Layers:
    """The section on layers: the first lines, the others, and the totals for one image."""

    shown: tuple[LayerLine, ...]
    folded: tuple[LayerLine, ...]
    parameters: int
    macs: int


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
    inside = _wrapper(table.rows)
    lines = tuple(_line(row, inside, table.parameters) for row in table.rows)
    shown = len(lines) if len(lines) <= _ALWAYS_SHOWN + 4 else _ALWAYS_SHOWN
    return Layers(lines[:shown], lines[shown:], table.parameters, table.macs)


def _wrapper(rows: tuple[LayerRow, ...]) -> str:
    """The part that holds all others, with its dot: "network." of "network.conv" and "network.fc"; "" without one."""
    first = {row.name.partition(".")[0] for row in rows if row.name}
    nested = all("." in row.name for row in rows if row.name)
    return f"{first.pop()}." if len(first) == 1 and nested else ""


def _line(row: LayerRow, inside: str, parameters: int) -> LayerLine:
    _, kind, _, counted, _, macs = row.cells()
    output = " + ".join(" × ".join(map(str, shape[1:])) or "1" for shape in row.outputs) or "not run"
    name = row.name.removeprefix(inside) or "(itself)"
    return LayerLine(name, kind, output, counted, macs, 100 * row.parameters / max(1, parameters))
