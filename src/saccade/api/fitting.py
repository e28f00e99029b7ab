"""Training a run as its description says, from the beginning or from where it stopped.

Source: ours.
"""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from saccade import catalog
from saccade.api.building import Plan
from saccade.api.progress import Progress
from saccade.api.run import Run
from saccade.api.starting import begin_again
from saccade.data.augmentations.recipes import chosen
from saccade.data.loading.feeding import Feeding
from saccade.data.loading.loader import Loader
from saccade.errors import BadCheckpoint, BadConfig, BadLabel, printable
from saccade.exports.model_file import ModelDescription, save_model
from saccade.metrics.weighting import balanced_weights
from saccade.training.events import Event, EventLog, Listener
from saccade.training.execution import Execution, choose_device
from saccade.training.job import Job
from saccade.training.loop import Trainer
from saccade.training.settings import TrainingSettings
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import DataSet, targets_of
from saccade.types.task import Task
from saccade.weights.files import read_description


def fit(run: Run, dataset: DataSet, listeners: Sequence[Listener] | None) -> None:
    """Train a run until it is done.

    Args:
        run: With its description; it goes on from its last state if there is one.
        dataset: The data of the run.
        listeners: Called with every event; None shows progress.

    Raises:
        BadCheckpoint: If the description or the state cannot be used; or nothing is done yet, and the weights that it
            is to begin with are gone or changed.
        BadConfig: If the run's device is not here.

    Source: ours.
    """
    for file in (run.last, run.best):  # what a process that was killed while it wrote has left
        for torn in run.path.glob(f".{file.name}.*.tmp"):
            torn.unlink(missing_ok=True)
    settings, execution, planned = _recorded(run)
    _refuse_elsewhere(execution.device)
    task = make_task(run.description["task"], dataset, settings)
    network = planned.make(settings.seed, run.module)
    if not run.last.exists():
        begin_again(network.network, run.description)
    network = execution.placed(network)

    def keep_best() -> None:
        save_model(run.best, network, _model_description(run, planned))

    with contextlib.ExitStack() as stack:
        log, emit = stack.enter_context(_streams(run, listeners))
        trainer = Trainer(
            Job(network, task, settings, execution, run.last), emit=emit, position=log.position, keep_best=keep_best
        )
        if run.last.exists():
            trainer.restore()
        loaders = _loaders(dataset, planned.preprocessing, task.targets, settings, execution.device)
        train, *validation = [stack.enter_context(loader) for loader in loaders]
        trainer.fit(train, validation[0] if validation else None)


def _refuse_elsewhere(device: str) -> None:
    try:
        choose_device(device)
    except BadConfig as error:
        raise BadConfig(
            f"got a run that trains on {device}, which this machine has not; taken is a machine that has; "
            "go on there, or train anew with another --device"
        ) from error


def _recorded(run: Run) -> tuple[TrainingSettings, Execution, Plan]:
    """Read back how the run is to be trained, where the arithmetic runs, and which network it makes."""
    description = run.description
    try:
        model = description["model"]
        preprocessing = Preprocessing.from_dict(description["preprocessing"])
        settings = TrainingSettings.from_dict(description["settings"])
        return settings, Execution(**description["execution"]), Plan(
            model["architecture"], model["arguments"], preprocessing
        )  # fmt: skip
    except (TypeError, ValueError, KeyError, IndexError) as error:
        raise BadCheckpoint(
            f"got {printable(str(run.path / 'run.json'))}, from which this version of saccade cannot train "
            f"({printable(str(error).partition(';')[0])}); taken is what training wrote; restore the file, or use the "
            "version that wrote it"
        ) from error


def make_task(name: str, dataset: DataSet, settings: TrainingSettings) -> Task:
    """Make the task, and see that the labels of every split suit it.

    Args:
        name: In the catalogue of tasks.
        dataset: What it is to learn from.
        settings: `label_smoothing` and `class_weights`.

    Returns:
        The task.

    Raises:
        UnknownName: If there is no such task.
        BadConfig: If the labels are for another task, or for one that cannot be trained.
        BadLabel: If a label means nothing.

    Source: ours.
    """
    known = catalog.offers("tasks")
    if name == dataset.task and name not in known:
        raise BadConfig(
            f"got data for {name.replace('_', ' ')}; taken for training are data for {' and '.join(sorted(known))}; "
            "check, show and convert them with saccade data"
        )
    balanced = settings.class_weights == "balanced"
    made = catalog.find("tasks", name)
    weights = balanced_weights(targets_of(dataset.splits["train"]), len(dataset.labels)) if balanced else ()
    task = made(dataset.labels, label_smoothing=settings.label_smoothing, class_weights=weights)
    try:
        for source in dataset.splits.values():
            task.targets(targets_of(source))
    except BadLabel as error:
        if name == dataset.task:
            raise
        raise BadConfig(
            f"got task {name!r} for data whose labels suit {dataset.task!r}; taken is what the labels suit; "
            f"leave the task out, or give {name} labels"
        ) from error
    return task


def _loaders(
    dataset: DataSet,
    preprocessing: Preprocessing,
    encode: Callable[[Sequence[Any]], Any],
    settings: TrainingSettings,
    device: str,
) -> list[Loader]:
    """The loader to learn from, and the one to validate with where there are pictures for it."""
    feeding = Feeding(settings.workers, settings.worker_kind == "threads", settings.cache, device=device)
    make = functools.partial(Loader, preprocessing=preprocessing, encode=encode, batch_size=settings.batch_size)
    changes = chosen(settings.augment, mirror=settings.mirror, crop_rate=settings.crop_rate, mixing=settings.mixing)
    loaders = [make(dataset.splits["train"], seed=settings.seed, augmentations=changes, workers=feeding)]
    if "val" in dataset.splits:
        loaders.append(make(dataset.splits["val"], workers=feeding))
    return loaders


@contextlib.contextmanager
def _streams(run: Run, listeners: Sequence[Listener] | None) -> Iterator[tuple[EventLog, Listener]]:
    """Open the run's event stream where its checkpoint left it, and tell every listener of each event."""
    keep = int(read_description(run.last).get("place", {}).get("events", 0)) if run.last.exists() else 0
    log = EventLog(run.path / "events.jsonl", keep)
    with contextlib.closing(log), contextlib.ExitStack() as stack:
        heard = [stack.enter_context(Progress())] if listeners is None else list(listeners)

        def emit(event: Event) -> None:
            log(event)
            for listener in heard:
                listener(event)

        yield log, emit


def _model_description(run: Run, planned: Plan) -> ModelDescription:
    data = run.description["data"]
    origin = {"data": data["name"], "created": run.description["created"]}
    cut = data["origin"] or {}
    origin |= {name: cut[name] for name in ("seed", "shares") if name in cut}
    origin |= {name: data[name] for name in ("counts", "fingerprints")}
    start = run.description.get("weights", {})
    if start:
        told = ("published", "file", "content", "training_data", "licence")
        origin["weights"] = {name: start[name] for name in told if start[name]}
    return ModelDescription(
        planned.architecture,
        planned.arguments,
        run.description["task"],
        run.labels,
        planned.preprocessing,
        run.description["versions"],
        start.get("licence", ""),
        origin,
    )
