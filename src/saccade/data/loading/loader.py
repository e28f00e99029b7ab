"""From a source to batches: the same ones every time, from any place in an epoch, with any number of workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Shaped
from torch import Tensor

from saccade.data.augmenting.kinds import Augmentation
from saccade.data.loading.ahead import Parcel, carried_ahead, floats, lane_to
from saccade.data.loading.feeding import Feeding, feeding_of
from saccade.data.loading.keeping import kept_for
from saccade.data.loading.making import Made
from saccade.data.loading.rank_parts import Part
from saccade.data.loading.threads import Threads
from saccade.data.loading.workers import Workers
from saccade.data.preprocess import placement, to_images
from saccade.errors import BadConfig
from saccade.types.batch import Batch
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Source
from saccade.types.warp import Warp

_SMALL = 1 << 16  # bytes for labels beside the pictures


class Loader:
    """Batches of a source.

    Everything random is a function of (seed, epoch, sample), so batch k of epoch e is the same bits whether the epoch
    began at 0 or at k, here or on another day, with no workers or with four. There is no state to save.

    A picture or a label file that cannot be read is left out, and named in its batch's `set_aside`, in every epoch. A
    batch of which nothing is left still comes, with no images and no targets, so that steps keep their numbers. While
    training (with a seed) no batch but one of size 1 has a single image: one left over at the end joins the batch
    before it.

    Pictures of 8 bits are kept as preprocessing makes them, or as they were decoded where augmentations zoom or turn,
    up to 512 MiB in memory or, if asked for, on disk: while training from the first epoch on, otherwise from the
    second.

    Where several processes train together, each takes its part of every batch (see `rank_parts`), and all take as many
    steps; a part can be empty at the end of an epoch.

    Args:
        source: Where pictures come from.
        preprocessing: What is made of each.
        encode: The task's `targets`: turns the targets of several samples into what a loss compares with.
        batch_size: Pictures in a batch.
        seed: Of the order and the augmentations; None keeps the order of the source.
        augmentations: Applied to each picture; they need a seed.
        workers: Processes that read and augment beside this one, 0: this one does it; "threads:2" for threads; or a
            `Feeding`, which says also what is kept, for which of several processes, and on which device batches are
            wanted. Workers start with the first epoch and stay until `close`.

    Raises:
        BadConfig: If batch_size or workers is out of range, or there are augmentations without a seed.

    Source: ours.

    Example:
        >>> from saccade.data.opening import open_data
        >>> train = open_data("digits").splits["train"]
        >>> grey = Preprocessing((8, 8), 1, (0.0,), (1.0,))
        >>> with Loader(train, grey, torch.tensor, batch_size=32, seed=0) as loader:
        ...     batch = next(loader.epoch(3, start=7))
        >>> loader.steps, tuple(batch.images.shape), batch.targets.shape[0]
        (45, (32, 1, 8, 8), 32)
    """

    def __init__(
        self,
        source: Source,
        preprocessing: Preprocessing,
        encode: Callable[[Sequence[Any]], Any],
        *,
        batch_size: int = 64,
        seed: int | None = None,
        augmentations: Sequence[Augmentation] = (),
        workers: int | str | Feeding = 0,
    ) -> None:
        feeding = feeding_of(workers)
        if batch_size < 1:
            raise BadConfig(f"got batch_size={batch_size}; taken are at least 1; change it")
        if augmentations and seed is None:
            raise BadConfig(
                f"got {len(augmentations)} augmentations without a seed; taken is a seed where something is random; "
                "give one, or leave the augmentations out"
            )
        self.maker = Part(
            source, preprocessing, augmentations, batch_size=batch_size, seed=seed,
            share=(feeding.rank, feeding.world), in_turn=feeding.in_turn,
        )  # fmt: skip
        self.maker.kept = kept_for(source, preprocessing, feeding.cache)
        self._encode, self._feeding, self._passes = encode, feeding, 0
        self._lane = lane_to(feeding.device)
        self._workers: Workers | Threads | None = None

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return self.maker.steps

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Give the batches of an epoch.

        Args:
            epoch: Counted from 0.
            start: The first batch to give; those before it cost nothing.

        Returns:
            Batches start, start + 1, … up to the last.

        Raises:
            SaccadeError: If a worker process has died.

        Source: ours.
        """
        keep = self._passes > 0 or self.maker.seed is not None
        self._passes += 1
        made = self._made((epoch, step, keep) for step in range(start, self.steps))
        parcels = (self._parcel(one) for one in made)
        for parcel in carried_ahead(parcels, self._lane) if self._lane else parcels:
            yield self._batch(parcel)

    def close(self) -> None:
        """End the workers; a later epoch starts new ones."""
        if self._workers:
            self._workers.close()
            self._workers = None

    def __enter__(self) -> Loader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _made(self, tasks: Iterator[tuple[int, int, bool]]) -> Iterator[Made]:
        if not self._feeding.workers or self.maker.ready():
            return (self.maker.make(*task) for task in tasks)
        self._workers = self._workers or self._started()
        return self._workers.results(tasks)

    def _started(self) -> Workers | Threads:
        count, work = self._feeding.workers, self.maker.make
        if self._feeding.threads:
            return Threads(count, work)
        taken = self.maker.preprocessing
        each = taken.size[0] * taken.size[1] * taken.channels
        return Workers(count, work, room=(self.maker.each + 1) * each + _SMALL)

    def _parcel(self, made: Made) -> Parcel:
        """What of a batch may travel to a device, and what stays; floats already where it does not travel."""
        if not made.keys:
            taken = self.maker.preprocessing
            return Parcel(torch.zeros(0, taken.channels, *taken.size), None, made)
        pictures = _stacked(made.pictures)
        return Parcel(pictures if self._lane else floats(pictures), self._encode(made.targets), made)

    def _batch(self, parcel: Parcel) -> Batch:
        made: Made = parcel.rest
        size = torch.tensor([self.maker.preprocessing.size])
        sizes = size.expand(len(made.keys), 2) if made.keys else torch.zeros(0, 2, dtype=torch.int64)
        taken = self.maker.preprocessing
        placements = tuple(Warp(placement(source, taken), source, taken.size) for source in made.sources)
        return Batch(parcel.pictures, sizes, parcel.targets, made.keys, made.set_aside, placements)


def _stacked(
    pictures: Shaped[np.ndarray, "batch height width channels"] | list[Shaped[np.ndarray, "_ _ _"]],
) -> Shaped[Tensor, "batch channels height width"]:
    """What `to_images` does; but 8 bits stay where all pictures lie in one array of them."""
    if isinstance(pictures, list) or pictures.dtype != np.uint8:
        return to_images(list(pictures))
    return torch.from_numpy(pictures).permute(0, 3, 1, 2)
