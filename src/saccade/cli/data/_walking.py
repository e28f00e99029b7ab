"""What the verbs that read a whole data set share: the flag for workers, a page that is named, and how far it is."""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path
from typing import Any

from saccade.errors import printable

_REDRAW_SECONDS = 0.2


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Add the flag that says how many processes decode.

    Args:
        parser: Takes it.

    Source: ours.
    """
    parser.add_argument(
        "--workers", metavar="N", type=_from_zero, help="processes that decode (default one for each core; 0 for none)"
    )


def wrong_page(options: argparse.Namespace) -> list[str]:
    """Name a page of an unknown kind.

    Args:
        options: What the words said.

    Returns:
        A message for it, if it is one.

    Source: ours.
    """
    if options.out is None or Path(options.out).suffix.lower() in (".html", ".htm"):
        return []
    return [f"got --out {printable(options.out)!r}; taken are names that end in .html; choose one"]


def _from_zero(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"got {text!r}; taken is a whole number, 0 or more")
    return int(text)


class CountProgress:
    """Told how many pictures are done, says so: a line that moves on a terminal, nothing anywhere else.

    Args:
        what: What is being done, such as "reading".
        stream: Where to write; stderr when left out, so that stdout is for results.

    Source: ours.
    """

    def __init__(self, what: str, stream: Any = None) -> None:
        self._what, self._stream = what, stream if stream is not None else sys.stderr
        self._moves = self._stream is not None and self._stream.isatty()
        self._began, self._drawn, self._width = time.monotonic(), 0.0, 0

    def __enter__(self) -> CountProgress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._width:
            self._say("\r" + " " * self._width + "\r")

    def __call__(self, done: int, total: int) -> None:
        """Show how far it is.

        Args:
            done: Pictures that are done.
            total: Pictures that there are.
        """
        now = time.monotonic()
        if self._moves and now - self._drawn >= _REDRAW_SECONDS:
            self._drawn = now
            pace = done / max(now - self._began, 1e-9)
            left = round((total - done) / pace) if pace else 0
            text = f"{self._what} {done:,} of {total:,} images, {pace:,.0f} a second, {left} s left"
            self._say("\r" + text.ljust(self._width))
            self._width = max(self._width, len(text))

    def _say(self, text: str) -> None:
        try:
            print(text, file=self._stream, end="", flush=True)
        except (OSError, ValueError):  # the terminal went away; the work goes on
            self._moves = False
