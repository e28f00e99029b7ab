"""What a data set is made of, in numbers: classes, things, sizes, shapes, and the mean and deviation of its channels.

Sums of pixels are whole numbers, so that the result is exact and the same with any number of workers; pictures of
floats are summed in double precision.

Source: ours; small, medium and large things as COCO has them (Lin et al., 2014): areas below 32² and 96² pixels.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Shaped

from saccade.data.checking.walking import walk
from saccade.errors import BadImage, BadLabel, MissingExtra
from saccade.types.annotations import Annotations
from saccade.types.sample import DataSet, Source, classes_of

SMALL, LARGE = 32**2, 96**2
_LEVELS = {"uint8": 255, "uint16": 65535}


class Share(NamedTuple):
    """What one picture adds."""

    bad: bool
    size: tuple[int, int, int] = (0, 0, 0)
    classes: tuple[int, ...] = ()
    things: tuple[int, ...] = ()
    boxes: tuple[tuple[float, float], ...] = ()
    points: tuple[tuple[int, int], ...] = ()
    regions: tuple[tuple[int, int], ...] = ()
    level: str = "uint8"
    sums: tuple[float, ...] = ()
    squares: tuple[float, ...] = ()


@dataclass
class Counts:
    """What a data set is made of.

    Args:
        labels: The names of the classes.
        images: How many pictures each split has.
        per_class: For each split, how many pictures have each class.
        things: How many things there are of each class; empty for data without things.
        things_per_image: How many pictures have so many things.
        background: How many pictures have nothing in them.
        sizes: How many pictures have each (height, width).
        channels: How many pictures have so many channels.
        boxes: (width, height) of each box in pixels.
        points: For each keypoint how often it is there, and how often it could be.
        regions: How many pixels each class has, where there is a map; 255 are those that do not count.
        bad: How many pictures cannot be read, or their labels.
        means: Of each channel, in [0, 1], by number of channels.
        deviations: Of each channel, in [0, 1], by number of channels.

    Source: ours.
    """

    labels: tuple[str, ...]
    images: dict[str, int]
    per_class: dict[str, Counter[int]] = field(default_factory=dict)
    things: Counter[int] = field(default_factory=Counter)
    things_per_image: Counter[int] = field(default_factory=Counter)
    background: int = 0
    sizes: Counter[tuple[int, int]] = field(default_factory=Counter)
    channels: Counter[int] = field(default_factory=Counter)
    boxes: list[tuple[float, float]] = field(default_factory=list)
    points: Counter[tuple[int, str]] = field(default_factory=Counter)
    regions: Counter[int] = field(default_factory=Counter)
    bad: int = 0
    means: dict[int, list[float]] = field(default_factory=dict)
    deviations: dict[int, list[float]] = field(default_factory=dict)


def count(dataset: DataSet, *, workers: int = 0, progress: Callable[[int, int], None] | None = None) -> Counts:
    """Read everything once, and count.

    Args:
        dataset: What to count.
        workers: Processes that decode beside this one; 0: this one does it.
        progress: Told now and then how many pictures of how many are done.

    Returns:
        The numbers.

    Source: ours.

    Example:
        >>> from saccade.data.opening import open_data
        >>> counts = count(open_data("synthetic:count=12,size=16"))
        >>> counts.sizes
        Counter({(16, 16): 12})
    """
    counts = Counts(dataset.labels, dataset.counts(), {split: Counter() for split in dataset.splits})
    sums: dict[tuple[int, str], list[Any]] = {}
    places = (split for split, source in dataset.splits.items() for _ in range(len(source)))
    for split, share in zip(places, walk(dataset, look, workers=workers, progress=progress), strict=True):
        if share.bad:
            counts.bad += 1
            continue
        _add(counts, split, share)
        kept = sums.setdefault((share.size[2], share.level), [0, 0, 0])
        kept[0] += share.size[0] * share.size[1]
        kept[1] = [a + b for a, b in zip(kept[1] or [0] * share.size[2], share.sums, strict=True)]
        kept[2] = [a + b for a, b in zip(kept[2] or [0] * share.size[2], share.squares, strict=True)]
    _finish(counts, sums)
    return counts


def look(split: str, source: Source, index: int) -> Share:
    """Count one picture.

    Args:
        split: Its split.
        source: Of that split.
        index: Its number there.

    Returns:
        What it adds.

    Source: ours.
    """
    del split
    try:
        sample = source.read(index)
    except (BadImage, BadLabel, MissingExtra):
        return Share(True)
    height, width, channels = sample.image.shape
    sums, squares = channel_sums(sample.image)
    share = Share(
        False, (height, width, channels), classes_of(sample.target), level=str(sample.image.dtype), sums=sums,
        squares=squares,
    )  # fmt: skip
    return share._replace(**_things(sample.target)) if isinstance(sample.target, Annotations) else share


def channel_sums(
    image: Shaped[np.ndarray, "height width channels"],
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Sum the levels of each channel, and their squares.

    Args:
        image: uint8, uint16, or float in [0, 1].

    Returns:
        The sums and the sums of squares: whole numbers, exact, of whole numbers.

    Source: ours.

    Example:
        >>> channel_sums(np.array([[[3, 0], [4, 255]]], np.uint8))
        ((7, 255), (25, 65025))
    """
    levels = image.reshape(-1, image.shape[2])
    if image.dtype in (np.uint8, np.uint16):
        wide = levels.astype(np.uint64)
        return tuple(wide.sum(0).tolist()), tuple(np.einsum("pc,pc->c", wide, wide).tolist())
    exact = np.nan_to_num(levels).astype(np.float64)
    return tuple(exact.sum(0).tolist()), tuple((exact * exact).sum(0).tolist())


def _things(target: Annotations) -> dict[str, Any]:
    found: dict[str, Any] = {"things": tuple(target.class_ids.tolist())}
    if target.boxes is not None:
        sides = target.boxes.coordinates[:, 2:] - target.boxes.coordinates[:, :2]
        found["boxes"] = tuple((width, height) for width, height in sides.tolist())
    if target.keypoints is not None and len(target.keypoints):
        seen = (target.keypoints.visibility > 0).sum(0).tolist()
        found["points"] = tuple((number, len(target)) for number in seen)
    if target.regions is not None:
        values, numbers = np.unique(target.regions.values.numpy(), return_counts=True)
        found["regions"] = tuple(zip(values.tolist(), numbers.tolist(), strict=True))
    return found


def _add(counts: Counts, split: str, share: Share) -> None:
    counts.per_class[split].update(share.classes)
    counts.things.update(share.things)
    counts.things_per_image[len(share.things)] += 1
    counts.background += not share.classes
    counts.sizes[share.size[:2]] += 1
    counts.channels[share.size[2]] += 1
    counts.boxes += share.boxes
    for number, (seen, possible) in enumerate(share.points):
        counts.points[number, "seen"] += seen
        counts.points[number, "possible"] += possible
    counts.regions.update(dict(share.regions))


def _finish(counts: Counts, sums: dict[tuple[int, str], list[Any]]) -> None:
    """Means and deviations in [0, 1], over the pixels of all pictures with as many channels."""
    for channels in sorted({number for number, _ in sums}):
        parts = [(kept, _LEVELS.get(level, 1)) for (number, level), kept in sums.items() if number == channels]
        pixels = sum(kept[0] for kept, _ in parts)
        means, deviations = [], []
        for channel in range(channels):
            mean = math.fsum(kept[1][channel] / white for kept, white in parts) / pixels
            square = math.fsum(kept[2][channel] / white**2 for kept, white in parts) / pixels
            if len(parts) == 1:  # in whole numbers, where the small difference of two large ones is exact
                kept, white = parts[0]
                spread = pixels * kept[2][channel] - kept[1][channel] ** 2
                deviation = math.sqrt(max(0, spread)) / pixels / white
            else:
                deviation = math.sqrt(max(0.0, square - mean**2))
            means.append(mean)
            deviations.append(deviation)
        counts.means[channels], counts.deviations[channels] = means, deviations


def quantiles(values: Sequence[float]) -> dict[str, float]:
    """Describe numbers by their least, quartiles and largest.

    Args:
        values: At least one.

    Returns:
        "least", "quarter", "middle", "three quarters" and "largest".

    Source: ours.

    Example:
        >>> quantiles([1, 2, 3, 4, 5])
        {'least': 1.0, 'quarter': 2.0, 'middle': 3.0, 'three quarters': 4.0, 'largest': 5.0}
    """
    names = ("least", "quarter", "middle", "three quarters", "largest")
    found = np.quantile(np.asarray(values, np.float64), [0, 0.25, 0.5, 0.75, 1])
    return dict(zip(names, found.tolist(), strict=True))


def size_classes(boxes: Sequence[tuple[float, float]]) -> dict[str, int]:
    """Count small, medium and large things.

    Args:
        boxes: (width, height) of each in pixels.

    Returns:
        How many have an area below 32², from there to below 96², and above.

    Source: Lin et al., 2014 (COCO).

    Example:
        >>> size_classes([(10, 10), (32, 32), (200, 100)])
        {'small': 1, 'medium': 1, 'large': 1}
    """
    areas = [width * height for width, height in boxes]
    small, large = sum(area < SMALL for area in areas), sum(area >= LARGE for area in areas)
    return {"small": small, "medium": len(areas) - small - large, "large": large}
