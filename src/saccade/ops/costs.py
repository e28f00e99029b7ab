"""What convolutions and dense layers cost: parameters, multiply-adds and FLOPs, in whole numbers.

A kernel is an int (square) or (height, width). A multiply-add (MAC) is one product and the addition that takes it up;
FLOPs count the two apart, so there are twice as many. Neither is ever called the other here.

Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", arXiv 1603.07285.
"""

from __future__ import annotations

from saccade.errors import BadShape


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


def transposed_macs(
    in_channels: int, out_channels: int, kernel_size: int | tuple[int, int], *, inputs: tuple[int, int], groups: int = 1
) -> int:
    """Count the multiply-adds of a transposed convolution: every pixel of the *input* meets every weight once.

    Its parameters are those of `convolution_parameters`.

    Args:
        in_channels: Channels of the input.
        out_channels: Filters.
        kernel_size: The kernel.
        inputs: (height, width) of the input.
        groups: Each filter sees in_channels / groups channels.

    Returns:
        Multiply-adds (MACs) for one image; FLOPs are twice as many.

    Raises:
        BadShape: If a number is below 1, or the groups do not divide the channels.

    Source: ours; it is the cost of the convolution that it transposes.

    Example:
        >>> transposed_macs(64, 32, 2, inputs=(28, 28)) == convolution_macs(32, 64, 2, output=(28, 28))
        True
    """
    return convolution_macs(in_channels, out_channels, kernel_size, output=inputs, groups=groups)


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


def flops(macs: int) -> int:
    """Turn multiply-adds into FLOPs: a product and an addition each.

    Args:
        macs: Multiply-adds.

    Returns:
        Floating-point operations, twice as many.

    Source: the definition; the first addition of each sum, to nothing, is counted too, as PyTorch's FlopCounter does.

    Example:
        >>> flops(convolution_macs(192, 32, 5, output=(28, 28)))
        240844800
    """
    return 2 * macs


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
