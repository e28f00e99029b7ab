"""Three ways to show a run as it goes: lines in a log, a bar on a terminal, a page in a notebook.

Each has `line(text)` for what stays, `draw(pace)` for where the run is now, and `close()`.

Source: ours.
"""

from __future__ import annotations

import html
import importlib
import os
import sys
from typing import Any

from saccade.api.watching.pace import Pace
from saccade.api.watching.words import facts


class Lines:
    """Lines in a log.

    Args:
        stream: Where to write.

    Source: ours.
    """

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def line(self, text: str) -> None:
        """Show a line that stays."""
        print(_plain(text, self._stream), file=self._stream, flush=True)

    def draw(self, pace: Pace) -> None:
        """Show nothing in between."""

    def close(self) -> None:
        """Take nothing away."""


class Live:
    """A bar on a terminal, with facts below it, and the lines that stay above it.

    Args:
        stream: The terminal.

    Source: ours, on rich.
    """

    def __init__(self, stream: Any) -> None:
        from rich.console import Console
        from rich.live import Live as RichLive

        self._stream = stream
        self._console = Console(file=stream, highlight=False, markup=False, emoji=False)
        self._live = RichLive(
            console=self._console, auto_refresh=False, transient=True, redirect_stdout=sys.stdout.isatty()
        )

    def line(self, text: str) -> None:
        """Show a line that stays."""
        self._console.print(_plain(text, self._stream))

    def draw(self, pace: Pace) -> None:
        """Draw the bar anew."""
        if not self._live.is_started:
            self._live.start()
            self._console.show_cursor()  # it must be there when a second Ctrl-C ends the process on the spot
        self._live.update(self._picture(pace), refresh=True)

    def close(self) -> None:
        """Take the bar away."""
        self._live.stop()

    def _picture(self, pace: Pace) -> Any:
        from rich.text import Text

        width = self._console.width - 1
        full, empty = (_plain(letter, self._stream) for letter in ("━", "╌"))
        head, tail = f"epoch {min(pace.epoch + 1, pace.epochs)}/{pace.epochs} ", f" {100 * pace.share:3.0f} %"
        cells = max(0, min(60, width - len(head) - len(tail)))
        done = round(cells * pace.share)
        bar = Text.assemble(head, (full * done, "cyan"), (empty * (cells - done), "dim"), tail)
        for line in _flowed(facts(pace), width):
            bar.append("\n" + _plain(line, self._stream), "dim")
        return bar


class Page:
    """A small page in a notebook: bar, facts and a row for each epoch.

    Args:
        display: IPython's `display`.
        make_html: IPython's `HTML`.

    Source: ours, on IPython's displays that can be updated.
    """

    def __init__(self, display: Any, make_html: Any) -> None:
        self._make_html = make_html
        self._lines: list[str] = []
        self._now = ""
        self._handle = display(make_html(""), display_id=True)

    def line(self, text: str) -> None:
        """Show a line that stays."""
        self._lines.append(text)

    def draw(self, pace: Pace) -> None:
        """Draw the page anew."""
        head = f"epoch {min(pace.epoch + 1, pace.epochs)}/{pace.epochs}"
        told = html.escape(" · ".join(facts(pace)))
        self._now = (
            '<div style="display:flex;gap:10px;align-items:center">'
            f'<b>{head}</b><div style="flex:1;max-width:360px;height:8px;border-radius:4px;background:#8884">'
            f'<div style="width:{100 * pace.share:.1f}%;height:8px;border-radius:4px;background:#2563eb"></div></div>'
            f'<span>{100 * pace.share:.0f} %</span></div><div style="opacity:.75">{told}</div>'
        )
        self._show()

    def close(self) -> None:
        """Leave only the lines that stay."""
        self._now = ""
        self._show()

    def _show(self) -> None:
        kept = "".join(f"<div>{html.escape(text)}</div>" for text in self._lines)
        style = "font-family:system-ui,sans-serif;font-size:13px;font-variant-numeric:tabular-nums"
        self._handle.update(self._make_html(f'<div style="{style}">{kept}{self._now}</div>'))


def pick_view(stream: Any) -> Lines | Live | Page | None:
    """Choose the view that suits where we are.

    Args:
        stream: Where to write; None when there is nowhere.

    Returns:
        A page in a notebook, a bar on a terminal that can move its cursor, else lines; None when there is nowhere.

    Source: ours.
    """
    shell = getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()
    if shell is not None and hasattr(shell, "kernel"):
        shows = importlib.import_module("IPython.display")
        return Page(shows.display, shows.HTML)
    if stream is None:
        return None
    if stream.isatty() and os.environ.get("TERM") not in (None, "", "dumb", "unknown"):
        return Live(stream)
    return Lines(stream)


def _flowed(words: list[str], width: int) -> list[str]:
    """Put phrases into lines that are no longer than so many letters."""
    lines = [""]
    for word in words:
        joined = f"{lines[-1]} · {word}" if lines[-1] else word
        if len(joined) > width and lines[-1]:
            lines.append(word)
        else:
            lines[-1] = joined
    return lines


def _plain(text: str, stream: Any) -> str:
    """The same text in letters that the stream can write."""
    try:
        text.encode(getattr(stream, "encoding", None) or "utf-8")
    except UnicodeEncodeError:
        for letter, plain in (("━", "#"), ("╌", "."), ("·", "-")):
            text = text.replace(letter, plain)
        return text.encode("ascii", "backslashreplace").decode()
    return text
