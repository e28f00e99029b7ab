"""What stays of a picture when it is scaled, compressed again or made lighter: 64 bits, and a thumbnail to be sure.

Source: the hash of low frequencies known as pHash, after Zauner, "Implementation and benchmarking of perceptual image
hash functions", 2010; the choice of 32 bits that are set, the thumbnail and both limits are ours, and measured:
docs/checking.md.
"""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from jaxtyping import Float32, Shaped, UInt8, UInt64

_SIDE, _VIA, _LOW = 32, 96, 8


def small_luma(image: Shaped[np.ndarray, "height width channels"]) -> UInt8[np.ndarray, "32 32"]:
    """Shrink a picture to 32 × 32, whatever its shape, and keep how light it is there.

    A large one goes by way of 96 × 96, taken between its nearest pixels: that reads few of them, and what little it
    gets wrong the means over 3 × 3 take away.

    Args:
        image: uint8, uint16, or float in [0, 1]; of three channels or more the first three count as red, green, blue.

    Returns:
        From 0 to 255.

    Source: ours; ITU-R BT.601's weights for red, green and blue.

    Example:
        >>> int(small_luma(np.full((300, 140, 3), 7, np.uint8)).max())
        7
    """
    if min(image.shape[:2]) >= _VIA:
        image = cv2.resize(_plain(image), (_VIA, _VIA), interpolation=cv2.INTER_LINEAR)
        image = image.reshape(_VIA, _VIA, -1)
    return cv2.resize(_luma(_eight_bits(_plain(image))), (_SIDE, _SIDE), interpolation=cv2.INTER_AREA)


def _plain(image: np.ndarray) -> np.ndarray:
    """One channel or three."""
    kept = 3 if image.shape[2] >= 3 else 1
    return image if image.shape[2] == kept else np.ascontiguousarray(image[:, :, :kept])


def _eight_bits(image: np.ndarray) -> np.ndarray:
    if image.dtype == np.uint16:
        return (image >> 8).astype(np.uint8)
    if image.dtype != np.uint8:
        return np.round(np.nan_to_num(image).clip(0, 1) * 255).astype(np.uint8)
    return image


def _luma(image: np.ndarray) -> np.ndarray:
    return cv2.cvtColor(image, cv2.COLOR_RGB2GRAY) if image.shape[2] == 3 else image[:, :, 0]


def perceptual_hashes(small: UInt8[np.ndarray, "pictures 32 32"]) -> UInt64[np.ndarray, " pictures"]:
    """Hash the coarse look of pictures: which of its 64 lowest frequencies are stronger than half of them.

    Args:
        small: From `small_luma`.

    Returns:
        64 bits for each. Pictures that look alike differ in few of them: a scaled or compressed copy in 0 to 4, two
        unrelated photographs in about 32.

    Source: Zauner, 2010; the median as the threshold.

    Example:
        >>> noise = np.random.default_rng(0).integers(0, 128, (1, 32, 32), dtype=np.uint8)
        >>> perceptual_hashes(noise).tolist() == perceptual_hashes(2 * noise).tolist()
        True
    """
    return stronger_half(low_strengths(small))


def low_strengths(small: UInt8[np.ndarray, "pictures side side"]) -> Float32[np.ndarray, "pictures 8 8"]:
    """Measure the 64 lowest frequencies of square pictures.

    Args:
        small: From `small_luma` or `thumbnails_of`.

    Returns:
        How strong each is: the slower one from top to bottom comes in an earlier row, the slower one from left to right
        in an earlier column.

    Source: the discrete cosine transform (type II), not normalised.

    Example:
        >>> low_strengths(np.full((1, 16, 16), 2, np.uint8))[0, 0, 0].item()
        512.0
    """
    waves = _waves(small.shape[1])
    return waves @ small.astype(np.float32) @ waves.T


def stronger_half(strengths: Float32[np.ndarray, "pictures 8 8"]) -> UInt64[np.ndarray, " pictures"]:
    """Say in one bit each which of 64 numbers are larger than half of them.

    Args:
        strengths: From `low_strengths`.

    Returns:
        The bits, the first number's in front.

    Source: ours.

    Example:
        >>> bin(stronger_half(np.arange(64, dtype=np.float32).reshape(1, 8, 8))[0]) == "0b" + 32 * "1"
        True
    """
    flat = strengths.reshape(len(strengths), -1)
    middle = np.partition(flat, _LOW * _LOW // 2 - 1, axis=1)[:, _LOW * _LOW // 2 - 1]
    return np.packbits(flat > middle[:, None], axis=1).view(">u8")[:, 0].astype(np.uint64)


def thumbnails_of(small: UInt8[np.ndarray, "pictures 32 32"]) -> UInt8[np.ndarray, "pictures 16 16"]:
    """Shrink pictures once more, to what is kept of them.

    Args:
        small: From `small_luma`.

    Returns:
        How light each sixteenth of them is.

    Source: ours.
    """
    wide = small.astype(np.uint16)
    rows = wide[:, ::2] + wide[:, 1::2]
    return ((rows[:, :, ::2] + rows[:, :, 1::2] + 2) // 4).astype(np.uint8)


def likeness(
    first: UInt8[np.ndarray, "pairs 16 16"], second: UInt8[np.ndarray, "pairs 16 16"]
) -> Float32[np.ndarray, " pairs"]:
    """Say how far two thumbnails show the same: their correlation, which no change of light or contrast touches.

    Args:
        first: One of each pair.
        second: The other.

    Returns:
        From −1 to 1; 0 where one of them is of one shade.

    Source: Pearson's correlation.

    Example:
        >>> ramp = np.arange(256, dtype=np.uint8).reshape(1, 16, 16)
        >>> round(float(likeness(ramp, ramp // 2)[0]), 3)
        1.0
    """
    deviations = [part.reshape(len(part), -1).astype(np.float32) for part in (first, second)]
    deviations = [part - part.mean(1, keepdims=True) for part in deviations]
    a, b = deviations
    scale = np.sqrt((a * a).sum(1) * (b * b).sum(1))
    return np.divide((a * b).sum(1), scale, out=np.zeros(len(a), np.float32), where=scale > 0)


def distances(
    first: UInt64[np.ndarray, " pairs"], second: UInt64[np.ndarray, " pairs"]
) -> Shaped[np.ndarray, " pairs"]:
    """Count the bits in which hashes differ.

    Args:
        first: One of each pair.
        second: The other.

    Returns:
        From 0 to 64.

    Source: Hamming, 1950.

    Example:
        >>> distances(np.array([0b1011], np.uint64), np.array([0b0001], np.uint64)).tolist()
        [2]
    """
    words = np.ascontiguousarray(first ^ second).view(np.uint16).reshape(-1, 4)
    return _bit_counts()[words].sum(1, dtype=np.uint8)


@cache
def _waves(side: int) -> Float32[np.ndarray, "8 side"]:
    """The eight slowest cosines of the discrete cosine transform (type II)."""
    places = np.arange(side)
    return np.cos(np.pi * np.arange(_LOW)[:, None] * (2 * places + 1) / (2 * side)).astype(np.float32)


@cache
def _bit_counts() -> UInt8[np.ndarray, 65536]:
    bits = np.unpackbits(np.arange(65536, dtype=np.uint16).view(np.uint8)).reshape(-1, 16)
    return bits.sum(1, dtype=np.uint8)
