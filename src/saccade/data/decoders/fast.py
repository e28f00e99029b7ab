"""The fast way to the pixels of a JPEG or a WebP, where it gives what Pillow gives, and the same verdict.

Pillow is right and safe, and slowed down by the copies that it makes. A JPEG is decoded straight into an array by
simplejpeg where that is installed (the extra "fast"), 1.7 times as fast, 3.5 times where it is large; a WebP by OpenCV,
1.2 times as fast. All use the same libraries underneath and give the same levels; tests compare them. At the least sign
of damage, and for whatever these two do not take, Pillow decides as ever, so that neither pixels nor verdicts depend on
the way.

OpenCV would decode JPEG and PNG as fast, but it passes on what is left of a broken file as if it were whole, and its
libraries write to the terminal.

Source: ours; the figures are measured by benchmarks/decoding.py.
"""

from __future__ import annotations

import functools
import importlib
from typing import Any, Literal

import cv2
import numpy as np
from jaxtyping import UInt8

Factor = Literal[1, 2, 4, 8]

_FACTORS: tuple[Factor, ...] = (8, 4, 2)
_LEAST_TO_REDUCE = 16  # of so small a picture there is nothing to be spared, and its sizes would be ambiguous


def fast_jpeg(
    clean: bytes, size: tuple[int, int], *, grey: bool, factor: Factor = 1
) -> UInt8[np.ndarray, "height width channels"] | None:
    """Decode a JPEG of one or three components by simplejpeg.

    Args:
        clean: The file, without anything but what describes pixels.
        size: (height, width) that its header says.
        grey: Give one channel; of a JPEG in colours its luma.
        factor: Decode it with both sides divided by this, rounded up. JPEG keeps frequencies, and the high ones are
            then never computed.

    Returns:
        The pixels as stored, red first; None where simplejpeg is not installed or finds anything wrong.

    Source: ours; ITU-T T.81 for the frequencies.
    """
    simplejpeg = _simplejpeg()
    if simplejpeg is None:
        return None
    height, width = (-(-side // factor) for side in size)
    wanted = (0, 0) if factor == 1 else (height, width)
    try:
        pixels = simplejpeg.decode_jpeg(clean, "GRAY" if grey else "RGB", min_height=wanted[0], min_width=wanted[1])
    except ValueError:  # whatever libjpeg would only warn of, too
        return None
    return pixels if pixels.shape == (height, width, 1 if grey else 3) else None


def fast_webp(data: bytes) -> UInt8[np.ndarray, "height width 3"] | None:
    """Decode a WebP without opacity or animation by OpenCV.

    Args:
        data: The file.

    Returns:
        The pixels as stored, red first; None when OpenCV refuses it.

    Source: ours.

    Example:
        >>> options = [cv2.IMWRITE_WEBP_QUALITY, 101]  # without loss
        >>> file = cv2.imencode(".webp", np.array([[[255, 0, 7]]], np.uint8), options)[1].tobytes()  # blue first
        >>> fast_webp(file).tolist()
        [[[7, 0, 255]]]
    """
    try:
        pixels = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR | cv2.IMREAD_IGNORE_ORIENTATION)
    except cv2.error:  # more pixels than OpenCV takes
        return None
    return None if pixels is None else cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB, dst=pixels)


@functools.cache
def _simplejpeg() -> Any:
    try:
        return importlib.import_module("simplejpeg")
    except ImportError:  # not installed, or not for this machine
        return None


def factor_for(size: tuple[int, int], at_least: tuple[int, int] | None) -> Factor:
    """Say by how much a JPEG can be reduced while it is decoded.

    Args:
        size: (height, width) that it has.
        at_least: (height, width) that must be left of it; None for all.

    Returns:
        The largest of 8, 4, 2 and 1 that leaves so much, when sides are rounded up; 1 when nothing can be spared, or
        a side has fewer than 16 pixels.

    Source: ours.

    Example:
        >>> factor_for((3000, 4000), (224, 224)), factor_for((3000, 4000), (376, 1)), factor_for((100, 100), (224, 224))
        (8, 4, 1)
    """
    if at_least is None or min(size) < _LEAST_TO_REDUCE:
        return 1
    for factor in _FACTORS:
        if all(-(-side // factor) >= least for side, least in zip(size, at_least, strict=True)):
            return factor
    return 1
