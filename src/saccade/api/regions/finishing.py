"""The second step of a detector that looks at regions, taken when the last epoch of a run is done.

The weights that were best so far are loaded, all training images are looked at, a machine and a regression are learnt
for each class, and the model is written anew; only then does the run count as finished. A run that is stopped meanwhile
finds what it has looked at on disk, and goes on.

Source: ours; Girshick et al., 2014, "Rich feature hierarchies", arXiv 1311.2524, sections 2.3 and 3.5.
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import cast

import torch

from saccade.api.regions.looks import LooksAtRegions, RegionLooks
from saccade.api.regions.machines import Gathered, fit_machines, fit_regressors, gather
from saccade.errors import BadData, Interrupted
from saccade.exports.model_file import ModelDescription, describe_model, save_model
from saccade.layers.detector import Detector
from saccade.layers.normalised import Normalised
from saccade.training.events import (
    Event,
    FeaturesComputed,
    FileSetAside,
    Listener,
    RunFinished,
    RunStopped,
    StageDone,
)
from saccade.training.execution import Execution
from saccade.training.interrupts import StopRequest
from saccade.training.processes import Processes
from saccade.training.settings import TrainingSettings
from saccade.types.sample import Source
from saccade.weights.files import load_state, read_tensors

_TOLD_SECONDS = 5.0


class SecondStep:
    """The second step of a run; nothing for a network that has none.

    Args:
        model: The file of the best model so far, which is written anew.
        network: The run's, with its normalisation; in the end it is the finished model.
        source: The training images.
        description: What the file of the model says of itself.
        settings: `seed`, and `cache` ("off": no features are kept on disk).
        execution: How the arithmetic is done.

    Source: ours.
    """

    def __init__(
        self,
        model: Path,
        network: Normalised,
        source: Source,
        *,
        description: ModelDescription,
        settings: TrainingSettings,
        execution: Execution,
    ) -> None:
        self._model, self._network, self._source = model, network, source
        self._description, self._settings, self._execution = description, settings, execution
        self._emit: Callable[[Event], None] = lambda _: None
        self._end: RunFinished | None = None
        self._step = 0

    @property
    def wanted(self) -> bool:
        """Whether the network has a second step."""
        bare = self._network.network
        return isinstance(bare, Detector) and isinstance(bare, LooksAtRegions)

    def before_end(self, emit: Listener) -> Listener:
        """Keep the end of the run back until the second step is done.

        Args:
            emit: Tells an event to those who listen.

        Returns:
            The same for all other events.

        Source: ours.
        """
        if not self.wanted:
            return emit
        self._emit = emit

        def told(event: Event) -> None:
            self._step = getattr(event, "step", self._step)
            if isinstance(event, RunFinished):
                self._end = event
            else:
                emit(event)

        return told

    def take(self, processes: Processes) -> None:
        """Take the step, in the first process; then tell that the run is finished.

        Args:
            processes: Those that train together.

        Raises:
            BadData: If no training image can be read.
            Interrupted: After a signal; the features so far are kept.
            StorageFull: If the disk is full; the model without the step is intact.

        Source: ours.
        """
        if self._end is None:
            return
        began = time.perf_counter()
        processes.from_first(self._finish)
        seconds = self._end.seconds + time.perf_counter() - began
        self._emit(replace(self._end, seconds=seconds, time=time.time()))

    def _finish(self) -> None:
        if not self._model.exists():
            return
        seconds = dict[str, float](describe_model(self._model).origin.get("stages", {}))
        tensors, _ = read_tensors(self._model)
        load_state(self._network.network, tensors, str(self._model))
        if not seconds:
            with StopRequest() as stop, self._execution.applied():
                try:
                    seconds = self._learnt(stop)
                except Interrupted as error:
                    self._emit(RunStopped(self._end.epochs if self._end else 0, self._step, str(error)))
                    raise
            origin = {**self._description.origin, "stages": seconds}
            save_model(self._model, self._network, replace(self._description, origin=origin))
        for stage, spent in seconds.items():
            self._emit(StageDone(stage, spent))

    def _learnt(self, stop: StopRequest) -> dict[str, float]:
        """Look at all images and learn; give the seconds of each stage."""
        import sklearn.linear_model
        import sklearn.svm  # noqa: F401 - here, so that no stage waits until they are loaded

        preprocessing, labels = self._description.preprocessing, self._description.labels
        bare = cast("LooksAtRegions", self._network.eval().network)
        looks = RegionLooks(
            self._network, self._source, preprocessing, self._execution, self._settings.cache != "off",
            _Telling(self._model.parent, len(self._source), self._emit, stop),
        )  # fmt: skip
        try:
            gathered = self._gathered(looks, len(labels))
            looking, began = sum(looks.seconds.values()), time.perf_counter()
            svm = fit_machines(gathered, looks, len(self._source), labels)
            looking = sum(looks.seconds.values()) - looking  # what was on no disk was looked at again
            machines = time.perf_counter() - began - looking
            regressor, moved = fit_regressors(gathered), time.perf_counter()
        finally:
            looks.close()
        numbers = [torch.from_numpy(one) for one in (*svm, *regressor)]
        bare.finish((numbers[0], numbers[1]), (numbers[2], numbers[3]))
        return {**looks.seconds, "machines": machines, "regressors": moved - began - looking - machines}

    def _gathered(self, looks: RegionLooks, classes: int) -> Gathered:
        images, began = len(self._source), time.perf_counter()
        gathered = gather(looks, images, classes, width=looks.bare.width, seed=self._settings.seed)
        for key, reason in looks.set_aside.items():
            self._emit(FileSetAside(key, reason))
        if len(looks.set_aside) == images:
            raise BadData(
                "got no training picture that can be read; taken are sets with pictures; see saccade data check"
            )
        self._emit(FeaturesComputed("train", images, images, looks.reused, time.perf_counter() - began))
        return gathered


class _Telling:
    """Tells now and then how far the looking is, the first time through; and stops after a signal."""

    def __init__(self, folder: Path, images: int, emit: Callable[[Event], None], stop: StopRequest) -> None:
        self._folder, self._images, self._emit, self._stop = folder, images, emit, stop
        self._furthest, self._began = -1, time.monotonic()
        self._told = self._began

    def __call__(self, image: int) -> None:
        now = time.monotonic()
        if image > self._furthest and now - self._told > _TOLD_SECONDS:
            self._told = now
            self._emit(FeaturesComputed("train", image, self._images, 0, now - self._began))
        self._furthest = max(self._furthest, image)
        if self._stop.signal_number:
            raise Interrupted(
                f"got signal {self._stop.signal_number} in the second step, after the last epoch; the state is saved, "
                f"and so are the features so far; go on with: saccade train --resume {shlex.quote(str(self._folder))}",
                self._stop.signal_number,
            )
