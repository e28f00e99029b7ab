"""Changing the colours and levels of a picture: one matrix, cut to the range once, then one table.

Source: ours; the arithmetic is OpenCV's, which may differ by one level of 255 from exact rounding.
"""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Float, Shaped, UInt8

_LUMA = np.array([0.299, 0.587, 0.114])
_Image = Shaped[np.ndarray, "height width channels"]


def mean_colour(image: _Image) -> Float[np.ndarray, " 3"]:
    """Average the colours of a picture.

    Args:
        image: uint8, or float32 in [0, 1]; of one or three channels.

    Returns:
        Red, green and blue in [0, 1]; of a grey picture the same three times.

    Source: ours.

    Example:
        >>> mean_colour(np.full((2, 2, 1), 51, np.uint8)).tolist()
        [0.2, 0.2, 0.2]
    """
    means = np.array(cv2.mean(image)[: image.shape[2]])
    return np.broadcast_to(means / 255 if image.dtype == np.uint8 else means, (3,))


def after(first: Float[np.ndarray, "3 4"] | None, then: Float[np.ndarray, "3 4"] | None) -> np.ndarray | None:
    """Compose two changes of colour.

    Args:
        first: The one that comes first; None for no change.
        then: The one that comes after it.

    Returns:
        One that does the same as both, but for cutting off between them.

    Source: ours.

    Example:
        >>> twice, more = np.eye(3, 4) * 2, np.eye(3, 4) + [0, 0, 0, 0.25]
        >>> after(more, twice)[0].tolist()
        [2.0, 0.0, 0.0, 0.5]
    """
    if first is None or then is None:
        return then if first is None else first
    both = then[:, :3] @ first
    both[:, 3] += then[:, 3]
    return both


def recoloured(image: _Image, colours: Float[np.ndarray, "3 4"]) -> _Image:
    """Apply a matrix to the colours of a picture.

    Args:
        image: uint8, or float32 in [0, 1]; of one or three channels. A grey one gets the luma of what its grey becomes.
        colours: From (red, green, blue, 1) to red, green and blue, in [0, 1].

    Returns:
        The changed picture, cut off at black and white.

    Source: ours.

    Example:
        >>> recoloured(np.array([[[10, 200, 30]]], np.uint8), np.eye(3, 4) * 2).tolist()
        [[[20, 255, 60]]]
    """
    whole = 255.0 if image.dtype == np.uint8 else 1.0
    if image.shape[2] == 1:
        factor, added = float(_LUMA @ colours[:, :3].sum(1)), float(_LUMA @ colours[:, 3]) * whole
        if image.dtype == np.uint8:
            levels = np.clip(np.rint(np.arange(256) * factor + added), 0, 255).astype(np.uint8)
            return cv2.LUT(image, levels).reshape(image.shape)
        return np.clip(image * np.float32(factor) + np.float32(added), 0, 1)
    changed = cv2.transform(image, colours * [1, 1, 1, whole])
    return changed if image.dtype == np.uint8 else np.clip(changed, 0, 1, out=changed)


def toned(image: _Image, table: UInt8[np.ndarray, "256 ..."]) -> _Image:
    """Look up the levels of a picture in a table.

    Args:
        image: uint8; or float32 in [0, 1], whose levels lie between those of the table.
        table: What each level becomes, of all channels or in a column for each.

    Returns:
        The changed picture.

    Source: ours.

    Example:
        >>> toned(np.array([[[0], [255]]], np.uint8), np.arange(255, -1, -1, np.uint8)).ravel().tolist()
        [255, 0]
    """
    if image.dtype == np.uint8:
        return cv2.LUT(image, table if table.ndim == 1 else np.ascontiguousarray(table[None])).reshape(image.shape)
    columns = np.broadcast_to(table.reshape(256, -1), (256, image.shape[2]))
    planes = [
        np.interp(image[..., channel] * 255, np.arange(256), columns[:, channel]) for channel in range(image.shape[2])
    ]
    return (np.stack(planes, 2) / 255).astype(np.float32)


def levels_of(image: _Image) -> UInt8[np.ndarray, "height width channels"]:
    """Round a picture to 256 levels, to be looked at by what depends on it.

    Args:
        image: uint8, or float32 in [0, 1].

    Returns:
        The picture in 8 bits; itself if it is so already.

    Source: ours.

    Example:
        >>> levels_of(np.full((1, 1, 1), 0.2, np.float32)).item()
        51
    """
    return image if image.dtype == np.uint8 else np.rint(np.clip(image, 0, 1) * 255).astype(np.uint8)
