"""How far a command is that counts what it does."""

from __future__ import annotations

import sys
import time
from typing import Any

_REDRAW_SECONDS = 0.2


class CountProgress:
    """Told how many things are done, says so: a line that moves on a terminal, nothing anywhere else.

    Args:
        what: What is being done, such as "reading".
        things: What they are called.
        stream: Where to write; stderr when left out, so that stdout is for results.

    Source: ours.
    """

    def __init__(self, what: str, things: str = "images", *, stream: Any = None) -> None:
        self._things = things
        self._what, self._stream = what, stream if stream is not None else sys.stderr
        self._moves = self._stream is not None and self._stream.isatty()
        self._began, self._drawn, self._width, self._done = time.monotonic(), 0.0, 0, 0

    def __enter__(self) -> CountProgress:
        return self

    def __exit__(self, *_: object) -> None:
        self.clear()

    def clear(self) -> None:
        """Take the line away, for others to write; what is told next begins anew."""
        if self._width:
            self._say("\r" + " " * self._width + "\r")
        self._began, self._width, self._done = time.monotonic(), 0, 0

    def __call__(self, done: int, total: int) -> None:
        """Show how far it is.

        Args:
            done: Things that are done.
            total: Things that there are.
        """
        now = time.monotonic()
        if done < self._done:
            self._began = now  # it began anew
        self._done = done
        if self._moves and now - self._drawn >= _REDRAW_SECONDS:
            self._drawn = now
            pace = done / max(now - self._began, 1e-9)
            left = round((total - done) / pace) if pace else 0
            text = f"{self._what} {done:,} of {total:,} {self._things}, {pace:,.0f} a second, {left} s left"
            self._say("\r" + text.ljust(self._width))
            self._width = max(self._width, len(text))

    def _say(self, text: str) -> None:
        try:
            print(text, file=self._stream, end="", flush=True)
        except (OSError, ValueError):  # the terminal went away; the work goes on
            self._moves = False
