"""How many floating-point operations a network costs: to predict for an image, and to learn from it.

Counted are what PyTorch's FlopCounterMode counts: convolutions and products of matrices, two operations for a
multiplication with its addition; of learning forward and backward, without the step of the optimiser.

Source: ours; the formulas are PyTorch's.
"""

from __future__ import annotations

import copy
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from saccade.inspect.without_content import FAILURES, refusal, shape_for, tensors_in

_IMAGES = 2  # a batch normalisation that learns needs more than one number in each channel


@dataclass(frozen=True)
class Operations:
    """What an image costs.

    Args:
        predicting: Floating-point operations of a forward pass in evaluation mode.
        learning: Of a forward and a backward pass in training mode, to the parameters that learn.

    Source: ours.
    """

    predicting: int
    learning: int

    def to_dict(self) -> dict[str, int]:
        """Give plain values that JSON can hold."""
        return asdict(self)


def operations(module: nn.Module, size: tuple[int, int], *, in_channels: int | None = None) -> Operations:
    """Count what an image costs a network.

    Args:
        module: Any module that takes a batch of images; it is not touched.
        size: (height, width) of the image.
        in_channels: Its channels; None: as the first part that states `in_channels`, else 3.

    Returns:
        The operations for one image.

    Raises:
        BadShape: If the module cannot run at that size.

    Source: Chen et al., arXiv 1604.06174, count so too; the formulas are PyTorch's.

    Example:
        >>> operations(nn.Sequential(nn.Conv2d(3, 10, 3)), (5, 5))  # 27 products for each of 90 numbers, and 27 back
        Operations(predicting=4860, learning=9720)
    """
    shape = shape_for(module, size, in_channels)
    try:
        try:
            return _counted(copy.deepcopy(module).to("meta"), shape)
        except FAILURES:  # it looks at its numbers
            return _counted(copy.deepcopy(module).cpu(), shape)
    except FAILURES as error:
        raise refusal(module, shape, error) from error


def _counted(module: nn.Module, shape: tuple[int, ...]) -> Operations:
    device = next((one.device for one in module.parameters()), torch.device("cpu"))
    images = torch.zeros(_IMAGES, *shape[1:], device=device)
    counts = []
    for training in (False, True):
        module.train(training)
        with torch.set_grad_enabled(training), FlopCounterMode(display=False) as counter:
            outputs = sum(one.sum() for one in tensors_in(module(images)))
            if training and isinstance(outputs, Tensor) and outputs.requires_grad:
                outputs.backward()
        counts.append(counter.get_total_flops() // _IMAGES)
    return Operations(*counts)
