"""A convolution whose filters see only some of the maps, by a table.

Source: LeCun et al., "Gradient-based learning applied to document recognition", 1998, table I.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import BadShape


class SparseConvolution(nn.Module):
    """A valid convolution whose every output map sees only the input maps that a table names.

    Maps that see equally many inputs are computed together, as one grouped convolution on the chosen inputs, so that
    no multiplication by an absent weight takes place.

    Args:
        table: For each output map, the input maps that it sees.
        kernel_size: One side of the kernel.

    Raises:
        BadShape: If a row of the table is empty or names an input twice or below 0.

    Source: LeCun et al. 1998, section II.B (C3).

    Example:
        >>> SparseConvolution([(0, 1), (2,), (0, 2)], kernel_size=5)(torch.zeros(1, 3, 14, 14)).shape
        torch.Size([1, 3, 10, 10])
    """

    order: Tensor

    def __init__(self, table: Sequence[Sequence[int]], *, kernel_size: int) -> None:
        super().__init__()
        for number, row in enumerate(table):
            if not row or len(set(row)) != len(row) or min(row) < 0:
                raise BadShape(f"got {tuple(row)} for map {number}; taken are different inputs ≥ 0; correct the table")
        sizes = sorted({len(row) for row in table})
        together = [[number for number, row in enumerate(table) if len(row) == size] for size in sizes]
        self.parts = nn.ModuleList(
            nn.Conv2d(size * len(maps), len(maps), kernel_size, groups=len(maps))
            for size, maps in zip(sizes, together, strict=True)
        )
        for number, maps in enumerate(together):
            inputs = torch.tensor([channel for row in maps for channel in table[row]])
            self.register_buffer(f"inputs{number}", inputs, persistent=False)
        order = torch.tensor([number for maps in together for number in maps])
        self.register_buffer("order", order.argsort(), persistent=False)

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch maps rows columns"]:
        """Convolve each map's inputs, and put the maps in order."""
        parts = [part(x.index_select(1, self.get_buffer(f"inputs{number}"))) for number, part in enumerate(self.parts)]
        return torch.cat(parts, dim=1).index_select(1, self.order)
