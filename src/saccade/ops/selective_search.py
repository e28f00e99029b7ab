"""Selective search: the boxes of an image in which something may be, whatever it is, without learning anything.

1. The image is cut into small segments of one colour each, in several spaces of colours and at several scales.
2. Neighbours that are most alike grow together, until the whole image is one region (`ops.region_grouping`).
3. The boxes around all regions that ever were are put in an order: the larger first, with much chance.

It is made in the paper's two cheap forms. "single" cuts once and groups once; "fast" cuts four times and groups each
cut twice, and finds more.

Source: Uijlings et al., "Selective search for object recognition", IJCV 104:154-171, 2013; Felzenszwalb and
Huttenlocher, "Efficient graph-based image segmentation", IJCV 59:167-181, 2004, for the segments, by scikit-image.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from jaxtyping import Float, Float64, UInt8
from numpy.typing import NDArray

from saccade.errors import BadConfig, BadImage, BadShape, MissingExtra, UnknownName
from saccade.ops.region_features import KINDS, binned_gradients, describe_regions
from saccade.ops.region_grouping import Grouping, group

Mode = Literal["single", "fast"]
SIGMA = 0.8  # of the smoothing before an image is cut, in pixels
_BLIND = tuple(kind for kind in KINDS if kind != "colour")


@dataclass(frozen=True)
class _Plan:
    """Which spaces of colours, scales and kinds of likeness are combined, each with each."""

    spaces: tuple[str, ...]
    scales: tuple[int, ...]
    kinds: tuple[tuple[str, ...], ...]


PLANS = {"single": _Plan(("hsv",), (100,), (KINDS,)), "fast": _Plan(("hsv", "lab"), (50, 100), (KINDS, _BLIND))}


def selective_search(
    image: UInt8[np.ndarray, "height width channels"],
    *,
    most: int = 2000,
    seed: int = 0,
    mode: Mode = "fast",
    smallest: float = 8.0,
) -> Float[np.ndarray, "boxes 4"]:
    """Propose boxes in which something may be.

    Args:
        image: Any number of channels, from 0 to 255; three are red, green and blue.
        most: Boxes, at most.
        seed: Of the chance in the order of the boxes.
        mode: "single": one grouping, HSV, k = 100, all four kinds of likeness. "fast": eight, HSV and Lab, k = 50 and
            100, with and without colour.
        smallest: A box with a side below this many pixels is left out.

    Returns:
        Rows (x1, y1, x2, y2) in pixels, the end excluded, the best first, none twice; float32. There is always at
        least one: where nothing else is found, the whole image.

    Raises:
        BadImage: If the numbers are not of 8 bits.
        BadShape: If it is no image, or has no pixels.
        BadConfig: If `most` is below 1, or `smallest` no number from 0.
        UnknownName: If the mode is unknown.
        MissingExtra: If scikit-image is not installed.

    Source: Uijlings et al., 2013, sections 3 and 4.4 and table 5.
    Deviates: An image that has not three channels is taken as it is, in one space of colours. The paper leaves out
        what is narrower than 20 pixels.

    Example:
        >>> image = np.zeros((60, 80, 3), np.uint8)
        >>> image[20:50, 10:40] = 255
        >>> boxes = selective_search(image, mode="single")
        >>> [10, 20, 40, 50] in boxes.round().tolist()
        True
    """
    check_search(most=most, mode=mode, smallest=smallest)
    groupings = [grouping for cut in cuts_of(image, mode=mode) for grouping in cut]
    boxes = ranked_boxes(groupings, seed=seed)
    boxes = boxes[(boxes[:, 2:] - boxes[:, :2]).min(1) >= smallest][:most]
    if not len(boxes):
        boxes = np.array([[0, 0, image.shape[1], image.shape[0]]])
    return boxes.astype(np.float32)


def ranked_boxes(groupings: Sequence[Grouping], *, seed: int = 0) -> Float64[np.ndarray, "boxes 4"]:
    """Put the boxes of all regions of several groupings into one order.

    The last region of a grouping, the whole image, has place 1, the one before it place 2. A box comes early where its
    place times a number drawn from 0 to 1 is low: the larger regions first, but not all of them.

    Args:
        groupings: What `ops.region_grouping.group` gives.
        seed: Of the numbers that are drawn.

    Returns:
        Rows (x1, y1, x2, y2); of equal ones only the first.

    Source: Uijlings et al., 2013, section 4.4.

    Example:
        >>> one = group(describe_regions(np.array([[0, 0, 1]]), np.zeros((1, 3, 1), np.uint8)))
        >>> sorted(ranked_boxes([one]).tolist())
        [[0.0, 0.0, 2.0, 1.0], [0.0, 0.0, 3.0, 1.0], [2.0, 0.0, 3.0, 1.0]]
    """
    boxes = np.concatenate([grouping.regions.boxes[::-1] for grouping in groupings])
    places = np.concatenate([np.arange(1, len(one.regions.boxes) + 1) for one in groupings])
    drawn = np.random.default_rng(seed).random(len(places))
    boxes = boxes[np.argsort(places * drawn, kind="stable")]
    return boxes[np.sort(np.unique(boxes, axis=0, return_index=True)[1])]


def check_search(*, most: int, mode: str, smallest: float) -> None:
    """Refuse settings that mean nothing.

    Args:
        most: Boxes, at most.
        mode: Of the search.
        smallest: Side of a box in pixels.

    Raises:
        BadConfig: If a number is out of range.
        UnknownName: If the mode is unknown.

    Source: ours.

    Example:
        >>> check_search(most=2000, mode="fast", smallest=8.0)
    """
    if mode not in PLANS:
        raise UnknownName("mode of selective search", mode, PLANS)
    if isinstance(most, bool) or not isinstance(most, int) or most < 1:
        raise BadConfig(f"got most={most!r}; taken is a whole number from 1; 2000 is usual")
    if not 0 <= smallest < float("inf"):
        raise BadConfig(f"got smallest={smallest!r}; taken is a side in pixels from 0; 8 is usual")


def cuts_of(image: UInt8[np.ndarray, "height width channels"], *, mode: Mode) -> list[list[Grouping]]:
    """Cut an image into segments in each way of a mode, and group each cut.

    Args:
        image: As for `selective_search`.
        mode: "single" or "fast".

    Returns:
        For each space of colours and each scale, a grouping for each sum of likenesses.

    Raises:
        BadImage: If the numbers are not of 8 bits.
        BadShape: If it is no image, or has no pixels.
        MissingExtra: If scikit-image is not installed.

    Source: Uijlings et al., 2013, section 3.3.

    Example:
        >>> image = np.zeros((60, 80, 3), np.uint8)
        >>> image[20:50, 10:40] = 255
        >>> [len(cut) for cut in cuts_of(image, mode="fast")]
        [2, 2, 2, 2]
    """
    _check_image(image)
    plan, cuts = PLANS[mode], []
    for channels in _spaces(image, plan.spaces):
        gradients = binned_gradients(channels)
        for scale in plan.scales:
            regions = describe_regions(segment(channels, scale), channels, gradients)
            cuts.append([group(regions, kinds) for kinds in plan.kinds])
    return cuts


def segment(channels: UInt8[np.ndarray, "height width channels"], scale: int = 100) -> NDArray[np.intp]:
    """Cut an image into segments of about one colour.

    Args:
        channels: The image, in any space of colours, from 0 to 255.
        scale: The k of the paper: the larger, the larger the segments; also the fewest pixels of one.

    Returns:
        The number of the segment of each pixel, from 0 without gaps.

    Raises:
        MissingExtra: If scikit-image is not installed.

    Source: Felzenszwalb and Huttenlocher, 2004, with σ = 0.8 and a least size of k as in Uijlings et al., 2013.

    Example:
        >>> halves = np.repeat(np.array([[[0], [255]]], np.uint8), 20, 1).repeat(20, 0)
        >>> segment(halves, 50)[0, ::13].tolist()
        [0, 0, 1, 1]
    """
    try:
        from skimage.segmentation import felzenszwalb
    except ImportError as error:
        raise MissingExtra("scikit-image, which cuts images for selective search", "proposals") from error
    with warnings.catch_warnings() if channels.shape[2] > 3 else nullcontext():
        if channels.shape[2] > 3:
            warnings.simplefilter("ignore", RuntimeWarning)  # it warns of so many channels, and takes them
        labels = felzenszwalb(channels, scale=scale, sigma=SIGMA, min_size=scale, channel_axis=-1)
    return np.unique(labels, return_inverse=True)[1].reshape(labels.shape).astype(np.intp)


def _check_image(image: NDArray) -> None:
    if image.ndim != 3 or not image.size:
        cure = "add image[..., None]" if image.ndim == 2 else "give one image that has pixels"
        raise BadShape(f"got an image of shape {image.shape}; selective search takes (height, width, channels); {cure}")
    if image.dtype != np.uint8:
        raise BadImage(
            f"got an image of {image.dtype}; selective search takes uint8 from 0 to 255; "
            "use (image * 255).astype(np.uint8) for floats in [0, 1]"
        )


def _spaces(image: NDArray[np.uint8], names: tuple[str, ...]) -> list[NDArray[np.uint8]]:
    if image.shape[2] != 3:
        return [image]
    codes = {"hsv": cv2.COLOR_RGB2HSV_FULL, "lab": cv2.COLOR_RGB2LAB}
    return [np.asarray(cv2.cvtColor(image, codes[name]), np.uint8) for name in names]
