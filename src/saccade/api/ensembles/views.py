"""Looking at a picture more than once: the crops, mirror images and sizes of it whose answers are averaged.

Source: Krizhevsky et al., 2012, "ImageNet classification with deep convolutional neural networks", section 4.1: at test
    time the four corners and the centre of 224 × 224 pixels are cut out of 256 × 256, and each is mirrored. Several
    sizes: Simonyan and Zisserman, 2015 (arXiv 1409.1556), section 4.2.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadConfig
from saccade.types.preprocessing import Preprocessing

CROPS = (1, 5, 10)
_WHOLE, _PART = 8, 7  # the crop is 7/8 of what it is cut from: 224 of 256
_SMALLEST, _LARGEST = 0.25, 4.0


@dataclass(frozen=True)
class Look:
    """A picture as preprocessing makes it for one size, and the parts of it that a network is shown.

    Args:
        preprocessing: Makes the whole of which parts are cut. It leaves normalising to the network, so that networks
            which differ in that alone share their pictures.
        size: (height, width) of each part.
        corners: (top, left) of each part.
        mirrored: Whether each part is shown a second time, its left and right exchanged.

    Source: ours.
    """

    preprocessing: Preprocessing
    size: tuple[int, int]
    corners: tuple[tuple[int, int], ...]
    mirrored: bool

    def parts(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> Iterator[Float[Tensor, "batch channels part_height part_width"]]:
        """Cut the parts out of whole pictures.

        Args:
            images: As the preprocessing makes them.

        Returns:
            The parts in the order of the corners; then, where they are mirrored, once more in that order.

        Source: as the file.
        """
        height, width = self.size
        cut = [images[..., top : top + height, left : left + width] for top, left in self.corners]
        yield from cut
        if self.mirrored:
            yield from (torch.flip(part, (-1,)) for part in cut)


@dataclass(frozen=True)
class Views:
    """How often, and how, a picture is looked at before it is answered; the answers are averaged.

    With 5 crops the picture is first made larger, as published figures have it: by 256/224 = 8/7, each side rounded up,
    or as large as the model's preprocessing makes it before it cuts out the middle (`Preprocessing.scaled`). Then the
    four corners and the centre are cut out of it. 10 crops are those five and their mirror images.

    Args:
        crops: 1, 5 or 10.
        flips: Whether every view is shown mirrored too; 10 crops are mirrored already.
        scales: Sizes of the network's input, as multiples of its own: 1.15 shows it a picture of 1.15 times as many
            rows and columns. Only for networks that take any size.

    Raises:
        BadConfig: If a number is out of range; all that is wrong is listed.

    Source: as the file.

    Example:
        >>> views = Views(crops=5, flips=True, scales=(1.0, 1.15))
        >>> print(len(views), "views:", views)
        20 views: 5 crops, mirrored too, at 2 sizes
    """

    crops: int = 1
    flips: bool = False
    scales: Sequence[float | int] = (1.0,)

    def __post_init__(self) -> None:
        given = self.scales if isinstance(self.scales, Sequence) else (self.scales,)
        object.__setattr__(self, "scales", tuple(given))
        problems = []
        if self.crops not in CROPS:
            problems.append(f"got crops={self.crops!r}; taken are 1, 5 and 10; choose one of them")
        right = [isinstance(scale, int | float) and _SMALLEST <= scale <= _LARGEST for scale in self.scales]
        if not right or not all(right) or len(set(self.scales)) < len(self.scales):
            problems.append(
                f"got scales={self.scales}; taken are different numbers from {_SMALLEST} to {_LARGEST:g}, at least "
                "one; 1 is the network's own size"
            )
        if problems:
            raise BadConfig("\n".join(problems))

    @property
    def mirrored(self) -> bool:
        """Whether mirror images are among the views."""
        return self.flips or self.crops == 10

    def __len__(self) -> int:
        """Count the views of one picture."""
        return min(self.crops, 5) * (1 + self.mirrored) * len(self.scales)

    def __str__(self) -> str:
        said = [f"{self.crops} crops"] if self.crops > 1 else []
        said += ["mirrored too"] if self.flips and self.crops != 10 else []
        if len(self.scales) > 1:
            said.append(f"at {len(self.scales)} sizes")
        elif self.scales != (1.0,):
            said.append(f"at {self.scales[0]:g} times the size")
        return ", ".join(said) or "one view"

    def looks(self, preprocessing: Preprocessing) -> tuple[Look, ...]:
        """Work out the views for a model.

        Args:
            preprocessing: The model's own.

        Returns:
            A look for each scale.

        Source: as the file.

        Example:
            >>> taken = Preprocessing((224, 224), 3, (0.0,) * 3, (1.0,) * 3, scaled=(256, 256))
            >>> (look,) = Views(crops=5).looks(taken)
            >>> look.preprocessing.size, look.corners
            ((256, 256), ((0, 0), (0, 32), (32, 0), (32, 32), (16, 16)))
        """
        return tuple(self._look(preprocessing, scale) for scale in self.scales)

    def _look(self, own: Preprocessing, scale: float) -> Look:
        plain = replace(own, mean=(0.0,) * own.channels, std=(1.0,) * own.channels)
        size = _times(own.size, scale)
        if self.crops == 1:
            larger = None if own.scaled is None else _times(own.scaled, scale)
            return Look(replace(plain, size=size, scaled=larger), size, ((0, 0),), self.mirrored)
        larger = math.ceil(own.size[0] * _WHOLE / _PART), math.ceil(own.size[1] * _WHOLE / _PART)
        whole = _times(own.scaled if own.scaled not in (None, own.size) else larger, scale)
        return Look(replace(plain, size=whole, scaled=None), size, five(whole, size), self.mirrored)


def five(whole: tuple[int, int], size: tuple[int, int]) -> tuple[tuple[int, int], ...]:
    """Say where the four corners and the centre of a picture begin.

    Args:
        whole: (height, width) of the picture.
        size: (height, width) of each part, not larger.

    Returns:
        (top, left) of top left, top right, bottom left, bottom right and centre.

    Source: Krizhevsky et al., 2012, section 4.1.

    Example:
        >>> five((6, 5), (4, 4))
        ((0, 0), (0, 1), (2, 0), (2, 1), (1, 0))
    """
    down, across = whole[0] - size[0], whole[1] - size[1]
    return (0, 0), (0, across), (down, 0), (down, across), (round(down / 2), round(across / 2))


def _times(size: tuple[int, int], scale: float) -> tuple[int, int]:
    return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
