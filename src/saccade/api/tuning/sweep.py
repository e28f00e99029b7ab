"""A small sweep: a few values of a few settings, by successive halving of ordinary runs.

Every run has the whole schedule from its first step, halts where runs are compared, and is resumed to the same bits if
it is among those that go on. So the run that wins is the very run that `train` makes with its settings; nothing has
been extended. The price is that runs are compared in the middle of the schedule.

    sweep.json     what is tried, and with what
    01/ 02/ …      a run each, as `train` leaves it

Source: Jamieson & Talwalkar, arXiv 1502.07943; see `training.halving`.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saccade.api.attempts import attempt
from saccade.api.building import refuse_unknown
from saccade.api.choosing import read_settings, recipe_model
from saccade.api.fitting import make_task
from saccade.api.run import Run
from saccade.api.watching.progress import heard
from saccade.data.opening import open_data
from saccade.errors import BadConfig, Diverged, Interrupted, printable
from saccade.training.events import Listener
from saccade.training.folder import claimed, described_once
from saccade.training.halving import Halt, Halted, best_score, going_on, halts, ranked
from saccade.training.settings import TrainingSettings
from saccade.types.sample import DataSet
from saccade.weights.files import read_description

_FILE, _MOST = "sweep.json", 64
_NOT_TRIED = ("epochs", "recipe")


@dataclass(frozen=True)
class Tried:
    """One run of a sweep.

    Args:
        run: Its folder.
        values: What it was tried with.
        epochs: How many it was given.
        score: The best figure of its validation within them; None when it diverged.
        state: "best", "finished", "left behind" or "diverged".

    Source: ours.
    """

    run: Path
    values: dict[str, Any]
    epochs: int
    score: float | None
    state: str

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return {**vars(self), "run": str(self.run)}


@dataclass(frozen=True)
class Sweep:
    """What a sweep found.

    Args:
        folder: Where its runs are.
        figure: By what they were compared, as a name and whether higher is better.
        tried: Every run, the best first.

    Source: ours.
    """

    folder: Path
    figure: tuple[str, bool]
    tried: tuple[Tried, ...]

    @property
    def best(self) -> Run:
        """The run that won: the same that `train` would have made with its settings."""
        return Run(self.tried[0].run)

    @property
    def values(self) -> dict[str, Any]:
        """What the run that won was tried with."""
        return dict(self.tried[0].values)

    @property
    def epochs(self) -> int:
        """Epochs trained in all."""
        return sum(one.epochs for one in self.tried)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return {
            "folder": str(self.folder), "figure": self.figure[0], "best": str(self.tried[0].run),
            "values": self.values, "epochs": self.epochs, "tried": [one.to_dict() for one in self.tried],
        }  # fmt: skip

    def __repr__(self) -> str:
        """Say what won in a line."""
        return f"Sweep({str(self.folder)!r}: {_worded(self.values)} of {len(self.tried)})"


def sweep(
    data: Any,
    grid: Mapping[str, Sequence[Any]],
    *,
    model: str | None = None,
    task: str = "auto",
    settings: TrainingSettings | Mapping[str, Any] | str | None = None,
    out: str | Path | None = None,
    listeners: Sequence[Listener] | None = None,
) -> Sweep:
    """Try a few values of a few settings, and let the best third go on at each halt.

    A sweep that was stopped or killed goes on when it is asked for again with the same folder.

    Args:
        data: As `train` takes it.
        grid: Names of settings, each with the values to try; every combination begins.
        model: A name or a line of layers; None is the network of the recipe, or resnet18.
        task: As `train` takes it.
        settings: All else, as `train` takes it; the runs that go on to the end have their epochs.
        out: The folder of the sweep, not inside that of the data; by default the next free one in `runs/`.
        listeners: Called with every event of every run; None shows progress on the terminal or in the notebook.

    Returns:
        Every run, the best first.

    Raises:
        BadConfig: If a setting or a name is wrong, or the folder holds another sweep; all wrong values are listed.
        BadData: If the data cannot be used.
        Diverged: If every run diverges.
        Interrupted: After a signal; everything is saved.

    Source: Jamieson & Talwalkar 2016, algorithm 1.
    """
    usual = read_settings(settings, None)
    _combinations(grid, usual)
    _asked(model, usual)
    dataset = open_data(data, seed=usual.seed)
    named = dataset.task if task == "auto" else task
    usual = read_settings(settings, None, named)
    asked, combinations = _asked(model, usual), _combinations(grid, usual)
    headline = make_task(named, dataset, usual).headline
    with claimed(out, f"{dataset.name}-sweep") as folder:
        described_once(folder / _FILE, _told(grid, asked, named, usual, dataset), "a sweep")
        try:
            return _Halving(folder, dataset, asked, named, listeners).done(combinations, usual, headline)
        except Interrupted as error:
            raise Interrupted(
                f"got signal {error.signal_number} in a sweep; everything is saved; ask for it again with the folder "
                f"{printable(str(folder))}",
                error.signal_number,
            ) from error


def _asked(model: Any, usual: TrainingSettings) -> str:
    """The network that each run makes anew."""
    if model is not None and not isinstance(model, str):
        raise BadConfig(
            f"got a model of type {type(model).__name__} for a sweep; taken are a name or a line of layers, which can "
            "be made anew for each run; name an architecture"
        )
    asked = str(recipe_model(model, usual))
    refuse_unknown(asked)
    return asked


def _told(
    grid: Mapping[str, Sequence[Any]], model: str, task: str, usual: TrainingSettings, dataset: DataSet
) -> dict[str, Any]:
    """What a sweep is, so that it can be known again."""
    return {
        "grid": {name: list(values) for name, values in grid.items()}, "model": model, "task": task,
        "settings": usual.to_dict(),
        "data": {split: source.fingerprint() for split, source in dataset.splits.items()},
    }  # fmt: skip


@dataclass(frozen=True)
class _Halving:
    folder: Path
    dataset: DataSet
    model: str
    task: str
    listeners: Sequence[Listener] | None

    def done(
        self, combinations: Mapping[str, dict[str, Any]], usual: TrainingSettings, headline: tuple[str, bool]
    ) -> Sweep:
        """Run from halt to halt; what is done already costs nothing."""
        scores: dict[str, tuple[int, float | None]] = {}
        alive, left, stops = list(combinations), list[str](), halts(len(combinations), usual.epochs)
        for stop in stops:
            now: dict[str, float | None] = {}
            for name in alive:
                settings = TrainingSettings.from_dict({**usual.to_dict(), **combinations[name]})
                now[name] = self._score(name, settings, stop, headline)
                scores[name] = (stop, now[name])
            order = ranked(now)
            alive = going_on(now) if stop != stops[-1] else [name for name in order if now[name] is not None]
            left = [name for name in order if name not in alive] + left
        if not alive:
            raise Diverged(
                f"got {len(combinations)} runs that all diverged; taken are settings of which one does not; lower the "
                "learning rates"
            )
        return Sweep(self.folder, headline, tuple(
            Tried(self.folder / name, combinations[name], *scores[name], state=_state(name, alive, scores))
            for name in (*alive, *left)
        ))  # fmt: skip

    def _score(self, name: str, settings: TrainingSettings, stop: int, headline: tuple[str, bool]) -> float | None:
        place = self.folder / name
        with heard(self.listeners) as others, contextlib.suppress(Halted):
            halting = [*others, Halt(stop)] if stop < settings.epochs else list(others)
            if _epochs_done(place) < stop:
                attempt(place, self.dataset, model=self.model, task=self.task, settings=settings, listeners=halting)
        run = Run(place)
        return None if run.diverged else best_score(run.events(), stop, headline)


def _combinations(grid: Mapping[str, Sequence[Any]], usual: TrainingSettings) -> dict[str, dict[str, Any]]:
    """Every combination by the name of its run; all that is wrong is listed at once."""
    if not isinstance(grid, Mapping) or not grid or not all(
        isinstance(values, list | tuple) and len(values) for values in grid.values()
    ):  # fmt: skip
        raise BadConfig(
            f"got the grid {grid!r}; taken are names of settings, each with the values to try; write "
            '{"learning_rate": [1e-3, 3e-3]}'
        )
    problems = [
        f"got {name!r} to be tried; taken are settings that runs may differ in; give it once, for all of them"
        for name in grid
        if name in _NOT_TRIED
    ]
    count = 1
    for name, values in grid.items():
        count *= len(values)
        for value in values:
            try:
                TrainingSettings.from_dict({**usual.to_dict(), name: value})
            except BadConfig as error:
                problems += str(error).split("\n")
    if count > _MOST:
        problems.append(f"got {count} combinations; taken are up to {_MOST}; try fewer values")
    if problems:
        raise BadConfig("\n".join(dict.fromkeys(problems)))
    combined = itertools.product(*grid.values())
    return {f"{number:02d}": dict(zip(grid, values, strict=True)) for number, values in enumerate(combined, 1)}


def _epochs_done(place: Path) -> int:
    if not (place / "last.safetensors").exists():
        return 0
    return int(read_description(place / "last.safetensors")["place"]["epoch"])


def _state(name: str, alive: Sequence[str], scores: Mapping[str, tuple[int, float | None]]) -> str:
    if scores[name][1] is None:
        return "diverged"
    return "left behind" if name not in alive else "best" if name == alive[0] else "finished"


def _worded(values: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())
