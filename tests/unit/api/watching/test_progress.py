import io
import re
import sys
import types

import pytest

from saccade.api.watching.progress import Progress
from saccade.api.watching.views import Live, Page
from saccade.training.events import (
    Decided,
    EpochDone,
    FeaturesComputed,
    FileSetAside,
    RunFinished,
    RunStarted,
    RunStopped,
    StepDone,
)

ANSI = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    encoding = "utf-8"

    def isatty(self):
        return True


@pytest.fixture(autouse=True)
def surroundings(monkeypatch):
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "80")
    monkeypatch.delenv("NO_COLOR", raising=False)
    monkeypatch.delitem(sys.modules, "IPython", raising=False)


def step(number, epoch=0, at=0.0):
    return StepDone(epoch, number, {"loss": 0.5}, 0.1, images=100, seconds=0.5, waited=0.1, time=at)


def epoch(number, *, best=True, at=0.0):
    return EpochDone(number, 2, {"loss": 0.25}, {"top1_accuracy": 0.9}, best, 0.1, 200, 1.0, 0.25, time=at)


RUN = [
    RunStarted(2, 2, time=0.0),
    step(1, at=1.0), FileSetAside("a\nb.jpg", "got 3 bytes", time=1.5), step(2, at=2.0), epoch(0, at=3.0),
    step(3, 1, at=4.0), step(4, 1, at=5.0), epoch(1, best=False, at=6.0),
    RunFinished(2, 0, 75.0, time=6.0),
]  # fmt: skip


def shown(stream, events=RUN):
    with Progress(stream) as progress:
        for event in events:
            progress(event)
    return stream.getvalue()


def test_a_log_gets_one_line_an_epoch():
    assert shown(io.StringIO()).splitlines() == [
        "2 epochs of 2 steps",
        r"set aside: a\nb.jpg: got 3 bytes",
        "epoch 1/2  loss 0.2500  top1 accuracy 0.9000 (best)  200 images/s  waiting 25 %  3 s left",
        "epoch 2/2  loss 0.2500  top1 accuracy 0.9000  200 images/s  waiting 25 %",
        "2 epochs done in 1:15, best was epoch 1",
    ]


def test_a_run_that_goes_on_says_where():
    lines = shown(io.StringIO(), [RunStarted(5, 10, epoch=2, step=23)]).splitlines()
    assert lines == ["5 epochs of 10 steps, going on from epoch 3, step 3"]
    assert shown(io.StringIO(), [RunStarted(1, 1, epoch=1, step=1)]) == "1 epoch of 1 step\n"


FEATURES = [
    Decided("transfer: features,\nsince", time=0.0),
    FeaturesComputed("train", 640, 1000, 0, 5.2, time=5.0), FeaturesComputed("train", 1000, 1000, 30, 9.0, time=9.0),
    RunStarted(1, 1, time=9.0), EpochDone(0, 1, {}, {"accuracy": 0.5}, True, 0.0, 1000, 2.0, 0.0, time=11.0),
    RunFinished(1, 0, 2.0, time=11.0),
]  # fmt: skip


def test_what_was_chosen_and_looked_at_is_said_before_training():
    assert shown(io.StringIO(), FEATURES).splitlines() == [
        r"transfer: features,\nsince",
        "features of 640 of 1,000 train images in 5 s",
        "features of 1,000 train images in 9 s, 30 known from before",
        "1 epoch of 1 step",
        "epoch 1/1  accuracy 0.5000 (best)  500 images/s  waiting 0 %",
        "1 epoch done in 2 s, best was epoch 1",
    ]


def test_a_terminal_says_it_too_and_needs_no_bar_for_it():
    plain = ANSI.sub("", shown(Terminal(), FEATURES[:3]))
    assert "features of 640 of 1,000 train images in 5 s" in plain
    assert "━" not in plain
    assert "╌" not in plain


def test_many_bad_files_are_named_only_at_first():
    events = [RunStarted(1, 1), *(FileSetAside(f"{number}.jpg", "broken") for number in range(30))]
    lines = shown(io.StringIO(), events).splitlines()
    assert len(lines) == 1 + 10 + 1
    assert lines[-1] == "set aside: more files; all are in events.jsonl"


def test_a_terminal_gets_a_bar_that_is_taken_away_and_the_same_lines():
    text = shown(Terminal())
    plain = ANSI.sub("", text)
    assert "epoch 1/2 ━" in plain
    assert "step 1/2 · loss 0.5000 · 3 s left · 200 images/s · 20 % waiting for data" in plain
    assert "2 epochs done in 1:15, best was epoch 1" in plain
    assert text.count("\x1b[?25l") <= text.count("\x1b[?25h")  # a second Ctrl-C finds the cursor there
    assert text.index("\x1b[?25h") < text.index("epoch 1/2 ")


def test_a_narrow_terminal_gets_short_lines(monkeypatch):
    monkeypatch.setenv("COLUMNS", "30")
    stream = Terminal()
    with Progress(stream) as progress:
        for event in RUN[:2]:
            progress(event)
        drawn = [ANSI.sub("", line).strip() for line in re.split(r"\n|\x1b\[1A", stream.getvalue())]
    assert max(len(line) for line in drawn) <= 30


def test_without_colour_there_is_none(monkeypatch):
    monkeypatch.setenv("NO_COLOR", "1")
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]m", shown(Terminal()))


@pytest.mark.parametrize("kind", ["dumb", "", "unknown"])
def test_a_terminal_that_cannot_move_its_cursor_gets_lines(monkeypatch, kind):
    monkeypatch.setenv("TERM", kind)
    assert "\x1b" not in shown(Terminal())


def test_a_stream_without_the_letters_gets_plain_ones():
    raw = io.BytesIO()
    stream = io.TextIOWrapper(raw, encoding="ascii", write_through=True)
    with Progress(stream) as progress:
        progress(RunStarted(1, 1))
        progress(FileSetAside("é.jpg", "no — it is · broken"))
    assert raw.getvalue().splitlines()[1] == rb"set aside: \xe9.jpg: no \u2014 it is - broken"


def test_the_bar_of_a_terminal_without_the_letters_is_plain():
    class Ascii(Terminal):
        encoding = "ascii"

    text = shown(Ascii())
    assert "####" in text
    assert "━" not in text


def test_a_stopped_run_takes_the_bar_away():
    text = shown(Terminal(), [*RUN[:4], RunStopped(0, 2, "got signal 2", time=9.0)])
    assert ANSI.sub("", text[-12:]).strip("\r\n") == ""


def test_a_display_that_fails_does_not_stop_the_run():
    class Gone(io.StringIO):
        def write(self, _):
            raise OSError(5, "the terminal went away")

    with Progress(Gone()) as progress:
        for event in RUN:
            progress(event)
        assert progress._view is None


def test_nowhere_to_show_anything_is_fine(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    with Progress() as progress:
        for event in RUN:
            progress(event)
        assert progress._view is None


def test_drawing_is_rare_however_fast_the_steps_are(monkeypatch):
    drawn = []
    monkeypatch.setattr(Live, "draw", lambda _, pace: drawn.append(pace.step))
    with Progress(Terminal()) as progress:
        progress(RunStarted(1, 10_000, time=0.0))
        for number in range(1, 1001):
            progress(step(number, at=number / 1000))
    assert 3 < len(drawn) <= 1 + 5  # at the start, and five times in a second


class Handle:
    def __init__(self):
        self.pages = []

    def update(self, page):
        self.pages.append(page)


def test_a_notebook_gets_a_page_that_changes(monkeypatch):
    handle = Handle()
    ipython = types.SimpleNamespace(get_ipython=lambda: types.SimpleNamespace(kernel=object()))
    shows = types.SimpleNamespace(HTML=str, display=lambda *_, display_id: handle if display_id else None)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    monkeypatch.setitem(sys.modules, "IPython.display", shows)
    with Progress() as progress:
        assert isinstance(progress._view, Page)
        progress(RunStarted(2, 2, time=0.0))
        progress(FileSetAside("<script>", "broken", time=0.1))
        progress(step(1, at=1.0))
        assert "width:50.0%" in handle.pages[-1]
        assert "&lt;script&gt;" in handle.pages[-1]
        assert "<script>" not in handle.pages[-1]
        for event in RUN[3:]:
            progress(event)
    assert "width:" not in handle.pages[-1]
    assert "2 epochs done in 1:15" in handle.pages[-1]
