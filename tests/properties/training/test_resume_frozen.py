"""Resume = never stopped, where stages are frozen, begin to learn one after the other, and learn at their own rates."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saccade.errors import Interrupted
from saccade.training.loop import Trainer
from small_backbone import Small
from two_classes import Batches, assert_same_bits, make_job, state_of, stop_after


def trainer(folder: Path, emit: Any = lambda _: None, **knobs: Any) -> Trainer:
    """A fresh one, gone back to the saved state if there is one."""
    made = Trainer(replace(make_job(folder, epochs=4, **knobs), network=Small()), emit=emit)
    if made.job.checkpoint.exists():
        made.restore()
    return made


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    stops=st.lists(st.integers(1, 11), min_size=1, max_size=3, unique=True).map(sorted),
    knobs=st.fixed_dictionaries(
        {
            "freeze": st.sampled_from(["stem", "stage1", "stage2"]),
            "unfreeze_epochs": st.sampled_from([0, 1, 2]),
            "layer_decay": st.sampled_from([1.0, 0.5]),
            "optimizer": st.sampled_from(["momentum", "adamw", "rmsprop"]),
            "average": st.sampled_from([{}, {"ema_decay": 0.8}, {"lookahead": 3}]),
            "accumulate": st.sampled_from([1, 2]),
            "clip_norm": st.sampled_from([0.0, 0.5]),
            "checkpoint_steps": st.sampled_from([0, 2]),
        }
    ),
)
def test_a_run_whose_stages_thaw_ends_with_the_same_bits_wherever_it_was_stopped(stops, knobs):
    knobs |= knobs.pop("average")
    with tempfile.TemporaryDirectory() as folder:
        whole = trainer(Path(folder) / "whole", **knobs)
        whole.fit(Batches(steps=3), Batches(steps=1))
        for stop in [stop for stop in stops if stop < whole.moving.place.step]:
            with pytest.raises(Interrupted):
                trainer(Path(folder) / "stopped", stop_after(stop), **knobs).fit(Batches(steps=3), Batches(steps=1))
        resumed = trainer(Path(folder) / "stopped", **knobs)
        resumed.fit(Batches(steps=3), Batches(steps=1))
        assert_same_bits(state_of(whole), state_of(resumed))
