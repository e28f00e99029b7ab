"""A classifier that slides over pictures: detection as it was before detectors.

Windows of some sizes stand at every step of a grid; each is cut out, brought to what the classifier takes, and named. A
window that shows a class, and not the background, is a box of that class; of boxes of a class that overlap, the surest
stays.

Source: the notes, "sliding windows detection"; Viola and Jones, 2001, for scanning in several sizes.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float, Shaped

from saccade.api.ensembles.answering import Answering, Prepared
from saccade.api.ensembles.ensembling import answering_of
from saccade.api.run import Run
from saccade.api.tiles.by_parts import ByParts
from saccade.data.crops import BACKGROUND
from saccade.errors import BadConfig, BadImage
from saccade.ops.suppression import suppress_by_class
from saccade.tasks.classification import ClassificationTask
from saccade.tasks.detection import detection
from saccade.types.detections import Detections

_BATCH = 64
_MOST_WINDOWS = 1_000_000
_IOU = 0.3

Side = int | tuple[int, int]


class Sliding(ByParts):
    """A classifier that looks at every window of a picture, and tells those that show something.

    Args:
        model: Any classifier that is ready to predict. If it has a class "background", windows of it are left out.
        windows: The sides of windows in pixels of the picture, or (height, width). Those larger than a picture are
            left out there.
        stride: From one window to the next, as a part of its side.
        scales: Pictures are looked at as if they were so many times as large, so that the windows are smaller.
        confidence: From which probability on a window counts, from 0 to 1.
        iou_threshold: Of two boxes of a class that overlap by more, the less sure one goes.

    Raises:
        BadConfig: If the model is no classifier, or a number is out of range; all that is wrong is listed.

    Source: the notes.
    """

    def __init__(
        self,
        model: Answering,
        windows: Sequence[Side],
        *,
        stride: float = 0.25,
        scales: Sequence[float] = (1.0,),
        confidence: float = 0.5,
        iou_threshold: float = _IOU,
    ) -> None:
        if not isinstance(model.shown, ClassificationTask):
            raise BadConfig(
                f"got windows for a model for {model.shown.name}; taken are they for classifiers of one label, which "
                "say of each window what it shows; leave them out"
            )
        sides = [(one, one) if isinstance(one, int) else tuple(one) for one in windows]
        _check(sides, stride, scales)
        names = tuple(label for label in model.shown.labels if label != BACKGROUND)
        super().__init__(model, _BATCH)
        self.stride = stride
        self.sides = tuple(dict.fromkeys(_scaled(side, scale) for scale in scales for side in sides))
        self.shown = self._told = detection(names, confidence=confidence, iou_threshold=iou_threshold)
        self._kept = np.array([number for number, label in enumerate(model.shown.labels) if label != BACKGROUND])

    def prepared(self, image: Shaped[np.ndarray, "height width channels"]) -> Prepared:
        """Keep the picture as it is, since its windows are cut later.

        Args:
            image: Its pixels.

        Returns:
            The picture.

        Raises:
            BadImage: If no window fits into it, or they could not be made what the network takes.

        Source: ours.
        """
        size = (image.shape[0], image.shape[1])
        if not self.fitting(size):
            told = ", ".join(f"{height} × {width}" for height, width in self.sides)
            raise BadImage(
                f"got a picture of {size[0]} × {size[1]} pixels and windows of {told}; taken is a window that fits; "
                "give a smaller one"
            )
        return super().prepared(image)

    def fitting(self, size: tuple[int, int]) -> list[tuple[int, int]]:
        """Say which windows fit into a picture.

        Args:
            size: (height, width) of the picture.

        Returns:
            (height, width) of each.

        Source: ours.
        """
        return [side for side in self.sides if side[0] <= size[0] and side[1] <= size[1]]

    def windows(self, size: tuple[int, int]) -> Float[np.ndarray, "windows 4"]:
        """Lay the windows over a picture.

        Args:
            size: (height, width) of the picture.

        Returns:
            Rows (x1, y1, x2, y2) in whole pixels, size by size, row by row. The last of a row or column ends at the
            edge of the picture.

        Raises:
            BadConfig: If there are more than a million.

        Source: the notes.
        """
        fitting = self.fitting(size)
        places = [
            [_starts(length, own, self.stride) for length, own in zip(size, side, strict=True)] for side in fitting
        ]
        count = sum(len(down) * len(across) for down, across in places)
        if count > _MOST_WINDOWS:
            raise BadConfig(
                f"got {count:,} windows of a picture of {size[0]} × {size[1]} pixels; taken are {_MOST_WINDOWS:,} at "
                "most; take larger ones, or a larger stride"
            )
        rows = [
            (left, top, left + side[1], top + side[0])
            for side, (down, across) in zip(fitting, places, strict=True)
            for top, left in itertools.product(down, across)
        ]
        return np.array(rows, np.float32).reshape(-1, 4)

    def found(self, key: str, image: Shaped[np.ndarray, "height width channels"]) -> Detections:
        """Say what was found in one picture."""
        size = (image.shape[0], image.shape[1])
        boxes, probabilities = self.named(key, image)
        class_ids = probabilities.argmax(1)
        sure = probabilities[np.arange(len(boxes)), class_ids]
        numbers = np.full(len(probabilities[0]), -1)
        numbers[self._kept] = np.arange(len(self._kept))
        classes = numbers[class_ids]
        some = np.flatnonzero((classes >= 0) & (sure >= self._told.confidence))
        tensors = (torch.from_numpy(one[some]) for one in (boxes, sure, classes))
        kept = some[suppress_by_class(*tensors, iou_threshold=self._told.iou_threshold).numpy()][: self._told.max_boxes]
        names = self._told.labels or tuple(map(str, range(len(self._kept))))
        return Detections(key, names, size, boxes[kept], sure[kept], classes[kept])

    def named(
        self, key: str, image: Shaped[np.ndarray, "height width channels"]
    ) -> tuple[Float[np.ndarray, "windows 4"], Float[np.ndarray, "windows classes"]]:
        """Say what each window of a picture shows.

        Args:
            key: The name of the picture.
            image: Its pixels.

        Returns:
            The windows, as `windows` lays them, and the probability of each class.

        Raises:
            BadConfig: If there are more than a million.

        Source: the notes.
        """
        boxes = self.windows((image.shape[0], image.shape[1]))
        rows = list[np.ndarray]()
        for first in range(0, len(boxes), self.batch_size):
            cut = boxes[first : first + self.batch_size].astype(int).tolist()
            items = [(key, self.model.prepared(image[y1:y2, x1:x2])) for x1, y1, x2, y2 in cut]
            rows += [one.probabilities for one in self.model.answers(items)]
        return boxes, np.stack(rows)


def _check(sides: Sequence[tuple[int, ...]], stride: float, scales: Sequence[float]) -> None:
    wrong = list[str]()
    if not sides or any(len(side) != 2 or min(side) < 2 for side in sides):
        wrong.append(f"got windows {[*sides]}; taken are sides of 2 pixels or more, or (height, width); 64 is usual")
    if not 0 < stride <= 1:
        wrong.append(f"got stride={stride!r}; taken is a part of a window, above 0 and up to 1; 0.25 is usual")
    if not scales or not all(0 < scale < 1e6 for scale in scales):
        wrong.append(f"got scales={[*scales]}; taken are numbers above 0; (1, 0.5) looks in windows twice as large too")
    if wrong:
        raise BadConfig("\n".join(wrong))


def _scaled(side: Sequence[int], scale: float) -> tuple[int, int]:
    height, width = (max(1, round(length / scale)) for length in side)
    return height, width


def _starts(length: int, side: int, stride: float) -> list[int]:
    """Where windows along one side of a picture begin: every step, and one that ends at its edge."""
    step, last = max(1, round(side * stride)), length - side
    starts = [number * step for number in range(math.floor(last / step) + 1)]
    return starts if starts[-1] == last else [*starts, last]


def sliding(
    model: str | Path | Run | Answering,
    windows: Sequence[Side],
    *,
    stride: float = 0.25,
    scales: Sequence[float] = (1.0,),
    confidence: float = 0.5,
    convolutional: bool = False,
    device: str = "auto",
) -> Sliding:
    """Load a classifier that slides over pictures; see `Sliding`.

    Args:
        model: What `saccade.load` takes, a classifier of one label.
        windows: The sides of windows in pixels of the picture, or (height, width).
        stride: From one window to the next, as a part of its side.
        scales: Pictures are looked at as if they were so many times as large.
        confidence: From which probability on a window counts, from 0 to 1.
        convolutional: Look at all windows of a size in one pass; they lie as far apart as the network's strides have
            it, so `stride` is not asked. See `saccade.api.tiles.convolved`.
        device: "auto", "cpu", "cuda" or "mps".

    Returns:
        What answers like a detector.

    Raises:
        BadConfig: If the model is no classifier of one label, or a number is out of range.
        BadCheckpoint: If there is no model there, or it cannot be trusted.

    Source: the notes.
    """
    loaded = model if isinstance(model, Answering) else answering_of(model, None, device=device)
    if convolutional:
        from saccade.api.tiles.convolved import convolved

        return convolved(loaded, windows, scales=scales, confidence=confidence)
    return Sliding(loaded, windows, stride=stride, scales=scales, confidence=confidence)
