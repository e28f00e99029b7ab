"""A file that could not be used, named and set aside while the job goes on."""

from __future__ import annotations

from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class BadFile:
    """A file that could not be used.

    Args:
        key: Which one.
        reason: Why, in the words of the error.

    Source: ours.
    """

    key: str
    reason: str

    def to_dict(self) -> dict[str, str]:
        """Give plain values that JSON can hold."""
        return asdict(self)
