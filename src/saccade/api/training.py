"""The verb train, and what goes with it: resuming, extending, repeating.

Source: ours.
"""

from __future__ import annotations

import datetime
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from torch import nn

from saccade.api.building import plan, refuse_small, refuse_unknown
from saccade.api.choosing import read_settings, recipe_model, with_whole_paths
from saccade.api.fitting import fit, make_task, refuse_small_batch
from saccade.api.kinds import refuse_other_kind
from saccade.api.origin import described, opened_again
from saccade.api.run import Run
from saccade.api.starting import backbone_name, begin, described_start, find_start, found_again, refuse_start
from saccade.api.transfer.budgeting import refuse_budget, seconds_of, within_budget
from saccade.api.transfer.fitting import fit_on_features
from saccade.api.transfer.suitability import refuse_changes, refuse_lone_pictures, refuse_unfit
from saccade.api.transfer.transferring import on_features, refuse_transfer, staged, transferring
from saccade.data.opening import as_pictures, open_data
from saccade.data.place import refuse_inside
from saccade.errors import BadConfig
from saccade.reporting.environment import command, machine, versions, warn_of_differences
from saccade.training.events import Listener
from saccade.training.execution import resolve
from saccade.training.folder import begun, claimed, held, write_description
from saccade.training.freezing import Freezing
from saccade.training.launch import read_launch, refuse_several
from saccade.training.processes import Processes, together
from saccade.training.settings import TrainingSettings
from saccade.training.shortage import refuse_too_large
from saccade.types.sample import DataSet
from saccade.types.task import outputs_of
from saccade.weights.files import read_description

if TYPE_CHECKING:
    from collections.abc import Mapping


def train(
    data: Any,
    *,
    model: str | nn.Module | None = None,
    task: str = "auto",
    epochs: int | None = None,
    settings: TrainingSettings | Mapping[str, Any] | str | None = None,
    out: str | Path | None = None,
    listeners: Sequence[Listener] | None = None,
) -> Run:
    """Train a network on pictures of your own.

    Args:
        data: A folder, a file, a name such as "digits", or arrays (images, labels).
        model: A name from `saccade.models()`, a line for the builder such as "conv 32 3, pool 2, gap", or a module,
            which is trained as it is, in place; None: what the recipe or the transfer names, else "resnet18".
        task: "classification", "multi_label", "detection", "localisation", "translation" or "style"; "auto" is what the
            data suit. For "style" a folder is pictures, whatever folders are in it.
        epochs: Passes over the training pictures, instead of the settings' own.
        settings: How to train; everything has a sensible default. The name of a recipe, such as "fast", stands for all
            that it says. With `weights`, such as "imagenet" or a .safetensors file, a model by name begins with those,
            and takes pictures as they did; with `transfer` it keeps as much of them as suits the data.
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
    module, started = model if isinstance(model, nn.Module) else None, time.monotonic()
    with together() as processes:
        if (earlier := begun(out, processes)) is not None:
            return resume(Run(earlier, module=module), data=data, listeners=listeners)
        chosen = _chosen(model, settings, epochs, processes)
        dataset = open_data(as_pictures(data) if task == "style" else data, seed=chosen.seed)
        refuse_inside(Path("runs" if out is None else out), dataset)
        task = dataset.task if task == "auto" else task
        chosen = read_settings(settings, epochs, task)
        description = _within_time(model, dataset, task, chosen, started=started)
        name = f"{dataset.name}-{backbone_name(description['model']) or 'module'}"
        description["data"] = described(dataset)
        run = _trained(description, dataset, name=name, out=out, module=module, listeners=listeners)
    if chosen.budget:
        run.evaluate()
        run.report(seconds=0)  # a closer look has no place in the plan
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
    with together() as processes, held(run.path, processes):
        dataset = opened_again(run, data)
        warn_of_differences(run.description)
        if epochs is not None:
            _extend(run, epochs)
        if epochs is not None or data is not None:
            processes.from_first(lambda: write_description(run.path, run.description))
        _fit(run, dataset, listeners)
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
    with together() as processes:
        earlier = begun(out, processes)
        if earlier is not None:
            return resume(Run(earlier), data=data, listeners=listeners)
        dataset = opened_again(run, data)
        found_again(run.description)
        warn_of_differences(run.description)
        refuse_inside(Path("runs" if out is None else out), dataset)
        now = {"created": _now(), "command": command(), "versions": versions(), "machine": machine()}
        name = f"{run.path.resolve().name}-repeated"
        return _trained({**run.description, **now}, dataset, name=name, out=out, listeners=listeners)


def _chosen(
    model: str | nn.Module | None,
    settings: TrainingSettings | Mapping[str, Any] | str | None,
    epochs: int | None,
    processes: Processes,
) -> TrainingSettings:
    """Read the settings, and refuse what can be seen to be wrong before the data are opened."""
    chosen = read_settings(settings, epochs)
    refuse_small_batch(chosen, processes)
    refuse_unknown(model)
    if chosen.transfer == "none" and not chosen.budget:
        refuse_start(recipe_model(model, chosen), chosen.weights)
    return chosen


def _trained(
    description: dict[str, Any],
    dataset: DataSet,
    *,
    name: str,
    out: str | Path | None,
    module: nn.Module | None = None,
    listeners: Sequence[Listener] | None,
) -> Run:
    """Train a new run, as it is described, in a folder of its own."""
    with together() as processes, claimed(out, name, processes) as folder:
        _describe(folder, description, processes)
        processes.agree("data", description["data"]["fingerprints"])
        run = Run(folder, module=module)
        run.dataset = dataset
        _fit(run, dataset, listeners)
    return run


def _fit(run: Run, dataset: DataSet, listeners: Sequence[Listener] | None) -> None:
    on_top_alone = run.description["settings"].get("transfer") == "features"
    (fit_on_features if on_top_alone else fit)(run, dataset, listeners)


def _describe(folder: Path, description: dict[str, Any], processes: Processes) -> None:
    """Write the description of a new run, and which launch began it; in the first process, for all."""
    description = {name: value for name, value in description.items() if name != "launch"}
    description |= processes.launch.described(processes.call)
    processes.from_first(lambda: write_description(folder, description))


def _within_time(
    model: str | nn.Module | None, dataset: DataSet, task: str, settings: TrainingSettings, *, started: float
) -> dict[str, Any]:
    """Plan a run, within a time if one is set."""
    if not settings.budget:
        return _planned(model, dataset, task, settings)
    refuse_several("--budget")
    refuse_budget(model, settings, task)
    left = seconds_of(settings.budget) - (time.monotonic() - started)
    name, chosen, told = within_budget(cast("str | None", model), dataset, settings, left)
    description = _planned(name, dataset, task, chosen)
    return {**description, "decisions": told + description["decisions"]}


def _planned(model: str | nn.Module | None, dataset: DataSet, task: str, settings: TrainingSettings) -> dict[str, Any]:
    """Plan a run: everything that its description says but for the data; what cannot work is refused here."""
    settings = with_whole_paths(settings)
    learnt = make_task(task, dataset, settings)
    refuse_transfer(model, settings, task)
    told = list[str]()
    if not isinstance(model, nn.Module):
        model, settings, told = transferring(model, dataset, settings)
    model = recipe_model(model, settings)
    refuse_other_kind(model, task)
    refuse_start(model, settings.weights)
    found = find_start(model, settings) if isinstance(model, str) else None
    seen = found.preprocessing if found is not None else None
    planned = plan(model, dataset.splits["train"], classes=outputs_of(learnt), settings=settings, published=seen)
    below = planned.architecture
    if settings.transfer == "features":
        refuse_several("--transfer features")
        planned = on_features(planned, settings)
    network = planned.make(settings.seed, None if isinstance(model, str) else model)
    refuse_small(network, planned.preprocessing.size)
    settings, more = staged(settings, network.network)
    start = {}
    if found is not None:
        fresh = begin(network.network, below, found, dataset.labels)
        start["weights"] = described_start(found, settings.weights, fresh)
    if not isinstance(model, str):
        refuse_unfit(network, planned.preprocessing, learnt)
    Freezing(network, settings)
    if settings.transfer != "features":
        refuse_lone_pictures(network, planned.preprocessing, settings.batch_size)
        batch = -(-min(settings.batch_size, len(dataset.splits["train"])) // read_launch().world)
        images = (batch, planned.preprocessing.channels, *planned.preprocessing.size)
        refuse_too_large(network, images, resolve(settings, network).device)
    refuse_changes(settings, task, planned.preprocessing.channels)
    return {
        "created": _now(),
        "command": command(),
        "model": {"architecture": planned.architecture, "arguments": planned.arguments},
        **start,
        "preprocessing": planned.preprocessing.to_dict(),
        "task": task,
        "decisions": [*told, *more],
        "settings": settings.to_dict(),
        "execution": resolve(settings, network).to_dict(),
        "versions": versions(),
        "machine": machine(),
    }


def _extend(run: Run, epochs: int) -> None:
    """Change the number of epochs in the run's description."""
    changed = TrainingSettings.from_dict({**run.description["settings"], "epochs": epochs})
    if changed.transfer == "features" and changed.top == "logistic":
        raise BadConfig(
            f"got epochs={epochs} for a run on features, which has none; taken is it for a run that learns by epochs; "
            "leave it out"
        )
    done = read_description(run.last)["place"]["epoch"] if run.last.exists() else 0
    if epochs < done:
        raise BadConfig(
            f"got epochs={epochs} for a run of which {done} are done; taken are {done} or more; "
            "give the number of epochs in all, not of those to add"
        )
    run.description["settings"] = changed.to_dict()


def _now() -> str:
    return datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
