"""The memory that a network needs, estimated from its counts: weights, activations, and what training adds.

An estimate counts what must be there at once by arithmetic alone. It leaves out the workspace of fast kernels, the
framework itself and what its allocator holds back, so a real run needs more; to measure one, use `saccade summary`.

Source: ours.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from saccade.errors import BadShape, UnknownName

MOMENTS = {"sgd": 0, "momentum": 1, "nesterov": 1, "adam": 2, "adamw": 2}
"""Numbers that an optimiser keeps for each parameter."""


@dataclass(frozen=True)
class TrainingMemory:
    """What one training step holds in memory, in bytes.

    Args:
        weights: The parameters.
        gradients: One for each parameter.
        optimizer: The moments that the optimiser keeps.
        activations: The images and the output of every layer, kept until the backward pass has used them.

    Source: ours.
    """

    weights: int
    gradients: int
    optimizer: int
    activations: int

    @property
    def total(self) -> int:
        """Sum them all."""
        return self.weights + self.gradients + self.optimizer + self.activations


def tensor_bytes(*sides: int, bytes_per_number: int = 4) -> int:
    """Count the bytes of a tensor.

    Args:
        sides: Its shape.
        bytes_per_number: 4 for float32, 2 for float16 and bfloat16, 1 for uint8.

    Returns:
        Bytes of its numbers alone.

    Raises:
        BadShape: If a number is negative.

    Source: a product.

    Example:
        >>> tensor_bytes(28, 28, 192)
        602112
    """
    if min(*sides, bytes_per_number, 0) < 0:
        raise BadShape(
            f"got a shape of {sides} and {bytes_per_number} bytes a number; taken are numbers ≥ 0; change the smaller"
        )
    return math.prod(sides) * bytes_per_number


def training_memory(
    parameters: int, activations: int, *, batch_size: int = 1, optimizer: str = "adamw", bytes_per_number: int = 4
) -> TrainingMemory:
    """Estimate what one training step holds in memory.

    Args:
        parameters: Of the whole network, all of them trained.
        activations: Numbers that are kept for the backward pass of one image.
        batch_size: Images in a step.
        optimizer: "sgd" keeps nothing more, "momentum" and "nesterov" one number for each parameter, "adam" and
            "adamw" two.
        bytes_per_number: 4 for float32.

    Returns:
        Bytes by purpose, and their total.

    Raises:
        BadShape: If a number is negative.
        UnknownName: If there is no such optimiser.

    Source: ours.

    Example:
        >>> training_memory(61_706, 10_000, batch_size=32).total
        2267296
    """
    if optimizer not in MOMENTS:
        raise UnknownName("optimizer", optimizer, MOMENTS)
    weights = tensor_bytes(parameters, bytes_per_number=bytes_per_number)
    kept = tensor_bytes(batch_size, activations, bytes_per_number=bytes_per_number)
    return TrainingMemory(weights, weights, MOMENTS[optimizer] * weights, kept)
