"""How each class fares.

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from saccade.metrics.judgement import ClassRow
from saccade.reporting.phrases import per_cent

_ALWAYS_SHOWN = 20
_FEW = 10
_ORDERING = ("average_precision", "recall")


@dataclass(frozen=True)
class ClassLine:
    """One class: its figures in words, the length of its bar in hundredths, and whether it rests on few images."""

    label: str
    support: str
    cells: tuple[tuple[str, str], ...]
    bar: float
    few: bool


@dataclass(frozen=True)
class Classes:
    """The section on classes, the weakest first.

    Args:
        columns: The names of the figures.
        by: The figure that orders them.
        shown: The first lines.
        folded: The others.

    Source: ours.
    """

    columns: tuple[str, ...]
    by: str
    shown: tuple[ClassLine, ...]
    folded: tuple[ClassLine, ...]


def classes_section(rows: Sequence[ClassRow]) -> Classes | None:
    r"""Lay out the figures of each class, the weakest first; those without images come last.

    Args:
        rows: One for each class.

    Returns:
        The section; None when there are no classes.

    Source: ours.

    Example:
        >>> row = ClassRow("cat", 3, 3, {"f1": (0.5, 0.2, 0.8)})
        >>> classes_section([row]).shown[0].cells
        (('50.0\xa0%', '20.0\xa0% to\xa080.0\xa0%'),)
    """
    if not rows:
        return None
    names = tuple(rows[0].figures)
    by = next((name for name in _ORDERING if name in names), names[-1])
    ordered = sorted(rows, key=lambda row: (not row.support, row.figures[by][0] if row.support else 0))
    lines = tuple(_line(row, by) for row in ordered)
    columns = tuple({"f1": "F1"}.get(name, name.replace("_", " ")) for name in names)
    return Classes(columns, columns[names.index(by)], lines[:_ALWAYS_SHOWN], lines[_ALWAYS_SHOWN:])


def _line(row: ClassRow, by: str) -> ClassLine:
    value = row.figures[by][0]
    cells = tuple(
        (per_cent(figure), "" if math.isnan(figure) else f"{per_cent(low)} to\xa0{per_cent(high)}")
        for figure, low, high in row.figures.values()
    )
    return ClassLine(row.label, f"{row.support:,}", cells, 0 if math.isnan(value) else 100 * value, row.support < _FEW)
