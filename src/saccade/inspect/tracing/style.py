"""The colours of a trace, light and dark, for its page and its drawings alike.

Source: ours.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

TEMPLATES = Path(__file__).parent / "templates"
_FONTS = {
    "sans": 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", '
    '"Liberation Sans", Arial, sans-serif',
    "serif": '"Iowan Old Style", "Palatino Linotype", Palatino, Charter, Georgia, "Noto Serif", '
    '"Liberation Serif", serif',
    "mono": 'ui-monospace, "SF Mono", "Cascadia Mono", Menlo, Consolas, "Liberation Mono", '
    '"DejaVu Sans Mono", monospace',
}
_LIGHT = {
    "paper": "#fbfaf7", "raised": "#ffffff", "sunken": "#efede7", "ink": "#1c2126", "faint": "#5a636d",
    "line": "#dedbd3", "accent": "#1c5f8c", "mark": "#c21e66", "kept": "#1a7f37",
}  # fmt: skip
_DARK = {
    "paper": "#14171a", "raised": "#1b1f23", "sunken": "#242a30", "ink": "#e9e6df", "faint": "#a0a9b2",
    "line": "#3a424a", "accent": "#7cbce6", "mark": "#ff7eb6", "kept": "#62c37b",
}  # fmt: skip
_POSITIVE, _NEGATIVE = ("#2f86be", "#3b8fc6"), ("#d9682a", "#d06a31")  # in the light, in the dark
_STRENGTHS = (0.12, 0.22, 0.33, 0.44, 0.56, 0.68)


@cache
def colours(dark: bool) -> dict[str, str]:
    """List the colours by name.

    Args:
        dark: For a dark page.

    Returns:
        Names without "--" and their values: plain ones, and p1 to p6 and m1 to m6 for numbers above and below zero.

    Source: ours.

    Example:
        >>> colours(False)["paper"]
        '#fbfaf7'
    """
    plain = _DARK if dark else _LIGHT
    shades = {
        f"{letter}{level}": _mix(tones[dark], plain["paper"], share if not dark else 0.92 * share)
        for letter, tones in (("p", _POSITIVE), ("m", _NEGATIVE))
        for level, share in enumerate(_STRENGTHS, 1)
    }
    return {**_FONTS, **plain, **shades}


@cache
def panel_rules() -> str:
    """Give the rules of the panels, whose colours are variables.

    Returns:
        CSS.

    Source: ours.
    """
    return (TEMPLATES / "panels.css").read_text(encoding="utf-8")


def fixed_rules(rules: str) -> str:
    """Put the colours into rules, for a drawing that stands by itself; once for the light, once for the dark.

    Args:
        rules: CSS with variables.

    Returns:
        CSS without them, since not every viewer of drawings knows variables.

    Source: ours.

    Example:
        >>> fixed_rules("p { color: var(--ink); }").count("color: #")
        2
    """
    light, dark = (_filled(rules, colours(shade)) for shade in (False, True))
    changed = [line for line in dark.splitlines() if line not in light]
    return light + "@media (prefers-color-scheme: dark) {\n" + "\n".join(changed) + "\n}\n"


def variables(dark: bool) -> str:
    """Declare the colours as variables.

    Args:
        dark: For a dark page.

    Returns:
        Declarations for one CSS rule.

    Source: ours.
    """
    return " ".join(f"--{name}: {value};" for name, value in colours(dark).items())


def _filled(rules: str, table: dict[str, str]) -> str:
    return re.sub(r"var\(--(\w+)\)", lambda match: table[match[1]], rules)


def _mix(colour: str, ground: str, share: float) -> str:
    pairs = zip(bytes.fromhex(colour[1:]), bytes.fromhex(ground[1:]), strict=True)
    return "#" + bytes(round(share * top + (1 - share) * below) for top, below in pairs).hex()
