"""Sizes as people write them: 28, 28x30, 28x28x192; and bytes and large numbers as people read them."""

from __future__ import annotations

import argparse
import re

_LARGEST = 1_000_000


def volume(text: str) -> tuple[int, ...]:
    """Read a size, as the `type` of an argument.

    Args:
        text: A side, height x width, or height x width x channels; "x", "×" and "*" are one.

    Returns:
        One to three numbers.

    Raises:
        ArgumentTypeError: If it is none; argparse names the argument.

    Source: ours.

    Example:
        >>> volume("28x28x192"), volume("39")
        ((28, 28, 192), (39,))
    """
    words = re.split("[x×*]", text.lower())
    if not 1 <= len(words) <= 3 or not all(re.fullmatch("[0-9]{1,7}", word) for word in words):
        raise argparse.ArgumentTypeError(
            f"got {text!r}; taken is a side, height x width, or height x width x channels, such as 28, 28x30, 28x28x192"
        )
    sides = tuple(map(int, words))
    if min(sides) < 1 or max(sides) > _LARGEST:
        raise argparse.ArgumentTypeError(f"got {text!r}; taken are whole numbers from 1 to {_LARGEST:,}")
    return sides


def whole_volume(sides: tuple[int, ...]) -> tuple[int, int, int]:
    """Fill in what was left out: the width is the height, and there are three channels.

    Args:
        sides: As `volume` gives them.

    Returns:
        (height, width, channels).

    Source: ours.

    Example:
        >>> whole_volume((28,)), whole_volume((28, 30))
        ((28, 28, 3), (28, 30, 3))
    """
    height, width, channels = (*sides, *(sides[0], 3)[len(sides) - 1 :])
    return height, width, channels


def in_bytes(number: int) -> str:
    """Write a number of bytes for people.

    Args:
        number: Bytes.

    Returns:
        Such as "602 KB": thousands, as disks and memory are sold in.

    Source: ours.

    Example:
        >>> in_bytes(602_112), in_bytes(108_000_000_000), in_bytes(40)
        ('602 KB', '108 GB', '40 B')
    """
    value, unit = float(number), "B"
    for larger in ("KB", "MB", "GB", "TB", "PB"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:.0f} {unit}" if unit == "B" or value >= 99.95 else f"{value:.3g} {unit}"


def in_thousands(number: int) -> str:
    """Write a large number for people, with three digits.

    Args:
        number: Of anything.

    Returns:
        Such as "4.09 G": K for thousands, M for millions, G for thousands of millions.

    Source: ours.

    Example:
        >>> in_thousands(4_089_184_256), in_thousands(416_520), in_thousands(19_632_062_464), in_thousands(7)
        ('4.09 G', '417 K', '19.6 G', '7')
    """
    value, unit = float(number), ""
    for larger in ("K", "M", "G", "T"):
        if value < 999.5:
            break
        value, unit = value / 1000, larger
    return f"{value:#.3g} {unit}".replace(". ", " ") if unit else str(number)
