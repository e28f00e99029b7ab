"""Max pooling at every offset, so that what comes after it speaks of places as close as before it.

Pooling by k leaves one of k × k places. But the windows could have begun at any of k × k offsets: each gives a map of
its own, what comes after the pooling runs on each, and what it says is laid between each other again. For a line
pooled by 3, with a head that looks at two numbers:

    unpooled     a b c d e f g h i j k
    offset 0     abc   def   ghi             offset 1     bcd   efg   hij       offset 2     cde   fgh   ijk
    the head       0     3                                  1     4                            2     5
    interleaved  0 1 2 3 4 5

Source: Sermanet et al., "OverFeat", arXiv 1312.6229, section 3.3 and figure 3.
"""

from __future__ import annotations

import math

from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from saccade.errors import BadConfig, BadShape


def offset_pool(
    maps: Float[Tensor, "batch channels height width"], factor: int
) -> Float[Tensor, "offsets batch channels rows columns"]:
    """Pool maps by a factor, once for each offset at which the windows may begin.

    Args:
        maps: Of factor × factor pixels or more.
        factor: Side of a window, and step from one to the next.

    Returns:
        One pooled map for each of factor × factor offsets, offset (down, right) at down · factor + right. All have
        as many rows as the first: of a last window that reaches over the edge at a later offset, the largest number
        is that of the pixels that are there.

    Raises:
        BadConfig: If the factor is no whole number of 1 or more.
        BadShape: If the maps are smaller than a window.

    Source: Sermanet et al. 2013, figure 3 (a) and (b).

    Example:
        >>> import torch
        >>> offset_pool(torch.tensor([[[[1.0, 5, 2], [0, 0, 9]]]]), 2).flatten().tolist()
        [5.0, 9.0, 0.0, 9.0]
    """
    _check_factor(factor)
    height, width = maps.shape[2:]
    if min(height, width) < factor:
        raise BadShape(
            f"got maps of {height} × {width} pixels; taken are {factor} × {factor} or more; give larger images"
        )
    rows, columns = (math.ceil((side - factor + 1) / factor) for side in (height, width))
    below, right = ((many + 1) * factor - 1 - side for many, side in ((rows, height), (columns, width)))
    dense = F.max_pool2d(F.pad(maps, (0, right, 0, below), value=-math.inf), factor, stride=1)
    cells = dense.unflatten(3, (columns, factor)).unflatten(2, (rows, factor))
    return cells.permute(3, 5, 0, 1, 2, 4).flatten(0, 1)


def interleave(
    maps: Float[Tensor, "offsets batch channels rows columns"],
) -> Float[Tensor, "batch channels height width"]:
    """Lay maps of all offsets between each other.

    Args:
        maps: One for each of k × k offsets, in the order of `offset_pool`.

    Returns:
        One map, k times as high and as wide: what stands at (row, column) for the offset (down, right) stands at
        (row · k + down, column · k + right).

    Raises:
        BadShape: If the offsets are no square.

    Source: Sermanet et al. 2013, figure 3 (e).

    Example:
        >>> import torch
        >>> interleave(torch.arange(4.0).reshape(4, 1, 1, 1, 1)).tolist()
        [[[[0.0, 1.0], [2.0, 3.0]]]]
    """
    factor = math.isqrt(len(maps))
    if factor**2 != len(maps) or not factor:
        raise BadShape(
            f"got maps of {len(maps)} offsets; taken is one for each of k × k; give them as `offset_pool` does"
        )
    cells = maps.unflatten(0, (factor, factor)).permute(2, 3, 4, 0, 5, 1)
    return cells.flatten(4, 5).flatten(2, 3)


class AtEveryOffset(nn.Module):
    """Max pooling at every offset, a head on each pooled map, and what it gives laid between each other.

    It gives what the head, each of its convolutions dilated by the factor, gives on maps that are pooled with a step
    of 1: one place for each place of the maps at which a window fits.

    Args:
        head: Maps pooled maps to maps that are smaller by `window` − 1; it must not pad.
        factor: Of the pooling; with 1 nothing is pooled.
        window: Pixels a side of the pooled maps that the head sees for one place.

    Raises:
        BadConfig: If the factor or the window is no whole number of 1 or more.

    Source: Sermanet et al. 2013, section 3.3.

    Example:
        >>> import torch
        >>> AtEveryOffset(nn.Conv2d(3, 5, 6), 2, window=6)(torch.zeros(1, 3, 12, 15)).shape
        torch.Size([1, 5, 1, 4])
    """

    def __init__(self, head: nn.Module, factor: int, *, window: int) -> None:
        super().__init__()
        _check_factor(factor)
        if type(window) is not int or window < 1:
            raise BadConfig(f"got window={window!r}; taken are whole numbers ≥ 1; 6 is that of OverFeat's fast model")
        self.head, self.factor, self.window = head, factor, window

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch others rows columns"]:
        """Pool at each offset, run the head on all in one batch, interleave, and leave out what reached over."""
        rows, columns = self._places(x)
        pooled = offset_pool(x, self.factor)
        given = self.head(pooled.flatten(0, 1)).unflatten(0, pooled.shape[:2])
        return interleave(given)[:, :, :rows, :columns]

    def _places(self, maps: Tensor) -> tuple[int, int]:
        """(rows, columns) of what comes out."""
        seen = self.factor * self.window
        height, width = maps.shape[2:]
        if min(height, width) < seen:
            raise BadShape(
                f"got maps of {height} × {width} pixels; taken are {seen} × {seen} or more, for a window of "
                f"{self.window} × {self.window} behind a pooling by {self.factor}; give larger images"
            )
        return height - seen + 1, width - seen + 1


def _check_factor(factor: int) -> None:
    if type(factor) is not int or factor < 1:
        raise BadConfig(f"got factor={factor!r}; taken are whole numbers ≥ 1; 2 and 3 are the paper's")
