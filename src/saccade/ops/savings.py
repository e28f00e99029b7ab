"""What is saved by a bottleneck, a separable convolution and a stack of small kernels, in closed form.

Costs are multiply-adds (MACs) for one image; FLOPs are twice as many. Biases are not counted.

The rewrites themselves, layer by layer, are in `saccade.ops.rewrites`.

Source: Szegedy et al., "Going deeper with convolutions", arXiv 1409.4842 (bottleneck); Howard et al., "MobileNets",
arXiv 1704.04861 (separable); Simonyan & Zisserman, arXiv 1409.1556, section 2.3 (small kernels).
"""

from __future__ import annotations

from saccade.errors import BadShape
from saccade.ops.costs import convolution_macs, convolution_parameters


def bottleneck_macs(
    in_channels: int,
    middle_channels: int,
    out_channels: int,
    kernel_size: int | tuple[int, int],
    *,
    output: tuple[int, int],
) -> tuple[int, int]:
    """Count the multiply-adds of a convolution behind a 1×1 that narrows its input.

    Args:
        in_channels: Channels of the input.
        middle_channels: Filters of the 1×1.
        out_channels: Filters of the convolution.
        kernel_size: Its kernel; it keeps the size.
        output: (height, width) of input and output alike.

    Returns:
        Of the 1×1, and of the convolution.

    Raises:
        BadShape: If a number is below 1.

    Source: Szegedy et al. 2014, section 4.

    Example:
        >>> bottleneck_macs(192, 16, 32, 5, output=(28, 28))
        (2408448, 10035200)
    """
    narrow = convolution_macs(in_channels, middle_channels, 1, output=output)
    return narrow, convolution_macs(middle_channels, out_channels, kernel_size, output=output)


def separable_macs(
    in_channels: int, out_channels: int, kernel_size: int | tuple[int, int], *, output: tuple[int, int]
) -> tuple[int, int]:
    """Count the multiply-adds of a depthwise separable convolution.

    Args:
        in_channels: Channels of the input.
        out_channels: Filters of the pointwise convolution.
        kernel_size: The depthwise kernel.
        output: (height, width) of the output.

    Returns:
        Of the depthwise convolution, and of the pointwise one.

    Raises:
        BadShape: If a number is below 1.

    Source: Howard et al. 2017, section 3.1.

    Example:
        >>> separable_macs(512, 512, 3, output=(14, 14))
        (903168, 51380224)
    """
    depthwise = convolution_macs(in_channels, in_channels, kernel_size, output=output, groups=in_channels)
    return depthwise, convolution_macs(in_channels, out_channels, 1, output=output)


def separable_ratio(filters: int, kernel_size: int | tuple[int, int]) -> float:
    """Compute what a separable convolution costs, as a share of the dense one: 1 / n_f + 1 / f².

    It depends on the *output* filters and the kernel, on neither the input's channels nor its size. It is a ratio of
    costs: 0.115 means 8.7 times fewer multiply-adds.

    Args:
        filters: Of the output, n_f.
        kernel_size: One side of the square kernel, f, or (height, width).

    Returns:
        The share; above 1 where the rewrite costs more, as for a 1×1.

    Raises:
        BadShape: If a number is below 1.

    Source: Howard et al. 2017, section 3.1.

    Example:
        >>> round(separable_ratio(512, 3), 4), round(separable_ratio(256, 3), 4)
        (0.1131, 0.115)
    """
    taps = convolution_parameters(1, filters, kernel_size, bias=False) // filters
    return 1 / filters + 1 / taps


def kernels_for(kernel_size: int, small: int = 3) -> int:
    """Count the small kernels in a row that see as much as one large one.

    Args:
        kernel_size: One side of the large kernel.
        small: One side of each small one.

    Returns:
        How many: two of 3 for 5, three of 3 for 7.

    Raises:
        BadShape: If no whole number of them sees exactly as much.

    Source: Simonyan & Zisserman 2014, section 2.3.

    Example:
        >>> kernels_for(5), kernels_for(7)
        (2, 3)
    """
    if small < 2 or kernel_size < small or (kernel_size - 1) % (small - 1):
        raise BadShape(
            f"got a kernel of {kernel_size} for kernels of {small}; taken is a kernel of 1 plus a multiple of "
            f"{max(1, small - 1)}, from {max(2, small)} on; choose another"
        )
    return (kernel_size - 1) // (small - 1)


def stacked_weights(channels: int, kernel_size: int, small: int = 3) -> tuple[int, int]:
    """Count the weights of a stack of small kernels, and of the one large kernel that sees as much.

    The multiply-adds of layers that keep the size stand in the same ratio.

    Args:
        channels: In and out of every layer, C.
        kernel_size: One side of the large kernel.
        small: One side of each small one.

    Returns:
        (stack, large), without biases: 27C² and 49C² for three 3×3 against one 7×7.

    Raises:
        BadShape: If no whole number of small kernels sees exactly as much, or there are no channels.

    Source: Simonyan & Zisserman 2014, section 2.3.

    Example:
        >>> stacked_weights(64, 7), stacked_weights(64, 5)
        ((110592, 200704), (73728, 102400))
    """
    each = convolution_parameters(channels, channels, small, bias=False)
    return kernels_for(kernel_size, small) * each, convolution_parameters(channels, channels, kernel_size, bias=False)
