import pytest
import torch
from torch import nn

from saccade.errors import BadConfig
from saccade.training.determinism import refusals_named
from saccade.training.loop import Trainer
from two_classes import Batches, assert_same_bits, make_job, state_of


class Unpooled(nn.Module):
    """With an operation whose result torch does not promise to be the same each time."""

    def __init__(self) -> None:
        super().__init__()
        self.back, self.last = nn.MaxUnpool2d(2), nn.Linear(36, 2)

    def forward(self, images):
        pooled, places = nn.functional.max_pool2d(images, 2, return_indices=True)
        return self.last(self.back(pooled, places).flatten(1))


def test_a_layer_whose_result_is_not_the_same_each_time_is_named(tmp_path):
    job = make_job(tmp_path / "refused")
    job = type(job)(nn.Sequential(Unpooled()), job.task, job.settings, _deterministic(job), job.checkpoint)
    with pytest.raises(
        BadConfig,
        match=r"got the layer '0\.back', MaxUnpool2d, which uses max_unpool\S*, with deterministic=True; taken",
    ) as caught:
        Trainer(job).fit(Batches(), None)
    assert str(caught.value).count("; ") == 2
    assert not torch.are_deterministic_algorithms_enabled()


def _deterministic(job):
    return type(job.execution)(deterministic=True)


def test_where_no_layer_is_at_work_the_operation_is_named():
    with pytest.raises(BadConfig, match="got a network, which uses cumsum_cuda, with"), refusals_named(nn.ReLU()):
        raise RuntimeError("cumsum_cuda does not have a deterministic implementation, but you set …")


def test_other_errors_pass():
    with pytest.raises(RuntimeError, match="shapes"), refusals_named(nn.ReLU()):
        raise RuntimeError("shapes do not fit")


def test_a_deterministic_run_gives_the_same_bits_twice(tmp_path):
    states = []
    for name in ("one", "other"):
        job = make_job(tmp_path / name)
        trainer = Trainer(type(job)(job.network, job.task, job.settings, _deterministic(job), job.checkpoint))
        trainer.fit(Batches(), Batches(steps=1))
        states.append(state_of(trainer))
    assert_same_bits(*states)
