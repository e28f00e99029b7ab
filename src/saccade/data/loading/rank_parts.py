"""One epoch for several processes that train together: every sample once, and as many steps for each.

The batches of an epoch are those of one process alone. Of each, every process takes its part: the first so many, the
next so many, and so on; parts differ by at most one in number. At the end of an epoch a part can be empty, but no
process has a step more than another, whatever the number of samples.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Int64

from saccade.data.augmenting.following import preprocessed
from saccade.data.loading.making import Maker
from saccade.errors import BadImage, BadLabel, MissingExtra
from saccade.types.batch import Batch
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Source


def part_of(order: Int64[np.ndarray, " samples"], rank: int, world: int) -> Int64[np.ndarray, " part"]:
    """Give the part of some samples that one of several processes takes.

    Args:
        order: Numbers of samples.
        rank: Of this process, from 0.
        world: How many processes there are.

    Returns:
        A stretch of them; those of all ranks, one after the other, are all samples.

    Source: ours.

    Example:
        >>> [part_of(np.arange(5), rank, 2).tolist() for rank in (0, 1)]
        [[0, 1, 2], [3, 4]]
    """
    each, more = divmod(len(order), world)
    start = rank * each + min(rank, more)
    return order[start : start + each + (rank < more)]


class Part(Maker):
    """Makes the samples of one process's part of any batch of any epoch.

    Args:
        source: Where pictures come from.
        preprocessing: What is made of each.
        augmentations: Applied to each after that; what mixes pictures mixes those of one part.
        batch_size: Pictures in a batch, of all processes together.
        seed: Of the order and the augmentations; None keeps the order of the source and changes nothing.
        share: (rank, world): the number of this process, and how many there are.
        in_turn: Whether classes take turns.

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
        in_turn: bool = False,
    ) -> None:
        super().__init__(source, preprocessing, augmentations, batch_size=batch_size, seed=seed, in_turn=in_turn)
        self._share, self.each = share, -(-batch_size // share[1])

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

    def _lone(self, readable: int, rows: int) -> bool:
        """What is alone in a part may have company in the others; the loop knows."""
        return self._share[1] == 1 and super()._lone(readable, rows)

    def _number(self, step: int) -> int:
        rank, world = self._share
        return step * world + rank


def stand_in(source: Source, preprocessing: Preprocessing, encode: Callable[[Sequence[Any]], Any]) -> Batch | None:
    """Make what a process can run while the others learn from a batch of which it has no part.

    Args:
        source: Where pictures come from.
        preprocessing: What is made of each.
        encode: The task's `targets`.

    Returns:
        Two black images with the targets of the first sample whose label can be read; None if there is none.

    Source: ours.

    Example:
        >>> from saccade.data.opening import open_data
        >>> digits = open_data("digits").splits["train"]
        >>> stand_in(digits, Preprocessing((8, 8), 1, (0.0,), (1.0,)), torch.tensor).images.shape
        torch.Size([2, 1, 8, 8])
    """
    height, width = preprocessing.size
    for row in range(len(source)):
        try:
            target = preprocessed(source.target(row), preprocessing)
        except (BadImage, BadLabel, MissingExtra):
            continue
        images = torch.zeros(2, preprocessing.channels, height, width)
        return Batch(images, torch.tensor([[height, width]] * 2), encode([target, target]))
    return None
