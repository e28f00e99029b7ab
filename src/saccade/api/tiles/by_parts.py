"""Models that look at the parts of one picture after the other.

Source: ours.
"""

from __future__ import annotations

import copy
from abc import abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from jaxtyping import Shaped

from saccade.api.ensembles.answering import Answering, Prepared
from saccade.errors import BadConfig
from saccade.types.detections import Detections


class ByParts(Answering):
    """A model that looks at parts of a picture; in memory are one picture, and one batch of its parts.

    Args:
        model: What says something of each part.
        batch_size: Parts that go through the network together, unless a call says otherwise.

    Source: ours.
    """

    def __init__(self, model: Answering, batch_size: int) -> None:
        self.model, self.batch_size = model, batch_size

    @abstractmethod
    def found(self, key: str, image: Shaped[np.ndarray, "height width channels"]) -> Detections:
        """Say what was found in one picture."""

    def __call__(self, images: Any, *, batch_size: int | None = None) -> Any:
        """Predict one picture, or many; see `Answering`.

        Args:
            images: As there.
            batch_size: Parts that go through the network together; None for the usual.

        Returns:
            As there. Of a picture come as many boxes as its parts give.

        Raises:
            BadImage: If a single picture cannot be read, or is too small.
            BadData: If a folder holds no pictures.
            BadConfig: If batch_size is below 1.
            MissingExtra: If a single picture needs a part of saccade that is not installed.

        Source: ours.
        """
        return Answering.__call__(self._with(batch_size), images, batch_size=1)

    def stream(self, images: Any, *, batch_size: int | None = None) -> Iterator[Any]:
        """Predict many pictures as they come, one in memory at a time; see `Answering`.

        Args:
            images: As there.
            batch_size: Parts that go through the network together; None for the usual.

        Returns:
            As there.

        Raises:
            BadData: If a folder holds no pictures.
            BadConfig: If batch_size is below 1.

        Source: ours.
        """
        return Answering.stream(self._with(batch_size), images, batch_size=1)

    def prepared(self, image: Shaped[np.ndarray, "height width channels"]) -> Prepared:
        """Keep the picture as it is, since its parts are cut later; raises BadImage if they could not be."""
        self.model.prepared(image[:1, :1])
        return Prepared((image,), image.shape[:2])

    def answers(self, items: Sequence[tuple[str, Prepared]]) -> list[Any]:
        """Give what was found in each of several pictures, at least one, that come with their names and prepared."""
        return [self.found(key, item.arrays[0]) for key, item in items]

    def _batches(self, things: Iterator[tuple[int, Any]], batch_size: int, keep: int) -> Iterator[Any]:
        """One picture after the other; the next is only read when this one is done with."""
        del batch_size
        for number, item in enumerate(things):
            yield from self._settled([self._read(*item)], max(0, keep - number))

    def _with(self, batch_size: int | None) -> ByParts:
        if batch_size is None:
            return self
        if batch_size < 1:
            raise BadConfig(f"got batch_size={batch_size}; taken is 1 or more; leave it out for {self.batch_size}")
        other = copy.copy(self)
        other.batch_size = batch_size
        return other
