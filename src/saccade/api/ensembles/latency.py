"""How long models take for a picture, measured in turns so that whatever else the machine does meets them all alike.

Source: ours.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from jaxtyping import Shaped

from saccade.api.ensembles.answering import Answering

BATCH = 16
_ROUNDS, _FEWEST_ROUNDS, _SECONDS = 9, 3, 10.0


@dataclass(frozen=True)
class Latency:
    """How long a model takes, from a decoded picture to its prediction, in milliseconds for each picture.

    Args:
        alone: For one picture by itself.
        in_batch: For each of sixteen that come together.

    Source: ours.
    """

    alone: float
    in_batch: float

    def to_dict(self) -> dict[str, float]:
        """Give plain values that JSON can hold."""
        return {name: round(value, 3) for name, value in asdict(self).items()}


def latencies(
    models: Sequence[Answering], picture: Shaped[np.ndarray, "height width channels"], *, seconds: float = _SECONDS
) -> list[Latency]:
    """Measure how long each of several models takes for a picture.

    In each round every model predicts once, the order turning by one place from round to round; the medians are given.
    One round before is not counted. There are nine, or fewer where they would take too long, but at least three.

    Args:
        models: What to measure.
        picture: What they predict, as it was decoded.
        seconds: After so long no further round begins.

    Returns:
        The latency of each.

    Source: ours.
    """
    taken: list[list[tuple[float, float]]] = [[] for _ in models]
    began = time.perf_counter()
    for turn in range(-1, _ROUNDS):
        if turn >= _FEWEST_ROUNDS and time.perf_counter() - began > seconds:
            break
        places = list(range(len(models)))
        for place in places[turn % len(places) :] + places[: turn % len(places)]:
            timed = _timed(models[place], picture, 1), _timed(models[place], picture, BATCH) / BATCH
            if turn >= 0:
                taken[place].append(timed)
    return [Latency(*(1e3 * statistics.median(times) for times in zip(*one, strict=True))) for one in taken]


def _timed(model: Answering, picture: Shaped[np.ndarray, "height width channels"], count: int) -> float:
    start = time.perf_counter()
    model.answers([("", model.prepared(picture)) for _ in range(count)])
    return time.perf_counter() - start
