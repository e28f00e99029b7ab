"""The arithmetic of networks: output sizes, `same` padding, parameters and multiply-adds, in whole numbers.

A size here is one side in pixels; height and width are two calls. A kernel is an int (square) or (height, width).

Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", arXiv 1603.07285.
"""

from __future__ import annotations

from saccade.errors import BadShape


def output_size(
    size: int,
    kernel_size: int,
    *,
    stride: int = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> int:
    """Compute one side of what a convolution or a pooling gives: floor((n + 2p − f) / s) + 1.

    Args:
        size: One side of the input, n, in pixels.
        kernel_size: The same side of the kernel, f.
        stride: The step, s.
        padding: Pixels added on each end, p, or (before, after).
        dilation: Distance between the kernel's taps; the kernel then covers dilation · (f − 1) + 1 pixels.
        ceil_mode: Let a last window hang over the end, as PyTorch's pooling does: it must start inside the input.

    Returns:
        One side of the output, at least 1.

    Raises:
        BadShape: If the kernel does not fit into the padded input, or a number is out of its range.

    Source: Dumoulin & Visin 2016, relations 6 and 15.

    Example:
        >>> output_size(37, 5, stride=2)
        17
    """
    before, after = padding if isinstance(padding, tuple) else (padding, padding)
    if min(size, kernel_size, stride, dilation) < 1 or min(before, after) < 0:
        raise BadShape(
            f"got size {size}, kernel {kernel_size}, stride {stride}, padding {before} + {after}, dilation {dilation}; "
            "taken are whole numbers ≥ 1 (padding ≥ 0); change the one that is smaller"
        )
    span = dilation * (kernel_size - 1) + 1
    room = size + before + after - span
    if room < 0:
        raise BadShape(
            f"got a kernel that covers {span} pixels on {size} + {before + after} of padding; "
            f"taken is a kernel that fits; use a size of {span - before - after} or more, or a smaller kernel"
        )
    steps = -(-room // stride) if ceil_mode else room // stride
    if ceil_mode and steps * stride >= size + before:
        steps -= 1
    return steps + 1


def same_padding(kernel_size: int, *, dilation: int = 1) -> tuple[int, int]:
    """Compute the padding that keeps the size at stride 1, and gives ceil(n / s) at any stride s.

    The total is dilation · (f − 1). Where that is odd (an even kernel) the larger half comes after, as in PyTorch.

    Args:
        kernel_size: One side of the kernel, f.
        dilation: Distance between the kernel's taps.

    Returns:
        (before, after): the floor and the ceiling of half the total.

    Raises:
        BadShape: If a number is below 1.

    Source: Dumoulin & Visin 2016, relation 3; the split is PyTorch's `padding="same"`.

    Example:
        >>> same_padding(3), same_padding(4)
        ((1, 1), (1, 2))
    """
    if min(kernel_size, dilation) < 1:
        raise BadShape(
            f"got kernel {kernel_size} and dilation {dilation}; taken are whole numbers ≥ 1; change the smaller one"
        )
    total = dilation * (kernel_size - 1)
    return total // 2, total - total // 2


def convolution_parameters(
    in_channels: int, out_channels: int, kernel_size: int | tuple[int, int], *, groups: int = 1, bias: bool = True
) -> int:
    """Count the parameters of a convolution: f · f · channels / groups · filters, and one bias a filter.

    Args:
        in_channels: Channels of the input.
        out_channels: Filters.
        kernel_size: The kernel.
        groups: Each filter sees in_channels / groups channels.
        bias: Whether each filter has one.

    Returns:
        Weights and biases together.

    Raises:
        BadShape: If a number is below 1, or the groups do not divide the channels.

    Source: the notes' f · f · n_prev · n + n.

    Example:
        >>> convolution_parameters(3, 10, 3)
        280
    """
    height, width = _pair(kernel_size)
    _check_channels(in_channels, out_channels, groups)
    return height * width * (in_channels // groups) * out_channels + out_channels * bias


def dense_parameters(in_features: int, out_features: int, *, bias: bool = True) -> int:
    """Count the parameters of a dense layer.

    Args:
        in_features: Numbers that go in.
        out_features: Units.
        bias: Whether each unit has one.

    Returns:
        Weights and biases together.

    Raises:
        BadShape: If a number is below 1.

    Source: a matrix and a vector.

    Example:
        >>> dense_parameters(3000 * 3000 * 3, 1000, bias=False)
        27000000000
    """
    return convolution_parameters(in_features, out_features, 1, bias=bias)


def convolution_macs(
    in_channels: int, out_channels: int, kernel_size: int | tuple[int, int], *, output: tuple[int, int], groups: int = 1
) -> int:
    """Count the multiply-adds of a convolution: elements of the output × weights of one filter; biases are not counted.

    Args:
        in_channels: Channels of the input.
        out_channels: Filters.
        kernel_size: The kernel.
        output: (height, width) of the output.
        groups: Each filter sees in_channels / groups channels.

    Returns:
        Multiply-adds (MACs) for one image; FLOPs are twice as many.

    Raises:
        BadShape: If a number is below 1, or the groups do not divide the channels.

    Source: the notes' "output elements × filter elements".

    Example:
        >>> convolution_macs(192, 32, 5, output=(28, 28))
        120422400
    """
    height, width = _pair(output)
    return convolution_parameters(in_channels, out_channels, kernel_size, groups=groups, bias=False) * height * width


def dense_macs(in_features: int, out_features: int) -> int:
    """Count the multiply-adds of a dense layer: one for each weight.

    Args:
        in_features: Numbers that go in.
        out_features: Units.

    Returns:
        Multiply-adds (MACs) for one image; FLOPs are twice as many.

    Raises:
        BadShape: If a number is below 1.

    Source: a matrix times a vector.

    Example:
        >>> dense_macs(1960, 10)
        19600
    """
    return dense_parameters(in_features, out_features, bias=False)


def _pair(sides: int | tuple[int, int]) -> tuple[int, int]:
    height, width = sides if isinstance(sides, tuple) else (sides, sides)
    if min(height, width) < 1:
        raise BadShape(f"got a height and width of {(height, width)}; taken are whole numbers ≥ 1; change the smaller")
    return height, width


def _check_channels(in_channels: int, out_channels: int, groups: int) -> None:
    if min(in_channels, out_channels, groups) < 1 or in_channels % groups or out_channels % groups:
        raise BadShape(
            f"got {in_channels} channels in, {out_channels} out, {groups} groups; "
            "taken are whole numbers ≥ 1, both channels multiples of the groups; change the groups"
        )
