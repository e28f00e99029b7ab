"""What a format is: a value with two functions. Each file in `formats` makes one for each name in its `__all__`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from saccade.data.splitting import Splitting
from saccade.types.sample import DataSet


@dataclass(frozen=True)
class Format:
    """One form in which data sets come.

    Args:
        about: What it looks like, in a few words that complete "taken are …".
        open: Opens it. Its text is a path for a format that lies on disk; for one that is made on demand it is what
            the user wrote after the name and a colon ("" if nothing).
        recognises: Says whether a path has this form, quickly and without decoding a picture; None for a format that
            is made on demand and only known by its name.

    Source: ours.

    Example:
        >>> from saccade import catalog
        >>> catalog.find("data.formats", "digits")().made
        True
    """

    about: str
    open: Callable[[str, Splitting], DataSet]
    recognises: Callable[[Path], bool] | None = None

    @property
    def made(self) -> bool:
        """Whether it is made on demand rather than read from a path."""
        return self.recognises is None
