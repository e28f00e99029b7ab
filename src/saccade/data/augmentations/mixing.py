"""Pictures made from several of a batch: mixup and cutmix for classes, mosaic for whatever lies on pictures.

They copy pixels of the pictures that the other augmentations have made, so nothing is resampled again. A picture's
partners are its neighbours in the batch, at a distance that is drawn; batches are shuffled, so these are any pictures.

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
import torch

from saccade.data.augmenting.joining import joined
from saccade.data.augmenting.kinds import Mixture, check
from saccade.data.randomness import Draws
from saccade.errors import BadConfig
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.sample import Sample
from saccade.types.soft_label import SoftLabel

__all__ = ["CutMix", "MixUp", "Mosaic"]


@dataclass(frozen=True)
class MixUp(Mixture):
    """Each picture becomes a weighted mean of itself and another, and its label likewise.

    Args:
        alpha: The weight is drawn from the distribution Beta(alpha, alpha), above 0; a small one mixes little.
        rate: For how many of the batches, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range.

    Source: Zhang et al., "mixup: beyond empirical risk minimization", 2017 (arXiv 1710.09412).

    Example:
        >>> black, white = (Sample(np.full((1, 1, 1), level, np.uint8), label) for label, level in enumerate((0, 255)))
        >>> mixed = MixUp(1.0).mix([black, white], Draws(0))[0]
        >>> abs(mixed.image.item() / 255 - mixed.target.shares[1]) < 0.01
        True
    """

    alpha: float = 0.2
    rate: float = 1.0

    def __post_init__(self) -> None:
        check("alpha", self.alpha, 1e-3, 100)
        check("rate", self.rate, 0, 1)

    def mix(self, samples: Sequence[Sample], random: Draws) -> list[Sample]:
        """Draw a partner and a weight for each."""
        if random.uniform() >= self.rate or len(samples) < 2:
            return list(samples)
        partners = _partners(len(samples), random)
        return [
            self._mixed(one, samples[other], beta(self.alpha, random))
            for one, other in zip(samples, partners, strict=True)
        ]

    def _mixed(self, one: Sample, other: Sample, weight: float) -> Sample:
        _same_shape(one, other)
        image = cv2.addWeighted(one.image, weight, other.image, 1 - weight, 0.0).reshape(one.image.shape)
        return Sample(image, _shared(one.target, other.target, weight), one.key)


@dataclass(frozen=True)
class CutMix(Mixture):
    """A rectangle of each picture is replaced by that of another; labels are mixed by area.

    Args:
        alpha: The area that stays is drawn from the distribution Beta(alpha, alpha), above 0.
        rate: For how many of the batches, from 0 to 1.

    Raises:
        BadConfig: If a number is out of range.

    Source: Yun et al., "CutMix: regularization strategy to train strong classifiers with localizable features", 2019
        (arXiv 1905.04899).

    Example:
        >>> black, white = (Sample(np.full((8, 8, 1), level, np.uint8), label) for label, level in enumerate((0, 255)))
        >>> mixed = CutMix().mix([black, white], Draws(0))[0]
        >>> abs(float(mixed.image.mean()) / 255 - mixed.target.shares.get(1, 0.0)) < 1e-6
        True
    """

    alpha: float = 1.0
    rate: float = 1.0

    def __post_init__(self) -> None:
        check("alpha", self.alpha, 1e-3, 100)
        check("rate", self.rate, 0, 1)

    def mix(self, samples: Sequence[Sample], random: Draws) -> list[Sample]:
        """Draw a partner and a rectangle for each."""
        if random.uniform() >= self.rate or len(samples) < 2:
            return list(samples)
        partners = _partners(len(samples), random)
        return [self._mixed(one, samples[other], random) for one, other in zip(samples, partners, strict=True)]

    def _mixed(self, one: Sample, other: Sample, random: Draws) -> Sample:
        _same_shape(one, other)
        height, width = one.image.shape[:2]
        side = math.sqrt(1 - beta(self.alpha, random))
        middle_y, middle_x = height * random.uniform(), width * random.uniform()
        top, bottom = (min(max(round(middle_y + sign * side * height / 2), 0), height) for sign in (-1, 1))
        left, right = (min(max(round(middle_x + sign * side * width / 2), 0), width) for sign in (-1, 1))
        image = one.image.copy()
        image[top:bottom, left:right] = other.image[top:bottom, left:right]
        kept = 1 - (bottom - top) * (right - left) / (height * width)
        return Sample(image, _shared(one.target, other.target, kept), one.key)


@dataclass(frozen=True)
class Mosaic(Mixture):
    """Each picture becomes a quarter of a canvas, beside parts of three others; all that lies on them comes along.

    The four meet at a point that is drawn, and each shows the part around its own middle, at its own scale: let `Scale`
    or `RandomResizedCrop` say how large things are, so that each picture is still resampled once.

    Args:
        margin: The point is at least this share of each side away from the edges, from 0 to 0.5.
        least_visible: A thing of which less than this share of its box is left is dropped, from 0 to 1.
        rate: How often, from 0 to 1, for each picture of a batch.

    Raises:
        BadConfig: If a number is out of range.

    Source: Bochkovskiy et al., "YOLOv4", 2020 (arXiv 2004.10934), section 3.3; there the four are shrunk first.

    Example:
        >>> two = [Sample(np.full((4, 4, 1), level, np.uint8), Annotations((4, 4))) for level in range(2)]
        >>> int(Mosaic(0.5).mix(two, Draws(0))[0].image.sum())  # three quarters of the other picture
        12
    """

    margin: float = 0.25
    least_visible: float = 0.1
    rate: float = 1.0

    def __post_init__(self) -> None:
        check("margin", self.margin, 0, 0.5)
        check("least_visible", self.least_visible, 0, 1)
        check("rate", self.rate, 0, 1)

    def mix(self, samples: Sequence[Sample], random: Draws) -> list[Sample]:
        """Draw for each three partners and the point at which the four meet."""
        if len(samples) < 2:
            return list(samples)
        mixed = []
        for number, sample in enumerate(samples):
            if random.uniform() >= self.rate:
                mixed.append(sample)
                continue
            others = [samples[(number + away) % len(samples)] for away in _distances(len(samples), random)]
            mixed.append(self._joined([sample, *others], random))
        return mixed

    def _joined(self, four: Sequence[Sample], random: Draws) -> Sample:
        height, width = four[0].image.shape[:2]
        row, column = (round(side * random.uniform(self.margin, 1 - self.margin)) for side in (height, width))
        image, parts = np.empty_like(four[0].image), []
        turn = random.below(4)
        for place, sample in enumerate(four):
            _same_shape(four[0], sample)
            below, right = divmod((place + turn) % 4, 2)
            top, bottom = (row, height) if below else (0, row)
            left, end = (column, width) if right else (0, column)
            if top == bottom or left == end:
                continue
            size = (bottom - top, end - left)
            first, across = (height - size[0]) // 2, (width - size[1]) // 2
            image[top:bottom, left:end] = sample.image[first : first + size[0], across : across + size[1]]
            parts.append(self._part(sample.target, (first, across), (top, left), size))
        return Sample(image, joined(parts), four[0].key)

    def _part(self, target: Any, cut: tuple[int, int], put: tuple[int, int], size: tuple[int, int]) -> Annotations:
        if not isinstance(target, Annotations):
            raise BadConfig(
                f"got a target of type {type(target).__name__} for a mosaic; taken are annotations, such as boxes; "
                "leave mosaic out, or use mixup or cutmix for classes"
            )
        if target.boxes is not None:
            target = _only(target, self._visible(target.boxes, cut, size))
        window = target.crop(*cut, size)
        window = _only(window, window.present())
        return window.crop(-put[0], -put[1], target.size)

    def _visible(self, boxes: Boxes, cut: tuple[int, int], size: tuple[int, int]) -> torch.Tensor:
        """The boxes of which enough is in a window."""
        corners = boxes.coordinates
        first = corners.new_tensor([cut[1], cut[0]])
        inside = torch.minimum(corners[:, 2:], first + first.new_tensor(size[::-1])) - corners[:, :2].maximum(first)
        left, whole = inside.clamp(min=0).prod(1), (corners[:, 2:] - corners[:, :2]).prod(1)
        return (left > 0) & (left >= self.least_visible * whole)


@dataclass(frozen=True)
class AtFirst(Mixture):
    """A mixture for the first epochs alone, so that a network ends with pictures as they are.

    Args:
        mixture: What mixes.
        epochs: How many epochs have it; 0 or fewer: none.

    Source: Ge et al., "YOLOX", 2021 (arXiv 2107.08430), section 2, which ends without mosaic.

    Example:
        >>> [AtFirst(Mosaic(), 2).lasts(epoch) for epoch in range(3)]
        [True, True, False]
    """

    mixture: Mixture
    epochs: int

    def lasts(self, epoch: int) -> bool:
        """Whether an epoch, counted from 0, has it."""
        return epoch < self.epochs and self.mixture.lasts(epoch)

    def mix(self, samples: Sequence[Sample], random: Draws) -> list[Sample]:
        """Mix them as the mixture does."""
        return self.mixture.mix(samples, random)


def beta(alpha: float, random: Draws) -> float:
    """Draw from the distribution Beta(alpha, alpha), by the share of one of two gamma variables.

    Args:
        alpha: Above 0.
        random: The generator.

    Returns:
        A number in [0, 1].

    Source: Marsaglia & Tsang, "A simple method for generating gamma variables", 2000.

    Example:
        >>> 0 <= beta(0.2, Draws(0)) <= 1
        True
    """
    one, other = _log_gamma(alpha, random), _log_gamma(alpha, random)
    return 1 / (1 + math.exp(min(other - one, 700.0)))


def _log_gamma(alpha: float, random: Draws) -> float:
    """The logarithm, since for a small alpha the variable itself is often too small for a float."""
    raised = alpha if alpha >= 1 else alpha + 1
    d = raised - 1 / 3
    while True:
        normal, uniform = random.normal(), 1 - random.uniform()
        cube = (1 + normal / math.sqrt(9 * d)) ** 3
        if cube > 0 and math.log(uniform) < normal * normal / 2 + d - d * cube + d * math.log(cube):
            break
    drawn = math.log(d * cube)
    return drawn if alpha >= 1 else drawn + math.log(1 - random.uniform()) / alpha


def _partners(count: int, random: Draws) -> list[int]:
    distance = 1 + random.below(count - 1)
    return [(number + distance) % count for number in range(count)]


def _only(target: Annotations, which: torch.Tensor) -> Annotations:
    return target if bool(which.all()) else target.select(which)


def _distances(count: int, random: Draws) -> list[int]:
    """Three different ones from 1 to count − 1; where there are fewer, some again."""
    left = list(range(1, count)) if count > 4 else list(range(1, count)) * 3
    return [left.pop(random.below(len(left))) for _ in range(3)]


def _same_shape(one: Sample, other: Sample) -> None:
    if one.image.shape != other.image.shape or one.image.dtype != other.image.dtype:
        raise BadConfig(
            f"got pictures of {one.image.shape} {one.image.dtype} and {other.image.shape} {other.image.dtype} in one "
            "batch; mixed are pictures of one shape and type; convert the data to one type, or leave mixing out"
        )


def _shared(one: Any, other: Any, weight: float) -> SoftLabel:
    shares: dict[int, float] = {}
    for target, part in ((one, weight), (other, 1 - weight)):
        for class_id, share in _shares(target).items():
            shares[class_id] = shares.get(class_id, 0.0) + part * share
    return SoftLabel(shares)


def _shares(target: Any) -> Mapping[int, float]:
    if isinstance(target, SoftLabel):
        return target.shares
    if isinstance(target, int | np.integer):
        return {int(target): 1.0}
    raise BadConfig(
        f"got a target of type {type(target).__name__} to be mixed; taken is one class for each picture; leave mixup "
        "and cutmix out, or use mosaic for annotations"
    )
