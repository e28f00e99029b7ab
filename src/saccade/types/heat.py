"""Maps as pictures: heat over a grey picture, and values of channels as colours.

Source: ours.
"""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
from jaxtyping import Float
from PIL import Image

_HIGHEST = 0.995  # the share of a map's places that are not brighter than the brightest colour
_ABOVE, _AGAINST = "inferno", "RdBu_r"


def scaled(heat: Float[np.ndarray, "height width"], *, signed: bool = False) -> Float[np.ndarray, "height width"]:
    """Bring a map to a fixed range, so that a few extreme places do not hide the rest.

    Args:
        heat: Any finite numbers; without a sign, what is below zero counts as zero.
        signed: Whether values below zero mean something.

    Returns:
        In [0, 1], or in [−1, 1] if it is signed. A map of zeros stays so.

    Source: ours.

    Example:
        >>> scaled(np.array([[0.0, 2.0]])).tolist()
        [[0.0, 1.0]]
    """
    heat = heat.astype(np.float64)
    reach = float(np.quantile(np.abs(heat), _HIGHEST)) or float(np.abs(heat).max())
    return np.clip(heat / (reach or 1.0), -1.0 if signed else 0.0, 1.0)


def overlaid(picture: Image.Image, heat: Float[np.ndarray, "height width"], *, signed: bool = False) -> Image.Image:
    """Draw a map over its picture, which is grey beneath it.

    Args:
        picture: In RGB.
        heat: Of each of its pixels.
        signed: Red speaks for it and blue against it; otherwise brighter is more.

    Returns:
        A picture of the same size.

    Source: ours.

    Example:
        >>> overlaid(Image.new("RGB", (3, 2)), np.zeros((2, 3))).size
        (3, 2)
    """
    values = scaled(heat, signed=signed)
    colours = mpl.colormaps[_AGAINST if signed else _ABOVE]((values + 1) / 2 if signed else values)[..., :3]
    strength = (0.2 + 0.7 * np.abs(values))[..., None]
    grey = np.asarray(picture.convert("L"), np.float64)[..., None] / 255
    ground = 0.35 + 0.6 * grey if signed else 0.75 * grey
    return Image.fromarray(np.uint8(np.rint(255 * (strength * colours + (1 - strength) * ground))))


def coloured(values: Float[np.ndarray, "height width channels"]) -> Image.Image:
    """Draw signed values of channels: grey is zero.

    Args:
        values: Of red, green and blue, or of grey; of more channels the first three are taken.

    Returns:
        A picture in RGB.

    Source: ours.

    Example:
        >>> coloured(np.zeros((1, 1, 3))).getpixel((0, 0))
        (128, 128, 128)
    """
    shown = values[..., :3] if values.shape[2] >= 3 else values[..., [0, 0, 0]]
    reach = float(np.quantile(np.abs(shown), _HIGHEST)) or float(np.abs(shown).max()) or 1.0
    return Image.fromarray(np.uint8(np.rint(127.5 + 127.5 * np.clip(shown / reach, -1, 1))))
