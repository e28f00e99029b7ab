"""The loop: what it does in a step, and that it can stop anywhere and go on to the same bits."""

from __future__ import annotations

import dataclasses
import os
import signal

import pytest
import torch

from saccade.errors import Diverged, Interrupted
from saccade.training.events import CheckpointSaved, EpochDone, RunFinished, RunStopped, StepDone
from saccade.training.loop import Trainer
from saccade.weights.files import non_finite, read_tensors
from two_classes import Batches, TwoClasses, assert_same_bits, make_job, state_of, stop_after

VARIANTS = {
    "adamw with average": {"optimizer": "adamw", "ema_decay": 0.9},
    "nesterov, clipped": {"optimizer": "nesterov", "clip_norm": 0.1, "schedule": "step"},
    "plain, accumulated": {"optimizer": "sgd", "accumulate": 2, "schedule": "linear", "warmup_epochs": 1.0},
    "adam, small checkpoints": {"optimizer": "adam", "checkpoint_steps": 2},
}


@pytest.mark.parametrize("variant", VARIANTS)
@pytest.mark.parametrize("steps", [1, 3, 4])
def test_a_run_stopped_at_any_step_resumes_to_the_same_bits(tmp_path, variant, steps):
    whole = Trainer(make_job(tmp_path / "whole", **VARIANTS[variant]))
    whole.fit(Batches(), Batches(steps=2))

    stopped = Trainer(make_job(tmp_path / "stopped", **VARIANTS[variant]), emit=stop_after(steps))
    with pytest.raises(Interrupted) as caught:
        stopped.fit(Batches(), Batches(steps=2))
    assert caught.value.exit_code == 143

    resumed = Trainer(make_job(tmp_path / "stopped", **VARIANTS[variant]))
    resumed.restore()
    assert resumed.moving.place.step == steps
    place = resumed.fit(Batches(), Batches(steps=2))
    assert_same_bits(state_of(whole), state_of(resumed))
    assert place.step == whole.moving.place.step
    assert place.best_score == whole.moving.place.best_score


def test_a_signal_during_validation_saves_the_weights_themselves_not_their_average(tmp_path):
    job = make_job(tmp_path / "during", ema_decay=0.9, epochs=1)

    class Signalling(Batches):
        def epoch(self, epoch, start=0):
            for batch in super().epoch(epoch, start):
                os.kill(os.getpid(), signal.SIGTERM)
                yield batch

    with pytest.raises(Interrupted):
        Trainer(job).fit(Batches(), Signalling(steps=2))
    resumed = Trainer(make_job(tmp_path / "during", ema_decay=0.9, epochs=1))
    resumed.restore()
    resumed.fit(Batches(), Batches(steps=2))
    whole = Trainer(make_job(tmp_path / "never", ema_decay=0.9, epochs=1))
    whole.fit(Batches(), Batches(steps=2))
    assert_same_bits(state_of(whole), state_of(resumed))


def test_a_finished_run_can_be_extended(tmp_path):
    Trainer(make_job(tmp_path / "extended", epochs=1, schedule="constant")).fit(Batches(), None)
    longer = Trainer(make_job(tmp_path / "extended", epochs=3, schedule="constant"))
    longer.restore()
    longer.fit(Batches(), None)
    whole = Trainer(make_job(tmp_path / "whole", epochs=3, schedule="constant"))
    whole.fit(Batches(), None)
    assert_same_bits(state_of(whole), state_of(longer))


def test_a_loss_that_is_not_finite_stops_the_run_at_once_and_names_the_images(tmp_path):
    events = []
    job = make_job(tmp_path / "poisoned")
    with pytest.raises(Diverged, match=r"step 3, on image 0\.2\.0, image 0\.2\.1") as caught:
        Trainer(job, emit=events.append).fit(Batches(poison=2), None)
    assert caught.value.exit_code == 3
    assert [event.step for event in events if isinstance(event, StepDone)] == [1, 2]
    assert isinstance(events[-1], RunStopped)
    assert non_finite(read_tensors(job.checkpoint)[0]) == []


def test_a_huge_learning_rate_stops_the_run_and_leaves_finite_files(tmp_path):
    job = make_job(tmp_path / "huge", learning_rate=1e9, optimizer="sgd", weight_decay=1.0, epochs=30)
    with pytest.raises(Diverged):
        Trainer(job).fit(Batches(), None)
    assert non_finite(read_tensors(job.checkpoint)[0]) == []


def test_weights_that_the_last_step_of_an_epoch_spoils_are_never_kept(tmp_path):
    """The loss before that step is finite still, so that only a look at the weights tells."""
    kept, job = [], make_job(tmp_path / "spoilt", learning_rate=1e39, optimizer="sgd", epochs=1, schedule="constant")
    with pytest.raises(Diverged, match=r"weights that are not finite in .* last step was on image 0\.0\.0") as caught:
        Trainer(job, keep_best=lambda: kept.append(1)).fit(Batches(steps=1), Batches(steps=1))
    assert caught.value.exit_code == 3
    assert kept == []
    assert non_finite(read_tensors(job.checkpoint)[0]) == []


def test_validation_images_of_which_none_can_be_read_do_not_end_the_run(tmp_path):
    class Broken(Batches):
        def epoch(self, epoch, start=0):
            batch = next(super().epoch(epoch, start))
            yield dataclasses.replace(batch, images=batch.images[:0], sizes=batch.sizes[:0], targets=None, keys=())

    events = []
    Trainer(make_job(tmp_path / "blind"), emit=events.append).fit(Batches(), Broken())
    assert [event.validation for event in events if isinstance(event, EpochDone)] == [{}, {}]


def test_a_figure_without_a_meaning_is_left_out(tmp_path):
    class Nothing:
        def update(self, outputs, batch):
            pass

        def compute(self):
            return {"accuracy": float("nan"), "loss": 0.5}

        def judge(self, resamples, seed):
            raise AssertionError("the loop does not judge")

    class Vague(TwoClasses):
        def metric(self):
            return Nothing()

    events = []
    job = dataclasses.replace(make_job(tmp_path / "vague"), task=Vague())
    Trainer(job, emit=events.append).fit(Batches(), Batches())
    assert [event.validation for event in events if isinstance(event, EpochDone)] == [{"loss": 0.5}] * 2


def test_accumulated_batches_equal_one_large_batch(tmp_path):
    """Without batch statistics and dropout, two batches of four are one of eight."""
    large = make_job(tmp_path / "large", optimizer="sgd", epochs=1)
    small = make_job(tmp_path / "small", optimizer="sgd", epochs=1, accumulate=2)
    both = list(Batches(steps=2).epoch(0))
    for job in (large, small):
        job.network[1] = torch.nn.Identity()
        job.network[3] = torch.nn.Identity()
    small_trainer, large_trainer = Trainer(small), Trainer(large)
    for trainer in (small_trainer, large_trainer):
        trainer._steps_per_epoch = 1
    small_trainer._step(both, 8)
    joined = Batches().epoch(0).__next__().__class__(
        torch.cat([batch.images for batch in both]), torch.cat([batch.sizes for batch in both]),
        torch.cat([batch.targets for batch in both]), both[0].keys + both[1].keys,
    )  # fmt: skip
    large_trainer._step([joined], 8)
    for one, other in zip(small.network.parameters(), large.network.parameters(), strict=True):
        torch.testing.assert_close(one, other, rtol=1e-5, atol=1e-7)


def test_a_plain_step_is_weight_minus_rate_times_gradient(tmp_path):
    job = make_job(tmp_path / "plain", optimizer="sgd", learning_rate=0.5, schedule="constant", weight_decay=0.0)
    job.network[3] = torch.nn.Identity()
    batch = next(Batches().epoch(0))
    job.network.train()
    torch.nn.functional.cross_entropy(job.network(batch.images), batch.targets).backward()
    expected = [parameter.detach() - 0.5 * parameter.grad for parameter in job.network.parameters()]
    trainer = Trainer(job)
    trainer._steps_per_epoch = 5
    trainer._step([batch], len(batch))
    for parameter, value in zip(job.network.parameters(), expected, strict=True):
        torch.testing.assert_close(parameter.detach(), value)


def test_patience_ends_a_run_that_no_longer_improves(tmp_path):
    job = make_job(tmp_path / "patient", epochs=50, learning_rate=0.0, patience=3, optimizer="sgd")
    events = []
    Trainer(job, emit=events.append).fit(Batches(), Batches(steps=2))
    assert isinstance(events[-1], RunFinished)
    assert [event.best for event in events if isinstance(event, EpochDone)] == [True] * 4  # of equals, the later one


def test_the_global_generator_and_threads_are_put_back(tmp_path):
    torch.manual_seed(5)
    before, threads = torch.get_rng_state(), torch.get_num_threads()
    trainer = Trainer(make_job(tmp_path / "polite"))
    torch.set_rng_state(before)
    trainer.fit(Batches(), None)
    assert torch.equal(before, torch.get_rng_state())
    assert torch.get_num_threads() == threads


def test_every_epoch_is_saved_after_it_is_judged(tmp_path):
    events = []
    Trainer(make_job(tmp_path / "order"), emit=events.append).fit(Batches(), Batches(steps=1))
    kinds = [type(event) for event in events]
    assert kinds.count(CheckpointSaved) == 3
    assert [kinds[kinds.index(EpochDone) + 1], kinds[-1]] == [CheckpointSaved, RunFinished]


def test_the_network_learns(tmp_path):
    job = make_job(tmp_path / "learns", epochs=40, learning_rate=0.01)
    job.network[3] = torch.nn.Identity()
    events = []
    Trainer(job, emit=events.append).fit(Batches(), Batches(steps=5))
    done = [event for event in events if isinstance(event, EpochDone)]
    assert done[-1].validation["accuracy"] >= 0.9


def test_groups_of_parameters_are_stepped_in_order_each_with_its_own_loss(tmp_path):
    asked = []

    class Rivals(TwoClasses):
        def groups(self, network):
            return {"first": list(network[0].parameters()), "second": list(network[5].parameters())}

        def loss(self, network, batch, group="all"):
            asked.append((group, network[0].weight.detach().clone(), network[5].weight.detach().clone()))
            return {group: network(batch.images).square().mean() * (1 if group == "first" else 2)}

    job = dataclasses.replace(make_job(tmp_path / "rivals", epochs=1, optimizer="sgd"), task=Rivals())
    Trainer(job).fit(Batches(steps=1), None)
    (first, convolution, dense), (second, moved, still) = asked
    assert (first, second) == ("first", "second")
    assert not torch.equal(convolution, moved)
    assert torch.equal(dense, still)
    assert not torch.equal(dense, job.network[5].weight)
