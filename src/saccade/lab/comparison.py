"""What a comparison of networks found: a table, the numbers, a drawing.

Source: ours.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from saccade.lab.arm import Record
from saccade.lab.drawing import draw_comparison
from saccade.lab.watching import RUNNING, TEST, TRAINING
from saccade.reporting.environment import command, machine, versions
from saccade.types.plotting import Plot
from saccade.weights.files import json_bytes, storage_checked, write_whole

_NAME = re.compile(r"(?P<kind>[a-z]+)(?P<depth>\d+)-(?P<seed>\d+)")


@dataclass(frozen=True)
class Comparison:
    """Plain and residual networks of several depths, each with what was recorded of it.

    Args:
        experiment: Its name.
        settings: Plain values.
        data: Name, labels, counts and fingerprints.
        records: By name: the kind, the depth and the seed, as in "plain20-0".
        folder: Where the runs are, and what was found.

    Source: ours.
    """

    experiment: str
    settings: Mapping[str, Any]
    data: Mapping[str, Any]
    records: Mapping[str, Record]
    folder: Path

    @property
    def numbers(self) -> Path:
        """Where everything is as JSON."""
        return self.folder / f"{self.experiment}.json"

    @property
    def drawing(self) -> Path:
        """Where the drawing is."""
        return self.folder / f"{self.experiment}.png"

    @property
    def head(self) -> tuple[str, ...]:
        """The names of the columns of `rows`.

        Errors are those after the last epoch: on training images in evaluation mode, on those of the last epoch while
        they were learned from, on test images. The last column is the norm of the gradient of the first convolution
        over that of the last, at the first step.
        """
        return (
            "network",
            "parameters",
            "epochs",
            "training error",
            "while learning",
            "test error",
            "first/last gradient",
        )

    def networks(self) -> dict[tuple[str, int], list[Record]]:
        """Give the records of each network, one for each seed, by kind and depth."""
        found: dict[tuple[str, int], list[Record]] = {}
        for name, record in self.records.items():
            parts = _NAME.fullmatch(name)
            assert parts is not None
            found.setdefault((parts["kind"], int(parts["depth"])), []).append(record)
        return dict(sorted(found.items()))

    def errors(self) -> dict[tuple[str, int], dict[str, float]]:
        """Give the errors after the last epoch, the mean over the seeds, by kind and depth; each a share."""
        names = (TRAINING, RUNNING, TEST)
        return {
            network: {name: fmean(record.epochs[-1][name] for record in records) for name in names}
            for network, records in self.networks().items()
        }

    def rows(self) -> list[list[str]]:
        """Give the table: a row for each network, in the columns of `head`; of several seeds the mean and the range."""
        return [
            [
                f"{kind} {depth}",
                f"{records[0].parameters:,}",
                f"{records[0].epochs[-1]['epoch']:,}",
                *(_percent([record.epochs[-1][name] for record in records]) for name in (TRAINING, RUNNING, TEST)),
                _ratio(records),
            ]
            for (kind, depth), records in self.networks().items()
        ]

    def finding(self) -> list[str]:
        """Say what the training errors show, a sentence for each kind: the deepest network against the shallowest."""
        told, errors = [], self.errors()
        for kind in dict.fromkeys(kind for kind, _ in errors):
            depths = sorted(depth for one, depth in errors if one == kind)
            if len(depths) > 1:
                low, high = depths[0], depths[-1]
                points = 100 * (errors[kind, high][TRAINING] - errors[kind, low][TRAINING])
                more = "more" if points > 0 else "less"
                told.append(f"{kind}: {high} layers have {abs(points):.1f} points {more} training error than {low}")
        return told

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values that JSON can hold."""
        return {
            "experiment": self.experiment,
            "settings": dict(self.settings),
            "data": dict(self.data),
            "finding": self.finding(),
            "networks": {name: record.to_dict() for name, record in self.records.items()},
        }

    def plot(self) -> Plot:
        """Draw the errors over the epochs, and the gradient of each layer.

        Returns:
            The figure.
        """
        return draw_comparison(self.networks())

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
        return f"Comparison({self.experiment!r}: {'; '.join(self.finding())})"

    def _repr_png_(self) -> bytes:
        return self.plot()._repr_png_()


def _percent(values: Sequence[float]) -> str:
    shown = f"{100 * fmean(values):.1f} %"
    return shown if len(values) == 1 else f"{shown} ({100 * min(values):.1f} to {100 * max(values):.1f})"


def _ratio(records: Sequence[Record]) -> str:
    """The gradient of the first layer against that of the last convolution, at the first step that was looked at."""
    ratios = []
    for record in records:
        if record.gradients:
            first, *_, last, _ = record.gradients[0]["norms"].values()
            ratios.append(first / last if last else float("inf"))
    return f"{fmean(ratios):.3g}" if ratios else ""
