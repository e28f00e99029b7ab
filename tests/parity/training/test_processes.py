"""Several processes that train together against one with the same batches: the same losses, weights and figures.

The processes are threads here, which see each other through a barrier; in journeys they are processes.
"""

from __future__ import annotations

import dataclasses
import math
import threading
from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from rank_threads import in_threads
from saccade.errors import BadData, Diverged
from saccade.tasks.classification import classification
from saccade.training.events import EpochDone, FileSetAside, StepDone
from saccade.training.execution import Execution
from saccade.training.job import Job
from saccade.training.loop import Trainer
from saccade.training.processes import Processes
from saccade.training.settings import TrainingSettings
from saccade.types.batch import Batch

LABELS = ("dark", "light", "lighter")
PLAIN = {"optimizer": "nesterov", "learning_rate": 0.05, "epochs": 2, "warmup_epochs": 0.0, "threads": 1}
BAD = "epoch 0 image 9"
SEEDED = threading.Lock()


@dataclass(frozen=True)
class Parts:
    """Batches of 5 images and a last one of fewer, of which each process gets its part; one image cannot be read."""

    rank: int = 0
    world: int = 1
    count: int = 16
    poison: int = -1

    @property
    def steps(self) -> int:
        return math.ceil(self.count / 5)

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        noise = torch.Generator().manual_seed(epoch)
        images = torch.rand(self.count, 1, 6, 6, generator=noise)
        if self.poison >= 0:
            images[self.poison] = math.nan
        targets = (images.mean((1, 2, 3)) * 30).nan_to_num().long() % 3
        for step in range(start, self.steps):
            rows = torch.arange(self.count)[5 * step : 5 * step + 5].tensor_split(self.world)[self.rank]
            keys = [f"epoch {epoch} image {row}" for row in rows.tolist()]
            bad = [place for place, key in enumerate(keys) if key == BAD]
            kept = torch.tensor([row for place, row in enumerate(rows.tolist()) if place not in bad], dtype=torch.int64)
            yield Batch(
                images[kept], torch.tensor([[6, 6]]).expand(len(kept), 2), targets[kept] if len(kept) else None,
                tuple(key for key in keys if key != BAD), tuple((keys[place], "torn") for place in bad),
            )  # fmt: skip


def network(*, norm: bool = True) -> nn.Module:
    with SEEDED:  # threads draw from one generator
        torch.manual_seed(0)
        return nn.Sequential(
            nn.Conv2d(1, 4, 3, bias=False), nn.BatchNorm2d(4) if norm else nn.Identity(), nn.Tanh(), nn.Flatten(),
            nn.Linear(64, 3),
        )  # fmt: skip


def trained(folder, processes: Processes | None = None, *, norm=True, task=None, batches=None, **changes):
    """Train on this process's parts; give the events, the state, and the place."""
    joined, events = processes or Processes(), []
    parts = replace(batches or Parts(), rank=joined.rank, world=joined.world)
    settings = TrainingSettings(**{**PLAIN, **changes})
    job = Job(network(norm=norm), task or classification(LABELS), settings, Execution(), folder / "last.safetensors")
    blank = Batch(torch.zeros(2, 1, 6, 6), torch.tensor([[6, 6]] * 2), torch.tensor([0, 0]))
    trainer = Trainer(
        job, emit=events.append if joined.first else lambda _: None, processes=joined, stand_in=blank
    )  # fmt: skip
    place = trainer.fit(parts, replace(parts, count=7))
    return events, {**job.network.state_dict(), **trainer.moving.average.weights}, place


def curves(events):
    return [event.losses for event in events if isinstance(event, StepDone)]


VARIANTS = {
    "plain": {},
    "without norms": {"norm": False},
    "accumulated": {"accumulate": 2},
    "clipped": {"clip_norm": 0.05},
    "averaged": {"ema_decay": 0.8},
    "looking back": {"lookahead": 2},
    "adam": {"optimizer": "adamw", "learning_rate": 1e-3, "norm": False},
    "weighted": {"task": classification(LABELS, class_weights=(1.0, 5.0, 0.2), label_smoothing=0.1)},
    "patient": {"patience": 1, "epochs": 3},
}


@pytest.mark.parametrize("world", [2, 3, 7])
@pytest.mark.parametrize("variant", VARIANTS)
def test_several_processes_are_one_with_the_same_batches(tmp_path, variant, world):
    alone, weights, place = trained(tmp_path, **VARIANTS[variant])
    (tmp_path / "last.safetensors").unlink()
    results = in_threads(world, lambda processes: trained(tmp_path, processes, **VARIANTS[variant]))
    together = results[0][0]
    assert [one.keys() for one in curves(together)] == [one.keys() for one in curves(alone)]
    for one, other in zip(curves(together), curves(alone), strict=True):
        assert one == pytest.approx(other, abs=1e-5)
    for _, state, there in results:
        torch.testing.assert_close(state, weights, rtol=1e-5, atol=1e-5)
        assert (there.step, there.images, there.best_epoch, there.since_best) == (
            place.step, place.images, place.best_epoch, place.since_best,
        )  # fmt: skip
        assert all(torch.equal(state[name], results[0][1][name]) for name in state)
    for one, other in zip(*([e for e in run if isinstance(e, EpochDone)] for run in (together, alone)), strict=True):
        assert (one.images, one.best) == (other.images, other.best)
        assert one.validation == pytest.approx(other.validation, abs=1e-5)
        assert one.validation["accuracy"] == other.validation["accuracy"]
    assert [event.key for event in together if isinstance(event, FileSetAside)] == [BAD]


def test_each_process_draws_its_own_dropout(tmp_path):
    seeds: dict[int, list[int]] = {0: [], 1: []}

    def work(processes):
        class Noted(Execution):
            def seed(self, number):
                seeds[processes.rank].append(number)

        settings = TrainingSettings(**{**PLAIN, "accumulate": 2})
        job = Job(network(norm=False), classification(LABELS), settings, Noted(), tmp_path / "last.safetensors")
        Trainer(job, processes=processes).fit(Parts(processes.rank, 2), None)

    in_threads(2, work)
    assert len(seeds[0]) == len(seeds[1]) == 2 * 4
    assert len({*seeds[0], *seeds[1]}) == 2 * 2 * 4


def test_a_network_of_ones_own_begins_with_the_weights_of_the_first(tmp_path):
    def work(processes):
        settings = TrainingSettings(**PLAIN)
        made = network(norm=False)
        with torch.no_grad():
            made[0].weight.fill_(float(processes.rank))
        Trainer(Job(made, classification(LABELS), settings, Execution(), tmp_path / "x"), processes=processes)
        return made[0].weight.unique().tolist()

    assert in_threads(3, work) == [[0.0]] * 3


def test_a_loss_that_is_not_finite_stops_all_and_names_the_images_of_the_one_that_met_it(tmp_path):
    def work(processes):
        with pytest.raises(Diverged, match=r"epoch 1, step 1, on epoch 0 image 3, epoch 0 image 4; taken") as caught:
            trained(tmp_path, processes, norm=False, batches=Parts(poison=4))
        return str(caught.value)

    first, second = in_threads(2, work)
    assert first == second


def test_figures_that_cannot_be_had_are_refused_in_all_processes(tmp_path):
    class Failing:
        def update(self, outputs, batch):
            raise BadData("got NaN for image 2; taken are finite numbers; look")

        def compute(self):
            return {}

    class Blind(type(classification(LABELS))):
        def metric(self):
            return Failing()

    def work(processes):
        with pytest.raises(Diverged, match="got NaN for image 2 while validating epoch 1"):
            trained(tmp_path, processes, task=Blind(LABELS))
        return True

    assert in_threads(2, work) == [True, True]


def test_norms_of_each_process_by_itself_give_the_weights_and_statistics_of_the_first(tmp_path):
    results = in_threads(2, lambda processes: trained(tmp_path, processes, sync_batch_norm=False))
    weights = [{name: value for name, value in state.items() if "running" not in name} for _, state, _ in results]
    for name, value in weights[0].items():
        assert torch.equal(value, weights[1][name]), name
    alone = trained(tmp_path / "..", sync_batch_norm=False)[1]
    assert not torch.allclose(alone["1.running_var"], results[0][1]["1.running_var"], rtol=1e-4)


def test_a_part_of_one_image_sits_out_where_each_process_has_norms_of_its_own(tmp_path):
    def work(processes):
        events = trained(tmp_path, processes, sync_batch_norm=False, epochs=1, batches=Parts(count=3))[0]
        return [event.images for event in events if isinstance(event, StepDone)]

    assert in_threads(2, work)[0] == [2]


def test_an_image_left_alone_in_a_batch_of_all_sits_out_as_in_one_process(tmp_path):
    class Torn(Parts):
        def epoch(self, epoch, start=0):
            for batch in super().epoch(epoch, start):
                kept = [place for place, key in enumerate(batch.keys) if key.endswith("image 0")]
                aside = tuple((key, "torn") for key in batch.keys if not key.endswith("image 0"))
                chosen = torch.tensor(kept, dtype=torch.int64)
                targets = batch.targets[chosen] if kept else None
                yield dataclasses.replace(
                    batch, images=batch.images[chosen], sizes=batch.sizes[chosen], targets=targets,
                    keys=tuple(batch.keys[place] for place in kept), set_aside=aside,
                )  # fmt: skip

    events = in_threads(2, lambda processes: trained(tmp_path, processes, epochs=1, batches=Torn())[0])[0]
    assert [event for event in events if isinstance(event, StepDone)] == []


def test_class_weights_weigh_batches_that_are_added_up():
    """By the sum of the weights of their images, by which the loss divides: then parts give what the whole gives."""
    task = classification(LABELS, class_weights=(1.0, 3.0, 0.5))
    logits = torch.randn(6, 3, generator=torch.Generator().manual_seed(0))
    targets = torch.tensor([0, 1, 1, 2, 0, 2])
    sizes = torch.ones(6, 2, dtype=torch.int64)
    whole = Batch(logits.view(6, 3, 1, 1), sizes, targets)
    parts = [Batch(whole.images[rows], sizes[rows], targets[rows]) for rows in (slice(0, 2), slice(2, 6))]
    losses = [task.loss(nn.Flatten(), part)["cross_entropy"] * task.weight(part) for part in parts]
    expected = F.cross_entropy(logits, targets, weight=torch.tensor(task.class_weights))
    assert sum(losses).item() / task.weight(whole) == pytest.approx(expected.item(), rel=1e-6)
    shares = Batch(whole.images, sizes, F.one_hot(targets, 3).float())
    assert task.weight(shares) == task.weight(whole) == 9.0
    empty = Batch(whole.images[:0], sizes[:0], None)
    assert task.weight(empty) == 0
