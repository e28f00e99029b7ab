"""Training a run as its description says, from the beginning or from where it stopped.

Source: ours.
"""

from __future__ import annotations

import contextlib
import functools
import inspect
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any

import torch

from saccade import catalog
from saccade.api.building import Plan
from saccade.api.choosing import training_changes
from saccade.api.preparing import prepare
from saccade.api.regions.finishing import SecondStep
from saccade.api.run import Run
from saccade.api.starting import begin_again
from saccade.api.watching.progress import Progress
from saccade.data.loading.feeding import Feeding
from saccade.data.loading.loader import Loader
from saccade.data.loading.rank_parts import stand_in
from saccade.errors import BadCheckpoint, BadConfig, BadLabel, printable
from saccade.exports.model_file import ModelDescription, save_model
from saccade.metrics.weighting import balanced_weights
from saccade.tasks.style import StyleTask
from saccade.training.events import Decided, Event, EventLog, Listener
from saccade.training.execution import Execution, choose_device
from saccade.training.job import Job
from saccade.training.loop import Trainer
from saccade.training.processes import Processes, together
from saccade.training.settings import TrainingSettings
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import DataSet, targets_of
from saccade.types.task import Task
from saccade.weights.files import read_description

_OF_TASKS = {
    "label_smoothing": "tasks that name classes of whole images",
    "class_weights": "tasks that name classes of whole images",
    "cycle_weight": "translation",
    "identity_weight": "translation",
    "style_image": "style",
    "extractor": "style",
    "extractor_weights": "style",
    "content_weight": "style",
    "style_weight": "style",
    "smoothness_weight": "style",
}
"""Settings that the maker of a task takes, and what they are for."""


def fit(run: Run, dataset: DataSet, listeners: Sequence[Listener] | None) -> None:
    """Train a run until it is done.

    Args:
        run: With its description; it goes on from its last state if there is one.
        dataset: The data of the run.
        listeners: Called with every event; None shows progress.

    Raises:
        BadCheckpoint: If the description or the state cannot be used; or nothing is done yet, and the weights that it
            is to begin with are gone or changed.
        BadConfig: If the run's device is not here, or a batch has fewer images than there are processes.

    Source: ours.
    """
    with together() as processes:
        resumed = processes.from_first(lambda: tidied(run))
        _fit(run, dataset, listeners, processes=processes, resumed=resumed)


def tidied(run: Run) -> bool:
    """Remove what a process that was killed while it wrote has left.

    Args:
        run: The run.

    Returns:
        Whether there is a state to go on from.

    Source: ours.
    """
    for file in (run.last, run.best):
        for torn in run.path.glob(f".{file.name}.*.tmp"):
            torn.unlink(missing_ok=True)
    return run.last.exists()


def _fit(
    run: Run, dataset: DataSet, listeners: Sequence[Listener] | None, *, processes: Processes, resumed: bool
) -> None:
    settings, execution, planned = recorded(run)
    _refuse_elsewhere(execution.device, processes)
    refuse_small_batch(settings, processes)
    task = make_task(run.description["task"], dataset, settings)
    network = planned.make(settings.seed, run.module)
    if not resumed:
        begin_again(network.network, run.description)
        if not run.description.get("weights"):
            prepare(network, dataset.splits["train"], planned.preprocessing, settings.seed)
    network = execution.placed(network)

    def keep_best() -> None:
        if processes.first:
            save_model(run.best, network, model_description(run, planned))

    with contextlib.ExitStack() as stack:
        position, emit = stack.enter_context(streams(run, listeners, processes.first))
        second = SecondStep(
            run.best, network, dataset.splits["train"],
            description=model_description(run, planned), settings=settings, execution=execution,
        )  # fmt: skip
        trainer = Trainer(
            Job(network, task, settings, execution, run.last),
            emit=second.before_end(emit), position=position, keep_best=keep_best, processes=processes,
            stand_in=stand_in(dataset.splits["train"], planned.preprocessing, task.targets),
        )  # fmt: skip
        if resumed:
            trainer.restore()
        else:
            tell_decisions(run, emit)
        feeding = Feeding(
            settings.workers, settings.worker_kind == "threads", settings.cache, rank=processes.rank,
            world=processes.world, device=execution.device, in_turn=getattr(task, "in_turn", False),
        )  # fmt: skip
        loaders = _loaders(dataset, planned.preprocessing, task.targets, settings, feeding)
        train, *validation = [stack.enter_context(loader) for loader in loaders]
        trainer.fit(train, validation[0] if validation else None)
        second.take(processes)


def tell_decisions(run: Run, emit: Listener) -> None:
    """Tell what was chosen for a run when it was planned.

    Args:
        run: With its description.
        emit: Gets an event for each.

    Source: ours.
    """
    for text in run.description.get("decisions", ()):
        emit(Decided(str(text)))


def _refuse_elsewhere(device: str, processes: Processes) -> None:
    devices, mine = torch.cuda.device_count(), processes.launch.local_rank
    if device == "cuda" and processes.several and mine >= devices > 0:
        raise BadConfig(
            f"got LOCAL_RANK={mine} on a machine with {devices} CUDA devices; taken is one process for each device; "
            f"start with --nproc-per-node {devices}"
        )
    try:
        choose_device(device)
    except BadConfig as error:
        raise BadConfig(
            f"got a run that trains on {device}, which this machine has not; taken is a machine that has; "
            "go on there, or train anew with another --device"
        ) from error


def refuse_small_batch(settings: TrainingSettings, processes: Processes) -> None:
    """Refuse batches of which not every process can have a part.

    Args:
        settings: `batch_size` and `sync_batch_norm`.
        processes: Those that train together.

    Raises:
        BadConfig: If there are too many of them.

    Source: ours.
    """
    least = 1 if settings.sync_batch_norm or not processes.several else 2
    if settings.batch_size < least * processes.world:
        raise BadConfig(
            f"got batch_size={settings.batch_size} for {processes.world} processes; taken is {least} or more for each; "
            "raise --batch-size, or start fewer processes"
        )


def recorded(run: Run) -> tuple[TrainingSettings, Execution, Plan]:
    """Read back what a run's description says.

    Args:
        run: With its description.

    Returns:
        How it is to be trained, where the arithmetic runs, and which network it makes.

    Raises:
        BadCheckpoint: If this version of saccade cannot train from it.

    Source: ours.
    """
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
        settings: Those that the makers of tasks take, such as `label_smoothing`.

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
    made = catalog.find("tasks", name)
    task = made(dataset.labels, **_options(name, inspect.signature(made).parameters, dataset, settings))
    if isinstance(task, StyleTask):
        task.check()
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


def _options(name: str, taken: Collection[str], dataset: DataSet, settings: TrainingSettings) -> dict[str, Any]:
    """What the settings say of the loss, as far as the task takes it."""
    usual = TrainingSettings()
    for setting, suits in _OF_TASKS.items():
        if setting not in taken and (given := getattr(settings, setting)) != getattr(usual, setting):
            told = f"{setting}={given!r} for {name.replace('_', ' ')}"
            raise BadConfig(f"got {told}; taken is it for {suits}; leave it out")
    options = {setting: getattr(settings, setting) for setting in _OF_TASKS if setting in taken}
    if options.pop("class_weights", "none") != "none":
        options["class_weights"] = balanced_weights(targets_of(dataset.splits["train"]), len(dataset.labels))
    return options


def _loaders(
    dataset: DataSet,
    preprocessing: Preprocessing,
    encode: Callable[[Sequence[Any]], Any],
    settings: TrainingSettings,
    feeding: Feeding,
) -> list[Loader]:
    """The loader to learn from, and the one to validate with where there are pictures for it."""
    make = functools.partial(Loader, preprocessing=preprocessing, encode=encode, batch_size=settings.batch_size)
    changes = training_changes(settings)
    loaders = [make(dataset.splits["train"], seed=settings.seed, augmentations=changes, workers=feeding)]
    if "val" in dataset.splits:
        loaders.append(make(dataset.splits["val"], workers=feeding))
    return loaders


@contextlib.contextmanager
def streams(
    run: Run, listeners: Sequence[Listener] | None, first: bool
) -> Iterator[tuple[Callable[[], int], Listener]]:
    """Open the run's event stream where its checkpoint left it, and tell every listener of each event.

    Args:
        run: With its description.
        listeners: Called with every event; None shows progress.
        first: Whether this is the first of the processes that train together; in the others nothing is told.

    Returns:
        A context manager that gives two functions: the length of the stream so far, and the telling.

    Source: ours.
    """
    if not first:
        yield lambda: 0, lambda _: None
        return
    keep = int(read_description(run.last).get("place", {}).get("events", 0)) if run.last.exists() else 0
    log = EventLog(run.path / "events.jsonl", keep)
    with contextlib.closing(log), contextlib.ExitStack() as stack:
        heard = [stack.enter_context(Progress())] if listeners is None else list(listeners)

        def emit(event: Event) -> None:
            log(event)
            for listener in heard:
                listener(event)

        yield log.position, emit


def model_description(run: Run, planned: Plan) -> ModelDescription:
    """Describe the model of a run, for the header of its file.

    Args:
        run: With its description.
        planned: Its network.

    Returns:
        The description, with data, terms and weights that it came from.

    Source: ours.
    """
    data = run.description["data"]
    origin = {"data": data["name"], "created": run.description["created"]}
    cut = data["origin"] or {}
    origin |= {name: cut[name] for name in ("seed", "shares") if name in cut}
    origin |= {name: data[name] for name in ("counts", "fingerprints")}
    origin |= {name: run.description["settings"][name] for name in ("mirror", "augment")}
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
