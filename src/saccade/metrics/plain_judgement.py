"""A judgement that is figures alone, of pictures for which there is no right or wrong.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from saccade.metrics.judgement import Figure, as_html, as_text, plain_figure


@dataclass(frozen=True, eq=False, repr=False)
class PlainJudgement:
    """How good pictures are that were made, with the uncertainty of each figure.

    Args:
        headline: The name of the figure that decides.
        figures: By name, as (value, low, high).
        images: How many were judged.
        resamples: On how many draws of the images the intervals rest.

    Source: ours.

    Example:
        >>> PlainJudgement("distance", {"distance": (0.1, 0.05, 0.2)}, 12, 100).to_dict()["numbers"]
        {'distance': {'value': 0.1, 'low': 0.05, 'high': 0.2}}
    """

    headline: str
    figures: Mapping[str, Figure]
    images: int
    resamples: int

    def numbers(self) -> dict[str, Figure]:
        """Give each figure as (value, low, high), the interval at 95 %."""
        return dict(self.figures)

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        numbers = {name: plain_figure(figure) for name, figure in self.figures.items()}
        return {"images": self.images, "resamples": self.resamples, "numbers": numbers}

    def __str__(self) -> str:
        return as_text(self.figures, self.images)

    def __repr__(self) -> str:
        return f"<PlainJudgement of {self.images} images, {self.headline} {self.figures[self.headline][0]:.4f}>"

    def _repr_html_(self) -> str:
        return as_html(self.figures, (), (), self.images)
