"""What is asked about an image: the one number that an explanation or an attack follows, and its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from saccade.errors import BadConfig

Side = Literal["", "left", "top", "right", "bottom"]
SIDES = ("left", "top", "right", "bottom")


@dataclass(frozen=True)
class Asked:
    """One number that a network gives for an image.

    Args:
        class_id: Of which class; None where the number is of no class.
        name: How it is called.
        box: Of a detector: about which box, as (x1, y1, x2, y2) in pixels of what the network gets.
        side: Of that box: which side is asked about, instead of whether it is there; "" for that.

    Raises:
        BadConfig: If there is no such side.

    Source: ours.

    Example:
        >>> str(Asked(1, "dog")), str(Asked(1, "dog", (1.0, 2.0, 3.0, 4.0), "left"))
        ('dog', 'left side of dog')
    """

    class_id: int | None
    name: str = ""
    box: tuple[float, float, float, float] | None = None
    side: Side = ""

    def __post_init__(self) -> None:
        if self.side not in ("", *SIDES):
            raise BadConfig(f"got side {self.side!r}; taken are {', '.join(SIDES)}; choose one of them, or none")
        if self.side and self.box is None:
            raise BadConfig(f"got side {self.side!r} without a box; taken is a side of a box; say of which one")

    def __str__(self) -> str:
        name = self.name or ("it" if self.class_id is None else f"class {self.class_id}")
        return f"{self.side} side of {name}" if self.side else name
