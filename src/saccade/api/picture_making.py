"""The verb predict, where what is said of a picture is another picture: a translation, or a style.

Source: ours.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from jaxtyping import Shaped

from saccade.api.ensembles.answering import Prepared
from saccade.api.predictor import Predictor
from saccade.data.preprocess import reduced, spread, to_images
from saccade.errors import BadConfig, BadImage, UnknownName
from saccade.tasks.translation import TranslationTask
from saccade.types.batch import Batch


class PictureMaker(Predictor):
    """A model that is ready to make pictures, each as large as the one that it is made of.

    A picture of a side below the smallest that the network takes is set aside as unreadable. Pictures of one size go
    through the network together.

    Source: ours.
    """

    def prepared(self, image: Shaped[np.ndarray, "height width channels"]) -> Prepared:
        """Make of a picture what the network takes, at its own size.

        Args:
            image: As it was decoded.

        Returns:
            The picture.

        Raises:
            BadImage: If its channels are not those that the network takes, or it is too small.
        """
        channels = self.description.preprocessing.channels
        bare = self.network.network
        least: tuple[int, int] = getattr(bare, "smallest_size", (1, 1))
        if image.shape[0] < least[0] or image.shape[1] < least[1]:
            raise BadImage(
                f"got a picture of {image.shape[0]} × {image.shape[1]} pixels; {getattr(bare, 'name', 'this network')} "
                f"takes {least[0]} × {least[1]} or more; enlarge it"
            )
        return Prepared((spread(reduced(image, channels), channels),), image.shape[:2])

    def answers(self, items: Sequence[tuple[str, Prepared]]) -> list[Any]:
        """Make a picture of each of several, at least one, that come with their names and prepared."""
        same: dict[tuple[tuple[int, ...], np.dtype[Any]], list[int]] = {}
        for row, (_, one) in enumerate(items):
            same.setdefault((one.arrays[0].shape, one.arrays[0].dtype), []).append(row)
        made: dict[int, Any] = {}
        for rows in same.values():
            made.update(zip(rows, self._alike([items[row] for row in rows]), strict=True))
        return [made[row] for row in range(len(items))]

    def _alike(self, items: Sequence[tuple[str, Prepared]]) -> list[Any]:
        images = to_images([one.arrays[0] for _, one in items])
        sizes = torch.tensor([images.shape[2:]] * len(items))
        batch = Batch(images, sizes, None, tuple(key for key, _ in items))
        batch = batch.to(torch.device(self.device), self.execution.torch_memory_format)
        wanted = (self.shown.to,) if isinstance(self.shown, TranslationTask) else ()
        with torch.inference_mode():
            return self.shown.decode(self.network(batch.images, *wanted), batch)

    def to(self, kind: str) -> Predictor:
        """Give the same model, as it makes pictures of another kind.

        Args:
            kind: The name of one of the kinds that it translates between.

        Returns:
            A predictor with the same network.

        Raises:
            BadConfig: If the model does not translate.
            UnknownName: If there is no such kind; the nearest are offered.
        """
        if not isinstance(self.shown, TranslationTask):
            raise BadConfig(
                f"got to={kind!r} for a model for {self.task.name}; taken is it for translation between two kinds of "
                "pictures; leave it out"
            )
        names = self.labels or ("A", "B")
        if kind not in names:
            raise UnknownName("kind of pictures", kind, names)
        other = copy.copy(self)
        other.shown = replace(self.shown, to=names.index(kind))
        return other
