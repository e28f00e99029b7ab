"""What the lineage of detectors found: a table, the numbers, a drawing.

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saccade.api.watching.words import duration
from saccade.lab.lineage import LINEAGE
from saccade.lab.lineage_drawing import draw_lineage
from saccade.lab.stepping import Standing
from saccade.reporting.environment import command, machine, versions
from saccade.types.plotting import Plot
from saccade.weights.files import json_bytes, storage_checked, write_whole

_HEAD = (
    "step", "mAP50", "mAP", "training", "other stages", "evaluation", "images/s", "memory", "disk",
)  # fmt: skip
_PAIRS = (("sliding-window", "overfeat"), ("rcnn", "fast-rcnn"), ("fast-rcnn", "faster-rcnn"), ("faster-rcnn", "ssd"))
_EITHER = ("training", "evaluation")


@dataclass(frozen=True)
class Lineage:
    """The steps from windows that slide to YOLO, each with what was found of it.

    Args:
        settings: Plain values.
        data: Name, labels, counts and fingerprints.
        standings: One for each step, in the order of the lineage.
        folder: Where the runs are, and what was found.

    Source: ours.
    """

    settings: Mapping[str, Any]
    data: Mapping[str, Any]
    standings: tuple[Standing, ...]
    folder: Path

    @property
    def numbers(self) -> Path:
        """Where everything is as JSON."""
        return self.folder / "detectors.json"

    @property
    def drawing(self) -> Path:
        """Where the drawing is."""
        return self.folder / "detectors.png"

    @property
    def head(self) -> tuple[str, ...]:
        """The names of the columns of `rows`.

        mAP50 and mAP are of the test images, with an interval at 95 %. "other stages" is what a step does beside
        training its network and being judged, such as searching for regions. Images a second are predicted one at a
        time, from pixels to boxes. Memory is what that takes above an idle process; disk is the whole folder.
        """
        return _HEAD

    def rows(self) -> list[list[str]]:
        """Give the table: a row for each step, in the columns of `head`."""
        return [
            [
                one.title,
                *(_interval(one.figures[name]) for name in ("map50", "map")),
                duration(one.stages["training"]),
                _others(one),
                duration(one.stages["evaluation"]),
                f"{one.images_per_second:.1f}",
                _megabytes(one.memory),
                _megabytes(one.disk),
            ]
            for one in self.standings
        ]

    def finding(self) -> list[str]:
        """Say which step is the most accurate and which the fastest, and how much faster a step is than one before."""
        known = {one.step: one for one in self.standings}
        judged = [one for one in self.standings if math.isfinite(one.figures["map50"][0])]
        told = []
        if judged:
            best = max(judged, key=lambda one: one.figures["map50"][0])
            told.append(f"most accurate: {best.title}, mAP50 {_interval(best.figures['map50'])}")
        fastest = max(self.standings, key=lambda one: one.images_per_second)
        told.append(f"fastest: {fastest.title}, {fastest.images_per_second:.1f} images a second")
        for before, after in _PAIRS:
            if before in known and after in known:
                factor = known[after].images_per_second / known[before].images_per_second
                told.append(f"{known[after].title} predicts {factor:.2g} times as fast as {known[before].title}")
        told += [f"{one.title}: {one.note}" for one in self.standings if one.note]
        return told

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values that JSON can hold."""
        return {
            "experiment": "detectors",
            "settings": dict(self.settings),
            "data": dict(self.data),
            "finding": self.finding(),
            "steps": [{"about": LINEAGE[one.step].about, **one.to_dict()} for one in self.standings],
        }

    def plot(self) -> Plot:
        """Draw accuracy against speed, and the seconds of each stage.

        Returns:
            The figure.
        """
        return draw_lineage(self.standings)

    def save(self) -> None:
        """Write the numbers and the drawing into the folder.

        Raises:
            StorageFull: If the disk is full.
        """
        facts = {"command": command(), "versions": versions(), "machine": machine()}
        data = json_bytes({**facts, **self.to_dict()}, indent=1)
        write_whole(self.numbers, lambda file: file.write(data + b"\n"))
        with storage_checked(self.drawing):
            self.plot().savefig(self.drawing, dpi=100)

    def __repr__(self) -> str:
        """Say what was found in a line."""
        return f"Lineage({len(self.standings)} steps: {'; '.join(self.finding()[:2])})"

    def _repr_png_(self) -> bytes:
        return self.plot()._repr_png_()


def _interval(figure: tuple[float, float, float]) -> str:
    value, low, high = figure
    return f"{value:.2f} ({low:.2f} to {high:.2f})" if math.isfinite(value) else "–"


def _others(one: Standing) -> str:
    others = [seconds for name, seconds in one.stages.items() if name not in _EITHER]
    return duration(sum(others)) if others else ""


def _megabytes(count: int) -> str:
    return f"{count / 1e6:,.0f} MB"
