"""What is shown while a file is fetched: a line that moves on a terminal, else one line when it begins.

Source: ours.
"""

from __future__ import annotations

import sys
import time
from typing import Any

from saccade.api.watching.words import duration

_REDRAW_SECONDS = 0.2


class TransferProgress:
    """Told of the bytes of a transfer, says how far it is.

    Args:
        name: Of the file.
        stream: Where to write; stderr when left out, so that stdout is for results.

    Source: ours.

    Example:
        >>> with TransferProgress("weights.pth", sys.stdout) as progress:
        ...     progress(0, 5_000_000)
        fetching weights.pth, 4.8 MiB
    """

    def __init__(self, name: str, stream: Any = None) -> None:
        self._name, self._stream = name, stream if stream is not None else sys.stderr
        self._moves = self._stream is not None and self._stream.isatty()
        self._began, self._first, self._drawn, self._width = 0.0, 0, 0.0, 0

    def __enter__(self) -> TransferProgress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._width:
            self._say("\r" + " " * self._width + "\r", end="")

    def __call__(self, done: int, whole: int) -> None:
        """Show how far the transfer is.

        Args:
            done: Bytes that are there.
            whole: Bytes that there will be; 0 when nobody says.
        """
        now = time.monotonic()
        if not self._began:
            self._began, self._first = now, done
            size = f", {_mebibytes(whole)}" if whole else ""
            self._say(f"fetching {self._name}{size}")
        if self._moves and now - self._drawn >= _REDRAW_SECONDS:
            self._drawn = now
            text = _told(done, whole, (done - self._first) / max(now - self._began, 1e-9))
            self._say("\r" + text.ljust(self._width), end="")
            self._width = len(text)

    def _say(self, text: str, end: str = "\n") -> None:
        try:
            print(text, file=self._stream, end=end, flush=True)
        except (OSError, ValueError):  # the terminal went away; the transfer goes on
            self._moves = False


def _told(done: int, whole: int, rate: float) -> str:
    share = f"{100 * done / whole:3.0f} %  " if whole else ""
    left = f"  {duration((whole - done) / rate)} left" if whole and rate > 0 else ""
    return f"{share}{_mebibytes(done)}  {_mebibytes(rate)}/s{left}"


def _mebibytes(size: float) -> str:
    return f"{size / 2**20:.1f} MiB"
