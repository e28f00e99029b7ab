"""The event stream: written as it happens, read back typed, continued where a checkpoint left it."""

from __future__ import annotations

from pathlib import Path

import pytest

from saccade.errors import BadCheckpoint, StorageFull
from saccade.training.events import (
    CheckpointSaved,
    Decided,
    EventLog,
    FeaturesComputed,
    FileSetAside,
    RunStarted,
    StepDone,
    read_events,
)


def test_events_come_back_as_they_were(tmp_path):
    events = [
        RunStarted(2, 10), StepDone(0, 1, {"a": 0.5}, 0.1, 4, 0.2, 0.1), FileSetAside("ü\n.jpg", "torn"),
        Decided("features, since there is little"), FeaturesComputed("train", 4, 9, 2, 0.5),
    ]  # fmt: skip
    log = EventLog(tmp_path / "events.jsonl")
    for event in events:
        log(event)
    log.close()
    assert list(read_events(tmp_path / "events.jsonl")) == events


def test_a_resumed_stream_forgets_what_came_after_its_checkpoint(tmp_path):
    path = tmp_path / "events.jsonl"
    log = EventLog(path)
    log(RunStarted(2, 10))
    position = log.position()
    log(CheckpointSaved(0, 0, "last.safetensors"))
    log.close()
    again = EventLog(path, position)
    again(FileSetAside("a", "b"))
    again.close()
    assert [type(event).__name__ for event in read_events(path)] == ["RunStarted", "FileSetAside"]


def test_a_last_line_torn_by_a_crash_is_left_out(tmp_path):
    path = tmp_path / "events.jsonl"
    log = EventLog(path)
    log(RunStarted(1, 1))
    log.close()
    path.write_bytes(path.read_bytes() + b'{"event": "Epo')
    assert len(list(read_events(path))) == 1


def test_a_stream_shorter_than_its_checkpoint_says_goes_on_after_its_last_whole_line(tmp_path):
    """A power failure can take the end of it, in the middle of a line."""
    path = tmp_path / "events.jsonl"
    log = EventLog(path)
    log(RunStarted(2, 10))
    log(FileSetAside("a", "b"))
    position = log.position()
    log.close()
    path.write_bytes(path.read_bytes()[:-5])
    again = EventLog(path, position)
    again(CheckpointSaved(0, 0, "last.safetensors"))
    again.close()
    assert [type(event).__name__ for event in read_events(path)] == ["RunStarted", "CheckpointSaved"]


def test_a_name_that_is_no_text_is_kept(tmp_path):
    log = EventLog(tmp_path / "events.jsonl")
    log(FileSetAside("\udcff.jpg", "é"))
    log.close()
    (event,) = read_events(tmp_path / "events.jsonl")
    assert isinstance(event, FileSetAside)
    assert (event.key, event.reason) == ("\udcff.jpg", "é")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_a_full_disk_is_said_so_and_closing_does_not_say_it_again(tmp_path):
    (tmp_path / "events.jsonl").symlink_to("/dev/full")
    log = EventLog.__new__(EventLog)
    log._path, log._file = tmp_path / "events.jsonl", (tmp_path / "events.jsonl").open("ab")
    with pytest.raises(StorageFull, match="disk full while writing"):
        log(RunStarted(1, 1))
    log(StepDone(0, 1, {}, 0.1, 1, 0.0, 0.0))
    with pytest.raises(StorageFull):
        log.position()
    log.close()


@pytest.mark.bad_input
def test_a_line_that_is_no_event_is_named(tmp_path):
    path = tmp_path / "events.jsonl"
    path.write_text('{"event": "Unheard"}\n')
    with pytest.raises(BadCheckpoint, match="line 1"):
        list(read_events(path))
