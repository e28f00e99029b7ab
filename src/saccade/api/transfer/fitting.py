"""Training on features: a frozen network looks at each picture once, and only what stands on top of it learns.

Source: ours; features from a network trained elsewhere, Donahue et al., arXiv 1310.1531.
"""

from __future__ import annotations

import functools
import math
import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import cast

import numpy as np
import torch
from torch import nn

from saccade.api.building import Plan
from saccade.api.choosing import training_changes
from saccade.api.fitting import make_task, model_description, recorded, streams, tell_decisions, tidied
from saccade.api.run import Run
from saccade.api.starting import begin_again
from saccade.api.transfer.features import Eye, Looks
from saccade.data.randomness import order
from saccade.errors import BadData, Interrupted
from saccade.exports.model_file import save_model
from saccade.layers.normalised import Normalised
from saccade.training.events import (
    EpochDone,
    Event,
    FeaturesComputed,
    FileSetAside,
    Listener,
    RunFinished,
    RunStarted,
    RunStopped,
)
from saccade.training.interrupts import StopRequest
from saccade.training.job import Job
from saccade.training.launch import refuse_several
from saccade.training.linear_head import LinearHead, fit_classes, fit_labels
from saccade.training.loop import Trainer
from saccade.training.settings import TrainingSettings
from saccade.types.batch import Batch
from saccade.types.sample import DataSet, Source
from saccade.types.task import Task

_TOLD_SECONDS = 5.0
_ORDER = 7


def fit_on_features(run: Run, dataset: DataSet, listeners: Sequence[Listener] | None) -> None:
    """Train what stands on top of a frozen network.

    Args:
        run: With its description, of a `pooled` network.
        dataset: The data of the run.
        listeners: Called with every event; None shows progress.

    Raises:
        BadConfig: If several processes train together.
        BadData: If no training picture can be read, or all are of one class.
        BadCheckpoint: If the weights that it begins with are gone or changed.
        Interrupted: After a signal; the features so far are kept.

    Source: ours.
    """
    refuse_several("--transfer features")
    settings, execution, planned = recorded(run)
    if settings.top == "logistic" and run.best.exists() and run.state == "finished":
        return
    resumed = tidied(run)
    task = make_task(run.description["task"], dataset, settings)
    network = planned.make(settings.seed)
    begin_again(network.network, run.description)
    network = execution.placed(network).eval()
    eye = Eye(network, planned.preprocessing, execution, settings, training_changes(settings))
    with streams(run, listeners, True) as (position, emit):
        if not resumed:
            tell_decisions(run, emit)
        seen = _all_seen(eye, dataset, task, run=run, emit=emit)
        keep_best = functools.partial(_keep, run, network, planned)
        classifier = eye.pooled.classifier
        if settings.top == "network":
            job = Job(classifier, task, settings, execution, run.last)
            trainer = Trainer(job, emit=emit, position=position, keep_best=keep_best)
            _descend(trainer, seen, resumed=resumed)
        else:
            _solve(classifier, seen, settings, emit=emit, keep_best=keep_best)


@dataclass(frozen=True, eq=False)
class _Seen:
    """Features, with what a loss compares with."""

    source: Source
    looks: Looks
    task: Task

    def batch(self, places: np.ndarray, view: int) -> Batch:
        """Some pictures in one of their views, as maps of one pixel."""
        vectors = torch.from_numpy(self.looks.vectors[places, view])
        rows = self.looks.rows[places].tolist()
        targets = self.task.targets([self.source.target(row) for row in rows])
        keys = tuple(self.source.key(row) for row in rows)
        return Batch(vectors[:, :, None, None], torch.ones(len(rows), 2, dtype=torch.int64), targets, keys)


@dataclass(frozen=True, eq=False)
class _Rows:
    """Batches of features, for the loop; each epoch another view."""

    seen: _Seen
    batch_size: int
    seed: int | None

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return math.ceil(len(self.seen.looks.rows) / self.batch_size)

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Give the batches of an epoch, from one on."""
        count, views = self.seen.looks.vectors.shape[:2]
        places = np.arange(count) if self.seed is None else order(count, self.seed, _ORDER, epoch)
        for step in range(start, self.steps):
            yield self.seen.batch(places[step * self.batch_size :][: self.batch_size], epoch % views)


@dataclass
class _Telling:
    """Tells now and then how far the looking at pictures is, and stops it after a signal."""

    run: Run
    split: str
    emit: Callable[[Event], None]
    stop: StopRequest
    started: float = field(default_factory=time.monotonic)
    told: float = field(default_factory=time.monotonic)

    def __call__(self, done: int, total: int) -> None:
        """Hear how many vectors are done."""
        if self.stop.signal_number:
            raise Interrupted(
                f"got signal {self.stop.signal_number} while a frozen network looks at the pictures; the features so "
                f"far are kept; go on with: saccade train --resume {shlex.quote(str(self.run.path))}",
                self.stop.signal_number,
            )
        if time.monotonic() - self.told > _TOLD_SECONDS and done < total:
            self.told = time.monotonic()
            self.emit(FeaturesComputed(self.split, done, total, 0, self.told - self.started))


def _all_seen(eye: Eye, dataset: DataSet, task: Task, *, run: Run, emit: Callable[[Event], None]) -> dict[str, _Seen]:
    """Look at the pictures to learn from, and at those to validate with."""
    seen = {}
    with StopRequest() as stop:
        for split in [split for split in ("train", "val") if split in dataset.splits]:
            telling = _Telling(run, split, emit, stop)
            try:
                looks = _looked(eye, dataset.splits[split], telling)
            except Interrupted as error:
                emit(RunStopped(0, 0, str(error)))
                raise
            seen[split] = _Seen(dataset.splits[split], looks, task)
            if split == "train" and not len(looks.rows):
                raise BadData(
                    "got no training picture that can be read; taken are sets with pictures; see saccade data check"
                )
    return seen


def _looked(eye: Eye, source: Source, telling: _Telling) -> Looks:
    """Look at the pictures of a split."""
    looks = replace(eye, between=telling).look(source, eye.settings.views if telling.split == "train" else 1)
    for key, reason in looks.set_aside:
        telling.emit(FileSetAside(key, reason))
    total = looks.vectors.shape[0] * looks.vectors.shape[1]
    telling.emit(FeaturesComputed(telling.split, total, total, looks.reused, time.monotonic() - telling.started))
    telling(total, total)
    return looks


def _keep(run: Run, network: Normalised, planned: Plan) -> None:
    save_model(run.best, network, model_description(run, planned))


def _descend(trainer: Trainer, seen: Mapping[str, _Seen], *, resumed: bool) -> None:
    """Train a small network on the features, by the loop that trains any other."""
    if resumed:
        trainer.restore()
    settings = trainer.job.settings
    train = _Rows(seen["train"], settings.batch_size, settings.seed)
    trainer.fit(train, _Rows(seen["val"], settings.batch_size, None) if "val" in seen else None)


def _solve(
    classifier: nn.Sequential,
    seen: Mapping[str, _Seen],
    settings: TrainingSettings,
    *,
    emit: Callable[[Event], None],
    keep_best: Callable[[], None],
) -> None:
    """Fit a layer on the features, without epochs, and judge it."""
    started = time.perf_counter()
    emit(RunStarted(1, 1))
    head = _head(seen["train"], balanced=settings.class_weights == "balanced", seed=settings.seed)
    _put(cast("nn.Linear", classifier[-1]), head)
    figures = _judged(classifier, seen["val"]) if "val" in seen else {}
    keep_best()
    seconds = time.perf_counter() - started
    images, views, _ = seen["train"].looks.vectors.shape
    losses = {"log_loss": head.loss} if math.isfinite(head.loss) else {}
    emit(EpochDone(0, 1, losses, figures, True, 0.0, images * views, seconds, 0.0))
    emit(RunFinished(1, 0, seconds))


def _head(seen: _Seen, *, balanced: bool, seed: int) -> LinearHead:
    """Fit the layer on every view of every picture."""
    images, views, width = seen.looks.vectors.shape
    features = seen.looks.vectors.transpose(1, 0, 2).reshape(views * images, width)
    targets = seen.batch(np.arange(images), 0).targets.numpy()
    labels = np.concatenate([targets] * views)
    if labels.ndim == 2:
        return fit_labels(features, labels > 0, views=views, balanced=balanced, seed=seed)
    return fit_classes(features, labels, len(seen.task.labels), views=views, balanced=balanced, seed=seed)


def _put(last: nn.Linear, head: LinearHead) -> None:
    with torch.no_grad():
        last.weight.copy_(torch.from_numpy(head.weight))
        last.bias.copy_(torch.from_numpy(head.bias))


def _judged(classifier: nn.Module, seen: _Seen) -> dict[str, float]:
    """The figures on features; none where no picture can be read."""
    metric = seen.task.metric()
    batch = seen.batch(np.arange(len(seen.looks.rows)), 0)
    if not len(batch):
        return {}
    with torch.inference_mode():
        metric.update(classifier(batch.images.to(next(classifier.parameters()).device)), batch)
    return {name: value for name, value in metric.compute().items() if math.isfinite(value)}
