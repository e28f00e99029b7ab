"""Signals: the first asks the run to save and stop, a second one from the keyboard ends it at once."""

from __future__ import annotations

import os
import signal
import sys
import threading
from types import FrameType
from typing import Any


class StopRequest:
    """A context in which SIGINT, SIGTERM and SIGHUP set `signal_number`, for the loop to see between steps.

    A signal that the program ignores, as SIGHUP under nohup, stays ignored.

    Signals are only handled in the main thread; elsewhere (a notebook's helper thread, a server) nothing is changed
    and `signal_number` stays 0 unless somebody sets it.

    Source: ours.
    """

    def __init__(self) -> None:
        self.signal_number = 0
        self._before: dict[int, Any] = {}

    def __enter__(self) -> StopRequest:
        if threading.current_thread() is threading.main_thread():
            for name in ("SIGINT", "SIGTERM", "SIGHUP"):
                number = getattr(signal, name, None)  # Windows has no SIGHUP
                if number is not None and signal.getsignal(number) != signal.SIG_IGN:
                    self._before[number] = signal.signal(number, self._ask)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        self._before.clear()

    def _ask(self, number: int, frame: FrameType | None) -> None:
        del frame
        if self.signal_number and number == signal.SIGINT:
            sys.stderr.flush()
            os._exit(128 + number)
        self.signal_number = number
