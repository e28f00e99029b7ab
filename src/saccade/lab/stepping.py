"""One step of the lineage, in a folder of its own: learned, judged, measured; what is done is not done again.

    run.json …             the run, as `train` leaves it
    crops/                 of the sliding window: what its classifier learns from
    evaluation-test.json   how good it is, as `evaluate` leaves it; of the sliding window `windows-test.json`
    measured.json          the seconds of its stages, what it costs in use, the bytes of its folder

Source: ours.
"""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from saccade.api.attempts import attempt
from saccade.api.evaluation import Evaluation
from saccade.api.run import Run
from saccade.data.opening import open_data
from saccade.errors import BadCheckpoint, Diverged, Interrupted, printable
from saccade.lab.boxed_ground import some_pictures
from saccade.lab.lineage import SLIDING, Step
from saccade.lab.using import use_of
from saccade.lab.windows import cut_out, judged_sliding, sliding_over, window_sides
from saccade.training.events import EpochDone, Listener, RunFinished, StageDone
from saccade.types.sample import DataSet
from saccade.weights.files import json_bytes, write_whole

_PICTURES = 8
_MEASURED = "measured.json"
_FIGURES, _PARTS = ("map50", "map"), ("value", "low", "high")


@dataclass(frozen=True)
class Standing:
    """What was found of one step.

    Args:
        step: Its name.
        title: How it is called in tables and drawings.
        model: The architecture.
        figures: "map50" and "map" on the test images, each as (value, low, high).
        stages: Seconds of each stage by name, in their order: "training", "evaluation", and others that a step has.
        images_per_second: One at a time, from pixels to what was found.
        memory: Bytes that predicting takes above an idle process.
        disk: Bytes of its folder.
        model_bytes: Of the file of its model.
        epochs: That it learned for.
        note: What a reader must know; "" when there is nothing.

    Source: ours.
    """

    step: str
    title: str
    model: str
    figures: Mapping[str, tuple[float, float, float]]
    stages: Mapping[str, float]
    images_per_second: float
    memory: int
    disk: int
    model_bytes: int
    epochs: int
    note: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        figures = {name: dict(zip(_PARTS, one, strict=True)) for name, one in self.figures.items()}
        return {**asdict(self), "figures": figures, "stages": dict(self.stages)}


@dataclass(frozen=True)
class Stepping:
    """What all steps share.

    Args:
        dataset: With boxes, to learn from and to be judged by.
        folder: In which each step has one.
        size: Rows and columns of pixels that the detectors get.
        shared: Settings of training that all have alike.
        effort: How many times as long as usual each learns.
        watch: Called with what begins; gives a listener to its events.

    Source: ours.
    """

    dataset: DataSet
    folder: Path
    size: int
    shared: Mapping[str, Any] = field(default_factory=dict[str, Any])
    effort: float = 1.0
    watch: Callable[[str], Listener] | None = None

    def all_done(self, steps: Sequence[Step]) -> tuple[Standing, ...]:
        """Do steps one after the other; what is done already costs nothing.

        Args:
            steps: Which.

        Returns:
            What was found of each.

        Raises:
            Interrupted: After a signal; what is done is kept, and what was being learned is saved.
            BadData: If the data cannot be used for one of them.
            Diverged: If the loss of one stopped being finite.

        Source: ours.
        """
        standings = list[Standing]()
        for step in steps:
            try:
                standings.append(self.done(step))
            except (Interrupted, KeyboardInterrupt) as error:
                number = error.signal_number if isinstance(error, Interrupted) else int(signal.SIGINT)
                raise Interrupted(
                    f"got signal {number} in step {step.name}; what is done is kept, {len(standings)} of {len(steps)} "
                    f"steps; ask again with the folder {printable(str(self.folder))} to go on",
                    number,
                ) from error
        return tuple(standings)

    def done(self, step: Step) -> Standing:
        """Do a step, from the beginning or from where it stopped.

        Args:
            step: Which.

        Returns:
            What was found of it.

        Raises:
            Diverged: If its loss stopped being finite.
            Interrupted: After a signal while it learned; the state is saved.
            BadData: If the data cannot be used for it.

        Source: ours.
        """
        place = self.folder / step.place
        measured = _read(place / _MEASURED)
        if "stages" not in measured or not all((place / name).exists() for name in ("best.safetensors", _judged(step))):
            measured = self._measured(step, place, measured)
        return _standing(step, place, measured)

    def _measured(self, step: Step, place: Path, measured: dict[str, Any]) -> dict[str, Any]:
        listener = self.watch(step.name) if self.watch else None
        windows, dataset = (), self.dataset
        if step.name == SLIDING:
            windows, start = window_sides(self.dataset.splits["train"]), time.perf_counter()
            crops = cut_out(self.dataset, place)
            if "crops" not in measured:
                measured = _kept(place, {**measured, "crops": time.perf_counter() - start, "windows": windows})
            dataset = open_data(crops)
        run = self._learned(step, place, dataset, listener)
        if self.watch:
            self.watch(f"{step.name}, judged")
        evaluation, seconds = self._judged(run, windows)
        device, threads = self.shared.get("device", "auto"), int(run.description["execution"]["threads"])
        pictures = some_pictures(self.dataset.splits["test"], _PICTURES)
        use = use_of(place, pictures, windows=windows, device=device, threads=threads)
        stages = {name: measured[name] for name in ("crops",) if name in measured}
        stages |= {"training": _seconds(run), **stages_of(run), "evaluation": seconds}
        return _kept(
            place, {**measured, "stages": stages, "use": use.to_dict(), "note": evaluation.note, "disk": _bytes(place)}
        )

    def _learned(self, step: Step, place: Path, dataset: DataSet, listener: Listener | None) -> Run:
        settings = step.training(self.shared, self.size, len(dataset.splits["train"]), self.effort)
        run = attempt(
            place, dataset, model=step.model, task=step.task, settings=settings,
            listeners=[] if listener is None else [listener],
        )  # fmt: skip
        if run is None:
            raise Diverged(
                f"got a loss of {step.title} that is not finite; taken are steps that learn; leave it out, "
                f"or remove {printable(str(place))} and try another seed"
            )
        run.dataset = dataset
        return run

    def _judged(self, run: Run, windows: tuple[int, ...]) -> tuple[Evaluation, float]:
        start = time.perf_counter()
        if not windows:
            return run.evaluate(), time.perf_counter() - start
        slides = sliding_over(run, windows, device=self.shared.get("device", "auto"))
        evaluation = judged_sliding(slides, self.dataset.splits["test"], self.dataset.labels)
        seconds, data = time.perf_counter() - start, json_bytes(evaluation.to_dict(), indent=1)
        write_whole(run.path / "windows-test.json", lambda file: file.write(data))
        return evaluation, seconds


def stages_of(run: Run) -> dict[str, float]:
    """Give the seconds of what a step does beside training and judging.

    Args:
        run: Of the step.

    Returns:
        Seconds by name, in the order in which they were spent; none for a step that has only training.

    Source: ours.
    """
    stages = dict[str, float]()
    for event in run.events():
        if isinstance(event, StageDone):
            stages[event.stage] = stages.get(event.stage, 0.0) + event.seconds
    return stages


def _judged(step: Step) -> str:
    """The file of how good a step is."""
    return "windows-test.json" if step.name == SLIDING else "evaluation-test.json"


def _standing(step: Step, place: Path, measured: Mapping[str, Any]) -> Standing:
    numbers, use = _read(place / _judged(step))["numbers"], measured["use"]
    figures = {name: _figure(numbers[name]) for name in _FIGURES}
    finished = [event for event in Run(place).events() if isinstance(event, RunFinished)]
    return Standing(
        step.name, step.title, step.model, figures, measured["stages"], use["images_per_second"], use["memory"],
        measured["disk"], (place / "best.safetensors").stat().st_size, finished[-1].epochs if finished else 0,
        measured["note"],
    )  # fmt: skip


def _figure(kept: Mapping[str, float | None]) -> tuple[float, float, float]:
    value, low, high = (float("nan") if kept[part] is None else float(kept[part] or 0) for part in _PARTS)
    return value, low, high


def _seconds(run: Run) -> float:
    return sum(event.seconds for event in run.events() if isinstance(event, EpochDone))


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def _kept(place: Path, measured: dict[str, Any]) -> dict[str, Any]:
    data = json_bytes(measured, indent=1)
    write_whole(place / _MEASURED, lambda file: file.write(data + b"\n"))
    return json.loads(data)


def _read(path: Path) -> dict[str, Any]:
    try:
        return json.loads(path.read_bytes()) if path.exists() else {}
    except (ValueError, OSError) as error:
        raise BadCheckpoint(
            f"got {printable(str(path))}, which cannot be read ({printable(str(error))}); taken is JSON as it was "
            "written; remove the file, and what it held is measured again"
        ) from error
