"""One epoch for several processes that train together: every sample once, and as many steps for each.

The order of an epoch is one for all. Of each batch of batch_size × world samples process r takes every world-th, from
the r-th on; so what all take in a step, together, is the batch that one process alone with that batch size would take.
The last batch is shared too: no process waits for one that has a step more, whatever the number of samples.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Int64

from saccade.data.loading.making import Maker
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Source


def part_of(order: Int64[np.ndarray, " samples"], rank: int, world: int) -> Int64[np.ndarray, " part"]:
    """Give the part of some samples that one of several processes takes.

    Args:
        order: Numbers of samples.
        rank: Of this process, from 0.
        world: How many processes there are.

    Returns:
        Every world-th sample; the parts of all ranks are all samples, each once, and differ by at most one in number.

    Source: ours.

    Example:
        >>> [part_of(np.arange(5), rank, 2).tolist() for rank in (0, 1)]
        [[0, 2, 4], [1, 3]]
    """
    return order[rank::world]


def steps_of(count: int, batch_size: int, *, world: int = 1, training: bool = True) -> int:
    """Count the batches of an epoch, the same number for every rank.

    Args:
        count: Samples in the epoch.
        batch_size: Samples in a batch of one process.
        world: How many processes there are.
        training: Whether a last batch that would leave some process with a single sample, or none, joins the batch
            before it: batch normalisation cannot learn from one.

    Returns:
        Batches.

    Source: ours.

    Example:
        >>> steps_of(9, 4), steps_of(9, 4, training=False), steps_of(11, 2, world=2)
        (2, 3, 2)
    """
    whole, rest = divmod(count, batch_size * world)
    alone = training and whole > 0 and rest < 2 * world
    return whole + (rest > 0 and not alone)


class Part(Maker):
    """Makes the samples of one process's part of any batch of any epoch.

    Args:
        source: Where pictures come from.
        preprocessing: What is made of each.
        augmentations: Applied to each after that.
        batch_size: Pictures in a batch of one process.
        seed: Of the order and the augmentations; None keeps the order of the source and changes nothing.
        share: (rank, world): the number of this process, and how many there are.

    Source: ours.
    """

    def __init__(
        self,
        source: Source,
        preprocessing: Preprocessing,
        augmentations: Sequence[Any],
        *,
        batch_size: int,
        seed: int | None,
        share: tuple[int, int] = (0, 1),
    ) -> None:
        super().__init__(source, preprocessing, augmentations, batch_size=batch_size * share[1], seed=seed)
        self._share, self.each = share, batch_size

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return steps_of(len(self.source), self.each, world=self._share[1], training=self.seed is not None)

    def rows(self, epoch: int, step: int) -> Int64[np.ndarray, " rows"]:
        """Say which samples of a batch are this process's.

        Args:
            epoch: Counted from 0.
            step: Counted from 0 in its epoch.

        Returns:
            Their numbers in the source.

        Source: ours.
        """
        return part_of(super().rows(epoch, step), *self._share)
