import sys

import pytest

from saccade.api.watching.tensorboard import TensorBoard
from saccade.errors import MissingExtra
from saccade.training.events import CheckpointSaved, EpochDone, RunFinished, StepDone


def test_the_figures_come_back_as_they_were_written(tmp_path):
    with TensorBoard(tmp_path / "board") as board:
        board(StepDone(0, 7, {"loss": 0.5}, 0.25, images=8, seconds=2.0, waited=0.5, time=100.0))
        board(EpochDone(0, 7, {"loss": 0.75}, {"accuracy": 0.875}, True, 0.25, 8, 2.0, 0.5, time=101.0))
        board(CheckpointSaved(1, 7, "last.safetensors"))
        board(RunFinished(1, 0, 2.0))
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(tmp_path / "board"))
    events.Reload()
    tags = events.Tags()["scalars"]
    figures = {tag: [(one.step, one.value, one.wall_time) for one in events.Scalars(tag)] for tag in tags}
    assert figures == {
        "train/loss": [(7, 0.5, 100.0)],
        "train/learning_rate": [(7, 0.25, 100.0)],
        "speed/images_per_second": [(7, 4.0, 100.0)],
        "speed/waiting_for_data": [(7, 0.25, 100.0)],
        "validation/accuracy": [(1, 0.875, 101.0)],
        "epoch/loss": [(1, 0.75, 101.0)],
    }


@pytest.mark.bad_input
def test_without_tensorboard_the_extra_is_named(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard.writer", None)
    with pytest.raises(MissingExtra, match=r"saccade\[tensorboard\]"):
        TensorBoard(tmp_path)
