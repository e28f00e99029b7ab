"""Pictures that are in memory already: Pillow images, arrays and tensors, checked and brought to one layout.

Source: ours.
"""

from __future__ import annotations

import numpy as np
import torch
from jaxtyping import Shaped
from PIL import Image

from saccade.data.decoders.pixels import pixels_of, upright
from saccade.data.decoders.tags import orientation_of
from saccade.errors import BadImage

_FEW = (1, 2, 3, 4)  # as many channels as pictures usually have


def from_pillow(image: Image.Image, *, max_pixels: int) -> Shaped[np.ndarray, "height width channels"]:
    """Read a Pillow image the way its file would be read: upright, and opacity on white.

    Args:
        image: An image of any mode; of several frames the current one.
        max_pixels: Refuse more, before an opened file is decoded.

    Returns:
        Its pixels.

    Raises:
        BadImage: If it is too large or cannot be decoded.

    Source: ours.
    """
    if image.width * image.height > max_pixels:
        raise BadImage(
            f"got {image.width} × {image.height} pixels; taken are at most {max_pixels:,}; make it smaller, or raise "
            "max_pixels"
        )
    pixels = pixels_of(image)  # first, since a PNG may say only after its pixels how it lies
    # a TIFF is turned by Pillow itself when it is decoded
    orientation = 1 if image.format == "TIFF" else orientation_of(image.info.get("exif", b""))
    return upright(pixels, orientation)


def from_array(array: np.ndarray) -> Shaped[np.ndarray, "height width channels"]:
    """Check an array of (height, width) or (height, width, channels).

    Args:
        array: bool, uint8, uint16, or floats in [0, 1].

    Returns:
        uint8, uint16 or float32 of (height, width, channels); the same memory where nothing had to change.

    Raises:
        BadImage: If the shape or the values are not those of a picture.

    Source: ours.

    Example:
        >>> from_array(np.zeros((4, 5))).shape
        (4, 5, 1)
    """
    array = array[..., None] if array.ndim == 2 else array
    if array.ndim != 3 or not array.size:
        raise BadImage(
            f"got an array of shape {array.shape}; taken is one picture of (height, width) or (height, width, "
            f"channels); {'give a list of pictures, or one of them' if array.ndim == 4 else 'reshape it'}"
        )
    if array.shape[0] in _FEW and array.shape[2] not in _FEW and array.shape[1] not in _FEW:
        raise BadImage(
            f"got an array of shape {array.shape}, channels first; taken is (height, width, channels); "
            "use array.transpose(1, 2, 0)"
        )
    return _checked(array)


def from_tensor(tensor: torch.Tensor) -> Shaped[np.ndarray, "height width channels"]:
    """Check a tensor of (height, width) or (channels, height, width).

    Args:
        tensor: bool, uint8, uint16, or floats in [0, 1]; on any device.

    Returns:
        uint8, uint16 or float32 of (height, width, channels).

    Raises:
        BadImage: If the shape or the values are not those of a picture.

    Source: ours.

    Example:
        >>> from_tensor(torch.zeros(3, 4, 5)).shape
        (4, 5, 3)
    """
    shape = tuple(tensor.shape)
    if len(shape) not in (2, 3) or 0 in shape:
        raise BadImage(
            f"got a tensor of shape {shape}; taken is one picture of (height, width) or (channels, height, width); "
            f"{'give a list of pictures, or tensor[0]' if len(shape) == 4 else 'reshape it'}"
        )
    if len(shape) == 3 and shape[2] in _FEW and shape[0] not in _FEW and shape[1] not in _FEW:
        raise BadImage(
            f"got a tensor of shape {shape}, channels last; taken is (channels, height, width); "
            "use tensor.permute(2, 0, 1)"
        )
    tensor = tensor.detach().cpu()
    array = (tensor.float() if tensor.is_floating_point() else tensor).numpy()
    return _checked(array[..., None] if array.ndim == 2 else np.ascontiguousarray(array.transpose(1, 2, 0)))


def _checked(array: Shaped[np.ndarray, "height width channels"]) -> Shaped[np.ndarray, "height width channels"]:
    if array.dtype == bool:
        return array.astype(np.uint8) * np.uint8(255)
    if array.dtype in (np.uint8, np.uint16):
        return array
    if array.dtype.kind != "f":
        raise BadImage(
            f"got pixels of type {array.dtype}; taken are uint8, uint16, or floats in [0, 1]; "
            "use .astype('uint8') if they are levels from 0 to 255"
        )
    low, high = float(array.min()), float(array.max())
    if not 0 <= low <= high <= 1:
        raise BadImage(f"got floats from {low:g} to {high:g}; taken are floats in [0, 1]; {_cure(low, high)}")
    return array.astype(np.float32, copy=False)


def _cure(low: float, high: float) -> str:
    if not np.isfinite(low) or not np.isfinite(high):
        return "fill what is not finite"
    if low >= 0 and high <= 255:
        return "divide by 255"
    return "divide by 65535" if low >= 0 and high <= 65_535 else "give the picture before it was normalised"
