"""What is found when several models, or several views, are judged together: standings, gains and their cost.

Source: ours; the gain is a paired bootstrap over images (see `saccade.metrics.gains`).
"""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from saccade.api.ensembles.latency import BATCH, Latency
from saccade.api.evaluation import Evaluation
from saccade.errors import printable
from saccade.metrics.judgement import Figure, plain_figure


@dataclass(frozen=True)
class Standing:
    """How one way of answering stands: a model alone, several of them, or with several views of each picture.

    Args:
        name: What to call it.
        models: How many models answer.
        views: How often each of them looks at a picture.
        figures: By name, as (value, low, high).
        latency: How long it takes for a picture.

    Source: ours.
    """

    name: str
    models: int
    views: int
    figures: Mapping[str, Figure]
    latency: Latency

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        numbers = {name: plain_figure(figure) for name, figure in self.figures.items()}
        told = {"name": self.name, "models": self.models, "views": self.views}
        return {**told, "numbers": numbers, "milliseconds": self.latency.to_dict()}


@dataclass(frozen=True)
class Gain:
    """What the whole ensemble gains over less, on the same images, and how many times as long it takes.

    Args:
        over: What it is compared with, in a word: "the mean", "the best" or "one view".
        meaning: The same, whole.
        figures: The difference of each figure by name, as (value, low, high).
        times: How many times as long it takes for a picture alone, and for one in a batch.

    Source: as the file.
    """

    over: str
    meaning: str
    figures: Mapping[str, Figure]
    times: tuple[float, float]

    def shown(self, figure: str) -> bool:
        """Tell whether these images show any difference of a figure: whether 0 is outside its interval."""
        _, low, high = self.figures[figure]
        return low > 0 or high < 0

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        numbers = {name: plain_figure(figure) for name, figure in self.figures.items()}
        alone, in_batch = (round(value, 3) for value in self.times)
        return {
            "over": self.over,
            "meaning": self.meaning,
            "numbers": numbers,
            "times_as_long": {"alone": alone, "in_batch": in_batch},
        }


@dataclass(frozen=True)
class EnsembleEvaluation(Evaluation):
    """How good several models or views are together, what they gain over one, and what they cost.

    Args:
        standings: Each model alone, then together; the last is what was asked for, whose judgement this is.
        gains: Over less: over the mean of the models, the best of them, or one view of each picture.
        headline: The figure of the task that matters most.

    Source: as the file.
    """

    standings: tuple[Standing, ...] = ()
    gains: tuple[Gain, ...] = ()
    headline: str = "accuracy"

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return {
            **super().to_dict(),
            "standings": [standing.to_dict() for standing in self.standings],
            "gains": [gain.to_dict() for gain in self.gains],
        }

    def verdicts(self) -> list[str]:
        """Say in a sentence each what is gained in the headline figure, and what it costs."""
        return [_sentence(gain, self.headline) for gain in self.gains]

    def __str__(self) -> str:
        rows = [
            f"  {printable(one.name):<32} {self.headline.replace('_', ' ')} {one.figures[self.headline][0]:.4f}, "
            f"{one.latency.alone:.2f} ms for a picture alone, {one.latency.in_batch:.2f} ms in a batch of {BATCH}"
            for one in self.standings
        ]
        return "\n".join([super().__str__(), *rows, *self.verdicts()])

    def _repr_html_(self) -> str:
        rows = "".join(
            f"<tr><th>{html.escape(printable(one.name))}</th><td>{one.figures[self.headline][0]:.4f}</td>"
            f"<td>{one.latency.alone:.2f}</td><td>{one.latency.in_batch:.2f}</td></tr>"
            for one in self.standings
        )
        head = f"<tr><th></th><th>{self.headline.replace('_', ' ')}</th><th>ms alone</th><th>ms in a batch</th></tr>"
        said = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in self.verdicts())
        return f"{super()._repr_html_()}<table>{head}{rows}</table>{said}"


def _sentence(gain: Gain, headline: str) -> str:
    name, (value, low, high) = headline.replace("_", " "), (100 * number for number in gain.figures[headline])
    if not gain.shown(headline):
        told = f"no difference in {name} shown ({value:+.2f} points, {low:+.2f} to {high:+.2f})"
    elif value > 0:
        told = f"{name} rises by {value:.2f} points ({low:.2f} to {high:.2f})"
    else:
        told = f"{name} falls by {-value:.2f} points ({-high:.2f} to {-low:.2f})"
    alone, in_batch = gain.times
    return (
        f"over {printable(gain.meaning)}: {told}; a picture alone takes {alone:.1f} times as long, "
        f"one in a batch of {BATCH} {in_batch:.1f} times"
    )
