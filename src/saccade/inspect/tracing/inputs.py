"""What a trace takes: matrices as text, rows or tensors, brought to plain lists and kept small enough to read.

Source: ours.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from torch import Tensor

from saccade.errors import BadConfig, BadShape, printable

Rows = str | Sequence[Any] | np.ndarray | Tensor
Matrix = list[list[float]]

LARGEST = 18  # a side of a grid of numbers, padding included, that a person can still follow
MOST_STEPS = 256
_LARGEST_NUMBER = 1e12


def matrix_of(value: Rows, name: str) -> Matrix:
    """Read one matrix of numbers.

    Args:
        value: Rows, a tensor, or text: "1 0 -1; 2 0 -2", or a row a line, or JSON. A number may be a fraction, 1/9.
        name: What it is called, for the message.

    Returns:
        Its rows, all of one length.

    Raises:
        BadShape: If the rows differ in length, or there are none.
        BadConfig: If something in it is no finite number.

    Source: ours.

    Example:
        >>> matrix_of("1 0 -1; 2, 0, -2", "kernel")
        [[1.0, 0.0, -1.0], [2.0, 0.0, -2.0]]
    """
    maps = maps_of(value, name)
    if len(maps) > 1:
        raise BadShape(f"got {name} of {len(maps)} channels; taken is one matrix; choose one of them")
    return maps[0]


def maps_of(value: Rows, name: str) -> list[Matrix]:
    """Read one or several matrices of equal size, the channels of an image or of a kernel.

    Args:
        value: As for `matrix_of`; channels are a third level of rows, or stand between "|" in text.
        name: What it is called, for the message.

    Returns:
        A matrix for each channel.

    Raises:
        BadShape: If rows or channels differ in size, or there are none.
        BadConfig: If something in it is no finite number.

    Source: ours.

    Example:
        >>> len(maps_of("1 2; 3 4 | 5 6; 7 8", "matrix"))
        2
    """
    nested = _from_text(value, name) if isinstance(value, str) else value
    nested = nested.tolist() if isinstance(nested, Tensor | np.ndarray) else nested
    if not _is_row(nested) or not nested or not all(_is_row(row) for row in nested):
        raise BadShape(f"got {name} {_short(value)}; taken are rows of numbers; write them as '1 0 -1; 2 0 -2'")
    deep = bool(nested[0]) and _is_row(nested[0][0])
    if deep and not all(_is_row(row) for rows in nested for row in rows):
        raise BadShape(f"got {name} {_short(value)}; taken are channels of rows of numbers; give all of them rows")
    maps = [[[_number(item, name) for item in row] for row in rows] for rows in (nested if deep else [nested])]
    sizes = {(len(rows), len(row)) for rows in maps for row in rows} | {(len(rows), 0) for rows in maps if not rows}
    if len(sizes) != 1 or 0 in next(iter(sizes)):
        lengths = sorted({len(row) for rows in maps for row in rows})
        raise BadShape(f"got {name} with rows of {lengths} numbers; taken are rows of one length; fill the short ones")
    return maps


def frozen(matrix: Matrix) -> tuple[tuple[float, ...], ...]:
    """Turn rows into the values of a grid.

    Args:
        matrix: Rows of numbers.

    Returns:
        The same numbers, as they are now.

    Source: ours.

    Example:
        >>> frozen([[1.0, 2.0]])
        ((1.0, 2.0),)
    """
    return tuple(map(tuple, matrix))


def whole(value: Any, name: str, *, least: int = 1) -> int:
    """Check a whole number.

    Args:
        value: What was given.
        name: What it is called, for the message.
        least: The lowest that is taken.

    Returns:
        The number.

    Raises:
        BadConfig: If it is none, or lower.

    Source: ours.

    Example:
        >>> whole(2, "stride")
        2
    """
    if isinstance(value, bool) or not isinstance(value, int) or value < least:
        raise BadConfig(f"got {name}={value!r}; taken is a whole number ≥ {least}; change it")
    return value


def check_readable(name: str, rows: int, columns: int, steps: int = 1) -> None:
    """Refuse what would be too large to follow with the eye.

    Args:
        name: What is that large.
        rows: Its rows.
        columns: Its columns.
        steps: How many steps there would be.

    Raises:
        BadShape: If a side is above 18, or there are more than 256 steps.

    Source: ours.

    Example:
        >>> check_readable("input", 12, 12, 100)
    """
    if max(rows, columns) > LARGEST:
        raise BadShape(
            f"got {name} of {rows} × {columns} numbers; a trace shows up to {LARGEST} × {LARGEST}, padding included; "
            "take a crop of it"
        )
    if steps > MOST_STEPS:
        raise BadShape(
            f"got {steps} steps; a trace shows up to {MOST_STEPS}; take a smaller {name}, or a larger stride"
        )


def _from_text(text: str, name: str) -> Any:
    if text.lstrip().startswith("["):
        try:
            return json.loads(text)
        except ValueError as error:
            raise BadConfig(
                f"got {name} {_short(text)}, no JSON ({error}); taken are lists of lists; mend it"
            ) from None
    channels = [part for part in text.split("|") if part.strip()]
    rows = [[line.replace(",", " ").split() for line in part.replace("\n", ";").split(";")] for part in channels]
    return [[row for row in part if row] for part in rows]


def _number(item: Any, name: str) -> float:
    try:
        if isinstance(item, str) and "/" in item:
            above, below = item.split("/", 1)
            value = float(above) / float(below)
        else:
            value = float(item)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        value = math.nan
    if not abs(value) <= _LARGEST_NUMBER:  # not a number is not either
        raise BadConfig(
            f"got {_short(item)} in {name}; taken are finite numbers up to {_LARGEST_NUMBER:g}, such as 1/9; change it"
        )
    return value


def _is_row(thing: Any) -> bool:
    return isinstance(thing, Sequence) and not isinstance(thing, str)


def _short(value: Any) -> str:
    shape = getattr(value, "shape", None)
    text = f"of shape {tuple(shape)}" if shape is not None else repr(value)
    return printable(text if len(text) <= 60 else f"{text[:59]}…")
