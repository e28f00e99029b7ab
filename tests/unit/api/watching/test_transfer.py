"""What is shown while a file is fetched."""

from __future__ import annotations

import io

from saccade.api.watching import transfer as transfer_progress
from saccade.api.watching.transfer import TransferProgress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_a_log_gets_one_line() -> None:
    stream = io.StringIO()
    with TransferProgress("weights.pth", stream) as progress:
        for done in range(0, 3 << 20, 1 << 20):
            progress(done, 2 << 20)
    assert stream.getvalue() == "fetching weights.pth, 2.0 MiB\n"


def test_a_terminal_gets_a_line_that_moves_and_goes(monkeypatch) -> None:
    times = iter([10.0, 11.0, 11.1])
    monkeypatch.setattr(transfer_progress.time, "monotonic", lambda: next(times))
    stream = Terminal()
    with TransferProgress("weights.pth", stream) as progress:
        progress(0, 4 << 20)
        progress(1 << 20, 4 << 20)
        progress(2 << 20, 4 << 20)  # too soon after the last
    text = stream.getvalue()
    assert "\r 25 %  1.0 MiB  1.0 MiB/s  3 s left" in text
    assert " 50 %" not in text
    assert text.endswith("\r")


def test_nothing_is_said_when_nothing_comes_and_a_closed_stream_is_no_matter() -> None:
    stream = io.StringIO()
    with TransferProgress("weights.pth", stream):
        pass
    assert stream.getvalue() == ""
    stream.close()
    with TransferProgress("weights.pth", None if stream.closed else stream) as progress:
        progress._stream = stream
        progress(1, 0)
