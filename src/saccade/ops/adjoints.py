"""The two adjoints of a convolution, written out with convolutions: what backpropagation computes.

With y = x ⋆ w (cross-correlation), and v the gradient of some loss to y:

    dL/dx = the full correlation of v with w turned by 180° and its channels swapped
    dL/dw = the correlation of x with v

A stride s puts s − 1 zeros between the numbers of v in the first, and dilates v by s in the second; a dilation of w
becomes a stride in the second. Padding is an operation of its own, and folds back by an adjoint of its own. Groups need
no argument: they follow from the two shapes.

Source: the notes leave the derivative blank; Goodfellow, "Technical report: Multidimensional, downsampled convolution
for autoencoders", 2010; the rest is ours, and equal to automatic differentiation.
"""

from __future__ import annotations

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadShape
from saccade.ops.convolution import cross_correlate, flipped
from saccade.ops.operands import PerAxis, Sides, check_finite, check_groups, check_pair, per_axis, result_size
from saccade.ops.padding import Padding, fold_back, pad, resolve_padding


def input_gradient(
    gradient: Float[Tensor, "batch filters *result"],
    weight: Float[Tensor, "filters filter_channels *kernel"],
    *,
    shape: tuple[int, ...],
    stride: PerAxis = 1,
    padding: Padding = "valid",
    dilation: PerAxis = 1,
    padding_mode: str = "zeros",
) -> Float[Tensor, "batch channels *size"]:
    """Compute the gradient to the inputs of `cross_correlate`: its adjoint in the inputs.

    Args:
        gradient: To what it gave.
        weight: That it was given.
        shape: Of its inputs, (batch, channels, …): a stride maps several sizes to one.
        stride: As it was, and so on.
        padding: Likewise.
        dilation: Likewise.
        padding_mode: Likewise.

    Returns:
        A gradient for each number of the inputs.

    Raises:
        BadShape: If no convolution with these settings leads from this shape to that of the gradient.
        BadConfig: If a setting is out of its range, a word is unknown, or a number of the weight is not finite.

    Source: see this file's head; for zeros it is `transposed_convolve`.

    Example:
        >>> import torch
        >>> kernel = torch.tensor([[[1.0, 10]]])
        >>> input_gradient(torch.tensor([[[1.0, 2]]]), kernel, shape=(1, 1, 5), stride=3).tolist()
        [[[1.0, 10.0, 0.0, 2.0, 20.0]]]
    """
    check_pair(gradient, weight, names=("gradient", "weight"))
    known = tuple(gradient.shape), tuple(weight.shape), tuple(shape)
    strides, gaps, sides, groups = _settled(*known, stride=stride, padding=padding, dilation=dilation)
    reach = tuple(gap * (kernel - 1) for gap, kernel in zip(gaps, weight.shape[2:], strict=True))
    padded = tuple(side + sum(ends) for side, ends in zip(shape[2:], sides, strict=True))
    stuffed = _stuffed(gradient, strides)
    # Pixels at the end that no window reached take part in nothing: their gradient is zero.
    frame = tuple((before, side - given) for before, side, given in zip(reach, padded, stuffed.shape[2:], strict=True))
    full = cross_correlate(pad(stuffed, frame), _swapped(flipped(weight), groups), dilation=gaps, groups=groups)
    return fold_back(full, sides, mode=padding_mode)


def weight_gradient(
    gradient: Float[Tensor, "batch filters *result"],
    inputs: Float[Tensor, "batch channels *size"],
    *,
    shape: tuple[int, ...],
    stride: PerAxis = 1,
    padding: Padding = "valid",
    dilation: PerAxis = 1,
    padding_mode: str = "zeros",
) -> Float[Tensor, "filters filter_channels *kernel"]:
    """Compute the gradient to the weight of `cross_correlate`: its adjoint in the weight.

    Args:
        gradient: To what it gave.
        inputs: That it was given.
        shape: Of its weight, (filters, channels of each, …).
        stride: As it was, and so on.
        padding: Likewise.
        dilation: Likewise.
        padding_mode: Likewise.

    Returns:
        A gradient for each number of the weight.

    Raises:
        BadShape: If no convolution with these settings and such a weight leads from the inputs to the gradient.
        BadConfig: If a setting is out of its range, a word is unknown, or a number of the gradient is not finite.

    Source: see this file's head.

    Example:
        >>> import torch
        >>> line = torch.tensor([[[1.0, 2, 3, 4]]])
        >>> weight_gradient(torch.tensor([[[1.0, 0, 10]]]), line, shape=(1, 1, 2)).tolist()
        [[[31.0, 42.0]]]
    """
    check_pair(inputs, gradient, names=("inputs", "gradient"))
    check_finite(gradient, "gradient")
    known = tuple(gradient.shape), tuple(shape), tuple(inputs.shape)
    strides, gaps, sides, groups = _settled(*known, stride=stride, padding=padding, dilation=dilation)
    padded = pad(inputs, sides, mode=padding_mode)
    # What is added up here is images: they take the place of the channels, and those the place of the images.
    maps = padded.unflatten(1, (groups, -1)).transpose(0, 2).flatten(1, 2)
    filters = gradient.transpose(0, 1)
    found = cross_correlate(maps, filters, stride=gaps, dilation=strides, groups=groups).transpose(0, 1)
    for axis, kernel in enumerate(shape[2:], start=2):
        found = found.narrow(axis, 0, kernel)
    return found


def _stuffed(gradient: Tensor, strides: tuple[int, ...]) -> Tensor:
    """Put stride − 1 zeros between neighbours, along each axis in space."""
    for axis, step in enumerate(strides, start=2):
        apart = F.pad(gradient.unsqueeze(axis + 1), [0, 0] * (gradient.ndim - axis - 1) + [0, step - 1])
        gradient = apart.flatten(axis, axis + 1).narrow(axis, 0, (gradient.shape[axis] - 1) * step + 1)
    return gradient


def _swapped(weight: Tensor, groups: int) -> Tensor:
    """Let filters and channels change places, group by group."""
    return weight.unflatten(0, (groups, -1)).transpose(1, 2).flatten(0, 1)


def _settled(
    gradient: tuple[int, ...],
    weight: tuple[int, ...],
    inputs: tuple[int, ...],
    *,
    stride: PerAxis,
    padding: Padding,
    dilation: PerAxis,
) -> tuple[tuple[int, ...], tuple[int, ...], Sides, int]:
    """Spell out the settings, and find the groups, of the convolution of three shapes; refuse shapes of none."""
    if len({len(gradient), len(weight), len(inputs)}) > 1 or min(*weight, *inputs, *gradient) < 1:
        raise BadShape(
            f"got a gradient of shape {gradient}, inputs of {inputs}, a weight of {weight}; taken are as many axes in "
            "each, none empty; give the whole shape"
        )
    axes = len(weight) - 2
    strides, gaps = per_axis(stride, axes, name="stride"), per_axis(dilation, axes, name="dilation")
    sides = resolve_padding(padding, weight[2:], dilation=gaps)
    groups = max(inputs[1] // weight[1], 1)
    check_groups(inputs[1], weight[0], groups=groups, filter_channels=weight[1])
    size = result_size(inputs[2:], weight[2:], stride=strides, sides=sides, dilation=gaps)
    wanted = (inputs[0], weight[0], *size)
    if gradient != wanted:
        raise BadShape(
            f"got a gradient of shape {gradient}; taken is that of the result, {wanted}; "
            "give the settings of the convolution, and the gradient to what it gave"
        )
    return strides, gaps, sides, groups
