"""What goes in and out of a command: streams that never fail on a strange letter, JSON lines, tables, plain errors."""

from __future__ import annotations

import json
import os
import shutil
import sys
import warnings
from collections.abc import Sequence
from typing import Any

from saccade.errors import printable


def prepare_streams() -> None:
    """Make the three standard streams safe: closed ones lead nowhere, and no letter is too strange to print.

    Warnings become one plain line each.

    Source: ours.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        stream = getattr(sys, name)
        if stream is None:
            nowhere = os.open(os.devnull, os.O_RDWR)  # it takes the number that is free: 0, 1 or 2
            setattr(sys, name, os.fdopen(nowhere, mode, encoding="utf-8", closefd=False))
        elif mode == "w" and hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    warnings.showwarning = _show_warning


def print_json(values: Any) -> None:
    r"""Print one JSON object on a line of its own, in ASCII, at once.

    Args:
        values: What JSON can hold; numbers that are not finite become null, as JSON has none.

    Source: ours.

    Example:
        >>> print_json({"name": "é", "loss": float("nan")})
        {"name": "\u00e9", "loss": null}
    """
    print(json.dumps(_finite(values)), flush=True)


def print_table(rows: Sequence[Sequence[str]], *, head: Sequence[str] = (), right: Sequence[int] = ()) -> None:
    """Print rows as columns; where they are wider than the terminal, each row becomes a block of lines.

    Args:
        rows: Texts, as many in each row.
        head: The names of the columns.
        right: The numbers of the columns whose texts end, rather than begin, together.

    Source: ours.

    Example:
        >>> print_table([["lenet5", "61,706"], ["vgg", "1"]], right=[1])
        lenet5  61,706
        vgg          1
    """
    everything = [head, *rows] if head else list(rows)
    widths = [max(len(text) for text in column) for column in zip(*everything, strict=True)]
    if sys.stdout.isatty() and sum(widths) + 2 * len(widths) - 2 > shutil.get_terminal_size().columns:
        _print_blocks(rows, head)
        return
    for row in everything:
        cells = [
            text.rjust(width) if number in right else text.ljust(width)
            for number, (text, width) in enumerate(zip(row, widths, strict=True))
        ]
        print("  ".join(cells).rstrip())


def print_facts(facts: Sequence[tuple[str, str]]) -> None:
    """Print names and values below each other, the values aligned.

    Args:
        facts: Each name with its value.

    Source: ours.

    Example:
        >>> print_facts([("run", "runs/a"), ("accuracy", "0.98")])
        run       runs/a
        accuracy  0.98
    """
    width = max((len(name) for name, _ in facts), default=0)
    for name, value in facts:
        print(f"{name:<{width}}  {value}".rstrip())


def tell(message: str) -> None:
    """Print an error on stderr: one line for each of its clauses.

    Args:
        message: Three clauses, or several messages with a line each.

    Source: ours.
    """
    parts = message.split("\n") if "\n" in message else message.split("; ", 2)
    lines = [printable(part) + (";" if number < len(parts) and "\n" not in message else "")
             for number, part in enumerate(parts, 1)]  # fmt: skip
    print("saccade: " + "\n  ".join(lines), file=sys.stderr, flush=True)


def note(message: str) -> None:
    """Print a note on stderr, on one line however long, after what is on stdout so far.

    Args:
        message: What to say.

    Source: ours.
    """
    sys.stdout.flush()
    print(f"saccade: {printable(message)}", file=sys.stderr, flush=True)


def _print_blocks(rows: Sequence[Sequence[str]], head: Sequence[str]) -> None:
    names = head or [""] * max(len(row) for row in rows)
    for row in rows:
        print(row[0])
        for name, text in zip(names[1:], row[1:], strict=True):
            if text:
                print(f"  {name} {text}" if name else f"  {text}")


def _finite(values: Any) -> Any:
    if isinstance(values, float):
        return values if values - values == 0 else None
    if isinstance(values, dict):
        return {str(name): _finite(value) for name, value in values.items()}
    if isinstance(values, list | tuple):
        return [_finite(value) for value in values]
    return values


def _show_warning(message: Warning | str, *_: object) -> None:
    print(f"saccade: warning: {printable(str(message))}", file=sys.stderr, flush=True)
