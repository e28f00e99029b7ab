"""Maps of several scales that tell each other what they see: down from the coarse ones, and up from the fine ones.

Source: Lin et al., "Feature pyramid networks for object detection", arXiv 1612.03144; Liu et al., "Path aggregation
network for instance segmentation", arXiv 1803.01534.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from saccade.errors import BadShape
from saccade.layers.convolution import ConvBlock
from saccade.layers.cross_stage import CrossStage


class PathAggregation(nn.Module):
    """From maps of a backbone, the finest first, to as many maps that know of each other.

    Args:
        in_channels: Of each map that comes in.
        out_channels: Of each that goes out.
        depth: Links in each cross-stage block.
        activation: Makes the activation of each convolution.

    Raises:
        BadShape: If there are not as many widths out as in, or none.

    Source: Liu et al. 2018, section 3.1, with cross-stage blocks in place of single convolutions, as Bochkovskiy, Wang
        & Liao, "YOLOv4", arXiv 2004.10934, have it.

    Example:
        >>> maps = [torch.zeros(1, 8, 8, 8), torch.zeros(1, 16, 4, 4)]
        >>> [tuple(one.shape) for one in PathAggregation([8, 16], [8, 16])(maps)]
        [(1, 8, 8, 8), (1, 16, 4, 4)]
    """

    def __init__(
        self,
        in_channels: Sequence[int],
        out_channels: Sequence[int],
        *,
        depth: int = 1,
        activation: Callable[[], nn.Module] = nn.SiLU,
    ) -> None:
        super().__init__()
        if not in_channels or len(in_channels) != len(out_channels):
            raise BadShape(
                f"got {len(in_channels)} widths in and {len(out_channels)} out; taken is one of each for every map; "
                "give as many"
            )

        def block(inside: int, outside: int) -> CrossStage:
            return CrossStage(inside, outside, depth=depth, shortcut=False, activation=activation)

        coarser = list(zip(in_channels[:-1], out_channels[:-1], strict=True))
        beside = [*out_channels[1:-1], in_channels[-1]][: len(coarser)]  # what comes down to each but the coarsest
        self.down = nn.ModuleList(
            block(below + above, width) for (below, width), above in zip(coarser, beside, strict=True)
        )
        self.smaller = nn.ModuleList(
            ConvBlock(width, width, stride=2, activation=activation) for width in out_channels[:-1]
        )
        self.up = nn.ModuleList(
            block(below + own, width)
            for below, own, width in zip(out_channels[:-1], beside, out_channels[1:], strict=True)
        )

    def forward(self, maps: Sequence[Float[Tensor, "batch _ _ _"]]) -> list[Float[Tensor, "batch _ _ _"]]:
        """Tell the finer maps of the coarser ones, then the coarser of the finer.

        Args:
            maps: The finest first; each about half the size of the one before.

        Returns:
            Maps of the same sizes.

        Source: Liu et al. 2018.
        """
        seen = [maps[-1]]
        for own, block in zip(reversed(maps[:-1]), reversed(self.down), strict=True):
            above = F.interpolate(seen[0], size=own.shape[2:], mode="nearest")
            seen.insert(0, block(torch.cat([own, above], dim=1)))
        told = [seen[0]]
        for own, smaller, block in zip(seen[1:], self.smaller, self.up, strict=True):
            below = smaller(told[-1])
            if below.shape[2:] != own.shape[2:]:  # a backbone without padding halves otherwise
                below = F.interpolate(below, size=own.shape[2:], mode="nearest")
            told.append(block(torch.cat([below, own], dim=1)))
        return told
