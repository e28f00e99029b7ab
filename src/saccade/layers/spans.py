"""One long sequence of layers, cut into the stages of a backbone without a change of its parameters' names.

Source: ours.
"""

from __future__ import annotations

from functools import partial

from torch import Tensor, nn

from saccade.layers.backbone import Step


def spans(layers: nn.Sequential, starts: tuple[int, ...]) -> tuple[Step, ...]:
    """Cut a sequence into steps.

    Args:
        layers: The whole sequence.
        starts: The number of the first layer of each step; the first is 0, the last step goes to the end.

    Returns:
        One function for each step, which runs the layers themselves: hooks on them are heard.

    Source: ours.

    Example:
        >>> import torch
        >>> first, second = spans(nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2)), (0, 2))
        >>> second(first(torch.zeros(1, 3, 6, 6))).shape
        torch.Size([1, 8, 2, 2])
    """
    parts = list(layers)
    ends = (*starts[1:], len(parts))
    return tuple(partial(_run, parts[start:end]) for start, end in zip(starts, ends, strict=True))


def _run(parts: list[nn.Module], x: Tensor) -> Tensor:
    for part in parts:
        x = part(x)
    return x
