"""The verb train, and what goes with it: resuming, extending, repeating.

Source: ours.
"""

from __future__ import annotations

import datetime
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saccade.api.building import plan, read_settings, refuse_small, refuse_unknown
from saccade.api.fitting import fit, make_task
from saccade.api.origin import described, opened_again
from saccade.api.run import Run
from saccade.api.starting import begin, described_start, find_start, found_again, refuse_start
from saccade.api.suitability import refuse_changes, refuse_lone_pictures, refuse_unfit
from saccade.data.opening import open_data
from saccade.data.place import refuse_inside
from saccade.errors import BadConfig
from saccade.reporting.environment import command, machine, versions, warn_of_differences
from saccade.training.events import Listener
from saccade.training.execution import resolve
from saccade.training.folder import claimed, held, write_description
from saccade.training.settings import TrainingSettings
from saccade.types.sample import DataSet
from saccade.weights.files import read_description

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import nn


def train(
    data: Any,
    *,
    model: str | nn.Module = "resnet18",
    task: str = "auto",
    epochs: int | None = None,
    settings: TrainingSettings | Mapping[str, Any] | None = None,
    out: str | Path | None = None,
    listeners: Sequence[Listener] | None = None,
) -> Run:
    """Train a network on pictures of your own.

    Args:
        data: A folder, a file, a name such as "digits", or arrays (images, labels).
        model: A name from `saccade.models()`, a line for the builder such as "conv 32 3, pool 2, gap", or a module,
            which is trained as it is, in place.
        task: "classification" or "multi_label"; "auto" is what the data suit.
        epochs: Passes over the training pictures, instead of the settings' own.
        settings: How to train; everything has a sensible default. With `weights`, such as "imagenet" or a .safetensors
            file, a model by name begins with those, and takes pictures as they did.
        out: The folder of the run, not inside that of the data; by default the next free one in `runs/`.
        listeners: Called with every event; None shows progress on the terminal or in the notebook. What one raises
            ends the run, which can be resumed.

    Returns:
        The finished run.

    Raises:
        BadData: If the data cannot be used.
        BadConfig: If a setting or a name is wrong.
        BadCheckpoint: If the weights to begin with are not for that network.
        Denied: If the licence of those weights is refused.
        Unreachable: If those weights cannot be fetched.
        BadShape: If a module of your own does not suit the data.
        Busy: If another process trains in that folder just now.
        Diverged: If the loss stops being finite.
        Interrupted: After a signal; the state is saved.
        StorageFull: If the disk is full; what was saved before is intact.

    Source: ours.
    """
    chosen = read_settings(settings, epochs)
    refuse_unknown(model)
    refuse_start(model, chosen.weights)
    dataset = open_data(data, seed=chosen.seed)
    refuse_inside(Path("runs" if out is None else out), dataset)
    module = None if isinstance(model, str) else model
    description = _planned(model, dataset, dataset.task if task == "auto" else task, chosen)
    with claimed(out, f"{dataset.name}-{description['model']['architecture'] or 'module'}") as folder:
        write_description(folder, {**description, "data": described(dataset)})
        run = Run(folder, module=module)
        run.dataset = dataset
        fit(run, dataset, listeners)
    return run


def resume(
    run: Run, *, epochs: int | None = None, data: Any = None, listeners: Sequence[Listener] | None = None
) -> Run:
    """Go on where a run stopped, or extend a finished one; see `Run.resume`.

    Args:
        run: The run.
        epochs: A new number of epochs in all.
        data: Where the data lie now, if they have moved, or the arrays again.
        listeners: Called with every event; None shows progress.

    Returns:
        The same run.

    Raises:
        BadCheckpoint: If the state cannot be read.
        BadConfig: If epochs is less than are done, or the run trained a module of your own that is not here.
        BadData: If the data have changed or cannot be found again.
        Busy: If another process trains this run just now.

    Source: ours.
    """
    if not run.description["model"]["architecture"] and run.module is None:
        raise BadConfig(
            "got a run of a module of your own; taken is that module beside it; "
            "resume it with saccade.Run(path, module=YourModule(...)).resume()"
        )
    with held(run.path):
        dataset = opened_again(run, data)
        warn_of_differences(run.description)
        if epochs is not None:
            _extend(run, epochs)
        if epochs is not None or data is not None:
            write_description(run.path, run.description)
        fit(run, dataset, listeners)
    return run


def repeat(
    run: Run, *, out: str | Path | None = None, data: Any = None, listeners: Sequence[Listener] | None = None
) -> Run:
    """Train again from a run's description; see `Run.repeat`.

    Args:
        run: The run.
        out: The folder of the new one.
        data: Where the data lie now, if they have moved, or the arrays again.
        listeners: Called with every event; None shows progress.

    Returns:
        The new run.

    Raises:
        BadConfig: If the run trained a module of the user's own, which cannot be made again.
        BadData: If the data have changed or cannot be found again.

    Source: ours.
    """
    if not run.description["model"]["architecture"]:
        raise BadConfig(
            "got a run of a module of your own; taken are runs of an architecture by name, which can be made again; "
            "call saccade.train with the module"
        )
    dataset = opened_again(run, data)
    found_again(run.description)
    warn_of_differences(run.description)
    refuse_inside(Path("runs" if out is None else out), dataset)
    with claimed(out, f"{run.path.resolve().name}-repeated") as folder:
        now = {"created": _now(), "command": command(), "versions": versions(), "machine": machine()}
        write_description(folder, {**run.description, **now})
        again = Run(folder)
        again.dataset = dataset
        fit(again, dataset, listeners)
    return again


def _planned(model: str | nn.Module, dataset: DataSet, task: str, settings: TrainingSettings) -> dict[str, Any]:
    """Plan a run: everything that its description says but for the data; what cannot work is refused here."""
    learnt = make_task(task, dataset, settings)
    found = find_start(model, settings) if isinstance(model, str) else None
    seen = found.preprocessing if found is not None else None
    planned = plan(model, dataset.splits["train"], classes=len(dataset.labels), settings=settings, published=seen)
    network = planned.make(settings.seed, None if isinstance(model, str) else model)
    refuse_small(network, planned.preprocessing.size)
    start = {}
    if found is not None:
        fresh = begin(network.network, planned.architecture, found, dataset.labels)
        start["weights"] = described_start(found, settings.weights, fresh)
    if not isinstance(model, str):
        refuse_unfit(network, planned.preprocessing, learnt)
    refuse_lone_pictures(network, planned.preprocessing, settings.batch_size)
    refuse_changes(settings, task, planned.preprocessing.channels)
    return {
        "created": _now(),
        "command": command(),
        "model": {"architecture": planned.architecture, "arguments": planned.arguments},
        **start,
        "preprocessing": planned.preprocessing.to_dict(),
        "task": task,
        "settings": settings.to_dict(),
        "execution": resolve(settings, network).to_dict(),
        "versions": versions(),
        "machine": machine(),
    }


def _extend(run: Run, epochs: int) -> None:
    """Change the number of epochs in the run's description."""
    changed = read_settings(run.description["settings"], epochs)
    done = read_description(run.last)["place"]["epoch"] if run.last.exists() else 0
    if epochs < done:
        raise BadConfig(
            f"got epochs={epochs} for a run of which {done} are done; taken are {done} or more; "
            "give the number of epochs in all, not of those to add"
        )
    run.description["settings"] = changed.to_dict()


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
