"""Changes of pixels by a given amount: blur, noise, and a JPEG file that a picture has been through.

Source: ours; the arithmetic is OpenCV's and libjpeg's.
"""

from __future__ import annotations

import cv2
import numpy as np
from jaxtyping import Shaped, UInt8

from saccade.data.randomness import noise

_Image = Shaped[np.ndarray, "height width channels"]


def blurred(image: _Image, radius: float) -> _Image:
    """Take a picture out of focus.

    Args:
        image: uint8, uint16, or floats in [0, 1].
        radius: The deviation of the Gaussian in pixels, above 0.

    Returns:
        A picture of the same kind, mirrored at its edges on the way.

    Source: ours.

    Example:
        >>> blurred(np.array([[[0], [255], [0]]], np.uint8), 0.1)[0, :, 0].tolist()
        [0, 255, 0]
    """
    return cv2.GaussianBlur(image, (0, 0), radius, borderType=cv2.BORDER_REFLECT_101).reshape(image.shape)


def noisy(image: _Image, deviation: float, *words: int) -> _Image:
    """Change each value of each pixel a little.

    Args:
        image: uint8, or floats in [0, 1].
        deviation: Of the noise, where levels are from 0 to 1.
        words: The name of the noise: the same name gives the same noise.

    Returns:
        A picture of the same kind, cut off at black and white.

    Source: ours.

    Example:
        >>> noisy(np.full((1, 2, 1), 7, np.uint8), 0.0, 1).tolist()
        [[[7], [7]]]
    """
    added = noise(image.shape, *words) * np.float32(deviation)
    if image.dtype != np.uint8:
        return np.clip(image + added, 0, 1).astype(image.dtype)
    return cv2.add(image, added * np.float32(255), dtype=cv2.CV_8U).reshape(image.shape)


def compressed(
    image: UInt8[np.ndarray, "height width channels"], quality: int
) -> UInt8[np.ndarray, "height width channels"]:
    """Send a picture through a JPEG file.

    Args:
        image: Of one channel or three.
        quality: From 1 to 100, on libjpeg's scale.

    Returns:
        What is read from that file.

    Source: ours.

    Example:
        >>> compressed(np.full((8, 8, 1), 7, np.uint8), 100).max().item()
        7
    """
    colours = image.shape[2] == 3
    given = cv2.cvtColor(image, cv2.COLOR_RGB2BGR) if colours else image
    _, file = cv2.imencode(".jpg", given, [cv2.IMWRITE_JPEG_QUALITY, quality])
    seen = np.asarray(cv2.imdecode(file, cv2.IMREAD_COLOR if colours else cv2.IMREAD_GRAYSCALE))
    return cv2.cvtColor(seen, cv2.COLOR_BGR2RGB) if colours else seen.reshape(image.shape)
