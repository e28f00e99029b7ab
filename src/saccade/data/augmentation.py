"""Random changes to a sample that leave its meaning: frozen values, applied with a generator of the sample's own.

They act on the array that preprocessing made, and take along whatever lies on it: boxes, masks and keypoints follow
through the methods that all of them share (types.geometry).

Source: ours.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

import numpy as np

from saccade.data.randomness import Draws
from saccade.errors import BadConfig
from saccade.types.sample import Sample


@runtime_checkable
class Augmentation(Protocol):
    """One random change."""

    def apply(self, sample: Sample, random: Draws) -> Sample:
        """Give a changed sample; the one given, and its array, stay as they are."""
        ...


@dataclass(frozen=True)
class Mirror:
    """Left and right change places.

    Args:
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If the rate is out of range.

    Source: ours.

    Example:
        >>> Mirror(1.0).apply(Sample(np.array([[[1], [2]]], np.uint8)), Draws(0)).image[0, :, 0].tolist()
        [2, 1]
    """

    rate: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.rate <= 1:
            raise BadConfig(f"got rate={self.rate}; taken is a number from 0 to 1; change it")

    def apply(self, sample: Sample, random: Draws) -> Sample:
        """Mirror the sample, or not."""
        if random.uniform() >= self.rate:
            return sample
        target = carried(sample.target, lambda geometry: geometry.mirror())
        return Sample(sample.image[:, ::-1], target, sample.key)


@dataclass(frozen=True)
class PaddedCrop:
    """A window of the same size, cut out after zeros were put around: the picture moves a little.

    Args:
        crop_rate: The width of the zeros on each side, as a share of the height; the picture moves by up to so much.

    Raises:
        BadConfig: If the rate is out of range.

    Source: "standard data augmentation" for CIFAR-10: 4 pixels of padding, crops of 32×32 (He et al., 2015,
        arXiv 1512.03385, section 4.2); 4 / 32 = 0.125.

    Example:
        >>> PaddedCrop(0.125).apply(Sample(np.ones((32, 32, 3), np.uint8)), Draws(0)).image.shape
        (32, 32, 3)
    """

    crop_rate: float = 0.125

    def __post_init__(self) -> None:
        if not 0 <= self.crop_rate <= 1:
            raise BadConfig(f"got crop_rate={self.crop_rate}; taken is a number from 0 to 1; change it")

    def apply(self, sample: Sample, random: Draws) -> Sample:
        """Move the sample by whole pixels."""
        image = sample.image
        height, width = image.shape[:2]
        margin = int(self.crop_rate * height + 0.5)
        across = min(margin, width)
        top, left = random.below(2 * margin + 1) - margin, random.below(2 * across + 1) - across
        if not top and not left:
            return sample
        moved = np.zeros_like(image, order="C")
        window = image[max(top, 0) : height + min(top, 0), max(left, 0) : width + min(left, 0)]
        moved[max(-top, 0) : height - max(top, 0), max(-left, 0) : width - max(left, 0)] = window
        target = carried(sample.target, lambda geometry: geometry.crop(top, left, (height, width)))
        return Sample(moved, target, sample.key)


def standard(mirror: bool, crop_rate: float) -> tuple[Augmentation, ...]:
    """Give the usual augmentations for pictures of things.

    Args:
        mirror: Whether to mirror half of the images (not for digits and letters).
        crop_rate: Share of the height by which an image may move; 0 for not at all.

    Returns:
        The augmentations, in the order in which they apply.

    Raises:
        BadConfig: If the rate is out of range.

    Source: ours.

    Example:
        >>> standard(mirror=False, crop_rate=0.0)
        ()
    """
    crop: tuple[Augmentation, ...] = (PaddedCrop(crop_rate),) if crop_rate else ()
    return (*crop, Mirror()) if mirror else crop


def augment(sample: Sample, augmentations: Sequence[Augmentation], random: Draws) -> Sample:
    """Apply augmentations one after the other.

    Args:
        sample: As preprocessing made it.
        augmentations: In their order.
        random: The sample's own generator.

    Returns:
        The changed sample.

    Source: ours.
    """
    for augmentation in augmentations:
        sample = augmentation.apply(sample, random)
    return sample


def carried(target: Any, move: Callable[[Any], Any]) -> Any:
    """Let whatever lies on an image follow it.

    Args:
        target: A class, boxes, masks, keypoints, or a mapping of such things.
        move: What happens to each thing that has a place, such as `lambda geometry: geometry.mirror()`.

    Returns:
        The target after the move; what has no place is unchanged.

    Source: ours.

    Example:
        >>> carried(3, lambda geometry: geometry.mirror())
        3
    """
    if target is None or isinstance(target, int | str | tuple):
        return target
    if isinstance(target, dict):
        return {name: carried(item, move) for name, item in target.items()}
    return move(target) if hasattr(target, "mirror") else target
