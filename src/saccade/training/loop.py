"""The training loop: any task, any network, stopped anywhere and resumed to the same bits.

    for each epoch:   for each step: images → loss → gradient → clip → optimiser → average
                      validate → keep the best → save

It knows the Task protocol and nothing of any task or architecture. What it has to say it says as events.

Source: ours.
"""

from __future__ import annotations

import contextlib
import functools
import math
import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import torch
from torch import Tensor, nn

from saccade.errors import BadData, Diverged, Interrupted, printable
from saccade.layers.synchronised import Synchronised, synchronised
from saccade.training.averaging import make_average
from saccade.training.checkpoint import Moving, Place, restore_checkpoint, save_checkpoint
from saccade.training.determinism import refusals_named
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
from saccade.training.freezing import Freezing
from saccade.training.interrupts import StopRequest
from saccade.training.job import Batches, Job
from saccade.training.optimizers import make_optimizer, norm_shifts
from saccade.training.processes import Processes, add_up_gradients
from saccade.training.schedules import rate_at
from saccade.training.shortage import shortage_named
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
        processes: Those that train together; the first one alone saves, and knows more than the others.
        stand_in: What a process runs whose part of a batch is empty; nothing of it counts.

    Source: ours.
    """

    def __init__(
        self,
        job: Job,
        *,
        emit: Callable[[Event], None] = lambda _: None,
        position: Callable[[], int] = lambda: 0,
        keep_best: Callable[[], None] = lambda: None,
        processes: Processes | None = None,
        stand_in: Batch | None = None,
    ) -> None:
        self.job, self._emit, self._position, self._keep_best = job, emit, position, keep_best
        self._processes, self._stand_in = processes or Processes(), stand_in
        self._norms: Synchronised | None = None
        self._processes.share(job.network.state_dict().values())
        settings, network = job.settings, job.network
        groups = job.task.groups(network)
        self._freezing = Freezing(network, settings)
        rates = {parameter: self._freezing.rate_of(name) for name, parameter in network.named_parameters()}
        make = functools.partial(make_optimizer, settings=settings, rates=rates, shifts=norm_shifts(network))
        optimizers = {name: make(parameters) for name, parameters in groups.items()}
        scaler = torch.amp.GradScaler(job.execution.device, enabled=job.execution.precision == "float16")
        self.moving = Moving(network, optimizers, make_average(network, settings), scaler, Place())
        self._parameters = list(network.parameters())
        self._stop = StopRequest()
        self._steps_per_epoch = 0
        self._weigh: Callable[[Batch], float] = getattr(job.task, "weight", len)
        self._asked = 0
        self._seen_bad: set[str] = set()
        self._last_keys: tuple[str, ...] = ()

    def restore(self) -> None:
        """Go back to the saved state; raises BadCheckpoint when it cannot be read."""
        restore_checkpoint(self.job.checkpoint, self.moving)
        self._processes.agree("saved state", [self.moving.place.epoch, self.moving.place.step])

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
        with self.job.execution.applied(), self._stop, self._synchronised() as self._norms:
            self._emit(RunStarted(settings.epochs, self._steps_per_epoch, place.epoch, place.step))
            if not self.job.checkpoint.exists():
                self._save()
            try:
                while place.epoch < settings.epochs and not 0 < settings.patience <= place.since_best:
                    self._train_epoch(train)
                    self._finish_epoch(validation)
            except Interrupted as error:
                self._save()
                self._processes.told(None)  # a launcher ends the others when one is gone: not before the state is saved
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
        self._freezing.apply(place.epoch)
        last = time.perf_counter()
        for batches in _grouped(train.epoch(place.epoch, place.batch), self.job.settings.accumulate):
            arrived = time.perf_counter()
            readable, images, weight = self._counted(batches)
            place.batch += len(batches)
            if readable:
                losses, rate = self._step(readable, weight)
                last, before = time.perf_counter(), last
                self._account(losses, images, last - before, arrived - before)
                place.step += 1
                self._emit(StepDone(place.epoch, place.step, losses, rate, images, last - before, arrived - before))
            self._stop_if_asked()
            if every and place.step % every == 0:
                self._save()

    def _counted(self, batches: Sequence[Batch]) -> tuple[list[Batch], int, float]:
        """Give the batches of which somebody can read anything, and their images and weight in all processes."""
        processes, readable, images, weight = self._processes, [], 0, 0.0
        if processes.several and not self.job.settings.sync_batch_norm:
            # batch normalisation of a process by itself cannot learn from one image
            batches = [_emptied(batch) if len(batch) == 1 else batch for batch in batches]
        told = processes.told([[len(batch), batch.set_aside, self._weigh(batch)] for batch in batches])
        for number, batch in enumerate(batches):
            count = sum(one[number][0] for one in told)
            bad = [(key, reason) for one in told for key, reason in one[number][1]]
            self._report_bad(bad)
            if count and not (processes.several and bad and count == 1):  # nor that of all together
                readable.append(batch)
                images += count
                weight += sum(one[number][2] for one in told)
        return readable, images, weight

    def _step(self, batches: Sequence[Batch], weight: float) -> tuple[dict[str, float], float]:
        """Take one step with each group of parameters; give the mean loss terms and the learning rate."""
        moving, job, processes = self.moving, self.job, self._processes
        losses, rate = dict[str, float](), 0.0
        self._last_keys = batches[-1].keys
        for group, optimizer in moving.optimizers.items():
            rate = self._set_rate(optimizer)
            for parameter in self._parameters:
                parameter.grad = None
            own, spoilt = dict[str, float](), list[Any]()
            for number, batch in enumerate(batches):
                job.execution.seed(
                    _mixed(job.settings.seed, moving.place.step, number * processes.world + processes.rank)
                )
                terms = self._backward(batch, group, self._weigh(batch) / weight if weight else 1.0)
                if not all(map(math.isfinite, terms.values())):
                    spoilt.append([terms, batch.keys])
                for name, value in terms.items():
                    own[name] = own.get(name, 0.0) + value
            parameters = [parameter for one in optimizer.param_groups for parameter in one["params"]]
            add_up_gradients(parameters, processes)
            for name, value in self._summed(own, spoilt).items():
                losses[name] = losses.get(name, 0.0) + value
            if job.settings.clip_norm:
                moving.scaler.unscale_(optimizer)
                nn.utils.clip_grad_norm_(parameters, job.settings.clip_norm)
            moving.scaler.step(optimizer)
        moving.scaler.update()
        moving.average.update(job.network, moving.place.step, job.settings.epochs * self._steps_per_epoch)
        return losses, rate

    def _backward(self, batch: Batch, group: str, share: float) -> dict[str, float]:
        """Add to the gradients what a batch says; give its share of each loss term."""
        job, norms, counted = self.job, self._norms, contextlib.nullcontext()
        empty = not len(batch)
        if empty:
            if self._stand_in is None or norms is None or not norms.layers:
                return {}
            batch, counted = self._stand_in, norms.uncounted()
        batch = batch.to(torch.device(job.execution.device), job.execution.torch_memory_format)
        with counted, refusals_named(job.network), shortage_named(job.network, batch.images):
            with job.execution.autocast():
                terms = job.task.loss(job.network, batch, group)
            total = functools.reduce(torch.add, terms.values())
            share = 0.0 if empty else share
            scaled: Tensor = self.moving.scaler.scale(total if share == 1 else total * share)
            scaled.backward()
        return {} if empty else {name: float(term.detach()) * share for name, term in terms.items()}

    def _summed(self, losses: dict[str, float], spoilt: Sequence[Any]) -> dict[str, float]:
        """Add up the loss terms of all processes, and stop before the step if any is not finite; hear of signals."""
        told = self._processes.told([self._stop.signal_number, losses, spoilt])
        if self._processes.several:
            self._asked = max(signal for signal, _, _ in told)
        for values, keys in [one for _, _, several in told for one in several]:
            raise Diverged(
                f"got a loss that is not finite ({values}) in epoch {self.moving.place.epoch + 1}, step "
                f"{self.moving.place.step + 1}, on {_listed(keys)}; taken are "
                "finite ones; lower the learning rate or look at these images (what was saved is finite and intact)"
            )
        sums = dict[str, float]()
        for name, value in [pair for _, own, _ in told for pair in own.items()]:
            sums[name] = sums.get(name, 0.0) + value
        return sums

    def _set_rate(self, optimizer: torch.optim.Optimizer) -> float:
        rate = rate_at(self.job.settings, self.moving.place.step, self._steps_per_epoch)
        for one in optimizer.param_groups:
            one["lr"] = rate * one["share"]
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
            self._processes.share(job.network.buffers())
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
        rate = rate_at(job.settings, max(0, place.step - 1), self._steps_per_epoch)
        done = EpochDone(
            place.epoch, place.step, losses, figures, best, rate, place.images, place.seconds, place.waited
        )  # fmt: skip
        self._emit(done)
        place.epoch, place.batch, place.images = place.epoch + 1, 0, 0
        place.loss_sums, place.seconds, place.waited = {}, 0.0, 0.0
        self._save()

    def _refuse_non_finite(self) -> None:
        """Stop before the weights are judged and kept, when the last steps of an epoch have spoilt them."""
        told = self._processes.told(non_finite(self.job.network.state_dict()))
        bad = next(filter(None, told), [])
        if bad:
            raise Diverged(
                f"got weights that are not finite in {', '.join(bad[:3])} after epoch {self.moving.place.epoch + 1}, "
                f"whose last step was on {_listed(self._last_keys)}; taken are finite ones; lower the learning rate or "
                "look at these images (what was saved is finite and intact)"
            )

    def _validate(self, validation: Batches) -> dict[str, float]:
        """Give the figures of the epoch that mean something; none when no validation image can be read."""
        job, processes, seen = self.job, self._processes, 0

        def between(batch: Batch) -> None:
            nonlocal seen
            told = processes.told([self._stop.signal_number, len(batch), batch.set_aside])
            if processes.several:
                self._asked = max(one[0] for one in told)
            seen += sum(one[1] for one in told)
            self._report_bad([(key, reason) for one in told for key, reason in one[2]])
            self._stop_if_asked()

        try:
            metric = run_metric(job.network, job.task, validation, job.execution, between=between, processes=processes)
        except BadData as error:
            told = str(error).split(";", 1)[0]
            raise Diverged(
                f"{told} while validating epoch {self.moving.place.epoch + 1}; taken are finite outputs; lower the "
                "learning rate or look at these images (what was saved is finite and intact)"
            ) from error
        figures = processes.from_first(lambda: _plain(metric.compute())) if seen else {}
        return {name: value for name, value in figures.items() if math.isfinite(value)}

    def _save(self) -> None:
        place = self.moving.place
        place.events = self._position()
        if self._processes.first:
            save_checkpoint(self.job.checkpoint, self.moving)
        self._emit(CheckpointSaved(place.epoch, place.step, self.job.checkpoint.name))

    def _stop_if_asked(self) -> None:
        """End the run between two batches; `fit` saves when the network has its own weights back."""
        asked = self._asked if self._processes.several else self._stop.signal_number
        if asked:
            raise Interrupted(
                f"got signal {asked} in epoch {self.moving.place.epoch + 1}; the state is saved; "
                f"go on with: saccade train --resume {shlex.quote(str(self.job.checkpoint.parent))}",
                asked,
            )

    def _synchronised(self) -> contextlib.AbstractContextManager[Synchronised | None]:
        wanted = self._processes.several and self.job.settings.sync_batch_norm
        return synchronised(self.job.network, self._processes) if wanted else contextlib.nullcontext()

    def _report_bad(self, bad: Sequence[tuple[str, str]]) -> None:
        for key, reason in bad:
            if key not in self._seen_bad:
                self._seen_bad.add(key)
                self._emit(FileSetAside(key, reason))


def _plain(figures: Mapping[str, float]) -> dict[str, float]:
    return {name: float(value) for name, value in figures.items()}


def _emptied(batch: Batch) -> Batch:
    return replace(batch, images=batch.images[:0], sizes=batch.sizes[:0], targets=None, keys=())


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
