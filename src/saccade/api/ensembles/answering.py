"""What every model that is ready to predict does alike: pictures in any form, one or many, read while it computes.

Source: ours.
"""

from __future__ import annotations

import itertools
import os
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, is_dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Shaped

from saccade.api.pictures import each_of, image_of, is_one, name_of
from saccade.api.predictions import SHOWN, Predictions
from saccade.errors import BadConfig, BadImage, MissingExtra
from saccade.types.bad_file import BadFile
from saccade.types.task import Task

_READERS = 4


@dataclass(frozen=True, eq=False)
class Prepared:
    """A picture as a model takes it.

    Args:
        arrays: Once for each size that the model looks at.
        source: (height, width) of the picture as it was decoded.

    Source: ours.
    """

    arrays: tuple[Shaped[np.ndarray, "_ _ _"], ...]
    source: tuple[int, int]


class Answering(ABC):
    """A model that is ready to predict; those that are say how a picture is prepared, and what they make of several.

    `shown` is the task that makes predictions of what the model gives.

    Source: ours.
    """

    shown: Task

    @abstractmethod
    def prepared(self, image: Shaped[np.ndarray, "height width channels"]) -> Prepared:
        """Make of a picture what the model takes, once for each size that it looks at; raises BadImage if it cannot."""

    @abstractmethod
    def answers(self, items: Sequence[tuple[str, Prepared]]) -> list[Any]:
        """Give a prediction for each of several pictures, at least one, that come with their names and prepared."""

    def __call__(self, images: Any, *, batch_size: int = 32) -> Any:
        """Predict one picture, or many.

        Args:
            images: One picture (a path, bytes, a PIL image, an array (height, width[, channels]), a tensor (channels,
                height, width)), or many: a folder, an array or tensor of four dimensions, a list, a generator.
            batch_size: Pictures that go through the network together.

        Returns:
            One prediction for one picture; `Predictions` for many, in order, with the unreadable files in `.bad`. A
            single prediction keeps its picture to be plotted, and so do the first 20 of many, at the network's size.

        Raises:
            BadImage: If a single picture cannot be read.
            BadData: If a folder holds no pictures.
            BadConfig: If batch_size is below 1.
            MissingExtra: If a single picture needs a part of saccade that is not installed.

        Source: ours.
        """
        if is_one(images):
            key = name_of(images, 0)
            image = image_of(images, key)
            return _pictured(self.answers([(key, self.prepared(image))])[0], image, ("image", "picture"))
        predictions, bad = [], []
        for one in self._streamed(images, batch_size, keep=SHOWN):
            (bad if isinstance(one, BadFile) else predictions).append(one)
        return Predictions(predictions, bad)

    def stream(self, images: Any, *, batch_size: int = 32) -> Iterator[Any]:
        """Predict many pictures as they come; memory holds two batches, however many there are.

        Args:
            images: As for a call.
            batch_size: Pictures that go through the network together.

        Returns:
            A prediction for each picture that can be read, a `BadFile` for each other, in order.

        Raises:
            BadData: If a folder holds no pictures.
            BadConfig: If batch_size is below 1.

        Source: ours.
        """
        return self._streamed(images, batch_size, keep=0)

    def _streamed(self, images: Any, batch_size: int, *, keep: int) -> Iterator[Any]:
        if batch_size < 1:
            raise BadConfig(f"got batch_size={batch_size}; taken is 1 or more; leave it out for 32")
        things = enumerate(each_of(images))
        return self._batches(things, batch_size, keep)

    def _batches(self, things: Iterator[tuple[int, Any]], batch_size: int, keep: int) -> Iterator[Any]:
        pool = ThreadPoolExecutor(max_workers=min(_READERS, os.cpu_count() or 1))

        def submit() -> list[Future[tuple[str, Any]]]:
            return [pool.submit(self._read, *item) for item in itertools.islice(things, batch_size)]

        try:
            waiting = submit()
            while waiting:
                following = submit()  # the next batch is decoded while this one goes through the network
                items = [future.result() for future in waiting]
                yield from self._settled(items, keep)
                waiting, keep = following, max(0, keep - len(items))
        finally:
            pool.shutdown(cancel_futures=True)

    def _read(self, number: int, thing: Any) -> tuple[str, Any]:
        key = name_of(thing, number)
        try:
            return key, self.prepared(image_of(thing, key))
        except (BadImage, MissingExtra) as error:
            return key, BadFile(key, error.reason if isinstance(error, BadImage) else str(error))

    def _settled(self, items: list[tuple[str, Any]], keep: int) -> Iterator[Any]:
        """Put predictions and unreadable files back in order; the first ones keep their pictures."""
        readable = [(key, item) for key, item in items if not isinstance(item, BadFile)]
        predictions = iter(self.answers(readable) if readable else [])
        for number, (_, item) in enumerate(items):
            if isinstance(item, BadFile):
                yield item
            else:
                yield _pictured(next(predictions), item.arrays[0], ("image",)) if number < keep else next(predictions)


def _pictured(prediction: Any, image: np.ndarray, names: Sequence[str]) -> Any:
    """Let a prediction keep its picture, if it is of a kind that shows one: "image" at any size, "picture" as it is."""
    if is_dataclass(prediction) and not isinstance(prediction, type):
        return replace(prediction, **{name: image for name in names if hasattr(prediction, name)})
    return prediction
