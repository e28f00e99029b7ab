"""Moves by whole pixels, which copy the picture and change no value: mirrors, and the padded crop.

Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float

from saccade.data.augmenting.kinds import PixelMove, check
from saccade.data.randomness import Draws, Visit
from saccade.errors import UnknownName

__all__ = ["AlternatingMirror", "Mirror", "MirrorUpDown", "PaddedCrop"]


@dataclass(frozen=True)
class Mirror(PixelMove):
    """Left and right change places; so do the names of paired keypoints, such as left and right eye.

    Args:
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If the rate is out of range.

    Source: ours.

    Example:
        >>> Mirror(1.0).matrix((2, 6), Draws(0)).tolist()
        [[-1.0, 0.0, 6.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]
    """

    rate: float = 0.5

    def __post_init__(self) -> None:
        check("rate", self.rate, 0, 1)

    def matrix(self, size: tuple[int, int], random: Draws) -> Float[np.ndarray, "3 3"] | None:
        """Mirror, or not."""
        if random.uniform() >= self.rate:
            return None
        return np.array([[-1.0, 0.0, size[1]], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]])


@dataclass(frozen=True)
class AlternatingMirror(PixelMove):
    """Left and right change places in every other epoch, for half of the pictures in the odd ones.

    In two epochs that follow each other each picture is seen both ways, where a mirror at random shows half of them
    twice the same way. Without an epoch to go by, the mirror is at random.

    Source: Jordan, "94% on CIFAR-10 in 3.29 seconds on a single GPU", arXiv 2404.00498, section 3.6.

    Example:
        >>> turns = [AlternatingMirror().matrix((2, 6), Visit(0, 2, epoch, 5)) is not None for epoch in range(4)]
        >>> turns in ([True, False, True, False], [False, True, False, True])
        True
    """

    def matrix(self, size: tuple[int, int], random: Draws) -> Float[np.ndarray, "3 3"] | None:
        """Mirror, or not."""
        turn = random.sample + random.epoch if isinstance(random, Visit) else random.bits()
        return np.array([[-1.0, 0.0, size[1]], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]) if turn % 2 else None


@dataclass(frozen=True)
class MirrorUpDown(PixelMove):
    """Up and down change places: for pictures from above or through a microscope, where no side is up.

    Args:
        rate: How often, from 0 to 1.

    Raises:
        BadConfig: If the rate is out of range.

    Source: ours.

    Example:
        >>> MirrorUpDown(1.0).matrix((2, 6), Draws(0)).tolist()
        [[1.0, 0.0, 0.0], [0.0, -1.0, 2.0], [0.0, 0.0, 1.0]]
    """

    rate: float = 0.5

    def __post_init__(self) -> None:
        check("rate", self.rate, 0, 1)

    def matrix(self, size: tuple[int, int], random: Draws) -> Float[np.ndarray, "3 3"] | None:
        """Mirror, or not."""
        if random.uniform() >= self.rate:
            return None
        return np.array([[1.0, 0.0, 0.0], [0.0, -1.0, size[0]], [0.0, 0.0, 1.0]])


@dataclass(frozen=True)
class PaddedCrop(PixelMove):
    """A window of the same size, cut out of the padded picture: it moves a little, by whole pixels.

    Args:
        crop_rate: The width of the padding on each side, as a share of the height; the picture moves by up to so much.
        padding: "zeros", or "reflect": the picture mirrored at its edges, where it is not turned or bent as well.

    Raises:
        BadConfig: If the rate is out of range.
        UnknownName: If there is no such padding.

    Source: "standard data augmentation" for CIFAR-10: 4 pixels of padding, crops of 32×32 (He et al., 2015,
        arXiv 1512.03385, section 4.2); 4 / 32 = 0.125. Reflection: Jordan, arXiv 2404.00498, section 3.1.

    Example:
        >>> PaddedCrop(0.125).matrix((32, 32), Draws(0))[:2, 2].tolist()
        [-2.0, -1.0]
    """

    crop_rate: float = 0.125
    padding: str = "zeros"

    def __post_init__(self) -> None:
        check("crop_rate", self.crop_rate, 0, 1)
        if self.padding not in ("zeros", "reflect"):
            raise UnknownName("padding", self.padding, ["zeros", "reflect"])

    @property
    def reflects(self) -> bool:
        """Whether the padding is the picture mirrored at its edges."""
        return self.padding == "reflect"

    def matrix(self, size: tuple[int, int], random: Draws) -> Float[np.ndarray, "3 3"] | None:
        """Draw where the window begins."""
        height, width = size
        margin = int(self.crop_rate * height + 0.5)
        across = min(margin, width)
        top, left = random.below(2 * margin + 1) - margin, random.below(2 * across + 1) - across
        if not top and not left:
            return None
        return np.array([[1.0, 0.0, -left], [0.0, 1.0, -top], [0.0, 0.0, 1.0]])
