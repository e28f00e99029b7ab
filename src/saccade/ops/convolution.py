"""Convolution in one, two and three dimensions, under each of its names.

    cross_correlate      what networks call convolution: the kernel as it is
    convolve             what mathematics calls convolution: the kernel flipped along every axis
    transposed_convolve  the backward pass of a cross-correlation, used as a layer
    depthwise            each channel by filters of its own
    pointwise            each pixel by itself: a dense layer on its channels
    separable            depthwise, then pointwise

The number of axes is that of the tensors: (batch, channels, length), (…, height, width) or (…, depth, height, width).
They are thin over PyTorch's: what is added is every padding, and refusals in words.

Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", arXiv 1603.07285.
"""

from __future__ import annotations

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadShape
from saccade.ops.arithmetic import transposed_size
from saccade.ops.operands import PerAxis, check_finite, check_groups, check_pair, per_axis, result_size
from saccade.ops.padding import Padding, pad, resolve_padding

_FORWARD = {1: F.conv1d, 2: F.conv2d, 3: F.conv3d}
_TRANSPOSED = {1: F.conv_transpose1d, 2: F.conv_transpose2d, 3: F.conv_transpose3d}


def cross_correlate(
    inputs: Float[Tensor, "batch channels *size"],
    weight: Float[Tensor, "filters filter_channels *kernel"],
    *,
    stride: PerAxis = 1,
    padding: Padding = "valid",
    dilation: PerAxis = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
) -> Float[Tensor, "batch filters *result"]:
    """Lay each filter on every window of the inputs, multiply number by number, and add: networks' convolution.

    Args:
        inputs: Lines, maps or volumes.
        weight: One filter for each map of the result; each sees channels / groups channels.
        stride: The step from window to window.
        padding: "valid", "same", "full", pixels on every side, or for each axis an int or (before, after).
        dilation: Distance between the kernel's taps.
        groups: Parts that channels and filters are split into, each blind to the others.
        padding_mode: zeros, reflect, replicate or circular.

    Returns:
        One map for each filter; its sides are those of `output_size`.

    Raises:
        BadShape: If the kernel is larger than the padded inputs, the channels do not divide by the groups, or the two
            tensors do not belong together.
        BadConfig: If a setting is out of its range, a word is unknown, or a number of a weight is not finite.

    Source: the notes' z = I ∗ F; Dumoulin & Visin 2016, chapter 2.

    Example:
        >>> import torch
        >>> line = torch.tensor([[[0.0, 0, 10, 10]]])
        >>> cross_correlate(line, torch.tensor([[[-1.0, 1]]])).tolist()
        [[[0.0, 10.0, 0.0]]]
    """
    axes = check_pair(inputs, weight)
    check_finite(weight, "weight")
    check_groups(inputs.shape[1], weight.shape[0], groups=groups, filter_channels=weight.shape[1])
    strides, gaps = per_axis(stride, axes, name="stride"), per_axis(dilation, axes, name="dilation")
    size, kernel_size = tuple(inputs.shape[2:]), tuple(weight.shape[2:])
    sides = resolve_padding(padding, kernel_size, dilation=gaps)
    result_size(size, kernel_size, stride=strides, sides=sides, dilation=gaps)
    frame = tuple(before for before, _ in sides)
    if padding_mode != "zeros" or any(before != after for before, after in sides):
        inputs, frame = pad(inputs, sides, mode=padding_mode), (0,) * axes
    return _FORWARD[axes](inputs, weight, None, strides, frame, gaps, groups)


def convolve(
    inputs: Float[Tensor, "batch channels *size"],
    weight: Float[Tensor, "filters filter_channels *kernel"],
    *,
    stride: PerAxis = 1,
    padding: Padding = "valid",
    dilation: PerAxis = 1,
    groups: int = 1,
    padding_mode: str = "zeros",
) -> Float[Tensor, "batch filters *result"]:
    """Cross-correlate with each kernel flipped along every axis: true convolution, arguments as for `cross_correlate`.

    In two dimensions that turns the kernel by 180 degrees; it does not transpose it. Both operations give the same
    where the kernel is its own flip.

    Returns:
        One map for each filter.

    Raises:
        BadInput: As `cross_correlate` does.

    Source: the definition (f ∗ g)(t) = Σ f(t − i) g(i).

    Example:
        >>> import torch
        >>> line = torch.tensor([[[0.0, 0, 10, 10]]])
        >>> convolve(line, torch.tensor([[[-1.0, 1]]])).tolist()
        [[[0.0, -10.0, 0.0]]]
    """
    return cross_correlate(
        inputs,
        flipped(weight),
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        padding_mode=padding_mode,
    )


def flipped(
    weight: Float[Tensor, "filters filter_channels *kernel"],
) -> Float[Tensor, "filters filter_channels *kernel"]:
    """Flip each kernel along every axis in space: in two dimensions, a turn by 180 degrees.

    Args:
        weight: The kernels.

    Returns:
        The same numbers in reverse.

    Source: the definition of convolution.

    Example:
        >>> import torch
        >>> flipped(torch.tensor([[[[1.0, 2], [3, 4]]]])).tolist()
        [[[[4.0, 3.0], [2.0, 1.0]]]]
    """
    return weight.flip(tuple(range(2, weight.ndim)))


def transposed_convolve(
    inputs: Float[Tensor, "batch channels *size"],
    weight: Float[Tensor, "channels group_filters *kernel"],
    *,
    stride: PerAxis = 1,
    padding: Padding = "valid",
    output_padding: PerAxis = 0,
    dilation: PerAxis = 1,
    groups: int = 1,
) -> Float[Tensor, "batch filters *result"]:
    """Spread each number of the inputs over a window, weighted by the kernel, and add where windows overlap.

    Also called backward convolution, upconvolution, fractionally-strided convolution and, wrongly, deconvolution: it
    is the backward pass of `cross_correlate` with the same weight and settings, and does not undo it.

    Args:
        inputs: Lines, maps or volumes.
        weight: As PyTorch has it: for each channel of the inputs, one kernel for each filter of its group.
        stride: The step from window to window, in the result.
        padding: What the cross-correlation would pad by: it is cut off the result.
        output_padding: Pixels added after the result: of the sizes that a stride maps to one, it chooses. Less than
            the stride or the dilation.
        dilation: Distance between the kernel's taps.
        groups: Parts that channels and filters are split into.

    Returns:
        One map for each filter; its sides are those of `transposed_size`.

    Raises:
        BadShape: If nothing is left, the channels do not divide by the groups, or the tensors do not belong together.
        BadConfig: If a setting is out of its range, a word is unknown, or a number of a weight is not finite.

    Source: Dumoulin & Visin 2016, chapter 4.

    Example:
        >>> import torch
        >>> transposed_convolve(torch.tensor([[[1.0, 10]]]), torch.tensor([[[1.0, 2, 3]]]), stride=2).tolist()
        [[[1.0, 2.0, 13.0, 20.0, 30.0]]]
    """
    axes = check_pair(inputs, weight)
    check_finite(weight, "weight")
    _check_transposed_channels(inputs.shape[1], weight.shape[0], groups)
    strides, gaps = per_axis(stride, axes, name="stride"), per_axis(dilation, axes, name="dilation")
    more = per_axis(output_padding, axes, name="output_padding", smallest=0)
    kernel_size = tuple(weight.shape[2:])
    sides = resolve_padding(padding, kernel_size, dilation=gaps)
    result = tuple(
        transposed_size(size, kernel, stride=step, padding=ends, dilation=gap, output_padding=extra)
        for size, kernel, step, ends, gap, extra in zip(
            inputs.shape[2:], kernel_size, strides, sides, gaps, more, strict=True
        )
    )
    frame = tuple(min(ends) for ends in sides)
    spread = _TRANSPOSED[axes](inputs, weight, None, strides, frame, more, groups, gaps)
    for axis, (least, (before, _), side) in enumerate(zip(frame, sides, result, strict=True), start=2):
        spread = spread.narrow(axis, before - least, side)
    return spread


def depthwise(
    inputs: Float[Tensor, "batch channels *size"],
    weight: Float[Tensor, "filters 1 *kernel"],
    *,
    stride: PerAxis = 1,
    padding: Padding = "valid",
    dilation: PerAxis = 1,
    padding_mode: str = "zeros",
) -> Float[Tensor, "batch filters *result"]:
    """Filter each channel by itself: a cross-correlation with as many groups as channels.

    Args:
        inputs: Lines, maps or volumes.
        weight: One filter for each channel, or as many for each: filter k sees channel k // (filters / channels).
        stride: The step from window to window.
        padding: As for `cross_correlate`.
        dilation: Distance between the kernel's taps.
        padding_mode: zeros, reflect, replicate or circular.

    Returns:
        One map for each filter.

    Raises:
        BadShape: If a filter sees several channels, their number is no multiple of the channels, or as above.
        BadConfig: If a setting is out of its range, a word is unknown, or a number of a weight is not finite.

    Source: Sifre, "Rigid-motion scattering for image classification", thesis, 2014; Howard et al., "MobileNets", arXiv
        1704.04861.

    Example:
        >>> import torch
        >>> depthwise(torch.ones(1, 2, 3), torch.tensor([[[1.0, 1]], [[2.0, 2]]])).tolist()
        [[[2.0, 2.0], [4.0, 4.0]]]
    """
    check_pair(inputs, weight)
    channels, filters = inputs.shape[1], weight.shape[0]
    if weight.shape[1] != 1 or channels < 1 or filters % channels:
        raise BadShape(
            f"got inputs of {channels} channels and a depthwise weight of shape {tuple(weight.shape)}; taken is a "
            f"weight of {max(channels, 1)} filters, or a multiple, with 1 channel each; make it so"
        )
    return cross_correlate(
        inputs,
        weight,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=channels,
        padding_mode=padding_mode,
    )


def pointwise(
    inputs: Float[Tensor, "batch channels *size"], weight: Float[Tensor, "filters channels *ones"]
) -> Float[Tensor, "batch filters *size"]:
    """Mix the channels of each pixel, blind to its neighbours: the 1×1 convolution.

    Args:
        inputs: Lines, maps or volumes.
        weight: For each filter a weight for each channel, and kernels of one pixel: (filters, channels, 1, …).

    Returns:
        One map for each filter, of the inputs' size.

    Raises:
        BadShape: If the kernel has more pixels than one, or the channels are others.
        BadConfig: If a number of the weight is not finite.

    Source: Lin et al., "Network in network", arXiv 1312.4400.

    Example:
        >>> import torch
        >>> pointwise(torch.tensor([[[1.0, 2], [10, 20]]]), torch.tensor([[[1.0], [1]], [[0], [3]]])).tolist()
        [[[11.0, 22.0], [30.0, 60.0]]]
    """
    if weight.ndim < 3 or any(side != 1 for side in weight.shape[2:]):
        raise BadShape(
            f"got a pointwise weight of shape {tuple(weight.shape)}; taken are kernels of one pixel, (filters, "
            "channels, 1, …); for a matrix use weight[:, :, None, None], for larger kernels cross_correlate"
        )
    return cross_correlate(inputs, weight)


def separable(
    inputs: Float[Tensor, "batch channels *size"],
    depthwise_weight: Float[Tensor, "between 1 *kernel"],
    pointwise_weight: Float[Tensor, "filters between *ones"],
    *,
    stride: PerAxis = 1,
    padding: Padding = "valid",
    dilation: PerAxis = 1,
    padding_mode: str = "zeros",
) -> Float[Tensor, "batch filters *result"]:
    """Filter each channel by itself, then mix the channels of each pixel.

    Against a dense convolution it takes 1 / filters + 1 / f² of the multiply-adds, for a square kernel of side f.

    Args:
        inputs: Lines, maps or volumes.
        depthwise_weight: As for `depthwise`.
        pointwise_weight: As for `pointwise`, on the maps between.
        stride: The step from window to window, in the depthwise part.
        padding: As for `cross_correlate`.
        dilation: Distance between the kernel's taps.
        padding_mode: zeros, reflect, replicate or circular.

    Returns:
        One map for each pointwise filter.

    Raises:
        BadShape: If the weights do not fit the inputs or each other.
        BadConfig: If a setting is out of its range, a word is unknown, or a number of a weight is not finite.

    Source: Howard et al. 2017, section 3.1.

    Example:
        >>> import torch
        >>> separable(torch.ones(1, 2, 3), torch.ones(2, 1, 2), torch.ones(1, 2, 1)).tolist()
        [[[4.0, 4.0]]]
    """
    between = depthwise(
        inputs, depthwise_weight, stride=stride, padding=padding, dilation=dilation, padding_mode=padding_mode
    )
    return pointwise(between, pointwise_weight)


def _check_transposed_channels(channels: int, weight_channels: int, groups: int) -> None:
    per_axis(groups, 1, name="groups")
    if channels != weight_channels:
        raise BadShape(
            f"got inputs of {channels} channels and a weight for {weight_channels}; taken is (channels, filters / "
            "groups, …); if the filters come first, use weight.transpose(0, 1)"
        )
    if channels % groups:
        divisors = ", ".join(str(number) for number in range(1, channels + 1) if channels % number == 0)
        raise BadShape(f"got {channels} channels in {groups} groups; taken are groups that divide them; use {divisors}")
