"""A kernel found by gradient descent from what went in and what came out.

Every window of the input is a row of numbers, and its response their product with the kernel: least squares, so there
is one lowest point and descent reaches it. How fast, the windows say: neighbours in a photograph are nearly alike, so
that some directions of the kernel are thousands of times flatter than others (the condition number), and plain descent
crawls along them. Momentum takes the square root of that number. In noise no pixel knows its neighbour; that is what
whitening a picture aims at, and there a few steps do.

Source: Polyak, "Some methods of speeding up the convergence of iteration methods" (1964).
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadConfig, BadData, BadShape

_WORST = 1e6  # directions that are so many times flatter are given up, lest the momentum for them slow all others
_FLAT = 1e-12


@dataclass(frozen=True)
class LearnedKernel:
    """What descent found.

    Args:
        kernel: Its numbers, float32.
        losses: The mean squared error before each step, and after the last.
        condition: How many times steeper the steepest direction is than the flattest; infinite where the inputs say
            next to nothing of some direction.

    Source: ours.
    """

    kernel: Float[Tensor, "height width"]
    losses: tuple[float, ...]
    condition: float


def learn_kernel(
    inputs: Float[Tensor, "batch 1 height width"],
    responses: Float[Tensor, "batch 1 new_height new_width"],
    *,
    steps: int = 500,
    generator: torch.Generator | None = None,
) -> LearnedKernel:
    """Find the kernel that turns inputs into responses, by gradient descent with momentum on the squared error.

    The gradient is that of all windows at once: 2 / n · windowsᵀ (windows · kernel − responses), where both products
    with windowsᵀ are made only once. The step and the momentum are the best there are for a bowl of this steepness,
    which is measured first.

    Args:
        inputs: Pictures of one channel.
        responses: To windows that lie inside, so smaller by the kernel's side less one.
        steps: How many.
        generator: Gives the numbers to begin with.

    Returns:
        The kernel and how it was found.

    Raises:
        BadShape: If the responses are larger than the inputs, or of another number.
        BadConfig: If there are no steps.
        BadData: If the inputs are black everywhere, or not finite.

    Source: Polyak 1964, theorem 9: step 4 / (√L + √μ)², momentum ((√L − √μ) / (√L + √μ))² for eigenvalues μ to L.

    Example:
        >>> noise = torch.randn(4, 1, 16, 16, generator=torch.Generator().manual_seed(0))
        >>> learned = learn_kernel(noise, noise[..., :-2] - noise[..., 2:], steps=50)
        >>> learned.kernel.round(decimals=3).abs().tolist()
        [[1.0, 0.0, 1.0]]
    """
    size = _kernel_size(inputs, responses)
    if steps < 1:
        raise BadConfig(f"got steps={steps}; taken is 1 or more; change it")
    windows = F.unfold(inputs.double(), size).transpose(0, 1).flatten(1)
    wanted = responses.double().flatten()
    count = wanted.numel()
    if not bool(windows.isfinite().all() and wanted.isfinite().all()):
        raise BadData("got inputs or responses that are not finite; taken are numbers; fill the gaps first")
    alike, answered, squares = windows @ windows.T / count, windows @ wanted / count, float(wanted.square().mean())
    curvature = torch.linalg.eigvalsh(2 * alike)
    steepest = float(curvature[-1])
    if steepest <= _FLAT:
        raise BadData("got inputs that are black everywhere; taken are pictures with something on them; give others")
    telling = curvature[curvature > steepest / _WORST]
    steep, flat = math.sqrt(steepest), math.sqrt(float(telling[0]))
    step_size, momentum = 4 / (steep + flat) ** 2, ((steep - flat) / (steep + flat)) ** 2
    kernel = 0.1 * torch.randn(len(windows), generator=generator, dtype=torch.float64)
    last, losses = kernel, []
    for _ in range(steps):
        losses.append(_loss(kernel, alike, answered, squares))
        gradient = 2 * (alike @ kernel - answered)
        kernel, last = kernel - step_size * gradient + momentum * (kernel - last), kernel
    losses.append(_loss(kernel, alike, answered, squares))
    condition = (steep / flat) ** 2 if len(telling) == len(curvature) else math.inf
    return LearnedKernel(kernel.view(*size).float(), tuple(losses), condition)


def _kernel_size(
    inputs: Float[Tensor, "batch 1 height width"], responses: Float[Tensor, "batch2 1 new_height new_width"]
) -> tuple[int, int]:
    height, width = (inputs.shape[axis] - responses.shape[axis] + 1 for axis in (2, 3))
    if min(height, width) < 1 or inputs.shape[0] != responses.shape[0] or not responses.numel():
        raise BadShape(
            f"got inputs of {tuple(inputs.shape)} and responses of {tuple(responses.shape)}; taken are as many, each "
            "response smaller than its input by the kernel's side less one; cut the edges off the responses"
        )
    return height, width


def _loss(
    kernel: Float[Tensor, " numbers"],
    alike: Float[Tensor, "numbers numbers"],
    answered: Float[Tensor, " numbers"],
    squares: float,
) -> float:
    """The mean squared error, multiplied out; rounding may put it below 0."""
    return max(float(kernel @ alike @ kernel - 2 * answered @ kernel) + squares, 0.0)
