"""Kernels in whatever form a user may have them: names, texts, tables, arrays, tensors.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadShape
from saccade.ops.kernels import read_kernel
from saccade.ops.steering import checked_kernel, steered

Kernel = str | Tensor | np.ndarray | Sequence[Sequence[float]]


def as_kernel(kernel: Kernel, *, angle: float = 0.0) -> Float[Tensor, "rows columns"]:
    """Take a kernel in whatever form it comes.

    Args:
        kernel: A name, a text, or a table, array or tensor of numbers.
        angle: Degrees, clockwise, for kernels with a direction.

    Returns:
        Its numbers, float32.

    Raises:
        UnknownName: If there is no such kernel; the nearest are offered.
        BadConfig: If it cannot be read or has no direction to turn.
        BadData: If a number is not finite.
        BadShape: If it has not two sides.

    Source: ours.

    Example:
        >>> as_kernel([[1, 0, -1]], angle=180).tolist()[1]
        [-1.0, 0.0, 1.0]
    """
    if isinstance(kernel, str):
        return read_kernel(kernel, angle=angle)
    try:
        numbers = torch.as_tensor(kernel).detach().cpu().float()
    except (TypeError, ValueError, RuntimeError) as error:
        raise BadShape(
            f"got a kernel of {type(kernel).__name__}; taken are numbers in rows of one length, or a name; write them "
            "as [[1, 0, -1], [1, 0, -1], [1, 0, -1]]"
        ) from error
    if numbers.ndim != 2:
        raise BadShape(f"got a kernel of shape {tuple(numbers.shape)}; taken is (height, width); give one kernel")
    checked_kernel(numbers)
    return steered(numbers, angle).float() if angle else numbers
