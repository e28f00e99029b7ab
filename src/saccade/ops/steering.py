"""Turning kernels: which of them have a direction, which one, and the same kernel at any angle.

A kernel has a direction when half a turn makes it its own negative, as it does a first derivative. Angles are degrees,
clockwise on the screen, where rows count downwards; 0 is from light to dark, left to right.

Source: Freeman and Adelson, "The design and use of steerable filters" (1991).
"""

from __future__ import annotations

import math

import torch
from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadConfig, BadData, BadShape

LARGEST = 999  # pixels along one side of a kernel; wider blurs are had by making the picture smaller first
_NEGLIGIBLE = 1e-6


def checked_kernel(kernel: Float[Tensor, "height width"]) -> Float[Tensor, "height width"]:
    """Refuse a kernel that cannot be laid on a picture.

    Args:
        kernel: Any tensor of floats.

    Returns:
        The same.

    Raises:
        BadShape: If it has not two sides from 1 to `LARGEST`.
        BadData: If a number in it is not finite.

    Source: ours.

    Example:
        >>> checked_kernel(torch.ones(1, 2)).shape
        torch.Size([1, 2])
    """
    shape = tuple(kernel.shape)
    if len(shape) != 2 or not 1 <= min(shape) <= max(shape) <= LARGEST:
        raise BadShape(
            f"got a kernel of shape {shape}; taken is (height, width), each from 1 to {LARGEST}; "
            "give one kernel, or make the picture smaller first"
        )
    if not bool(torch.isfinite(kernel).all()):
        where = torch.nonzero(~torch.isfinite(kernel))[0].tolist()
        raise BadData(
            f"got a kernel with {float(kernel[where[0], where[1]])} in row {where[0] + 1}, column {where[1] + 1}; "
            "taken are finite numbers; change it"
        )
    return kernel


def has_direction(kernel: Float[Tensor, "height width"]) -> bool:
    """Say whether half a turn makes a kernel its own negative, as it does a first derivative.

    Args:
        kernel: Its numbers.

    Returns:
        Whether it has a direction; a kernel of zeros has none.

    Source: ours.

    Example:
        >>> has_direction(torch.tensor([[1.0, 0.0, -1.0]])), has_direction(torch.tensor([[1.0, -2.0, 1.0]]))
        (True, False)
    """
    most = float(kernel.abs().max())
    return most > 0 and bool((kernel + kernel.flip(0, 1)).abs().max() <= _NEGLIGIBLE * most)


def direction_of(kernel: Float[Tensor, "height width"]) -> float:
    """Say from where to where a kernel that has a direction finds light going to dark.

    Args:
        kernel: Its numbers.

    Returns:
        Degrees in [0, 360), clockwise from left to right: its first moment; 0 where that vanishes.

    Source: ours.

    Example:
        >>> edge = torch.tensor([[1.0, 0.0, -1.0]])
        >>> direction_of(edge), direction_of(quarter_turned(edge))
        (0.0, 90.0)
    """
    across = torch.arange(kernel.shape[1], dtype=torch.float64) - (kernel.shape[1] - 1) / 2
    down = torch.arange(kernel.shape[0], dtype=torch.float64) - (kernel.shape[0] - 1) / 2
    numbers = kernel.double()
    right, below = -float((numbers * across).sum()), -float((numbers * down[:, None]).sum())
    if math.hypot(right, below) <= _NEGLIGIBLE * float(numbers.abs().sum()):
        return 0.0
    return round(math.degrees(math.atan2(below, right)), 4) % 360


def quarter_turned(kernel: Float[Tensor, "height width"]) -> Float[Tensor, "width height"]:
    """Turn a kernel by 90° clockwise: what asked from left to right then asks from above to below.

    Args:
        kernel: Its numbers.

    Returns:
        The same numbers, turned.

    Source: ours.

    Example:
        >>> quarter_turned(torch.tensor([[1.0, 0.0, -1.0]])).tolist()
        [[1.0], [0.0], [-1.0]]
    """
    return kernel.rot90(-1)


def steered(kernel: Float[Tensor, "height width"], angle: float) -> Float[Tensor, "rows columns"]:
    """Turn the direction that a kernel asks for by any angle: exact for first derivatives, at 90° for every kernel.

    Args:
        kernel: Its numbers, with a direction.
        angle: Degrees, clockwise.

    Returns:
        cos(angle) · K + sin(angle) · K turned by 90°, in float64; square, unless both sides cannot share a middle.

    Raises:
        BadConfig: If the angle is not finite, the kernel has no direction, or one side is odd and the other even.

    Source: Freeman and Adelson, "The design and use of steerable filters" (1991), equation 4.

    Example:
        >>> steered(torch.tensor([[1.0, 0.0, -1.0]]), 180).tolist()[1]
        [-1.0, 0.0, 1.0]
    """
    height, width = kernel.shape
    if not math.isfinite(angle):
        raise BadConfig(f"got an angle of {angle}; taken are degrees, clockwise; give a number")
    if not has_direction(kernel):
        raise BadConfig(
            f"got an angle of {angle:g}° with a kernel of no direction; taken are kernels that half a turn makes their "
            "own negative; leave it out"
        )
    if (height - width) % 2:
        raise BadConfig(
            f"got an angle of {angle:g}° with a kernel of {height} × {width}; taken are two odd sides or two even "
            "ones; add a row or a column of zeros"
        )
    side = max(height, width)
    square = kernel.new_zeros((side, side), dtype=torch.float64)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = kernel
    across, down = (round(part(math.radians(angle % 360)), 12) for part in (math.cos, math.sin))
    return (across * square + down * quarter_turned(square)) + 0.0  # adding 0 turns −0 into 0
