"""What one way of answering gains over others on the same images, with the interval of the gain.

The same images are drawn for all of them, so what is hard for everyone cancels out: the interval of a gain is far
narrower than those of the figures would suggest.

Source: Efron, 1979, "Bootstrap methods: another look at the jackknife"; paired, percentile interval.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Float, Int

from saccade.errors import BadShape
from saccade.metrics.bootstrap import bootstrap, interval
from saccade.metrics.classifier_figures import ClassifierFigures
from saccade.metrics.judgement import Figure
from saccade.metrics.tagger_figures import TaggerFigures


@dataclass(frozen=True, eq=False)
class DrawnFigures:
    """The figures of one way of answering, on the images as they are and on many draws of them.

    Args:
        figures: By name, as (value, low, high).
        values: Of the images as they are, in the same order.
        draws: Of each draw.

    Source: ours.
    """

    figures: dict[str, Figure]
    values: Float[np.ndarray, " figures"]
    draws: Float[np.ndarray, "draws figures"]


def drawn_figures(
    figures: ClassifierFigures | TaggerFigures, images: int, *, resamples: int = 1000, seed: int = 0
) -> DrawnFigures:
    """Work out the figures on many draws; the same seed draws the same images.

    Args:
        figures: Of one way of answering.
        images: How many images it answered.
        resamples: How many draws.
        seed: Of the draws.

    Returns:
        What `gain` compares.

    Raises:
        BadData: If there are no images.
        BadConfig: If there are no draws.

    Source: as the file.
    """
    values = figures(np.ones((1, images)))[0]
    draws = bootstrap(figures, images, resamples=resamples, generator=np.random.default_rng(seed))
    named = figures.whole(values, draws)
    return DrawnFigures(named, values[: len(named)].copy(), draws[:, : len(named)].copy())


def gain(ours: DrawnFigures, others: Sequence[DrawnFigures]) -> dict[str, Figure]:
    """Subtract the mean of others' figures from ours, draw by draw.

    Args:
        ours: What gains.
        others: What it is compared with; one or several, on the same draws.

    Returns:
        The difference of each figure by name, as (value, low, high), the interval at 95 %.

    Raises:
        BadShape: If there are no others, or they were drawn otherwise.

    Source: as the file.

    Example:
        >>> right = np.log(np.array([[0.9, 0.1], [0.2, 0.8]]))
        >>> both = [drawn_figures(ClassifierFigures(rows, np.array([0, 1])), 2) for rows in (right, right[::-1])]
        >>> gain(*both[:1], both[1:])["accuracy"]
        (1.0, 1.0, 1.0)
    """
    if not others or any(one.draws.shape != ours.draws.shape for one in others):
        shapes = [one.draws.shape for one in others]
        raise BadShape(
            f"got figures drawn as {ours.draws.shape} and {shapes}; taken is at least one to compare with, on the same "
            "draws; draw them with the same numbers"
        )
    values = ours.values - np.mean([one.values for one in others], axis=0)
    draws = ours.draws - np.mean([one.draws for one in others], axis=0)
    return {
        name: (float(values[at]), *interval(float(values[at]), draws[:, at])) for at, name in enumerate(ours.figures)
    }


def figures_of(
    logits: Float[np.ndarray, "images classes"],
    targets: Int[np.ndarray, " images"] | Bool[np.ndarray, "images classes"],
    *,
    threshold: float = 0.5,
) -> ClassifierFigures | TaggerFigures:
    """Make ready the figures of answers of either kind.

    Args:
        logits: Of each class of each image.
        targets: The class of each image; or whether it has each class, where several can be true at once.
        threshold: Of the latter: from which probability on a class is taken as present.

    Returns:
        The figures.

    Source: ours.
    """
    if targets.ndim == 1:
        largest = logits.max(axis=1, keepdims=True)
        return ClassifierFigures(
            logits - largest - np.log(np.exp(logits - largest).sum(axis=1, keepdims=True)), targets
        )
    losses = np.logaddexp(0, np.where(targets, -logits, logits)).mean(axis=1)
    return TaggerFigures(logits, targets, losses, threshold)
