"""What an augmentation is: a random change that leaves the meaning of a picture, drawn by the sample's own generator.

There are seven kinds, each with one small function to write. `data.augmenting.augmenter` plays them, in this order
whatever the order in which they are given: windows, moves and bends become one `types.warp.Warp`, and the picture is
resampled once; colours become one matrix; tones become one table; retouches come after that one by one, and last
mixtures, which need a whole batch. Within a kind they apply in the order given. None in place of an answer means "not
this time".

Source: ours.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence

import numpy as np
from jaxtyping import Float, Shaped, UInt8

from saccade.data.randomness import Draws
from saccade.errors import BadConfig
from saccade.types.sample import Sample

Span = tuple[float, float, float, float]
Colours = Float[np.ndarray, "3 4"]
Levels = UInt8[np.ndarray, "height width channels"]
Table = UInt8[np.ndarray, "256 ..."]


class Augmentation:
    """One random change, a frozen value; each is of one of the kinds below."""


class Move(Augmentation, ABC):
    """A change of place by a matrix: rotation, shear, perspective."""

    @property
    def zoom(self) -> float:
        """By how much it can enlarge the picture: so much larger it must have been decoded."""
        return 1.0

    @abstractmethod
    def matrix(self, size: tuple[int, int], random: Draws) -> Float[np.ndarray, "3 3"] | None:
        """Say where the points of a picture of a size (height, width) go, in continuous pixels."""


class PixelMove(Move, ABC):
    """A move that takes each pixel to a pixel, such as a mirror: a picture kept in memory is moved by copying."""

    @property
    def reflects(self) -> bool:
        """Whether what comes from beyond the picture is the picture mirrored at its edge, and not black."""
        return False


class Window(Augmentation, ABC):
    """A choice of the part of the picture that is shown, instead of the one that preprocessing would show."""

    @property
    def zoom(self) -> float:
        """By how much it can enlarge the picture: so much larger it must have been decoded."""
        return 1.0

    @abstractmethod
    def window(self, source: tuple[int, int], size: tuple[int, int], random: Draws) -> Span | None:
        """Choose (x1, y1, x2, y2) in pixels of the picture, to be stretched to a size (height, width)."""


class Bend(Augmentation, ABC):
    """A local change of place, after all others: see `Warp.field`."""

    @abstractmethod
    def field(self, size: tuple[int, int], random: Draws) -> Float[np.ndarray, "rows columns 2"] | None:
        """Draw shifts (x, y) in pixels, on a grid over a picture of a size (height, width)."""


class Recolouring(Augmentation, ABC):
    """A change of colours by a matrix, the same for each pixel."""

    @abstractmethod
    def colours(self, random: Draws) -> Colours | Callable[[Float[np.ndarray, " 3"]], Colours] | None:
        """Say what (red, green, blue, 1) become, in [0, 1]; or give a function that says it for a mean colour."""


class Toning(Augmentation, ABC):
    """A change of each channel's levels by a table."""

    @abstractmethod
    def table(self, random: Draws) -> Table | Callable[[Levels], Table] | None:
        """Say what each of the 256 levels becomes; or give a function that says it for a picture."""


class Retouching(Augmentation, ABC):
    """A change of pixels that depends on their neighbours or their place: blur, noise, cutout."""

    @abstractmethod
    def pixels(
        self, image: Shaped[np.ndarray, "height width channels"], random: Draws
    ) -> Shaped[np.ndarray, "height width channels"]:
        """Give a changed picture of the same size and type; the one given stays as it is."""


class Mixture(Augmentation, ABC):
    """A change that makes each picture of a batch from several of them."""

    def lasts(self, epoch: int) -> bool:
        """Whether an epoch, counted from 0, has it; every epoch, unless it says otherwise."""
        del epoch
        return True

    @abstractmethod
    def mix(self, samples: Sequence[Sample], random: Draws) -> list[Sample]:
        """Give as many samples; the ones given, and their arrays, stay as they are."""


def check(name: str, value: float, low: float, high: float) -> None:
    """Refuse a strength that is out of range.

    Args:
        name: What the field is called.
        value: What was given.
        low: The least that is taken.
        high: The most that is taken.

    Raises:
        BadConfig: If it is out of range, or no number.

    Source: ours.

    Example:
        >>> check("rate", 0.5, 0, 1)
    """
    if not low <= value <= high or math.isinf(value):
        raise BadConfig(f"got {name}={value}; taken is a number from {low:g} to {high:g}; change it")
