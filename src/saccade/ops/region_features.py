"""What is known of the regions of a segmented image, and how alike two of them are.

How alike two regions are is told by up to four numbers, each from 0 to 1:

    colour   what their histograms of colours share
    texture  what their histograms of slopes share
    size     1 − (both sizes) / (size of the image): small ones go first
    fill     1 − (box around both − both sizes) / (size of the image): what fits into each other goes first

Source: Uijlings et al., "Selective search for object recognition", IJCV 104:154-171, 2013, section 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float32, Float64, Int, UInt8
from numpy.typing import NDArray

from saccade.errors import BadShape

KINDS = ("colour", "texture", "size", "fill")
COLOUR_BINS, TEXTURE_BINS, ORIENTATIONS = 25, 10, 8
_SIGMA = 1.0  # of the derivatives of a Gaussian


@dataclass(frozen=True, eq=False)
class Regions:
    """What is known of regions, a row for each.

    Args:
        sizes: Pixels.
        boxes: Rows (x1, y1, x2, y2) in pixels, the end excluded.
        colours: Histograms, 25 bins for each channel; a row sums to 1.
        textures: Histograms, 10 bins for each of 8 directions of each channel; a row sums to 1.
        neighbours: Pairs (lower number, higher number) of those that touch, each once.
        area: Pixels of the image.

    Source: section 3.2 of the paper.
    """

    sizes: NDArray[np.float64]
    boxes: NDArray[np.float64]
    colours: NDArray[np.float32]
    textures: NDArray[np.float32]
    neighbours: NDArray[np.intp]
    area: float


def describe_regions(
    labels: Int[np.ndarray, "height width"],
    channels: UInt8[np.ndarray, "height width channels"],
    gradients: UInt8[np.ndarray, "height width channels 8"] | None = None,
) -> Regions:
    """Measure the regions of a segmented image.

    Args:
        labels: The number of the region of each pixel, from 0 without gaps.
        channels: The image, in any space of colours, from 0 to 255.
        gradients: What `binned_gradients` gives for it, where it is there already.

    Returns:
        One row for each region.

    Raises:
        BadShape: If the two differ in size, or a number from 0 to the highest has no pixel.

    Source: Uijlings et al., 2013, section 3.2: 25 bins for each channel of colour; 10 bins for each of 8 directions and
        each channel of texture.

    Example:
        >>> two = describe_regions(np.array([[0, 0, 1]]), np.array([[[9], [9], [200]]], np.uint8))
        >>> two.sizes.tolist(), two.boxes.tolist()
        ([2.0, 1.0], [[0.0, 0.0, 2.0, 1.0], [2.0, 0.0, 3.0, 1.0]])
    """
    if labels.shape != channels.shape[:2] or not labels.size:
        raise BadShape(
            f"got labels of shape {labels.shape} and channels of shape {channels.shape}; "
            "taken is a label for each pixel; give as many"
        )
    flat = labels.reshape(-1)
    number = int(flat.max()) + 1
    sizes = np.bincount(flat, minlength=number) if flat.min() >= 0 else np.zeros(1)
    if not sizes.all():
        raise BadShape("got labels with gaps; taken are 0, 1, 2 … without gaps; use np.unique(…, return_inverse=True)")
    colours = (channels.astype(np.uint16) * COLOUR_BINS // 256).astype(np.uint8)
    gradients = binned_gradients(channels) if gradients is None else gradients
    return Regions(
        sizes.astype(np.float64),
        _boxes_of(labels, number),
        _histograms(flat, colours, COLOUR_BINS, number),
        _histograms(flat, gradients, TEXTURE_BINS, number),
        _neighbours_of(labels, number),
        float(flat.size),
    )


def binned_gradients(
    channels: UInt8[np.ndarray, "height width channels"],
) -> UInt8[np.ndarray, "height width channels 8"]:
    """Sort the slopes of an image into bins: at each pixel, of each channel, in each of eight directions.

    Args:
        channels: The image, in any space of colours, from 0 to 255.

    Returns:
        From 0, where it does not rise that way, to 9, where it rises most; to the right first, each direction followed
        by the one across.

    Source: Uijlings et al., 2013, section 3.2: Gaussian derivatives with σ = 1 in 8 directions, 10 bins.
    Deviates: The paper says neither what becomes of a fall nor where the bins end. Here it is a rise in the direction
        across, and the bins end at the steepest rise of each channel.

    Example:
        >>> step = np.repeat(np.array([[[0], [255]]], np.uint8), 4, 1)
        >>> binned_gradients(step)[0, :, 0, 0].tolist()
        [0, 0, 3, 9, 9, 3, 0, 0]
    """
    from scipy.ndimage import gaussian_filter

    bins = np.empty((ORIENTATIONS, channels.shape[2], *channels.shape[:2]), np.uint8)
    for channel in range(channels.shape[2]):
        plane = channels[..., channel].astype(np.float32)
        down, right = (gaussian_filter(plane, _SIGMA, order) for order in ((1, 0), (0, 1)))  # pyright: ignore
        slant, other = (right + down) * np.float32(0.5**0.5), (down - right) * np.float32(0.5**0.5)
        slopes = np.stack([right, slant, down, other])
        slopes *= TEXTURE_BINS / max(float(np.abs(slopes).max()), 1e-3)
        for side, places in ((1, slice(0, None, 2)), (-1, slice(1, None, 2))):
            bins[places, channel] = np.clip(side * slopes, 0, TEXTURE_BINS - 1)
    return np.ascontiguousarray(bins.transpose(2, 3, 1, 0))


def likeness(
    regions: Regions, one: int | Int[np.ndarray, " others"], others: Int[np.ndarray, " others"]
) -> Float64[np.ndarray, "others 4"]:
    """Say how alike a region is to others.

    Args:
        regions: What is known of them.
        one: The number of the region, or of one for each of the others.
        others: The numbers of the others.

    Returns:
        A row for each other one: colour, texture, size, fill, each from 0 to 1.

    Source: Uijlings et al., 2013, equations 1 to 5.

    Example:
        >>> two = describe_regions(np.array([[0, 0, 1]]), np.array([[[9], [9], [200]]], np.uint8))
        >>> likeness(two, 0, np.array([1]))[0, [0, 2, 3]].tolist()
        [0.0, 0.0, 1.0]
    """
    parts = [
        shared_histograms(regions.colours, one, others),
        shared_histograms(regions.textures, one, others),
        *sizes_and_fill(regions, one, others),
    ]
    return np.stack(parts, 1).astype(np.float64)


def shared_histograms(
    histograms: Float32[np.ndarray, "regions bins"],
    one: int | Int[np.ndarray, " others"],
    others: Int[np.ndarray, " others"],
) -> Float32[np.ndarray, " others"]:
    """Say what part of two histograms is the same.

    Args:
        histograms: Those of all regions; a row sums to 1.
        one: The number of the region, or of one for each of the others.
        others: The numbers of the others.

    Returns:
        From 0 to 1, one for each of the others.

    Source: Uijlings et al., 2013, equations 1 and 3.

    Example:
        >>> shared_histograms(np.array([[0.5, 0.5], [0.25, 0.75]], np.float32), 0, np.array([1])).tolist()
        [0.75]
    """
    rows = histograms[others]
    return np.minimum(rows, histograms[one], out=rows).sum(1)


def sizes_and_fill(
    regions: Regions, one: int | Int[np.ndarray, " others"], others: Int[np.ndarray, " others"]
) -> tuple[Float64[np.ndarray, " others"], Float64[np.ndarray, " others"]]:
    """Say how small two regions are together, and how well they fit into each other.

    Args:
        regions: What is known of them.
        one: The number of the region, or of one for each of the others.
        others: The numbers of the others.

    Returns:
        Both from 0 to 1, one for each of the others.

    Source: Uijlings et al., 2013, equations 4 and 5.

    Example:
        >>> two = describe_regions(np.array([[0, 0, 1, 1]]), np.zeros((1, 4, 1), np.uint8))
        >>> [part.tolist() for part in sizes_and_fill(two, 0, np.array([1]))]
        [[0.0], [1.0]]
    """
    both = regions.sizes[one] + regions.sizes[others]
    box, boxes = regions.boxes[one], regions.boxes[others]
    around = np.maximum(box[..., 2:], boxes[:, 2:]) - np.minimum(box[..., :2], boxes[:, :2])
    return 1 - both / regions.area, 1 - (around[:, 0] * around[:, 1] - both) / regions.area


def _boxes_of(labels: NDArray, number: int) -> NDArray[np.float64]:
    """The box around each region: where it is first and last met, row by row and column by column."""
    boxes = np.empty((number, 4))
    for axis, lines in ((1, labels), (0, labels.T)):
        flat, places = lines.reshape(-1), np.arange(lines.size) // lines.shape[1]
        first, last = np.empty(number, np.intp), np.empty(number, np.intp)
        first[flat[::-1]] = places[::-1]  # of equals, the one that is written last stays
        last[flat] = places
        boxes[:, axis], boxes[:, axis + 2] = first, last + 1
    return boxes


def _neighbours_of(labels: NDArray, number: int) -> NDArray[np.intp]:
    """The pairs of regions with two pixels side by side, or one above the other."""
    sides = [(labels[:, :-1], labels[:, 1:]), (labels[:-1], labels[1:])]
    pairs = []
    for one, other in sides:
        differ = one != other
        low, high = np.minimum(one[differ], other[differ]), np.maximum(one[differ], other[differ])
        pairs.append(low.astype(np.int64) * number + high)
    return np.stack(np.divmod(np.unique(np.concatenate(pairs)), number), 1).astype(np.intp)


def _histograms(flat: NDArray, bins: NDArray[np.uint8], most: int, number: int) -> NDArray[np.float32]:
    """How often each bin of each plane occurs in each region; a row sums to 1."""
    planes = bins.reshape(len(flat), -1)
    start = flat.astype(np.intp) * most
    rows = np.empty((number, planes.shape[1], most), np.float32)
    for place in range(planes.shape[1]):
        rows[:, place] = np.bincount(start + planes[:, place], minlength=number * most).reshape(number, most)
    rows = rows.reshape(number, -1)
    return rows / rows.sum(1, keepdims=True)
