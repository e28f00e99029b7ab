"""What comes out of comparing models: how each stands, how they differ, and whether that is shown.

Source: ours.
"""

from __future__ import annotations

import html
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from saccade.errors import printable
from saccade.metrics.comparison import LEVEL, Effect
from saccade.metrics.judgement import Figure, plain, plain_figure
from saccade.types.bad_file import BadFile

LOWER_IS_BETTER = ("loss", "brier", "calibration_error", "hamming_loss")


@dataclass(frozen=True)
class Standing:
    """How one model of a comparison stands.

    Args:
        name: What it is called.
        runs: The runs or files that it has.
        seeds: Of those; None where it is not known.
        values: The figure that is compared, of each run.
        figures: The figures of each run by name, as (value, low, high).

    Source: ours.
    """

    name: str
    runs: tuple[str, ...]
    seeds: tuple[int | None, ...]
    values: tuple[float, ...]
    figures: tuple[Mapping[str, Figure], ...]

    @property
    def value(self) -> float:
        """The mean over its runs."""
        return sum(self.values) / len(self.values)

    def interval(self, figure: str) -> str:
        """Say in a few words how sure the value is: an interval for one run, the range of several."""
        if len(self.values) == 1:
            _, low, high = self.figures[0][figure]
            return f"{low:.4f} to {high:.4f}"
        return f"{min(self.values):.4f} to {max(self.values):.4f}, the {len(self.values)} runs"

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        runs = [
            {"name": name, "seed": seed, "numbers": {which: plain_figure(one) for which, one in figures.items()}}
            for name, seed, figures in zip(self.runs, self.seeds, self.figures, strict=True)
        ]
        return {"name": self.name, "value": plain(self.value), "runs": runs}


@dataclass(frozen=True)
class Pair:
    """Two models of a comparison, side by side; a difference is the second's figure less the first's.

    Args:
        first: The name of the one.
        second: The name of the other.
        figure: What is compared.
        effect: The difference, with its interval and its p.
        p: That p, corrected for the number of pairs.
        detectable: The smallest difference that would be shown four times out of five; NaN when none could be.
        others: The differences of the other figures by name, as (value, low, high); for reading, not for a verdict.

    Source: ours.
    """

    first: str
    second: str
    figure: str
    effect: Effect
    p: float
    detectable: float
    others: Mapping[str, Figure]

    @property
    def shown(self) -> bool:
        """Whether a difference is shown."""
        return self.p <= LEVEL

    @property
    def better(self) -> str:
        """The name of the better model; "" where no difference is shown."""
        if not self.shown:
            return ""
        second = (self.effect.difference > 0) != (self.figure in LOWER_IS_BETTER)
        return self.second if second else self.first

    def difference(self) -> str:
        """Write the difference with its interval."""
        return figure_text((self.effect.difference, self.effect.low, self.effect.high))

    def verdict(self, images: int) -> str:
        """Say in a sentence what is shown.

        Args:
            images: How many were judged.

        Returns:
            The sentence, without a full stop.

        Source: ours.
        """
        spoken, p = self.figure.replace("_", " "), f"p {p_text(self.p)}"
        if math.isnan(self.effect.difference):
            return f"no difference shown: these images give no {spoken}"
        if self.shown:
            low, value, high = sorted(map(abs, (self.effect.low, self.effect.difference, self.effect.high)))
            return f"{printable(self.better)} is better in {spoken}, by {value:.4f} ({low:.4f} to {high:.4f}), {p}"
        told = f"{printable(self.second)} less {printable(self.first)} is {self.difference()}, {p}"
        limit = f"{images:,} images would most likely show a difference of {self.detectable:.4f} or more"
        if math.isnan(self.detectable):
            limit = f"{images:,} images are too few to show any"
        return f"no difference shown in {spoken}: {told}; {limit}"

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return {
            "first": self.first,
            "second": self.second,
            "figure": self.figure,
            **self.effect.to_dict(),
            "corrected_p": plain(self.p),
            "shown": self.shown,
            "better": self.better or None,
            "detectable": plain(self.detectable),
            "other_figures": {name: plain_figure(one) for name, one in self.others.items()},
        }


@dataclass(frozen=True)
class Comparison:
    """Several models on the very same images.

    Args:
        models: How each stands, in the order given.
        pairs: Every two of them.
        figure: What is compared.
        split: What they were judged on.
        images: How many pictures, the same for all.
        notes: What a reader must know.
        bad: Files that one of them could not read; they are left out for all.

    Source: ours.
    """

    models: tuple[Standing, ...]
    pairs: tuple[Pair, ...]
    figure: str
    split: str
    images: int
    notes: tuple[str, ...] = ()
    bad: tuple[BadFile, ...] = ()

    @property
    def shown(self) -> tuple[Pair, ...]:
        """The pairs of which a difference is shown."""
        return tuple(pair for pair in self.pairs if pair.shown)

    def verdicts(self) -> list[str]:
        """Say of each pair in a sentence what is shown."""
        several = len(self.pairs) > 1
        return [
            (f"{printable(pair.first)} and {printable(pair.second)}: " if several else "") + pair.verdict(self.images)
            for pair in self.pairs
        ]

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return {
            "split": self.split,
            "images": self.images,
            "figure": self.figure,
            "models": [model.to_dict() for model in self.models],
            "pairs": [pair.to_dict() for pair in self.pairs],
            "notes": list(self.notes),
            "bad": [file.to_dict() for file in self.bad],
        }

    def __str__(self) -> str:
        width = max(len(printable(model.name)) for model in self.models)
        lines = [f"{self.images:,} images of the {self.split} split, the same for all"]
        lines += [
            f"  {printable(model.name):<{width}}  {self.figure.replace('_', ' ')} {model.value:.4f}  "
            f"({model.interval(self.figure)})"
            for model in self.models
        ]
        return "\n".join([*lines, *self.verdicts(), *(f"note: {printable(note)}" for note in self.notes)])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{html.escape(printable(model.name))}</th><td>{model.value:.4f}</td>"
            f"<td>{model.interval(self.figure)}</td></tr>"
            for model in self.models
        )
        spoken = self.figure.replace("_", " ")
        head = f"<tr><th></th><th>{spoken}</th><th>interval at 95 %</th></tr>"
        said = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in self.verdicts())
        notes = "".join(f"<li>{html.escape(printable(note))}</li>" for note in self.notes)
        caption = f"<caption>{self.images:,} images of the {self.split} split, the same for all</caption>"
        return f"<table>{caption}{head}{rows}</table>{said}<ul>{notes}</ul>"


def figure_text(figure: Figure) -> str:
    """Write a difference with its interval.

    Args:
        figure: (value, low, high).

    Returns:
        Text; an en dash where there is no number.

    Source: ours.

    Example:
        >>> figure_text((0.25, -0.125, 0.5))
        '+0.2500 (-0.1250 to +0.5000)'
    """
    value, low, high = (f"{one:+.4f}" if math.isfinite(one) else "–" for one in figure)
    return f"{value} ({low} to {high})"


def p_text(p: float) -> str:
    """Write how often chance would do as much.

    Args:
        p: From 0 to 1.

    Returns:
        Text, such as "0.031" or "below 0.001".

    Source: ours.

    Example:
        >>> p_text(0.03125), p_text(1e-9)
        ('0.031', 'below 0.001')
    """
    return f"{p:.3f}" if p >= 0.001 else "below 0.001"
