"""Which of the matched anchors or proposals a detector learns from: few of very many, of which enough show something.

Source: Girshick, 2015, "Fast R-CNN", arXiv 1504.08083, section 2.3; Ren et al., 2015, "Faster R-CNN", arXiv 1506.01497,
    section 3.1.3.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from jaxtyping import Int
from torch import Tensor

from saccade.errors import BadConfig
from saccade.ops.matching import BACKGROUND

Sampler = Callable[[Tensor, int, float], tuple[Tensor, Tensor]]
"""Takes matches, how many to choose, and the largest share of objects; gives the rows of objects and of background."""


def sample_matches(
    matches: Int[Tensor, " rows"], count: int, share: float, *, generator: torch.Generator | None = None
) -> tuple[Int[Tensor, " objects"], Int[Tensor, " background"]]:
    """Choose rows at random: at most that share of them show an object, the others background.

    Args:
        matches: Of each row the number of its object, −1 for background, −2 for neither, as from `match_anchors`.
        count: How many to choose. Where there are too few objects, background fills up.
        share: The largest part of them that shows an object, in [0, 1].
        generator: Where the randomness comes from; None is PyTorch's own, which training seeds for each step.

    Returns:
        The rows of objects, and those of background.

    Raises:
        BadConfig: If the count is below 1, or the share outside [0, 1].

    Source: Girshick 2015, section 2.3.

    Example:
        >>> objects, background = sample_matches(torch.tensor([-1, 0, -2, -1, 1, -1]), 4, 0.25)
        >>> len(objects), len(background)
        (1, 3)
    """
    if count < 1 or not 0 <= share <= 1:
        raise BadConfig(
            f"got count={count!r} and share={share!r}; taken are a count of 1 or more and a share from 0 to 1; 256 and "
            "0.5 are usual for anchors, 512 and 0.25 for proposals"
        )
    objects = _some((matches >= 0).nonzero()[:, 0], int(count * share), generator)
    return objects, _some((matches == BACKGROUND).nonzero()[:, 0], count - len(objects), generator)


def _some(rows: Tensor, count: int, generator: torch.Generator | None) -> Tensor:
    """Give so many of the rows; all of them, in their order, where there are no more."""
    if len(rows) <= count:
        return rows
    return rows[torch.randperm(len(rows), device=rows.device, generator=generator)[:count]]
