"""What is wrong with a file or a label of a data set: one line, with its code and its place."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

Severity = Literal["error", "warning", "note"]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong, or worth knowing, and where.

    Args:
        code: What kind of thing, in words joined by "-", such as "box-outside"; the same for every format.
        message: What it is, lower case.
        file: The file that says so, relative to the data set; "" when it is the picture itself.
        line: Its line, counted from 1; 0 where a file has none.
        key: The sample that it is about; "" when it is about no single one.
        severity: "error": something is left out or cannot be right; "warning": it is used, but look at it; "note".

    Source: ours.

    Example:
        >>> str(Finding("box-outside", "got x2 = 1.2; taken is up to 1", "labels/7.txt", 3))
        'labels/7.txt:3: box-outside: got x2 = 1.2; taken is up to 1'
    """

    code: str
    message: str
    file: str = ""
    line: int = 0
    key: str = ""
    severity: Severity = "error"

    def __str__(self) -> str:
        """One line: place, code, message."""
        place = (self.file or self.key) + (f":{self.line}" if self.line else "")
        return ": ".join(filter(None, (place, self.code, self.message)))

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return asdict(self)
