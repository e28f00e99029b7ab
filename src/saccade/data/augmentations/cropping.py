"""Windows of random size and place, stretched to what the network takes.

Source: ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from saccade.data.augmenting.kinds import Span, Window, check
from saccade.data.randomness import Draws
from saccade.errors import BadConfig

__all__ = ["RandomResizedCrop"]

_TRIES = 10


@dataclass(frozen=True)
class RandomResizedCrop(Window):
    """A window of random area, proportions and place, stretched to what the network takes.

    Args:
        least: The smallest share of the picture's area, above 0.
        most: The largest share, at most 1.
        stretch: Width and height may differ by up to this factor from the proportions that the network takes, 1 or
            more; drawn evenly on a logarithmic scale.
        rate: How often, from 0 to 1; otherwise the picture is placed as without augmentation.

    Raises:
        BadConfig: If a number is out of range, or the least is more than the most.

    Source: Szegedy et al., "Going deeper with convolutions", 2014 (arXiv 1409.4842), section 6: 8 % to 100 % of the
        area, sides from 3 : 4 to 4 : 3.

    Example:
        >>> x1, y1, x2, y2 = RandomResizedCrop().window((300, 400), (224, 224), Draws(0))
        >>> 0 <= x1 < x2 <= 400 and 0 <= y1 < y2 <= 300
        True
    """

    least: float = 0.08
    most: float = 1.0
    stretch: float = 4 / 3
    rate: float = 1.0

    def __post_init__(self) -> None:
        check("least", self.least, 1e-4, 1)
        check("most", self.most, 1e-4, 1)
        check("stretch", self.stretch, 1, 16)
        check("rate", self.rate, 0, 1)
        if self.least > self.most:
            raise BadConfig(
                f"got least={self.least} and most={self.most}; taken is a least that is not more than the most; "
                "exchange them"
            )

    @property
    def zoom(self) -> float:
        """How many times the smallest window fits into each side of the picture."""
        return math.sqrt(self.stretch / self.least)

    def window(self, source: tuple[int, int], size: tuple[int, int], random: Draws) -> Span | None:
        """Draw windows of whole pixels until one fits; after ten, take the largest in the middle."""
        if random.uniform() >= self.rate:
            return None
        height, width = source
        bound, shape = math.log(self.stretch), size[1] / size[0]
        for _ in range(_TRIES):
            area = height * width * random.uniform(self.least, self.most)
            wide = shape * math.exp(random.uniform(-bound, bound))
            down, across = round(math.sqrt(area / wide)), round(math.sqrt(area * wide))
            if 0 < down <= height and 0 < across <= width:
                top, left = random.below(height - down + 1), random.below(width - across + 1)
                return (left, top, left + across, top + down)
        wide = min(max(width / height, shape / self.stretch), shape * self.stretch)
        down, across = max(1, min(height, round(width / wide))), max(1, min(width, round(height * wide)))
        top, left = (height - down) // 2, (width - across) // 2
        return (left, top, left + across, top + down)
