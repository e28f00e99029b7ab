"""A detector that looks at very large pictures window by window.

Each window is brought to what the network takes, as any picture would be, so that small things stay as large as the
window makes them. In memory are one decoded picture and one batch of windows, however large the picture and however
many there are of them.

Source: ours; see `saccade.api.tiles.windows` for the rule at the edges.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from jaxtyping import Shaped

from saccade.api.ensembles.answering import Answering
from saccade.api.ensembles.ensembling import answering_of
from saccade.api.run import Run
from saccade.api.tiles.by_parts import ByParts
from saccade.api.tiles.windows import Window, check_tiling, cut_sides, told_once, whole_ones, windows
from saccade.errors import BadConfig
from saccade.tasks.detection import DetectionTask
from saccade.types.detections import Detections

_BATCH = 8


class Tiled(ByParts):
    """A detector that looks at a picture through windows; one that is no larger than a window it sees as ever.

    Args:
        model: Any detector that is ready to predict.
        side: Of a window, in pixels of the picture.
        overlap: What neighbouring windows share at least, as a part of the side. Things up to that size are whole in
            one window at least, wherever they are.
        whole: Look at the whole picture at once too, for things larger than a window.

    Raises:
        BadConfig: If the model finds no boxes, or a number is out of range.

    Source: as the file.
    """

    def __init__(self, model: Answering, side: int, *, overlap: float = 0.2, whole: bool = False) -> None:
        check_tiling(side, overlap)
        if not isinstance(model.shown, DetectionTask):
            raise BadConfig(
                f"got tiles for a model for {model.shown.name}; taken are they for detectors, whose boxes can be "
                "brought together; leave them out"
            )
        super().__init__(model, _BATCH)
        self.shown, self._iou_threshold = model.shown, model.shown.iou_threshold
        self.side, self.overlap, self.whole = side, overlap, whole

    def found(self, key: str, image: Shaped[np.ndarray, "height width channels"]) -> Detections:
        """Say what was found in one picture."""
        size = (image.shape[0], image.shape[1])
        if max(size) <= self.side:
            return self.model.answers([(key, self.model.prepared(image))])[0]
        places = windows(size, self.side, self.overlap)
        if self.whole:
            places = itertools.chain([Window(0, 0, size[0], size[1])], places)
        parts = list[tuple[Window, Detections]]()
        while some := list(itertools.islice(places, self.batch_size)):
            items = [(key, self.model.prepared(_part(image, place))) for place in some]
            parts += zip(some, self.model.answers(items), strict=True)
        return self._together(parts, size)

    def _together(self, parts: Sequence[tuple[Window, Detections]], size: tuple[int, int]) -> Detections:
        """Bring boxes to the whole picture, let cut ones give way, and suppress what was found twice."""
        moved = [found.boxes + np.array([place.left, place.top] * 2, np.float32) for place, found in parts]
        cut = [cut_sides(boxes, place, size) for boxes, (place, _) in zip(moved, parts, strict=True)]
        found_in = np.repeat(np.arange(len(parts)), [len(found) for _, found in parts])
        boxes = np.concatenate(moved)
        sure = np.concatenate([found.confidence for _, found in parts])
        class_ids = np.concatenate([found.class_id for _, found in parts])
        stays = np.flatnonzero(whole_ones(boxes, class_ids, np.concatenate(cut), found_in))
        left = boxes[stays], sure[stays], class_ids[stays], found_in[stays]
        which = stays[told_once(left[0], left[1], left[2], left[3], self._iou_threshold)]
        return replace(parts[0][1], size=size, boxes=boxes[which], confidence=sure[which], class_id=class_ids[which])


def _part(image: np.ndarray, place: Window) -> np.ndarray:
    return image[place.top : place.top + place.height, place.left : place.left + place.width]


def tiled(
    model: str | Path | Run | Answering,
    side: int,
    *,
    overlap: float = 0.2,
    whole: bool = False,
    confidence: float | None = None,
    device: str = "auto",
) -> Tiled:
    """Load a detector that looks at very large pictures window by window; see `Tiled`.

    Args:
        model: What `saccade.load` takes.
        side: Of a window, in pixels of the picture.
        overlap: What neighbouring windows share at least, as a part of the side, from 0 to below 1.
        whole: Look at the whole picture at once too, for things larger than a window.
        confidence: From which confidence on boxes are shown, from 0 to 1; None: 0.25.
        device: "auto", "cpu", "cuda" or "mps".

    Returns:
        What answers like any predictor, and can be given to `saccade.watch` too.

    Raises:
        BadConfig: If the model finds no boxes, or a number is out of range.
        BadCheckpoint: If there is no model there, or it cannot be trusted.

    Source: ours.
    """
    if isinstance(model, Answering) and confidence is None:
        return Tiled(model, side, overlap=overlap, whole=whole)
    loaded = answering_of(model, None, confidence=confidence, device=device)
    return Tiled(loaded, side, overlap=overlap, whole=whole)
