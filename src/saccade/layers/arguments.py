"""The door of the blocks: what no block can be made of is refused here, in words.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Real

from saccade.errors import BadConfig
from saccade.ops.operands import check_groups


def check_counts(block: str, counts: Mapping[str, int]) -> None:
    """Refuse numbers of channels, strides, ratios … that are no whole numbers above 0; all wrong ones are listed.

    Args:
        block: What is being made, for the message.
        counts: Each number by the name of its argument.

    Raises:
        BadConfig: If one is no whole number of 1 or more.

    Example:
        >>> check_counts("Fire", {"in_channels": 96, "squeeze_channels": 16})
    """
    wrong = [f"{name}={count!r}" for name, count in counts.items() if type(count) is not int or count < 1]
    if wrong:
        what = "it" if len(wrong) == 1 else "them"
        raise BadConfig(f"got {', '.join(wrong)}; {block} takes whole numbers ≥ 1; change {what}")


def check_odd(block: str, name: str, kernel_size: int) -> None:
    """Refuse a kernel that has no middle, so that padding could not keep the size evenly.

    Args:
        block: What is being made, for the message.
        name: The argument.
        kernel_size: One side of the kernel.

    Raises:
        BadConfig: If it is even, or no whole number of 1 or more.

    Example:
        >>> check_odd("Inception", "largest", 5)
    """
    check_counts(block, {name: kernel_size})
    if kernel_size % 2 == 0:
        raise BadConfig(
            f"got {name}={kernel_size}; {block} takes odd numbers; use {kernel_size - 1} or {kernel_size + 1}"
        )


def check_rate(block: str, name: str, rate: float) -> None:
    """Refuse a rate of dropping that leaves nothing, or is none.

    Args:
        block: What is being made, for the message.
        name: The argument.
        rate: What share is dropped.

    Raises:
        BadConfig: If it is no number in [0, 1).

    Example:
        >>> check_rate("DropPath", "rate", 0.2)
    """
    if not is_number(rate) or not 0 <= rate < 1:
        raise BadConfig(f"got {name}={rate!r}; {block} takes a rate of 0 or more and below 1; use 0 to drop nothing")


def check_flag(block: str, name: str, flag: bool) -> None:
    """Refuse what is neither true nor false, such as the text "no", which would count as true.

    Args:
        block: What is being made, for the message.
        name: The argument.
        flag: True or False.

    Raises:
        BadConfig: If it is neither.

    Example:
        >>> check_flag("densenet121", "recompute", True)
    """
    if not isinstance(flag, bool):
        raise BadConfig(f"got {name}={flag!r}; {block} takes True or False; give one of them")


def check_grouped(block: str, in_channels: int, out_channels: int, groups: int) -> None:
    """Refuse channels that the groups of a convolution do not divide.

    Args:
        block: What is being made, for the message.
        in_channels: Channels of the input.
        out_channels: Filters.
        groups: Parts that both are split into.

    Raises:
        BadConfig: If a number is no whole number of 1 or more.
        BadShape: If the groups do not divide both.

    Example:
        >>> check_grouped("ConvBlock", 8, 12, 4)
    """
    check_counts(block, {"in_channels": in_channels, "out_channels": out_channels, "groups": groups})
    check_groups(in_channels, out_channels, groups=groups, filter_channels=in_channels // groups)


def is_number(value: object) -> bool:
    """Tell numbers that can be compared with others from all else; True and False are none.

    Args:
        value: Anything.

    Returns:
        Whether it is one.

    Example:
        >>> is_number(0.5), is_number("0.5"), is_number(True)
        (True, False, False)
    """
    return isinstance(value, Real) and not isinstance(value, bool)
