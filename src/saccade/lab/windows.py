"""The first step of the lineage: a classifier learns from things cut out, slides, and is judged as detectors are.

Source: the notes, "sliding windows detection".
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from saccade.api.datasets.cropping import crop_things
from saccade.api.evaluation import RESAMPLES, Evaluation
from saccade.api.run import Run
from saccade.api.tiles.sliding import Sliding, sliding
from saccade.data.crops import BACKGROUND, CropSettings
from saccade.data.labels.writing_classes import folder_names
from saccade.errors import BadData, BadImage, MissingExtra
from saccade.metrics.detection.detection import DetectionMetric
from saccade.types.bad_file import BadFile
from saccade.types.batch import Batch
from saccade.types.boxed import learnable
from saccade.types.detections import Detections
from saccade.types.sample import DataSet, Source, targets_of

_QUANTILES = (0.1, 0.35, 0.65, 0.9)
_SMALLEST, _LEAST = 12, 4  # no window is less than a twelfth of the picture: there would be thousands
_CROPS = CropSettings(background=2.0, context=0.0)
_STRIDE, _SUPPRESSED = 0.25, 0.3


def window_sides(source: Source) -> tuple[int, ...]:
    """Choose windows as large as things are.

    Args:
        source: Pictures with boxes, to learn from.

    Returns:
        The sides of up to four squares in pixels, the smallest first: those that hold a tenth, a third, two thirds and
        nine tenths of the things, but none below a twelfth of the longer side of the middle picture.

    Raises:
        BadData: If there are no boxes.

    Source: ours.
    """
    targets = targets_of(source)
    sides = [
        (target.boxes.coordinates[:, 2:] - target.boxes.coordinates[:, :2]).amax(1)[learnable(target)]
        for target in targets
        if target.boxes is not None
    ]
    longest = torch.cat([torch.zeros(0), *sides]).float().numpy()
    if not len(longest):
        raise BadData("got pictures to learn from without a single box; taken are some with things; look at the labels")
    least = max(_LEAST, round(float(np.median([max(target.size) for target in targets])) / _SMALLEST))
    return tuple(sorted({max(least, round(float(side))) for side in np.quantile(longest, _QUANTILES)}))


def cut_out(dataset: DataSet, folder: Path) -> Path:
    """Write the things of the pictures, and places without any, as class folders; what is there is left as it is.

    A class of which a split has nothing has no folder there.

    Args:
        dataset: Pictures with boxes.
        folder: Of the step.

    Returns:
        The folder of the crops.

    Raises:
        BadData: If there is nothing to cut out, or a class is called "background" already.
        StorageFull: If the disk is full; nothing is left behind.

    Source: ours.
    """
    place = folder / "crops"
    if not place.exists():
        crop_things(dataset, place, settings=_CROPS)
    for empty in [path for path in place.glob("*/*") if path.is_dir() and not any(path.iterdir())]:
        empty.rmdir()
    return place


def sliding_over(run: str | Path | Run, windows: Sequence[int], *, device: str = "auto") -> Sliding:
    """Let a classifier slide, and tell every window that it takes for a thing, however unsure, as detectors do.

    Args:
        run: The classifier.
        windows: Sides in pixels of the picture.
        device: "auto", "cpu", "cuda" or "mps".

    Returns:
        What answers like a detector.

    Raises:
        BadCheckpoint: If there is no model there.

    Source: ours.
    """
    loaded = sliding(run, windows, stride=_STRIDE, confidence=0.0, device=device)
    return Sliding(loaded.model, windows, stride=_STRIDE, confidence=0.0, iou_threshold=_SUPPRESSED)


def judged_sliding(slides: Sliding, source: Source, labels: Sequence[str], split: str = "test") -> Evaluation:
    """Judge a classifier that slides by the figures of a detector.

    Args:
        slides: The classifier.
        source: Pictures with boxes.
        labels: The classes of those; the classifier tells the same by name.
        split: What they are, to be told.

    Returns:
        The evaluation. Where no window fits into a picture nothing is found, and a note says so.

    Source: ours.
    """
    # the classifier's classes are folders, whose names are made safe and whose order is theirs
    places = dict(zip(folder_names((*labels, BACKGROUND)), range(len(labels) + 1), strict=True))
    numbers = np.array([places[name] for name in slides.shown.labels], np.int64)
    metric = DetectionMetric(labels, lambda outputs, _: outputs)
    bad, small = [], 0
    for row in range(len(source)):
        try:
            sample = source.read(row)
        except (BadImage, MissingExtra) as error:
            bad.append(BadFile(source.key(row), error.reason if isinstance(error, BadImage) else str(error)))
            continue
        size = (sample.image.shape[0], sample.image.shape[1])
        small += not slides.fitting(size)
        found = _found(slides, sample.key, sample.image)
        told = Detections(sample.key, tuple(labels), size, found.boxes, found.confidence, numbers[found.class_id])
        metric.update([told], Batch(torch.zeros(1, 3, 0, 0), torch.tensor([size]), (sample.target,), (sample.key,)))
    sides = ", ".join(str(side) for side, _ in slides.sides)
    note = f"{small} of them smaller than every window ({sides} pixels), where nothing is found" if small else ""
    return Evaluation(metric.judge(RESAMPLES, seed=0), split, len(source) - len(bad), note, tuple(bad))


def _found(slides: Sliding, key: str, image: np.ndarray) -> Detections:
    if not slides.fitting((image.shape[0], image.shape[1])):
        nothing = np.zeros((0, 4), np.float32), np.zeros(0, np.float32), np.zeros(0, np.int64)
        return Detections(key, slides.shown.labels, (image.shape[0], image.shape[1]), *nothing)
    return slides.answers([(key, slides.prepared(image))])[0]
