"""Numbers as a trace writes them: short, with a true minus sign, and honest about rounding.

Source: ours.
"""

from __future__ import annotations


def number(value: float) -> str:
    """Write a number as short as it can be read: whole numbers whole, others with four digits.

    Args:
        value: Any number.

    Returns:
        Text with a true minus sign and without "-0".

    Source: ours.

    Example:
        >>> number(-3.0), number(1 / 3), number(-0.0), number(12345.6)
        ('−3', '0.3333', '0', '12346')
    """
    if value == round(value) and abs(value) < 1e9:
        return f"{round(value)}".replace("-", "−")
    text = f"{value:.0f}" if 1e4 <= abs(value) < 1e9 else f"{value:.4g}"
    return text.replace("-", "−")


def is_exact(value: float) -> bool:
    """Tell whether `number` writes all of a number.

    Args:
        value: Any number.

    Returns:
        Whether reading the text gives the number back.

    Source: ours.

    Example:
        >>> is_exact(0.25), is_exact(1 / 3)
        (True, False)
    """
    return abs(float(number(value).replace("−", "-")) - value) <= 1e-12 * abs(value)


def equals(value: float) -> str:
    """Write "= 0.25", or "≈ 0.3333" where the text does not hold the whole number.

    Args:
        value: Any number.

    Returns:
        The sign and the number.

    Source: ours.

    Example:
        >>> equals(0.25), equals(1 / 3)
        ('= 0.25', '≈ 0.3333')
    """
    return f"{'=' if is_exact(value) else '≈'} {number(value)}"


def factor(value: float) -> str:
    """Write a number as a factor: in parentheses when it is below zero.

    Args:
        value: Any number.

    Returns:
        The text.

    Source: ours.

    Example:
        >>> factor(-1.0)
        '(−1)'
    """
    return f"({number(value)})" if value < 0 else number(value)
