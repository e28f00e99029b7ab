"""What is left of a model's figure when its pictures are made worse, step by step.

Source: after Hendrycks and Dietterich, 2019, "Benchmarking neural network robustness to common corruptions and
perturbations" (arXiv 1903.12261).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from saccade.metrics.judgement import Figure, plain_figure


@dataclass(frozen=True)
class Point:
    """The figure under one disturbance.

    Args:
        kind: Such as "noise".
        strength: Of it, in the unit of its kind.
        figure: (value, low, high), the interval at 95 %.

    Source: ours.
    """

    kind: str
    strength: float
    figure: Figure


@dataclass(frozen=True)
class Robustness:
    """A model's figure on the same pictures, as they are and disturbed.

    Args:
        name: Of the figure, such as "accuracy".
        undisturbed: The figure of the pictures as they are.
        points: Each kind with its strengths in ascending order, kind after kind.
        images: How many pictures were judged, each time the same ones.
        of: How many there are in the split; more than `images` where a sample was taken.
        seed: That chose the sample, and the noise.

    Source: ours.

    Example:
        >>> whole, half = (0.8, 0.7, 0.9), (0.4, 0.3, 0.5)
        >>> Robustness("accuracy", whole, (Point("noise", 0.1, half), Point("blur", 0.02, whole)), 50, 50, 0).worst
        Point(kind='noise', strength=0.1, figure=(0.4, 0.3, 0.5))
    """

    name: str
    undisturbed: Figure
    points: tuple[Point, ...]
    images: int
    of: int
    seed: int

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of disturbances, in order."""
        return tuple(dict.fromkeys(point.kind for point in self.points))

    def along(self, kind: str) -> Sequence[Point]:
        """Give the points of a kind, the least strength first."""
        return [point for point in self.points if point.kind == kind]

    @property
    def worst(self) -> Point | None:
        """The disturbance that leaves least; None where no figure is known."""
        known = [point for point in self.points if math.isfinite(point.figure[0])]
        return min(known, key=lambda point: point.figure[0], default=None)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        points = [{"kind": one.kind, "strength": one.strength, **plain_figure(one.figure)} for one in self.points]
        return {
            "figure": self.name,
            "undisturbed": plain_figure(self.undisturbed),
            "points": points,
            "images": self.images,
            "of": self.of,
            "seed": self.seed,
        }

    def __str__(self) -> str:
        sampled = f", a sample of {self.of:,}" if self.of > self.images else ""
        name = self.name.replace("_", " ")
        lines = [f"{name} of {self.images:,} images{sampled}, disturbed", _line("as they are", self.undisturbed)]
        lines += [_line(f"{one.kind} {one.strength:g}", one.figure) for one in self.points]
        return "\n".join(lines)


def _line(told: str, figure: Figure) -> str:
    value, low, high = (f"{number:.4f}" if math.isfinite(number) else "–" for number in figure)
    return f"  {told:<26} {value}  ({low} to {high})"
