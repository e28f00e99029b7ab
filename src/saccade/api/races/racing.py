"""The verb that trains in several ways, and says what each costs until it is as good as asked.

    race.json          who takes part, and on what
    01-0/ 01-1/ …      a run each, by contender and seed, as `train` leaves it

Seconds are those of training, waiting for images counted and judging left out; a run that was stopped and goes on keeps
its count.

Source: Coleman et al., "DAWNBench", 2017.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from saccade.api.attempts import attempt
from saccade.api.ensembles.latency import latencies
from saccade.api.fitting import make_task
from saccade.api.making import make_network
from saccade.api.predictor import load
from saccade.api.races.contenders import Contender, Mark, read_contender, read_log, refuse_names
from saccade.api.races.race import Attempt, Race, Standing
from saccade.api.run import Run
from saccade.api.watching.progress import heard
from saccade.data.opening import open_data
from saccade.errors import BadConfig, BadData, Interrupted, printable
from saccade.inspect.operations import Operations, operations
from saccade.training.events import EpochDone, Listener
from saccade.training.folder import claimed, described_once
from saccade.types.sample import DataSet

_MOST_SEEDS = 32


def time_to_accuracy(
    data: Any,
    target: float,
    contenders: Mapping[str, Any],
    *,
    within: float | None = None,
    seeds: int = 1,
    out: str | Path | None = None,
    listeners: Sequence[Listener] | None = None,
) -> Race:
    """Train in several ways on the same images; say what each costs until it is as good as asked, and in use.

    One that was stopped or killed goes on when it is asked for again with the same folder.

    Args:
        data: As `train` takes it, with validation images, which judge and decide nothing else.
        target: Of the figure that decides, such as an accuracy of 0.9.
        contenders: By name: a recipe, an architecture, settings with "model" among them, or the path of a log that
            another program left (a `Path`; a table of epoch, hours, top1Accuracy in percent).
        within: Floating-point operations that each may use, forward and backward; each has as many whole epochs as
            that allows, at least one, instead of its own. None: its own.
        seeds: How often each is trained.
        out: The folder, not inside that of the data; by default the next free one in `runs/`.
        listeners: Called with every event of every run; None shows progress on the terminal or in the notebook.

    Returns:
        What each cost.

    Raises:
        BadConfig: If a name or a value is wrong, or the folder holds something else.
        BadData: If the data cannot be used, or have no validation images.
        Interrupted: After a signal; everything is saved.

    Source: Coleman et al. 2017.
    """
    refuse_names(list(contenders))
    _refuse_values(target, within, seeds)
    logs = {name: read_log(given) for name, given in contenders.items() if isinstance(given, Path)}
    own = {name: read_contender(name, given) for name, given in contenders.items() if name not in logs}
    dataset = open_data(data)
    if not len(dataset.splits.get("val", ())):
        raise BadData(
            f"got {printable(dataset.name)}, which has no validation images; taken are sets with some; put them into a "
            "folder val, or let `saccade data split` cut them"
        )
    with claimed(out, f"{dataset.name}-race") as folder:
        racing = _Racing(folder, dataset, within, seeds)
        ready = {name: racing.ready(one) for name, one in own.items()}
        told = {name: {"model": one.model, "settings": one.settings.to_dict()} for name, (one, _) in ready.items()}
        prints = {split: source.fingerprint() for split, source in dataset.splits.items()}
        described_once(folder / "race.json", {"set of contenders": told, "data": prints}, "a race")
        try:
            return racing.done(target, ready, logs, list(contenders), listeners)
        except Interrupted as error:
            raise Interrupted(
                f"got signal {error.signal_number} in a race; everything is saved; ask for it again with the folder "
                f"{printable(str(folder))}",
                error.signal_number,
            ) from error


def _refuse_values(target: float, within: float | None, seeds: int) -> None:
    problems = []
    if not math.isfinite(target):
        problems.append(f"got the target {target}; taken are finite numbers; an accuracy is between 0 and 1")
    if within is not None and not 0 < within < math.inf:
        problems.append(f"got {within} operations; taken are more than 0; leave them out, or give such as 0.3e15")
    if not 1 <= seeds <= _MOST_SEEDS:
        problems.append(f"got seeds={seeds}; taken are 1 to {_MOST_SEEDS}; change them")
    if problems:
        raise BadConfig("\n".join(problems))


@dataclass(frozen=True)
class _Racing:
    folder: Path
    dataset: DataSet
    within: float | None
    seeds: int

    def ready(self, contender: Contender) -> tuple[Contender, Operations]:
        """Count what an image costs the contender, and give it as many epochs as it may have."""
        settings = contender.settings
        task = make_task(self.dataset.task, self.dataset, settings)
        network, seen = make_network(contender.model, self.dataset, task, settings)
        image = operations(network, seen.size, in_channels=seen.channels)
        if self.within is not None:
            an_epoch = image.learning * len(self.dataset.splits["train"])
            settings = replace(settings, epochs=max(1, int(self.within // an_epoch)))
        return replace(contender, settings=settings), image

    def done(
        self,
        target: float,
        ready: Mapping[str, tuple[Contender, Operations]],
        logs: Mapping[str, tuple[Mark, ...]],
        names: Sequence[str],
        listeners: Sequence[Listener] | None,
    ) -> Race:
        """Train seed by seed, the contenders in turns; what is done already costs nothing."""
        places = {name: f"{number:02d}" for number, name in enumerate(ready, 1)}
        for seed in range(self.seeds):
            for name, (contender, _) in ready.items():
                self._train(contender, self.folder / f"{places[name]}-{seed}", seed, listeners)
        headline = make_task(self.dataset.task, self.dataset, next(iter(ready.values()))[0].settings).headline \
            if ready else ("accuracy", True)  # fmt: skip
        predictors = {name: load(Run(self.folder / f"{place}-0")) for name, place in places.items()
                      if (self.folder / f"{place}-0" / "best.safetensors").exists()}  # fmt: skip
        picture = self.dataset.splits["val"].read(0).image
        taken = dict(zip(predictors, latencies(list(predictors.values()), picture) if predictors else [], strict=True))
        standings = [
            Standing(name, (Attempt(0, logs[name]),))
            if name in logs
            else Standing(
                name,
                tuple(Attempt(seed, self._marks(places[name], seed, ready[name][1], headline[0]))
                      for seed in range(self.seeds)),
                ready[name][1], taken.get(name),
            )
            for name in names
        ]  # fmt: skip
        return Race(headline, target, tuple(standings), self.folder)

    def _train(self, contender: Contender, place: Path, seed: int, listeners: Sequence[Listener] | None) -> None:
        settings = replace(contender.settings, seed=contender.settings.seed + seed)
        with heard(listeners) as others:
            attempt(place, self.dataset, model=contender.model, settings=settings, listeners=others)

    def _marks(self, place: str, seed: int, image: Operations, figure: str) -> tuple[Mark, ...]:
        seconds, counted, marks = 0.0, 0, []
        for event in Run(self.folder / f"{place}-{seed}").events():
            if isinstance(event, EpochDone):
                seconds, counted = seconds + event.seconds, counted + event.images
                marks.append(Mark(event.epoch + 1, seconds, float(counted * image.learning), event.validation[figure]))
        return tuple(marks)
