"""Max pooling that hands on where its maxima were, and the unpooling that puts them back: the pair of SegNet.

Nothing is kept in a module between calls: the places travel beside the maps, so that one pair can serve several
images at once, be copied, and run twice.

Source: Badrinarayanan, Kendall & Cipolla, "SegNet", arXiv 1511.00561; Zeiler & Fergus, arXiv 1311.2901.
"""

from __future__ import annotations

from typing import NamedTuple

from jaxtyping import Float, Int
from torch import Tensor, nn

from saccade.ops.operands import PerAxis
from saccade.ops.padding import Padding
from saccade.ops.pooling import max_pool_with_indices, max_unpool


class Switches(NamedTuple):
    """Where each maximum was.

    Args:
        indices: Its place in its map, row by row from 0, for each window.
        size: Of the maps that were pooled, along each axis.

    Source: Zeiler & Fergus 2013, section 2.1, whose word it is.
    """

    indices: Int[Tensor, "batch channels *result"]
    size: tuple[int, ...]


class MaxPool(nn.Module):
    """Max pooling in one, two or three dimensions that also gives the places of its maxima.

    Args:
        window: Its size, for all axes or for each.
        stride: The step; None for the window's size.
        padding: As for `saccade.ops.pooling.max_pool`.
        ceil_mode: Let a last window hang over the end.

    Source: Badrinarayanan et al. 2015, section 3.

    Example:
        >>> import torch
        >>> pool, unpool = MaxPool(2), MaxUnpool()
        >>> maxima, switches = pool(torch.tensor([[[[1.0, 2], [4, 3]]]]))
        >>> maxima.tolist(), unpool(maxima, switches).tolist()
        ([[[[4.0]]]], [[[[0.0, 0.0], [4.0, 0.0]]]])
    """

    def __init__(
        self, window: PerAxis, *, stride: PerAxis | None = None, padding: Padding = "valid", ceil_mode: bool = False
    ) -> None:
        super().__init__()
        self.window, self.stride, self.padding, self.ceil_mode = window, stride, padding, ceil_mode

    def forward(
        self, x: Float[Tensor, "batch channels *size"]
    ) -> tuple[Float[Tensor, "batch channels *result"], Switches]:
        """Keep the maxima, and where they were."""
        maxima, indices = max_pool_with_indices(
            x, self.window, stride=self.stride, padding=self.padding, ceil_mode=self.ceil_mode
        )
        return maxima, Switches(indices, tuple(x.shape[2:]))

    def extra_repr(self) -> str:
        """Show the settings."""
        return f"{self.window}, stride={self.stride}, padding={self.padding!r}, ceil_mode={self.ceil_mode}"


class MaxUnpool(nn.Module):
    """Puts each number where the maximum was that it stands for, and zeros everywhere else.

    Source: Badrinarayanan et al. 2015, figure 3.

    Example:
        >>> import torch
        >>> MaxUnpool()(torch.tensor([[[9.0]]]), Switches(torch.tensor([[[1]]]), (3,))).tolist()
        [[[0.0, 9.0, 0.0]]]
    """

    def forward(
        self, x: Float[Tensor, "batch channels *result"], switches: Switches
    ) -> Float[Tensor, "batch channels *size"]:
        """Unpool."""
        return max_unpool(x, switches.indices, switches.size)
