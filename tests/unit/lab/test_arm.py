"""One network of a comparison: a run that can stop, go on, and be told from another."""

from __future__ import annotations

import os
import signal
from dataclasses import replace

import pytest

import saccade
from saccade.data.opening import open_data
from saccade.errors import BadConfig, Interrupted
from saccade.lab.arm import recorded, train_arm
from saccade.lab.degradation import DegradationSettings, arms
from saccade.lab.ground import ground_of
from saccade.training.events import StepDone
from saccade.weights.files import read_tensors


@pytest.fixture(scope="module")
def ground(tiny):
    return ground_of(open_data(tiny[0]), size=8, images=0, judged=0)


@pytest.fixture(scope="module")
def arm(tiny):
    return arms(DegradationSettings.from_dict(tiny[1]))[0]


def stop_at(step):
    def listener(event):
        if isinstance(event, StepDone) and event.step == step:
            os.kill(os.getpid(), signal.SIGTERM)

    return listener


@pytest.mark.parametrize("step", [2, 4])
def test_a_stopped_one_goes_on_to_the_same_bits(ground, arm, tmp_path, step):
    whole = train_arm(arm, ground, tmp_path / "whole", probes=3)
    with pytest.raises(Interrupted, match="plain8-0 was training; the state is saved; give the same command again"):
        train_arm(arm, ground, tmp_path / "cut", probes=3, listener=stop_at(step))
    assert not recorded(tmp_path / "cut").finished
    again = train_arm(arm, ground, tmp_path / "cut", probes=3)
    assert again == whole
    one, other = (read_tensors(tmp_path / name / "last.safetensors")[0] for name in ("whole", "cut"))
    assert all((one[name] == other[name]).all() for name in one)


def test_a_finished_one_is_left_as_it_is(ground, arm, tmp_path):
    first = train_arm(arm, ground, tmp_path, probes=2)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir() if path.name != ".lock"}
    events = []
    assert train_arm(arm, ground, tmp_path, probes=2, listener=events.append) == first
    assert events == []
    assert {path: path.stat().st_mtime_ns for path in before} == before


def test_a_listener_hears_the_loss_alone(ground, arm, tmp_path):
    events = []
    record = train_arm(arm, ground, tmp_path, probes=0, listener=events.append)
    assert {tuple(event.losses) for event in events if isinstance(event, StepDone)} == {("cross_entropy",)}
    assert 0 <= record.epochs[-1]["running_error"] <= 1


def test_its_folder_is_that_of_a_run_whose_model_predicts(ground, arm, tmp_path):
    train_arm(arm, ground, tmp_path, probes=2)
    run = saccade.Run(tmp_path)
    assert run.state == "finished"
    assert "resnet8 on synthetic" in repr(run)
    assert run.predictor().labels == ground.labels


def test_more_threads_go_on_with_the_same_run(ground, arm, tmp_path):
    first = train_arm(arm, ground, tmp_path, probes=2)
    assert train_arm(replace(arm, settings=replace(arm.settings, threads=2)), ground, tmp_path, probes=2) == first


@pytest.mark.bad_input
def test_another_run_in_its_place_is_refused(ground, arm, tmp_path, tiny):
    train_arm(arm, ground, tmp_path, probes=0)
    faster = replace(arm, settings=replace(arm.settings, learning_rate=0.5))
    with pytest.raises(BadConfig, match=r"holds a run with learning_rate=0\.03 instead of 0\.5; taken is the same run"):
        train_arm(faster, ground, tmp_path, probes=0)
    with pytest.raises(BadConfig, match="holds a run with another network"):
        train_arm(replace(arm, architecture="resnet20"), ground, tmp_path, probes=0)
    fewer = ground_of(open_data(tiny[0]), size=8, images=20, judged=0)
    with pytest.raises(BadConfig, match="other images"):
        train_arm(arm, fewer, tmp_path, probes=0)
