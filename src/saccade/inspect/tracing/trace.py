"""A trace: the steps of an operation, number by number.

A new trace is one file in `inspect.traces`, which makes these values; text, drawings and pages come by themselves.

Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from saccade.inspect.tracing.panels import Panel, plain


@dataclass(frozen=True)
class Step:
    """One step.

    Args:
        title: A few words.
        panels: Rows of panels; those of a row stand beside each other.
        text: What happens, in a sentence or two.

    Source: ours.
    """

    title: str
    panels: tuple[tuple[Panel, ...], ...]
    text: str = ""


@dataclass(frozen=True)
class Trace:
    """The steps of an operation, number by number. A notebook shows it as a page to step through.

    Args:
        name: Its name in the catalogue, such as "conv".
        title: A heading.
        about: What the operation does and on what, in a few sentences.
        steps: At least one.
        result: What the operation gives, as plain values.
        source: The paper or the rule that it follows, or "ours".

    Source: ours.

    Example:
        >>> from saccade.inspect.tracing.panels import Formula
        >>> step = Step("halve", ((Formula(("4 / 2 = 2",)),),))
        >>> print(Trace("half", "Halving", "Two equal parts.", (step,), 2.0).to_text())
        Halving
        Two equal parts.
        <BLANKLINE>
        1 of 1 · halve
        <BLANKLINE>
          4 / 2 = 2
    """

    name: str
    title: str
    about: str
    steps: tuple[Step, ...]
    result: Any
    source: str = ""

    def to_dict(self) -> dict[str, Any]:
        """Give everything as plain values that JSON can hold; each panel says its kind, a picture is base64."""
        return plain(self)

    def to_text(self, width: int = 100, *, colour: bool = False) -> str:
        """Write the steps below each other.

        Args:
            width: Columns of the terminal; panels that do not fit beside each other go below.
            colour: Mark cells by terminal colours as well as by brackets.

        Returns:
            Lines of text: [ ] is what is looked at, ( ) what was written just now, < > what decided.

        Source: ours.
        """
        from saccade.inspect.tracing.text import write_text

        return write_text(self, width, colour)

    def to_svg(self, frames: int = 6, *, columns: int = 2) -> str:
        """Draw some of the steps as one picture.

        Args:
            frames: How many steps at most, the first and the last among them.
            columns: How many stand beside each other.

        Returns:
            An SVG document that is light or dark as the reader prefers.

        Raises:
            BadConfig: If a number is below 1.

        Source: ours.
        """
        from saccade.inspect.tracing.svg import draw_strip

        return draw_strip(self, frames, columns)

    def to_html(self) -> str:
        """Lay out a page to step through: one file that asks nothing of the network.

        Returns:
            The page; without a script all steps stand below each other.

        Source: ours.
        """
        from saccade.inspect.tracing.html import write_page

        return write_page(self)

    def _repr_html_(self) -> str:
        from saccade.inspect.tracing.html import write_frame

        return write_frame(self)
