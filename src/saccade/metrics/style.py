"""How well pictures are painted in a style: how near they are to it, and to what they are of.

Source: Johnson et al., arXiv 1603.08155, section 4.1, which judges by the same costs that are learnt from.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadData
from saccade.metrics.bootstrap import bootstrap, interval
from saccade.metrics.inputs import check_finite, keys_of
from saccade.metrics.plain_judgement import PlainJudgement
from saccade.types.batch import Batch

Measured = Mapping[str, Float[Tensor, " batch"]]


class StyleMetric:
    """Takes in pictures and what they are of, batch by batch.

    Args:
        measure: Takes what a network gave; says the figures of each picture, the one that decides first.

    Source: as the file.
    """

    def __init__(self, measure: Callable[[Mapping[str, Tensor]], Measured]) -> None:
        self._measure = measure
        self._seen = 0
        self._parts: dict[str, list[np.ndarray]] = {}

    def update(self, outputs: Mapping[str, Tensor], batch: Batch) -> None:
        """Take in one batch; an empty one changes nothing.

        Args:
            outputs: Of a network that paints.
            batch: The images that they are about.

        Raises:
            BadData: If a number is not finite; the images are named.

        Source: ours.
        """
        if not len(batch):
            return
        keys = keys_of(batch, self._seen)
        measured = {name: values.detach().float().cpu().numpy() for name, values in self._measure(outputs).items()}
        check_finite(np.stack(list(measured.values()), 1), keys)
        self._seen += len(batch)
        for name, values in measured.items():
            self._parts.setdefault(name, []).append(values)

    def compute(self) -> dict[str, float]:
        """Give the figures so far, each on the mean over the images.

        Returns:
            By name.

        Raises:
            BadData: If nothing was taken in.

        Source: as the file.
        """
        return {name: float(values.mean()) for name, values in self._values().items()}

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
        values = self._values()
        table = np.stack(list(values.values()), 1)
        draws = bootstrap(
            lambda counts: counts @ table / len(table), len(table), resamples=resamples,
            generator=np.random.default_rng(seed),
        )  # fmt: skip
        means = self.compute()
        figures = {name: (means[name], *interval(means[name], draws[:, at])) for at, name in enumerate(values)}
        return PlainJudgement(next(iter(values)), figures, self._seen, resamples)

    def _values(self) -> dict[str, Float[np.ndarray, " images"]]:
        if not self._parts:
            raise BadData("got no images to judge; taken is at least one; check the split, and what was set aside")
        return {name: np.concatenate(parts) for name, parts in self._parts.items()}
