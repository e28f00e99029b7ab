"""The work on parts in this process."""

from __future__ import annotations

import signal

import pytest
import torch

from saccade.api.many.job import Job
from saccade.api.many.parts import is_whole, parts_of
from saccade.api.many.settings import ManySettings
from saccade.api.many.working import predict_here, predict_part
from saccade.errors import Interrupted


@pytest.fixture
def work(trained, tmp_path):
    """A job on six pictures of which one is not there, its model, and its three parts."""
    keys = [f"{name}/{number}.png" for name in ("blue", "red") for number in (1, 2)] + ["gone.png", "green/0.png"]
    job = Job((), None, ManySettings(batch_size=2, part_size=2, top=2), str(tmp_path), str(trained.photos), "f00d")
    return job, trained.predictor, parts_of(keys, 2, "job")


def test_a_part_says_what_is_in_it(work, tmp_path):
    job, model, parts = work
    done = predict_part(model, job, parts[2])
    assert (done.number, done.images) == (2, 2)
    assert [file.key for file in done.bad] == ["gone.png"]
    assert is_whole(tmp_path, parts[2])


def test_a_part_that_is_left_leaves_no_file(work, tmp_path):
    job, model, parts = work
    assert predict_part(model, job, parts[0], stopped=lambda: True) is None
    assert list(tmp_path.iterdir()) == []


def test_a_signal_keeps_the_parts_that_are_done(work, tmp_path):
    job, model, parts = work
    with pytest.raises(
        Interrupted, match=f"got signal 15 after 1 of 3 parts; .*{tmp_path}; the same command"
    ) as caught:
        predict_here(model, job, parts, lambda done: signal.raise_signal(signal.SIGTERM))
    assert caught.value.exit_code == 143
    assert [path.name for path in tmp_path.iterdir()] == [parts[0].file]


def test_threads_are_as_before_afterwards(work):
    job, model, parts = work
    before, seen = torch.get_num_threads(), []
    few = Job((), None, ManySettings(batch_size=2, threads=before + 1), job.folder, job.base, "f00d")
    predict_here(model, few, parts[:1], lambda done: seen.append(torch.get_num_threads()))
    assert seen == [before + 1]
    assert torch.get_num_threads() == before
