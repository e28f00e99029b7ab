"""Resume = never stopped, for any settings and any place."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from saccade.errors import Interrupted
from saccade.training.loop import Trainer
from two_classes import Batches, assert_same_bits, make_job, state_of, stop_after


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    stops=st.lists(st.integers(1, 8), min_size=1, max_size=3, unique=True).map(sorted),
    knobs=st.fixed_dictionaries(
        {
            "optimizer": st.sampled_from(["sgd", "momentum", "nesterov", "adam", "adamw", "rmsprop"]),
            "schedule": st.sampled_from(["constant", "cosine", "linear", "step", "triangle", "exponential"]),
            "average": st.sampled_from([{}, {"ema_decay": 0.8}, {"lookahead": 3}]),
            "bias_rate": st.sampled_from([1.0, 8.0]),
            "accumulate": st.sampled_from([1, 2]),
            "clip_norm": st.sampled_from([0.0, 0.5]),
            "checkpoint_steps": st.sampled_from([0, 3]),
            "seed": st.integers(0, 2**31),
        }
    ),
)
def test_a_run_stopped_several_times_ends_with_the_bits_of_one_that_never_was(stops, knobs):
    knobs |= knobs.pop("average")
    with tempfile.TemporaryDirectory() as folder:
        whole = Trainer(make_job(Path(folder) / "whole", epochs=3, **knobs))
        whole.fit(Batches(steps=4), Batches(steps=1))
        for stop in [stop for stop in stops if stop < whole.moving.place.step]:
            stopped = Trainer(make_job(Path(folder) / "stopped", epochs=3, **knobs), emit=stop_after(stop))
            if stopped.job.checkpoint.exists():
                stopped.restore()
            with pytest.raises(Interrupted):
                stopped.fit(Batches(steps=4), Batches(steps=1))
        resumed = Trainer(make_job(Path(folder) / "stopped", epochs=3, **knobs))
        if resumed.job.checkpoint.exists():
            resumed.restore()
        resumed.fit(Batches(steps=4), Batches(steps=1))
        assert_same_bits(state_of(whole), state_of(resumed))
