"""The arithmetic of sizes, in whole numbers: what a convolution, a pooling or a transposed convolution gives; padding.

A size here is one side in pixels; height and width are two calls. What things cost is in `saccade.ops.costs`.

Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", arXiv 1603.07285.
"""

from __future__ import annotations

from saccade.errors import BadShape, UnknownName

PADDINGS = ("valid", "same", "full")


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
    before, after = _check(size, kernel_size, stride, dilation, padding)
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


def strided_same_padding(size: int, kernel_size: int, *, stride: int = 1, dilation: int = 1) -> tuple[int, int]:
    """Compute the least padding that gives ceil(n / s) at one size: TensorFlow's `same`.

    `same_padding` gives ceil(n / s) too, with the padding of stride 1, whatever the size. The two differ in where the
    windows lie as soon as the stride is above 1: pick the one that the weights were trained with.

    Args:
        size: One side of the input, n, in pixels.
        kernel_size: The same side of the kernel, f.
        stride: The step, s.
        dilation: Distance between the kernel's taps.

    Returns:
        (before, after): the floor and the ceiling of half of what is needed.

    Raises:
        BadShape: If a number is below 1.

    Source: TensorFlow's guide to convolutions and padding.

    Example:
        >>> strided_same_padding(224, 3, stride=2), same_padding(3)
        ((0, 1), (1, 1))
    """
    _check(size, kernel_size, stride, dilation)
    total = max(0, (-(-size // stride) - 1) * stride + dilation * (kernel_size - 1) + 1 - size)
    return total // 2, total - total // 2


def full_padding(kernel_size: int, *, dilation: int = 1) -> tuple[int, int]:
    """Compute the padding at which every window that touches the input counts: it gives n + f − 1.

    Args:
        kernel_size: One side of the kernel, f.
        dilation: Distance between the kernel's taps.

    Returns:
        (before, after): dilation · (f − 1) each.

    Raises:
        BadShape: If a number is below 1.

    Source: Dumoulin & Visin 2016, relation 4.

    Example:
        >>> output_size(5, 3, padding=full_padding(3))
        7
    """
    _check(1, kernel_size, 1, dilation)
    total = dilation * (kernel_size - 1)
    return total, total


def named_padding(padding: str | int | tuple[int, int], kernel_size: int, *, dilation: int = 1) -> tuple[int, int]:
    """Turn a word for padding into pixels.

    Args:
        padding: "valid" (none), "same" (the size stays at stride 1), "full" (every window that touches the input),
            pixels on each end, or (before, after).
        kernel_size: One side of the kernel.
        dilation: Distance between the kernel's taps.

    Returns:
        (before, after).

    Raises:
        UnknownName: If there is no such word.
        BadShape: If a number is out of its range.

    Source: ours.

    Example:
        >>> named_padding("same", 4), named_padding("full", 3), named_padding(1, 3)
        ((1, 2), (2, 2), (1, 1))
    """
    if isinstance(padding, tuple):
        return padding
    if isinstance(padding, int):
        return padding, padding
    if padding not in PADDINGS:
        raise UnknownName("padding", padding, PADDINGS)
    solvers = {"same": same_padding, "full": full_padding}
    return solvers[padding](kernel_size, dilation=dilation) if padding in solvers else (0, 0)


def transposed_size(
    size: int,
    kernel_size: int,
    *,
    stride: int = 1,
    padding: int | tuple[int, int] = 0,
    dilation: int = 1,
    output_padding: int = 0,
) -> int:
    """Compute one side of what a transposed convolution gives: (n − 1) · s + f − 2p + the output padding.

    It is the size from which a convolution of the same numbers comes back to n; where several do, the smallest, and
    `output_padding` picks another.

    Args:
        size: One side of the input, n, in pixels.
        kernel_size: The same side of the kernel, f.
        stride: The step of the convolution that it transposes, s.
        padding: Pixels that convolution adds on each end, p, or (before, after): this one takes them off.
        dilation: Distance between the kernel's taps; the kernel then covers dilation · (f − 1) + 1 pixels.
        output_padding: Pixels more at the end, fewer than the stride or the dilation.

    Returns:
        One side of the output, at least 1.

    Raises:
        BadShape: If nothing is left, or a number is out of its range.

    Source: Dumoulin & Visin 2016, relation 14.

    Example:
        >>> transposed_size(17, 5, stride=2), output_size(37, 5, stride=2)
        (37, 17)
    """
    before, after = _check(size, kernel_size, stride, dilation, padding)
    if not 0 <= output_padding < max(stride, dilation):
        raise BadShape(
            f"got an output padding of {output_padding} at stride {stride} and dilation {dilation}; "
            "taken is 0, or less than the larger of the two; choose a smaller one"
        )
    given = (size - 1) * stride + dilation * (kernel_size - 1) + 1 - before - after + output_padding
    if given < 1:
        raise BadShape(
            f"got a padding of {before} + {after} to take off, which leaves {given} pixels; "
            "taken is one that leaves at least 1; use a smaller padding"
        )
    return given


def _check(
    size: int, kernel_size: int, stride: int, dilation: int, padding: int | tuple[int, int] = 0
) -> tuple[int, int]:
    """Refuse numbers out of range; give the padding before and after."""
    before, after = padding if isinstance(padding, tuple) else (padding, padding)
    if min(size, kernel_size, stride, dilation) < 1 or min(before, after) < 0:
        raise BadShape(
            f"got size {size}, kernel {kernel_size}, stride {stride}, padding {before} + {after}, dilation {dilation}; "
            "taken are whole numbers ≥ 1 (padding ≥ 0); change the one that is smaller"
        )
    return before, after
