"""How good a translation between two kinds of pictures is, as far as that can be judged without pairs.

What is made of one kind should look like the other: not each picture like some other, but all of them like all of
those. So the figure is a distance between two distributions, of the pictures made and of the real ones, in the numbers
of `ops.cell_statistics`: how bright each cell of a picture is, and how much its pixels vary. It is 0 only where these
are distributed alike, and needs no published network, whose taste would be part of the figure: it can be worked out by
hand. What it cannot see is what lies within a cell, such as the shape of a stroke; and whether each picture kept its
own content, which nobody knows without pairs. "distance_before" is the same distance between the real pictures of both
kinds: what a translation has to beat.

Source: the distance is that of Székely & Rizzo, 2013; Fréchet's, in the features of a classifier, is Heusel et al.,
arXiv 1706.08500.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from jaxtyping import Float, Int
from torch import Tensor

from saccade.errors import BadData
from saccade.metrics.bootstrap import bootstrap, interval
from saccade.metrics.energy_distance import EnergyDistance
from saccade.metrics.inputs import check_finite, keys_of, targets_of
from saccade.metrics.plain_judgement import PlainJudgement
from saccade.ops.cell_statistics import cell_statistics
from saccade.types.batch import Batch

NAMES = ("distance", "distance_to_a", "distance_to_b", "distance_before")
_AT_MOST = 2000


class TranslationMetric:
    """Takes in pictures and what was made of them, batch by batch; keeps a few numbers of each.

    Distances are of each picture to each, so only the first 2,000 of each kind count.

    Source: as the file.
    """

    def __init__(self) -> None:
        self._parts: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
        self._seen = 0

    def update(self, outputs: Mapping[str, Float[Tensor, "batch ..."]], batch: Batch) -> None:
        """Take in one batch; an empty one changes nothing.

        Args:
            outputs: "images", "to_a" and "to_b", in [0, 1].
            batch: With the kinds as its targets, 0 or 1.

        Raises:
            BadData: If a picture is not finite, or the batch has no kinds; images are named.

        Source: ours.
        """
        if not len(batch):
            return
        keys, kinds = keys_of(batch, self._seen), targets_of(batch)
        real, made_a, made_b = (cell_statistics(outputs[name].detach().float()) for name in ("images", "to_a", "to_b"))
        made = torch.where(kinds.to(real.device)[:, None] == 0, made_b, made_a)
        for numbers in (real, made_a, made_b):
            check_finite(numbers.cpu().numpy(), keys)
        self._seen += len(batch)
        self._parts.append((real.cpu().numpy(), made.cpu().numpy(), kinds.cpu().numpy()))

    def compute(self) -> dict[str, float]:
        """Give the figures so far.

        Returns:
            "distance", the mean of "distance_to_a" and "distance_to_b"; and "distance_before". In levels from 0 to 1, 0
            the best; NaN where there are no pictures of one kind.

        Raises:
            BadData: If nothing was taken in.

        Source: as the file.
        """
        figures, count = self._figures()
        return dict(zip(NAMES, map(float, figures(np.ones((1, count)))[0]), strict=True))

    def judge(self, resamples: int, seed: int) -> PlainJudgement:
        """Look closely at everything taken in.

        Args:
            resamples: How often the images are drawn again for the intervals; 1000 is usual.
            seed: Of those draws.

        Returns:
            The judgement.

        Raises:
            BadData: If nothing was taken in.
            BadConfig: If there are no draws.

        Source: ours; intervals by percentile bootstrap over images, at 95 %.
        """
        figures, count = self._figures()
        values = figures(np.ones((1, count)))[0]
        draws = bootstrap(figures, count, resamples=resamples, generator=np.random.default_rng(seed))
        found = {name: (float(values[at]), *interval(float(values[at]), draws[:, at])) for at, name in enumerate(NAMES)}
        return PlainJudgement("distance", found, self._seen, resamples)

    def _figures(self) -> tuple[_Figures, int]:
        if not self._parts:
            raise BadData("got no images to judge; taken is at least one; check the split, and what was set aside")
        real, made, kinds = (np.concatenate(parts) for parts in zip(*self._parts, strict=True))
        kept = np.sort(np.concatenate([np.flatnonzero(kinds == kind)[:_AT_MOST] for kind in (0, 1)]))
        return _Figures(real[kept], made[kept], kinds[kept]), len(kept)


class _Figures:
    """The figures for any draw of the images."""

    def __init__(
        self,
        real: Float[np.ndarray, "images numbers"],
        made: Float[np.ndarray, "images numbers"],
        kinds: Int[np.ndarray, " images"],
    ) -> None:
        self._first, self._second = kinds == 0, kinds == 1
        self._to_b = EnergyDistance(made[self._first], real[self._second])
        self._to_a = EnergyDistance(made[self._second], real[self._first])
        self._apart = EnergyDistance(real[self._first], real[self._second])

    def __call__(self, counts: Float[np.ndarray, "draws images"]) -> Float[np.ndarray, "draws 4"]:
        first, second = counts[:, self._first], counts[:, self._second]
        to_a, to_b = self._to_a(second, first), self._to_b(first, second)
        return np.stack([(to_a + to_b) / 2, to_a, to_b, self._apart(first, second)], 1)
