"""The arithmetic of sizes written out: the formula with its numbers filled in, as on a sheet of homework.

Source: Dumoulin & Visin, "A guide to convolution arithmetic for deep learning", arXiv 1603.07285.
"""

from __future__ import annotations

from typing import NamedTuple

from saccade.ops.arithmetic import named_padding, output_size, transposed_size


class WorkedSize(NamedTuple):
    """One side of a layer's output, and how it comes about.

    Args:
        size: One side of the output.
        padding: Pixels added (or, when transposed, taken off) before and after.
        formula: The formula with its numbers, which ends in the size.

    Source: ours.
    """

    size: int
    padding: tuple[int, int]
    formula: str


def worked_size(
    size: int,
    kernel_size: int,
    *,
    stride: int = 1,
    padding: str | int | tuple[int, int] = 0,
    dilation: int = 1,
    ceil_mode: bool = False,
) -> WorkedSize:
    """Work out one side of what a convolution or a pooling gives.

    Args:
        size: One side of the input.
        kernel_size: The same side of the kernel.
        stride: The step.
        padding: As `named_padding` takes it.
        dilation: Distance between the kernel's taps.
        ceil_mode: As for `output_size`.

    Returns:
        The size, the padding and the formula.

    Raises:
        UnknownName: If the padding is a word that means nothing.
        BadShape: If the kernel does not fit, or a number is out of its range.

    Source: Dumoulin & Visin 2016, relations 6 and 15.

    Example:
        >>> worked_size(39, 3).formula
        'floor((39 + 0 − 3) / 1) + 1 = 37'
        >>> worked_size(28, 5, padding="same").formula
        'floor((28 + 2·2 − 5) / 1) + 1 = 28'
    """
    pads = named_padding(padding, kernel_size, dilation=dilation)
    given = output_size(size, kernel_size, stride=stride, padding=pads, dilation=dilation, ceil_mode=ceil_mode)
    rounding = "ceil" if ceil_mode else "floor"
    room = size + sum(pads) - dilation * (kernel_size - 1) - 1
    dropped = ceil_mode and given < -(-room // stride) + 1
    last = " − 1, as the last window would begin behind the input" if dropped else ""
    formula = f"{rounding}(({size} + {_sum(pads)} − {_span(kernel_size, dilation)}) / {stride}) + 1{last} = {given}"
    return WorkedSize(given, pads, formula)


def worked_transposed_size(
    size: int,
    kernel_size: int,
    *,
    stride: int = 1,
    padding: str | int | tuple[int, int] = 0,
    dilation: int = 1,
    output_padding: int = 0,
) -> WorkedSize:
    """Work out one side of what a transposed convolution gives.

    Args:
        size: One side of the input.
        kernel_size: The same side of the kernel.
        stride: The step of the convolution that it transposes.
        padding: That convolution's, as `named_padding` takes it: it is taken off here.
        dilation: Distance between the kernel's taps.
        output_padding: Pixels more at the end.

    Returns:
        The size, the padding and the formula.

    Raises:
        UnknownName: If the padding is a word that means nothing.
        BadShape: If nothing is left, or a number is out of its range.

    Source: Dumoulin & Visin 2016, relation 14.

    Example:
        >>> worked_transposed_size(17, 5, stride=2).formula
        '(17 − 1)·2 + 5 − 0 = 37'
    """
    pads = named_padding(padding, kernel_size, dilation=dilation)
    given = transposed_size(
        size, kernel_size, stride=stride, padding=pads, dilation=dilation, output_padding=output_padding
    )
    taken = _sum(pads) if pads[0] == pads[1] else f"({_sum(pads)})"
    more = f" + {output_padding}" if output_padding else ""
    return WorkedSize(given, pads, f"({size} − 1)·{stride} + {_span(kernel_size, dilation)} − {taken}{more} = {given}")


def _sum(pads: tuple[int, int]) -> str:
    before, after = pads
    return (f"2·{before}" if before else "0") if before == after else f"{before} + {after}"


def _span(kernel_size: int, dilation: int) -> str:
    return str(kernel_size) if dilation == 1 else f"({dilation}·({kernel_size} − 1) + 1)"
