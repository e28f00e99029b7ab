"""From a source to batches: the same ones every time, from any place in an epoch, with any number of workers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Shaped
from torch import Tensor

from saccade.data.augmentation import Augmentation
from saccade.data.making import Made, Maker
from saccade.data.preprocess import to_images
from saccade.data.workers import Workers
from saccade.errors import BadConfig
from saccade.types.batch import Batch
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Source


class Loader:
    """Batches of a source.

    Everything random is a function of (seed, epoch, sample), so batch k of epoch e is the same bits whether the epoch
    began at 0 or at k, here or on another day, with no workers or with four. There is no state to save.

    A file that cannot be read is left out, and named in its batch's `set_aside`, again in every epoch. A batch of which
    nothing is left still comes, with no images and no targets, so that steps keep their numbers. While training (with a
    seed) no batch but one of size 1 has a single image: one left over at the end joins the batch before it.

    Pictures of 8 bits are kept in memory as preprocessing makes them, up to 512 MiB: while training from the first
    epoch on, otherwise from the second.

    Args:
        source: Where pictures come from.
        preprocessing: What is made of each.
        encode: The task's `targets`: turns the targets of several samples into what a loss compares with.
        batch_size: Pictures in a batch.
        seed: Of the order and the augmentations; None keeps the order of the source.
        augmentations: Applied to each picture; they need a seed.
        workers: Processes that read and augment beside this one; 0: this one does it. They start with the first epoch
            and stay until `close`.

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
        workers: int = 0,
    ) -> None:
        if batch_size < 1 or workers < 0:
            raise BadConfig(
                f"got batch_size={batch_size} and workers={workers}; taken are at least 1 and at least 0; change them"
            )
        if augmentations and seed is None:
            raise BadConfig(
                f"got {len(augmentations)} augmentations without a seed; taken is a seed where something is random; "
                "give one, or leave the augmentations out"
            )
        self.maker = Maker(source, preprocessing, augmentations, batch_size=batch_size, seed=seed)
        self._encode, self._count, self._passes = encode, workers, 0
        self._workers: Workers | None = None

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
        tasks = ((epoch, step, keep) for step in range(start, self.steps))
        for made in self._made(tasks):
            yield self._batch(made)

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
        if not self._count or self.maker.ready():
            return (self.maker.make(*task) for task in tasks)
        self._workers = self._workers or Workers(self._count, self.maker.make)
        return self._workers.results(tasks)

    def _batch(self, made: Made) -> Batch:
        height, width = self.maker.preprocessing.size
        if not made.keys:
            images = torch.zeros(0, self.maker.preprocessing.channels, height, width)
            return Batch(images, torch.zeros(0, 2, dtype=torch.int64), set_aside=made.set_aside)
        sizes = torch.tensor([[height, width]]).expand(len(made.keys), 2)
        return Batch(_images(made.pictures), sizes, self._encode(made.targets), made.keys, made.set_aside)


def _images(
    pictures: Shaped[np.ndarray, "batch height width channels"] | list[Shaped[np.ndarray, "_ _ _"]],
) -> Float[Tensor, "batch channels height width"]:
    """What `to_images` does; at once where all lie in one array of 8 bits."""
    if isinstance(pictures, list) or pictures.dtype != np.uint8:
        return to_images(list(pictures))
    return torch.from_numpy(pictures).permute(0, 3, 1, 2).to(torch.float32).div_(255)
