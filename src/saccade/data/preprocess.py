"""From a picture of any size and type to exactly what a network takes, and from many of those to one tensor.

The resampling is Pillow's antialiased bilinear or bicubic, with which published accuracies are measured. Only the
part of a picture that survives is resampled, in the coordinates of the source; so no picture, however long and thin,
makes an intermediate much larger than itself or the result.

Source: ours.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence

import cv2
import numpy as np
import torch
from jaxtyping import Float, Shaped
from PIL import Image
from torch import Tensor

from saccade.data.augmenting.room import room
from saccade.data.decoders.pixels import on_white
from saccade.errors import BadImage, BadShape
from saccade.types.preprocessing import Preprocessing

_LUMA = (0.299, 0.587, 0.114)
_MOST_BETWEEN = 1 << 24  # pixels of an intermediate that is larger than source and result
_WAYS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
_LEVELS = {np.dtype(np.uint8): 255, np.dtype(np.uint16): 65_535}

Box = tuple[float, float, float, float]


def preprocess(
    image: Shaped[np.ndarray, "height width channels"], preprocessing: Preprocessing
) -> Shaped[np.ndarray, "new_height new_width new_channels"]:
    """Bring a picture to the size and the channels that a network takes.

    Channels: a network of one takes the luma of a colour picture (ITU-R BT.601), a network of three a grey one three
    times. If it takes one or three and the picture has two or four, the last is opacity, put on white. Any other number
    must match. Size: see `Preprocessing`; "crop" scales the shorter side, rounds the longer one down, and cuts the
    middle.

    Args:
        image: uint8 in [0, 255], uint16 in [0, 65535] or float32 in [0, 1].
        preprocessing: What the network takes. Its mean and deviation are left to the network.

    Returns:
        uint8 if it was uint8, else float32 in [0, 1]; the image itself if it already was what is taken.

    Raises:
        BadImage: If its channels are not those that the network takes.

    Source: ITU-R BT.601 for luma; Krizhevsky et al., "ImageNet classification with deep convolutional neural networks"
        (2012), section 2, for scaling the shorter side and cutting the middle.

    Example:
        >>> preprocess(np.zeros((40, 60, 3), np.uint8), Preprocessing((32, 32), 1, (0.0,), (1.0,))).shape
        (32, 32, 1)
    """
    image = reduced(image, preprocessing.channels)
    if image.shape[:2] != preprocessing.size or preprocessing.scaled is not None:
        image = _fitted(image, preprocessing)
    return spread(image, preprocessing.channels)


def placement(source: tuple[int, int], preprocessing: Preprocessing) -> Float[np.ndarray, "3 3"]:
    """Say where preprocessing puts the points of a picture, as a matrix; what lies upon it goes the same way.

    Args:
        source: (height, width) of the picture.
        preprocessing: What the network takes.

    Returns:
        From (x, y, 1) on the picture to (x, y, 1) on what the network gets, in continuous pixels.

    Source: ours.

    Example:
        >>> placement((40, 60), Preprocessing((20, 20), 1, (0.0,), (1.0,)))[:2].tolist()
        [[0.5, 0.0, -5.0], [0.0, 0.5, 0.0]]
    """
    (height, width), size = source, preprocessing.size
    if source == size and preprocessing.scaled is None:
        return np.eye(3)
    if preprocessing.fit == "pad":
        inner_height, inner_width = _inside(height, width, size)
        top, left = (size[0] - inner_height) // 2, (size[1] - inner_width) // 2
        return np.array([[inner_width / width, 0.0, left], [0.0, inner_height / height, top], [0.0, 0.0, 1.0]])
    whole = preprocessing.scaled or size
    covered = _covering(height, width, whole) if preprocessing.fit == "crop" else whole
    x1, y1, x2, y2 = _middle(height, width, size, covered)
    across, down = size[1] / (x2 - x1), size[0] / (y2 - y1)
    return np.array([[across, 0.0, 0.0 - x1 * across], [0.0, down, 0.0 - y1 * down], [0.0, 0.0, 1.0]])


def spread(
    image: Shaped[np.ndarray, "height width fewer"], channels: int
) -> Shaped[np.ndarray, "height width channels"]:
    """Repeat the single channel of a grey picture where the network takes three.

    Args:
        image: As `reduced` makes it.
        channels: What the network takes.

    Returns:
        The picture; itself if it has as many.

    Source: ours.

    Example:
        >>> spread(np.full((1, 1, 1), 7, np.uint8), 3).tolist()
        [[[7, 7, 7]]]
    """
    return image if image.shape[2] == channels else np.repeat(image, 3, axis=2)


def to_images(arrays: Sequence[Shaped[np.ndarray, "_ _ _"]]) -> Float[Tensor, "batch channels height width"]:
    """Stack pictures of one shape into what a network takes.

    Args:
        arrays: Each (height, width, channels); uint8, uint16, or floats in [0, 1].

    Returns:
        float32 in [0, 1]. Its memory is in the order of the arrays, which torch calls channels_last.

    Raises:
        BadShape: If there are none, or their shapes differ.

    Source: ours.

    Example:
        >>> to_images([np.full((2, 2, 3), 51, np.uint8)])[0, 0].tolist()
        [[0.20000000298023224, 0.20000000298023224], [0.20000000298023224, 0.20000000298023224]]
    """
    shapes = {array.shape for array in arrays}
    if len(shapes) != 1 or len(next(iter(shapes))) != 3:
        raise BadShape(
            f"got {len(arrays)} pictures of shapes {sorted(shapes)}; taken is one shape (height, width, channels); "
            "preprocess them first"
        )
    types = {array.dtype for array in arrays}
    if len(types) > 1:
        arrays = [array / np.float32(_LEVELS.get(array.dtype, 1)) for array in arrays]
    level = _LEVELS.get(types.pop(), 1) if len(types) == 1 else 1
    # uint16 has few operations in torch, float64 none that a network wants
    stacked = np.stack(arrays) if level == 255 else np.stack(arrays).astype(np.float32, copy=False)
    images = torch.from_numpy(stacked).permute(0, 3, 1, 2).to(torch.float32)
    return images.div_(level) if level > 1 else images


def normalised(
    image: Shaped[np.ndarray, "height width channels"], preprocessing: Preprocessing
) -> Float[Tensor, "channels height width"]:
    """Turn a picture into floats of mean 0 and deviation 1, for a network that does not normalise by itself.

    Args:
        image: uint8 in [0, 255], or floats in [0, 1].
        preprocessing: Its mean and deviation are taken.

    Returns:
        float32. Its memory is in the order of the picture, which torch calls channels_last.

    Source: ours.

    Example:
        >>> halves = Preprocessing((1, 1), 1, (0.5,), (0.5,))
        >>> normalised(np.array([[[255]]], np.uint8), halves).round(decimals=5).tolist()
        [[[1.0]]]
    """
    floats = room(image.shape, np.float32)
    np.copyto(floats, image, casting="unsafe")
    result = np.empty(image.shape, np.float32)  # by NumPy, which asks for larger pages of memory
    change = _normalising(preprocessing.mean, preprocessing.std, 255 if image.dtype == np.uint8 else 1)
    cv2.transform(floats, change, dst=result)
    return torch.from_numpy(result).permute(2, 0, 1)


@functools.lru_cache(maxsize=8)
def _normalising(
    means: tuple[float, ...], stds: tuple[float, ...], level: int
) -> Float[np.ndarray, "channels one_more"]:
    return np.column_stack([np.diag(1 / (np.array(stds) * level)), -np.array(means) / np.array(stds)])


def reduced(
    image: Shaped[np.ndarray, "height width channels"], channels: int
) -> Shaped[np.ndarray, "height width fewer"]:
    """Bring a picture to a type of number that can be resampled, without opacity or colour where none is taken.

    Args:
        image: uint8 in [0, 255], uint16 in [0, 65535] or float32 in [0, 1].
        channels: What the network takes.

    Returns:
        uint8 if it was uint8, else float32 in [0, 1]; of one channel if it is grey, even where three are taken.

    Raises:
        BadImage: If its channels are not those that the network takes.

    Source: ours.

    Example:
        >>> reduced(np.full((1, 1, 3), 65535, np.uint16), 1).tolist()
        [[[1.0]]]
    """
    image = _fewer_channels(image, channels)
    if image.dtype == np.uint16:
        return image.astype(np.float32) / np.float32(65_535)
    return image if image.dtype == np.uint8 else image.astype(np.float32, copy=False)


def _fewer_channels(
    image: Shaped[np.ndarray, "height width channels"], channels: int
) -> Shaped[np.ndarray, "height width fewer"]:
    given = image.shape[2]
    if given == channels:
        return image
    if channels in (1, 3) and given in (2, 4):
        image = on_white(image)
        given -= 1
    if given == 3 and channels == 1:
        return _luma(image)
    if given != channels and (given, channels) != (1, 3):
        raise BadImage(
            f"got a picture of {image.shape[2]} channels; this network takes {channels}; choose the channels first, "
            f"or make a network with in_channels={image.shape[2]}"
        )
    return image


def _luma(image: Shaped[np.ndarray, "height width 3"]) -> Shaped[np.ndarray, "height width 1"]:
    if image.dtype == np.uint8:
        return np.array(Image.fromarray(image).convert("L"))[..., None]
    luma = image @ np.array(_LUMA, np.float32)
    return (luma if image.dtype.kind == "f" else np.rint(luma).astype(image.dtype))[..., None]


def _fitted(
    image: Shaped[np.ndarray, "height width channels"], preprocessing: Preprocessing
) -> Shaped[np.ndarray, "new_height new_width channels"]:
    height, width, channels = image.shape
    size, way = preprocessing.size, _WAYS[preprocessing.resampling]
    if preprocessing.fit != "pad":
        whole = preprocessing.scaled or size
        covered = _covering(height, width, whole) if preprocessing.fit == "crop" else whole
        return _resampled(image, size, _middle(height, width, size, covered), way)
    inner_height, inner_width = _inside(height, width, size)
    top, left = (size[0] - inner_height) // 2, (size[1] - inner_width) // 2
    result = np.zeros((*size, channels), image.dtype)
    inner = _resampled(image, (inner_height, inner_width), (0, 0, width, height), way)
    result[top : top + inner_height, left : left + inner_width] = inner
    return result


def _covering(height: int, width: int, size: tuple[int, int]) -> tuple[int, int]:
    """Give the size of the same proportions that covers another; the longer side is rounded down."""
    if height * size[1] <= width * size[0]:  # the height is what limits
        return size[0], max(size[1], size[0] * width // height)
    return max(size[0], size[1] * height // width), size[1]


def _middle(height: int, width: int, size: tuple[int, int], scaled: tuple[int, int]) -> Box:
    """Give the part of the source that is left after scaling it and cutting the middle."""
    top, left = round((scaled[0] - size[0]) / 2), round((scaled[1] - size[1]) / 2)
    down, across = height / scaled[0], width / scaled[1]
    right, bottom = min(width, (left + size[1]) * across), min(height, (top + size[0]) * down)
    return (left * across, top * down, right, bottom)


def _inside(height: int, width: int, size: tuple[int, int]) -> tuple[int, int]:
    """Give the largest size of the same proportions that fits inside, at least one pixel on each side."""
    scale = min(size[0] / height, size[1] / width)
    return max(1, min(size[0], round(height * scale))), max(1, min(size[1], round(width * scale)))


def _resampled(
    image: Shaped[np.ndarray, "height width channels"], size: tuple[int, int], box: Box, way: Image.Resampling
) -> Shaped[np.ndarray, "new_height new_width channels"]:
    if image.shape[:2] == size and box == (0, 0, size[1], size[0]):
        return image
    if image.dtype == np.uint8 and image.shape[2] == 3:
        return np.array(_resize(Image.fromarray(image), size, box, way))
    result = np.empty((*size, image.shape[2]), np.uint8 if image.dtype == np.uint8 else np.float32)
    for channel in range(image.shape[2]):
        plane = np.ascontiguousarray(image[..., channel], result.dtype)
        result[..., channel] = np.asarray(_resize(Image.fromarray(plane), size, box, way))
    return result if result.dtype == np.uint8 else np.clip(result, 0, 1, out=result)


def _resize(image: Image.Image, size: tuple[int, int], box: Box, way: Image.Resampling) -> Image.Image:
    height, width = size
    # Pillow before 13 goes across first, always; a tall picture that becomes wide must go down first
    if width * image.height > max(_MOST_BETWEEN, image.width * image.height):
        image = image.resize((image.width, height), way, (0, box[1], image.width, box[3]))
        box = (box[0], 0, box[2], height)
    return image.resize((width, height), way, box)
