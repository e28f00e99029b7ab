"""A detector and a classifier without a network: a bright patch is a thing, a red or a green one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import cv2
import numpy as np

from saccade.api.ensembles.answering import Answering, Prepared
from saccade.errors import BadImage
from saccade.tasks.classification import classification
from saccade.tasks.detection import detection
from saccade.types.classification import ClassPrediction
from saccade.types.detections import Detections

NAMES = ("red", "green")
WITH_NONE = ("red", "background", "green")


class BrightThings(Answering):
    """Boxes to the pixel, a red patch of class 0, a green one of class 1.

    `seen` keeps the sizes of the pictures that came, `batches` how many came together.
    """

    def __init__(self) -> None:
        self.shown = detection(NAMES)
        self.seen: list[tuple[int, int]] = []
        self.batches: list[int] = []

    def prepared(self, image: np.ndarray) -> Prepared:
        if image.shape[2] != 3:
            raise BadImage(f"got a picture of {image.shape[2]} channels; this network takes 3; choose them first")
        return Prepared((image,), image.shape[:2])

    def answers(self, items: Sequence[tuple[str, Prepared]]) -> list[Any]:
        self.batches.append(len(items))
        return [self.said(key, one.arrays[0]) for key, one in items]

    def said(self, key: str, image: np.ndarray) -> Any:
        self.seen.append(image.shape[:2])
        rows = [(box, name) for name in range(2) for box in patches(image[:, :, name])]
        boxes = np.array([box for box, _ in rows], np.float32).reshape(-1, 4)
        class_ids = np.array([name for _, name in rows], np.int64)
        return Detections(key, NAMES, image.shape[:2], boxes, np.full(len(rows), 0.9, np.float32), class_ids)


class BrightWindows(BrightThings):
    """A class is as likely as the part of the window that has its colour; the background is the rest."""

    def __init__(self) -> None:
        super().__init__()
        self.shown = classification(WITH_NONE)

    def said(self, key: str, image: np.ndarray) -> ClassPrediction:
        red, green = ((image[:, :, channel] > 128).mean() for channel in (0, 1))
        return ClassPrediction(key, WITH_NONE, np.array([red, 1 - red - green, green], np.float32))


def patches(plane: np.ndarray) -> list[list[int]]:
    """The boxes around patches of pixels above 128 that touch along a side."""
    _, _, stats, _ = cv2.connectedComponentsWithStats((plane > 128).astype(np.uint8), connectivity=4)
    return [[x, y, x + width, y + height] for x, y, width, height, _ in stats[1:].tolist()]


def with_things(size: tuple[int, int], *things: tuple[int, int, int, int], channel: int = 0) -> np.ndarray:
    """A dark picture with a bright patch in each of some boxes (x1, y1, x2, y2)."""
    image = np.zeros((*size, 3), np.uint8)
    for x1, y1, x2, y2 in things:
        image[y1:y2, x1:x2, channel] = 255
    return image
