"""One network of a comparison, trained in a folder of its own: stopped anywhere, it goes on from there.

    run.json            what is trained, as in every run
    events.jsonl        what happened, as it happened
    gradients.jsonl     the norm of the gradient of each layer at some steps
    last.safetensors    the state to go on from
    best.safetensors    the model whose error was lowest on the training images that judge

Source: ours.
"""

from __future__ import annotations

import contextlib
import datetime
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from saccade import catalog
from saccade.data.augmentations.recipes import standard
from saccade.data.augmenting.kinds import Augmentation
from saccade.data.loading.loader import Loader
from saccade.errors import BadConfig, Interrupted, printable
from saccade.exports.model_file import ModelDescription, save_model
from saccade.lab.ground import Both, Ground
from saccade.lab.watching import RUNNING, GradientNorms, WatchedClassification, read_gradients, spread_steps
from saccade.layers.normalised import Normalised
from saccade.reporting.environment import command, machine, versions
from saccade.training.events import EpochDone, Event, EventLog, Listener, RunFinished, StepDone, read_events
from saccade.training.execution import Execution, resolve
from saccade.training.folder import held, read_description, write_description
from saccade.training.job import Job
from saccade.training.loop import Trainer
from saccade.training.settings import TrainingSettings
from saccade.types.sample import Source
from saccade.weights.files import read_description as read_header

_WHERE = ("threads", "device", "workers")  # where a run computes; it may move


@dataclass(frozen=True)
class Arm:
    """A network, and how it is trained.

    Args:
        name: Of its folder.
        architecture: In the catalogue.
        arguments: With which the architecture is called.
        settings: How to train; `seed` is also that of the weights.

    Source: ours.
    """

    name: str
    architecture: str
    arguments: Mapping[str, Any]
    settings: TrainingSettings

    def make(self, ground: Ground) -> Normalised:
        """Make the network, with weights drawn from the seed."""
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(self.settings.seed)
            network = catalog.find("architectures", self.architecture)(**self._arguments(ground))
        return Normalised(network, ground.preprocessing.mean, ground.preprocessing.std)

    def describe(self, ground: Ground) -> dict[str, Any]:
        """Say everything that decides what is learned."""
        return {
            "model": {"architecture": self.architecture, "arguments": self._arguments(ground)},
            "preprocessing": ground.preprocessing.to_dict(),
            "task": "classification",
            "settings": self.settings.to_dict(),
            "data": ground.described(),
        }

    def _arguments(self, ground: Ground) -> dict[str, Any]:
        return {**self.arguments, "num_classes": len(ground.labels), "in_channels": ground.preprocessing.channels}


@dataclass(frozen=True)
class Record:
    """What was recorded of one network.

    Args:
        epochs: Each epoch's figures by name: the three errors, the loss, the learning rate.
        gradients: For each step looked at, its number and the norm of each layer by name.
        parameters: Of the network.
        finished: Whether every epoch is done.

    Source: ours.
    """

    epochs: tuple[dict[str, float], ...]
    gradients: tuple[dict[str, Any], ...]
    parameters: int
    finished: bool

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return asdict(self)


def train_arm(arm: Arm, ground: Ground, folder: Path, *, probes: int, listener: Listener | None = None) -> Record:
    """Train a network until it is done, from the beginning or from where it stopped.

    Args:
        arm: The network.
        ground: The images.
        folder: Of the run; one that holds another run is refused.
        probes: At how many steps the gradients are looked at.
        listener: Called with every event.

    Returns:
        What was recorded.

    Raises:
        BadConfig: If the folder holds a run of something else.
        Busy: If another process trains it just now.
        Interrupted: After a signal; the state is saved.

    Source: ours.
    """
    network = arm.make(ground)
    with held(folder):
        execution = _described(arm, ground, folder, network)
        if not recorded(folder).finished:
            try:
                _fit(arm, ground, folder, execution.placed(network), (execution, probes, listener))
            except Interrupted as error:
                raise Interrupted(
                    f"got signal {error.signal_number} while {arm.name} was training; the state is saved; "
                    "give the same command again to go on",
                    error.signal_number,
                ) from error
    return recorded(folder, sum(parameter.numel() for parameter in network.parameters()))


def recorded(folder: Path, parameters: int = 0) -> Record:
    """Read what a run has recorded so far.

    Args:
        folder: Of the run.
        parameters: Of its network.

    Returns:
        The record.

    Raises:
        BadCheckpoint: If a line is no event.

    Source: ours.
    """
    events = list(read_events(folder / "events.jsonl"))
    epochs = tuple(
        {"epoch": event.epoch + 1, "step": event.step, **event.losses, **event.validation, "rate": event.learning_rate}
        for event in events
        if isinstance(event, EpochDone)
    )
    finished = any(isinstance(event, RunFinished) for event in events)
    return Record(epochs, tuple(read_gradients(folder / "gradients.jsonl")), parameters, finished)


def _described(arm: Arm, ground: Ground, folder: Path, network: Normalised) -> Execution:
    """Describe the run in its folder, or see that the run there is this one; say how its arithmetic is done."""
    wanted = arm.describe(ground)
    if not (folder / "run.json").exists():
        execution = resolve(arm.settings, network)
        when = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        facts = {"created": when, "command": command(), "versions": versions(), "machine": machine()}
        write_description(folder, {**facts, **wanted, "execution": execution.to_dict()})
        return execution
    found = read_description(folder)
    other = list(_differences(found, wanted))
    if other:
        raise BadConfig(
            f"got {printable(str(folder))}, which holds a run with {', '.join(other[:3])}; taken is the same run, to "
            "go on with, or an empty folder; choose another --out"
        )
    return Execution(**found["execution"])


def _differences(found: Mapping[str, Any], wanted: Mapping[str, Any]) -> Iterator[str]:
    settings = wanted["settings"]
    for name in settings:
        if name not in _WHERE and found["settings"].get(name) != settings[name]:
            yield f"{name}={found['settings'].get(name)!r} instead of {settings[name]!r}"
    if found["model"] != wanted["model"] or list(found["preprocessing"]["size"]) != list(
        wanted["preprocessing"]["size"]
    ):
        yield "another network or another size"
    if found["data"]["fingerprints"] != wanted["data"]["fingerprints"]:
        yield "other images"


def _fit(
    arm: Arm, ground: Ground, folder: Path, network: Normalised, how: tuple[Execution, int, Listener | None]
) -> None:
    execution, probes, listener = how
    last, task = folder / "last.safetensors", WatchedClassification(ground.labels, ground.learned())
    keep = int(read_header(last).get("place", {}).get("events", 0)) if last.exists() else 0

    def keep_best() -> None:
        save_model(folder / "best.safetensors", network, _model(arm, ground))

    with contextlib.ExitStack() as stack:
        log = stack.enter_context(contextlib.closing(EventLog(folder / "events.jsonl", keep)))
        train, validation = _loaders(ground, arm.settings, task.targets, stack)
        steps = spread_steps(train.steps * arm.settings.epochs, probes)
        norms = stack.enter_context(GradientNorms(network.network, steps, folder / "gradients.jsonl"))

        def emit(event: Event) -> None:
            log(event)
            norms(event)
            if listener:
                listener(_as_trained(event))

        job = Job(network, task, arm.settings, execution, last)
        trainer = Trainer(job, emit=emit, position=log.position, keep_best=keep_best)
        if last.exists():
            trainer.restore()
        trainer.fit(train, validation)


def _as_trained(event: Event) -> Event:
    """Leave out of the loss what has no gradient, so that whoever adds up its terms shows the loss."""
    if isinstance(event, StepDone | EpochDone):
        return replace(event, losses={name: value for name, value in event.losses.items() if name != RUNNING})
    return event


def _loaders(
    ground: Ground, settings: TrainingSettings, encode: Callable[[Any], Any], stack: contextlib.ExitStack
) -> tuple[Loader, Both]:
    def loader(source: Source, seed: int | None, augmentations: Sequence[Augmentation] = ()) -> Loader:
        made = Loader(
            source, ground.preprocessing, encode,
            batch_size=settings.batch_size, seed=seed, augmentations=augmentations, workers=settings.workers,
        )  # fmt: skip
        return stack.enter_context(made)

    train = loader(ground.train, settings.seed, standard(settings.mirror, settings.crop_rate))
    return train, Both(loader(ground.judged, None), loader(ground.test, None))


def _model(arm: Arm, ground: Ground) -> ModelDescription:
    described = arm.describe(ground)
    model, data = described["model"], described["data"]
    origin = {name: data[name] for name in ("counts", "fingerprints")}
    return ModelDescription(
        model["architecture"], model["arguments"], "classification", ground.labels, ground.preprocessing, versions(),
        origin={"data": data["name"], **origin},
    )  # fmt: skip
