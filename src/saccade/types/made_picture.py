"""What a network made of one picture: another picture."""

from __future__ import annotations

import base64
import html
import io
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from jaxtyping import Shaped, UInt8

from saccade.errors import BadData, printable


@dataclass(frozen=True, eq=False, repr=False)
class MadePicture:
    """A picture that a network made of another.

    Args:
        key: Of which picture it was made.
        pixels: Levels in [0, 255].
        kind: What it was made into, such as the name of a kind of pictures, or a style.
        opinion: By how much a critic takes it for real, in [0, 1]; None where there is no critic.
        image: The picture that it was made of, if that was kept.

    Source: ours.

    Example:
        >>> print(MadePicture("a.jpg", np.zeros((2, 3, 3), np.uint8), "zebra", 0.25))
        a.jpg: zebra, 2 × 3 (the critic takes 25 % of it for real)
    """

    key: str
    pixels: UInt8[np.ndarray, "height width channels"]
    kind: str = ""
    opinion: float | None = None
    image: Shaped[np.ndarray, "_ _ _"] | None = field(default=None)

    def to_dict(self) -> dict[str, Any]:
        """Give what is said of the picture as plain values that JSON can hold; not its pixels."""
        opinion = None if self.opinion is None else round(self.opinion, 6)
        return {"key": self.key, "kind": self.kind, "size": list(self.pixels.shape[:2]), "opinion": opinion}

    def __str__(self) -> str:
        height, width = self.pixels.shape[:2]
        told = "" if self.opinion is None else f" (the critic takes {100 * self.opinion:.0f} % of it for real)"
        said = f"{self.kind or 'a picture'}, {height} × {width}{told}"
        return printable(f"{self.key}: {said}" if self.key else said)

    def __repr__(self) -> str:
        return f"<MadePicture {str(self)!r}>"

    def _repr_html_(self) -> str:
        from saccade.types.drawing import as_picture

        buffer = io.BytesIO()
        as_picture(self.pixels).save(buffer, "PNG")
        data = base64.b64encode(buffer.getvalue()).decode()
        caption = f"<figcaption>{html.escape(str(self))}</figcaption>"
        return f'<figure><img src="data:image/png;base64,{data}">{caption}</figure>'


def as_pixels(
    picture: Shaped[np.ndarray, "channels height width"], key: str
) -> UInt8[np.ndarray, "height width channels"]:
    """Turn what a network made into pixels.

    Args:
        picture: In [0, 1]; what lies outside is cut.
        key: Of which picture it was made.

    Returns:
        Levels in [0, 255], rounded.

    Raises:
        BadData: If a number is not finite; the picture is named.

    Source: ours.

    Example:
        >>> as_pixels(np.array([[[0.0, 0.5]], [[1.0, 2.0]]]), "a.jpg").tolist()
        [[[0, 255], [128, 255]]]
    """
    if not np.isfinite(picture).all():
        raise BadData(
            f"got numbers that are not finite for {printable(key) or 'a picture'}; taken are pictures of finite "
            "numbers; look at that image, and at the weights of the network"
        )
    return np.rint(picture.clip(0, 1) * 255).astype(np.uint8).transpose(1, 2, 0)
