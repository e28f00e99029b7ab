"""What ways of training cost until they are as good as asked: the four measures of DAWNBench, and operations.

Source: Coleman et al., "DAWNBench: an end-to-end deep learning benchmark and competition", 2017.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any

from saccade.api.ensembles.latency import Latency
from saccade.api.races.contenders import Mark
from saccade.inspect.operations import Operations
from saccade.types.plotting import Plot

_SERVED = 10_000  # images of which DAWNBench gives the cost
_HEAD = (
    "contender", "reached", "epochs", "time", "operations", "cost", "at the end", "latency", "10,000 images", "cost",
)  # fmt: skip


@dataclass(frozen=True)
class Attempt:
    """One training of one contender.

    Args:
        seed: Of it.
        marks: The state after each epoch.

    Source: ours.
    """

    seed: int
    marks: tuple[Mark, ...]

    def reached(self, target: float, higher: bool) -> Mark | None:
        """Give the first mark that is as good as the target, or None."""
        return next((one for one in self.marks if (one.figure >= target if higher else one.figure <= target)), None)


@dataclass(frozen=True)
class Standing:
    """What was found of one contender.

    Args:
        name: What it is called.
        attempts: One for each seed.
        image: Operations that an image costs; None for a stranger's log.
        latency: Of predictions; None for a stranger's log.

    Source: ours.
    """

    name: str
    attempts: tuple[Attempt, ...]
    image: Operations | None = None
    latency: Latency | None = None


@dataclass(frozen=True)
class Race:
    """Ways of training beside each other, on the same images.

    Args:
        figure: What was to be reached, as a name and whether higher is better.
        target: How much of it.
        standings: One for each contender, in the order given.
        folder: Where the runs are.

    Source: Coleman et al. 2017.
    """

    figure: tuple[str, bool]
    target: float
    standings: tuple[Standing, ...]
    folder: Path

    def summaries(self, price: float | None = None) -> list[dict[str, Any]]:
        """Sum up each contender: means over the seeds that reached the target, and over all of them at the end.

        Args:
            price: Of an hour of the machine; None leaves costs out.

        Returns:
            For each: the seeds, how many reached the target, epochs, seconds, operations and cost to it, the figure at
            the end, milliseconds for an image alone, seconds and cost for 10,000 images. What is not known is None.
        """
        return [self._summary(one, price) for one in self.standings]

    @property
    def head(self) -> tuple[str, ...]:
        """The names of the columns of `rows`."""
        return _HEAD

    def rows(self, price: float | None = None) -> list[list[str]]:
        """Word the summaries as a table; columns of costs are empty without a price."""
        return [
            [
                one["name"], f"{one['reached']} of {one['seeds']}", _number(one["epochs"], ".1f"),
                _number(one["seconds"], ".1f", " s"), _number(one["operations"], ".3g"), _number(one["cost"], ".4f"),
                _number(one["at_the_end"], ".4f"), _number(one["milliseconds"], ".2f", " ms"),
                _number(one["seconds_for_10000"], ".1f", " s"), _number(one["cost_of_10000"], ".4f"),
            ]
            for one in self.summaries(price)
        ]  # fmt: skip

    def to_dict(self, price: float | None = None) -> dict[str, Any]:
        """Give plain values that JSON can hold: the summaries, and every mark."""
        return {
            "figure": self.figure[0], "target": self.target, "price_per_hour": price, "folder": str(self.folder),
            "contenders": [
                {
                    **summary,
                    "operations_of_an_image": standing.image.to_dict() if standing.image else None,
                    "attempts": [
                        {"seed": attempt.seed, "marks": [vars(mark) for mark in attempt.marks]}
                        for attempt in standing.attempts
                    ],
                }
                for summary, standing in zip(self.summaries(price), self.standings, strict=True)
            ],
        }  # fmt: skip

    def plot(self) -> Plot:
        """Draw the figure over seconds, and over operations where they were counted.

        Returns:
            The figure.
        """
        figure = Plot(figsize=(8.4, 3.4), layout="constrained")
        for axes, what, scale in zip(
            figure.subplots(1, 2, sharey=True), ("minutes of training", "operations, 10¹²"), (60, 1e12), strict=True
        ):
            for number, standing in enumerate(self.standings):
                for place, attempt in enumerate(standing.attempts):
                    marks = [mark for mark in attempt.marks if scale == 60 or mark.operations is not None]
                    axes.plot(
                        [(mark.seconds if scale == 60 else mark.operations or 0) / scale for mark in marks],
                        [mark.figure for mark in marks],
                        color=f"C{number}", linewidth=1.4, marker=".", label=standing.name if not place else None,
                    )  # fmt: skip
            axes.axhline(self.target, color="#64748b", linewidth=0.9, linestyle=(0, (3, 3)))
            axes.set_xlabel(what, fontsize=9)
            axes.tick_params(labelsize=8)
            axes.spines[["top", "right"]].set_visible(False)
        first = figure.axes[0]
        first.set_ylabel(self.figure[0].replace("_", " "), fontsize=9)
        names = first.get_legend_handles_labels()
        legend = figure.legend(*names, fontsize=8, frameon=False, loc="outside upper center")
        for text in legend.get_texts():
            text.set_parse_math(False)
        return figure

    def _summary(self, standing: Standing, price: float | None) -> dict[str, Any]:
        there = [mark for one in standing.attempts if (mark := one.reached(self.target, self.figure[1]))]
        seconds = _mean([mark.seconds for mark in there])
        served = standing.latency.in_batch * _SERVED / 1e3 if standing.latency else None
        return {
            "name": standing.name, "seeds": len(standing.attempts), "reached": len(there),
            "epochs": _mean([mark.epoch for mark in there]), "seconds": seconds,
            "operations": _mean([mark.operations for mark in there]), "cost": _cost(seconds, price),
            "at_the_end": _mean([one.marks[-1].figure for one in standing.attempts if one.marks]),
            "milliseconds": standing.latency.alone if standing.latency else None,
            "seconds_for_10000": served, "cost_of_10000": _cost(served, price),
        }  # fmt: skip

    def __repr__(self) -> str:
        """Say who was first in a line."""
        there = [one for one in self.summaries() if one["seconds"] is not None]
        if not there:
            return f"Race({self.figure[0]} {self.target:g}: reached by none of {len(self.standings)})"
        first = min(there, key=lambda one: one["seconds"])
        return f"Race({self.figure[0]} {self.target:g}: {first['name']} after {first['seconds']:.1f} s)"

    def _repr_png_(self) -> bytes:
        return self.plot()._repr_png_()


def _mean(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return fmean(known) if known and len(known) == len(values) else None


def _cost(seconds: float | None, price: float | None) -> float | None:
    return None if seconds is None or price is None else seconds / 3600 * price


def _number(value: float | None, form: str, unit: str = "") -> str:
    return "" if value is None else f"{value:{form}}{unit}"
