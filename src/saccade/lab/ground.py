"""What every network of a comparison shares: the images, how they are prepared, and which of them judge.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, cast

from saccade.data.files import as_text
from saccade.data.loading.loader import Loader
from saccade.data.preprocess import preprocess, to_images
from saccade.data.splitting import Divisible, divide
from saccade.errors import BadConfig, BadData, BadImage
from saccade.types.batch import Batch
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import DataSet, Source

_LOOKED_AT = 1000


@dataclass(frozen=True)
class Ground:
    """The images of a comparison.

    Args:
        name: Of the data.
        labels: The names of the classes.
        train: To learn from.
        judged: Of those, the ones that judge each epoch.
        test: Not learned from; these judge each epoch too.
        preprocessing: How a picture becomes what the networks take.

    Source: ours.
    """

    name: str
    labels: tuple[str, ...]
    train: Source
    judged: Source
    test: Source
    preprocessing: Preprocessing

    def learned(self) -> list[str]:
        """Name the images that judge and were learned from."""
        return [self.judged.key(index) for index in range(len(self.judged))]

    def described(self) -> dict[str, Any]:
        """Describe the images, for a run's description; they are a part of the data, so nothing opens them again."""
        parts = {"train": self.train, "judged": self.judged, "test": self.test}
        return {
            "name": as_text(self.name),
            "labels": list(self.labels),
            "counts": {name: len(part) for name, part in parts.items()},
            "fingerprints": {name: part.fingerprint() for name, part in parts.items()},
            "origin": None,
        }


class Both:
    """The batches of two loaders, one after the other.

    Args:
        loaders: In their order.

    Source: ours.
    """

    def __init__(self, *loaders: Loader) -> None:
        self._loaders = loaders

    @property
    def steps(self) -> int:
        """Batches in an epoch."""
        return sum(loader.steps for loader in self._loaders)

    def epoch(self, epoch: int, start: int = 0) -> Iterator[Batch]:
        """Give the batches of an epoch from one of them on.

        Args:
            epoch: Counted from 0.
            start: The first batch to give.

        Returns:
            The batches.

        Source: ours.
        """
        for loader in self._loaders:
            if start < loader.steps:
                yield from loader.epoch(epoch, start)
            start = max(0, start - loader.steps)


def ground_of(dataset: DataSet, *, size: int, images: int, judged: int) -> Ground:
    """Choose the images of a comparison, each class by its share.

    Args:
        dataset: With one class for each image.
        size: Rows and columns of pixels.
        images: How many to learn from; 0 for all.
        judged: How many of them, and how many others, judge each epoch; 0 for all.

    Returns:
        The images.

    Raises:
        BadConfig: If the data suit another task.
        BadData: If there is nothing to learn from or nothing to judge with.

    Source: ours.
    """
    if dataset.task != "classification":
        raise BadConfig(
            f"got data whose labels suit {dataset.task!r}; taken are data with one class for each image; give others"
        )
    test = dataset.splits.get("test", dataset.splits.get("val"))
    if "train" not in dataset.splits or test is None:
        raise BadData(
            f"got data with the splits {', '.join(dataset.splits)}; taken are train and test; give data with both"
        )
    train = _some(dataset.splits["train"], images)
    part = _some(train, judged)
    return Ground(dataset.name, dataset.labels, train, part, _some(test, judged), _prepared(part, size))


def _some(source: Source, count: int) -> Source:
    """Keep so many samples, each class by its share; all of them for 0, or where there are no more."""
    if not count or count >= len(source):
        return source
    share = count / len(source)
    # every source that a format opens can be divided
    return divide(cast(Divisible, source), (1 - share, share, 0.0), seed=0)[1]


def _prepared(source: Source, size: int) -> Preprocessing:
    """Find the channels, the mean and the deviation of pictures, each over up to a thousand of them."""
    pictures = []
    for index in range(min(len(source), _LOOKED_AT)):
        try:
            pictures.append(source.read(index).image)
        except BadImage:  # the loader will name it
            continue
    if not pictures:
        raise BadData("got no readable picture; taken are sets with pictures; see `saccade data info`")
    channels = 1 if all(picture.shape[2] <= 2 for picture in pictures) else 3
    blank = Preprocessing((size, size), channels, (0.0,) * channels, (1.0,) * channels)
    images = to_images([preprocess(picture, blank) for picture in pictures])
    means, deviations = images.mean((0, 2, 3)).tolist(), images.std((0, 2, 3)).clamp(min=1e-3).tolist()
    return Preprocessing(
        (size, size), channels, tuple(round(one, 4) for one in means), tuple(round(one, 4) for one in deviations)
    )
