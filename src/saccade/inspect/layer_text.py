"""The words and figures of a layer table, short enough for a terminal of 120 columns.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from saccade.inspect.layer_rows import LayerRow

HEADINGS = (
    "layer", "kind", "output", "parameters", "trains", "MACs", "FLOPs", "weights", "makes", "field", "jump", "start",
)  # fmt: skip
RIGHT = frozenset(HEADINGS[2:])
_LONGEST_KIND = 13


def cells(row: LayerRow, wrapper: str = "") -> dict[str, str]:
    """Write each column of a row.

    Args:
        row: One layer.
        wrapper: The beginning of its name that all names have, to be left out.

    Returns:
        The words by heading.

    Source: ours.
    """
    output = " + ".join("×".join(map(str, shape[1:])) or "1" for shape in row.outputs) or "not run"
    share = {0: "no", row.parameters: "yes"}.get(row.trainable, f"{row.trainable:,}") if row.parameters else "–"
    fields = list(dict.fromkeys(field.words() for field in row.fields)) or [("–", "–", "–")]
    seen = [" + ".join(column) if len(set(column)) > 1 else column[0] for column in zip(*fields, strict=True)]
    return {
        "layer": row.name.removeprefix(wrapper) or "(itself)",
        "kind": row.kind if len(row.kind) <= _LONGEST_KIND else f"{row.kind[: _LONGEST_KIND - 1]}…",
        "output": output,
        "parameters": "again" if row.again else f"{row.parameters:,}" if row.parameters else "–",
        "trains": share,
        "MACs": in_thousands(row.macs),
        "FLOPs": in_thousands(row.flops),
        "weights": bytes_in_words(row.weight_bytes),
        "makes": bytes_in_words(row.activation_bytes),
        **dict(zip(("field", "jump", "start"), seen, strict=True)),
    }


def columns(rows: Sequence[dict[str, str]]) -> tuple[list[str], list[list[str]]]:
    """Choose the columns that say something: whether weights train is left out where all do.

    Args:
        rows: As `cells` writes them.

    Returns:
        The headings, and the words of each row.

    Source: ours.
    """
    plain = all(row["trains"] in ("yes", "–") for row in rows)
    head = [name for name in HEADINGS if not (plain and name == "trains")]
    return head, [[row[name] for name in head] for row in rows]


def aligned(lines: Sequence[Sequence[str]], right: Collection[str]) -> list[str]:
    """Lay words out in columns.

    Args:
        lines: The headings first.
        right: The headings whose columns end together.

    Returns:
        Lines of text.

    Source: ours.

    Example:
        >>> aligned([["layer", "MACs"], ["conv", "1,000"]], ["MACs"])
        ['layer   MACs', 'conv   1,000']
    """
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    texts = []
    for line in lines:
        parts = [
            cell.rjust(width) if heading in right else cell.ljust(width)
            for heading, cell, width in zip(lines[0], line, widths, strict=True)
        ]
        texts.append("  ".join(parts).rstrip())
    return texts


def in_thousands(number: int) -> str:
    """Write a count with four digits at most, and K, M, G or T for thousands, millions and on.

    Args:
        number: The count.

    Returns:
        A word; "–" for nothing.

    Source: ours.

    Example:
        >>> in_thousands(4_089_184_256), in_thousands(1620), in_thousands(0)
        ('4.089 G', '1,620', '–')
    """
    if number < 10_000:
        return f"{number:,}" if number else "–"
    return _scaled(number, 1000, ("", "K", "M", "G", "T", "P"))


def bytes_in_words(number: int) -> str:
    """Write a number of bytes in units of 1024.

    Args:
        number: Bytes.

    Returns:
        A word; "–" for nothing.

    Source: ours.

    Example:
        >>> bytes_in_words(102_228_128), bytes_in_words(624), bytes_in_words(0)
        ('97.49 MiB', '624 B', '–')
    """
    if number < 1024:
        return f"{number} B" if number else "–"
    return _scaled(number, 1024, ("B", "KiB", "MiB", "GiB", "TiB", "PiB"))


def _scaled(number: float, step: int, units: Sequence[str]) -> str:
    """Divide until three digits are left before the point, and show four in all."""
    power = 0
    while number >= 999.5 and power < len(units) - 1:
        number, power = number / step, power + 1
    digits = 0 if number >= 999.5 else 1 if number >= 99.95 else 2 if number >= 9.995 else 3
    return f"{number:,.{digits}f} {units[power]}"
