"""The training loop: any task, any network, stopped anywhere and resumed to the same bits.

    for each epoch:   for each step: images → loss → gradient → clip → optimiser → average
                      validate → keep the best → save

It knows the Task protocol and nothing of any task or architecture. What it has to say it says as events.

Source: ours.
"""

from __future__ import annotations

import functools
import math
import shlex
import time
from collections.abc import Callable, Iterator, Sequence

import torch
from torch import Tensor, nn

from saccade.errors import BadData, Diverged, Interrupted, printable
from saccade.training.averaging import MovingAverage
from saccade.training.checkpoint import Moving, Place, restore_checkpoint, save_checkpoint
from saccade.training.events import (
    CheckpointSaved,
    EpochDone,
    Event,
    FileSetAside,
    RunFinished,
    RunStarted,
    RunStopped,
    StepDone,
)
from saccade.training.interrupts import StopRequest
from saccade.training.job import Batches, Job
from saccade.training.optimizers import make_optimizer
from saccade.training.schedules import rate_factor
from saccade.training.validation import run_metric
from saccade.types.batch import Batch
from saccade.weights.files import non_finite


class Trainer:
    """One run of training, from the beginning or from its checkpoint.

    Args:
        job: What to train, and how.
        emit: Gets every event.
        position: Gives the length of the event stream, to be saved with the state.
        keep_best: Called when an epoch is the best so far, with the weights to be judged in the network.

    Source: ours.
    """

    def __init__(
        self,
        job: Job,
        *,
        emit: Callable[[Event], None] = lambda _: None,
        position: Callable[[], int] = lambda: 0,
        keep_best: Callable[[], None] = lambda: None,
    ) -> None:
        self.job, self._emit, self._position, self._keep_best = job, emit, position, keep_best
        settings, network = job.settings, job.network
        groups = job.task.groups(network)
        optimizers = {name: make_optimizer(parameters, settings) for name, parameters in groups.items()}
        scaler = torch.amp.GradScaler(job.execution.device, enabled=job.execution.precision == "float16")
        self.moving = Moving(network, optimizers, MovingAverage(network, settings.ema_decay), scaler, Place())
        self._parameters = list(network.parameters())
        self._stop = StopRequest()
        self._steps_per_epoch = 0
        self._seen_bad: set[str] = set()
        self._last_keys: tuple[str, ...] = ()

    def restore(self) -> None:
        """Go back to the saved state; raises BadCheckpoint when it cannot be read."""
        restore_checkpoint(self.job.checkpoint, self.moving)

    def fit(self, train: Batches, validation: Batches | None) -> Place:
        """Train until every epoch is done, patience runs out, or a signal asks to stop.

        Args:
            train: Batches to learn from.
            validation: Batches to judge each epoch with; without them the training loss decides what is best.

        Returns:
            Where the run ended.

        Raises:
            Interrupted: After a signal; the state is saved.
            Diverged: At the first loss that is not finite; the files stay as they were before it.
            StorageFull: If the disk is full; the saved state before is intact.

        Source: ours.
        """
        place, settings, started = self.moving.place, self.job.settings, time.perf_counter()
        self._steps_per_epoch = -(-train.steps // settings.accumulate)
        with self.job.execution.applied(), self._stop:
            self._emit(RunStarted(settings.epochs, self._steps_per_epoch, place.epoch, place.step))
            if not self.job.checkpoint.exists():
                self._save()
            try:
                while place.epoch < settings.epochs and not 0 < settings.patience <= place.since_best:
                    self._train_epoch(train)
                    self._finish_epoch(validation)
            except Interrupted as error:
                self._save()
                self._emit(RunStopped(place.epoch, place.step, str(error)))
                raise
            except Diverged as error:
                self._emit(RunStopped(place.epoch, place.step, str(error)))
                raise
            self._emit(RunFinished(place.epoch, place.best_epoch, time.perf_counter() - started))
        return place

    def _train_epoch(self, train: Batches) -> None:
        place, every = self.moving.place, self.job.settings.checkpoint_steps
        self.job.network.train()
        last = time.perf_counter()
        for batches in _grouped(train.epoch(place.epoch, place.batch), self.job.settings.accumulate):
            arrived = time.perf_counter()
            self._report_bad(batches)
            place.batch += len(batches)
            readable = [batch for batch in batches if len(batch)]
            if readable:
                losses, rate = self._step(readable)
                last, before = time.perf_counter(), last
                images = sum(len(batch) for batch in readable)
                self._account(losses, images, last - before, arrived - before)
                place.step += 1
                self._emit(StepDone(place.epoch, place.step, losses, rate, images, last - before, arrived - before))
            self._stop_if_asked()
            if every and place.step % every == 0:
                self._save()

    def _step(self, batches: Sequence[Batch]) -> tuple[dict[str, float], float]:
        """Take one step with each group of parameters; give the mean loss terms and the learning rate."""
        moving, job = self.moving, self.job
        images = sum(len(batch) for batch in batches)
        losses, rate = dict[str, float](), 0.0
        self._last_keys = batches[-1].keys
        for group, optimizer in moving.optimizers.items():
            rate = self._set_rate(optimizer)
            for parameter in self._parameters:
                parameter.grad = None
            for number, batch in enumerate(batches):
                job.execution.seed(_mixed(job.settings.seed, moving.place.step, number))
                terms = self._backward(batch, group, len(batch) / images)
                for name, value in terms.items():
                    losses[name] = losses.get(name, 0.0) + value
            if job.settings.clip_norm:
                moving.scaler.unscale_(optimizer)
                parameters = [parameter for one in optimizer.param_groups for parameter in one["params"]]
                nn.utils.clip_grad_norm_(parameters, job.settings.clip_norm)
            moving.scaler.step(optimizer)
        moving.scaler.update()
        moving.average.update(job.network, moving.place.step)
        return losses, rate

    def _backward(self, batch: Batch, group: str, share: float) -> dict[str, float]:
        job = self.job
        batch = batch.to(torch.device(job.execution.device), job.execution.torch_memory_format)
        with job.execution.autocast():
            terms = job.task.loss(job.network, batch, group)
        total = functools.reduce(torch.add, terms.values())
        values = {name: float(term.detach()) * share for name, term in terms.items()}
        if not all(map(math.isfinite, values.values())):
            raise Diverged(
                f"got a loss that is not finite ({values}) in epoch {self.moving.place.epoch + 1}, step "
                f"{self.moving.place.step + 1}, on {_listed(batch.keys)}; taken are "
                "finite ones; lower the learning rate or look at these images (what was saved is finite and intact)"
            )
        scaled: Tensor = self.moving.scaler.scale(total if share == 1 else total * share)
        scaled.backward()
        return values

    def _set_rate(self, optimizer: torch.optim.Optimizer) -> float:
        settings, steps = self.job.settings, self._steps_per_epoch
        total, warmup = settings.epochs * steps, round(settings.warmup_epochs * steps)
        rate = settings.learning_rate * rate_factor(
            settings.schedule, self.moving.place.step, total=total, warmup=min(warmup, total // 2)
        )
        for one in optimizer.param_groups:
            one["lr"] = rate
        return rate

    def _account(self, losses: dict[str, float], images: int, seconds: float, waited: float) -> None:
        place = self.moving.place
        for name, value in losses.items():
            place.loss_sums[name] = place.loss_sums.get(name, 0.0) + value * images
        place.images += images
        place.seconds += seconds
        place.waited += waited

    def _finish_epoch(self, validation: Batches | None) -> None:
        place, job = self.moving.place, self.job
        losses = {name: value / max(1, place.images) for name, value in place.loss_sums.items()}
        self._refuse_non_finite()
        with self.moving.average.applied(job.network):
            figures = self._validate(validation) if validation is not None else {}
            name, higher = job.task.headline
            score = figures.get(name, -sum(losses.values())) * (1 if higher or name not in figures else -1)
            better = place.best_epoch < 0 or score > place.best_score
            # of equals the later one is kept: its learning rate has fallen further
            best = better or score == place.best_score
            if best:
                place.best_epoch, place.best_score = place.epoch, score
                self._keep_best()
        place.since_best = 0 if better else place.since_best + 1
        rate = next(iter(self.moving.optimizers.values())).param_groups[0]["lr"]
        done = EpochDone(
            place.epoch, place.step, losses, figures, best, rate, place.images, place.seconds, place.waited
        )  # fmt: skip
        self._emit(done)
        place.epoch, place.batch, place.images = place.epoch + 1, 0, 0
        place.loss_sums, place.seconds, place.waited = {}, 0.0, 0.0
        self._save()

    def _refuse_non_finite(self) -> None:
        """Stop before the weights are judged and kept, when the last steps of an epoch have spoilt them."""
        bad = non_finite(self.job.network.state_dict())
        if bad:
            raise Diverged(
                f"got weights that are not finite in {', '.join(bad[:3])} after epoch {self.moving.place.epoch + 1}, "
                f"whose last step was on {_listed(self._last_keys)}; taken are finite ones; lower the learning rate or "
                "look at these images (what was saved is finite and intact)"
            )

    def _validate(self, validation: Batches) -> dict[str, float]:
        """Give the figures of the epoch that mean something; none when no validation image can be read."""
        job, seen = self.job, 0

        def between(batch: Batch) -> None:
            nonlocal seen
            seen += len(batch)
            self._between(batch)

        try:
            metric = run_metric(job.network, job.task, validation, job.execution, between=between)
        except BadData as error:
            told = str(error).split(";", 1)[0]
            raise Diverged(
                f"{told} while validating epoch {self.moving.place.epoch + 1}; taken are finite outputs; lower the "
                "learning rate or look at these images (what was saved is finite and intact)"
            ) from error
        return {name: value for name, value in metric.compute().items() if math.isfinite(value)} if seen else {}

    def _between(self, batch: Batch) -> None:
        self._report_bad([batch])
        self._stop_if_asked()

    def _save(self) -> None:
        place = self.moving.place
        place.events = self._position()
        save_checkpoint(self.job.checkpoint, self.moving)
        self._emit(CheckpointSaved(place.epoch, place.step, self.job.checkpoint.name))

    def _stop_if_asked(self) -> None:
        """End the run between two batches; `fit` saves when the network has its own weights back."""
        if self._stop.signal_number:
            raise Interrupted(
                f"got signal {self._stop.signal_number} in epoch {self.moving.place.epoch + 1}; the state is saved; "
                f"go on with: saccade train --resume {shlex.quote(str(self.job.checkpoint.parent))}",
                self._stop.signal_number,
            )

    def _report_bad(self, batches: Sequence[Batch]) -> None:
        for batch in batches:
            for key, reason in batch.set_aside:
                if key not in self._seen_bad:
                    self._seen_bad.add(key)
                    self._emit(FileSetAside(key, reason))


def _listed(keys: Sequence[str]) -> str:
    return ", ".join(printable(key) for key in keys[:8]) + (", …" if len(keys) > 8 else "")


def _grouped(batches: Iterator[Batch], size: int) -> Iterator[list[Batch]]:
    group: list[Batch] = []
    for batch in batches:
        group.append(batch)
        if len(group) == size:
            yield group
            group = []
    if group:
        yield group


def _mixed(seed: int, step: int, number: int) -> int:
    """One 63-bit seed from three numbers, by the finaliser of splitmix64."""
    mixed = (seed * 0x9E3779B97F4A7C15 + step * 0xBF58476D1CE4E5B9 + number + 1) & 0xFFFFFFFFFFFFFFFF
    mixed = ((mixed ^ (mixed >> 30)) * 0xBF58476D1CE4E5B9) & 0xFFFFFFFFFFFFFFFF
    return (mixed ^ (mixed >> 27)) >> 1
