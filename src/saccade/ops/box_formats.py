"""Boxes in other forms: corner and size, centre and size, shares of the image; and what is cut to the image.

Every function takes any number of axes before the last, which holds the four numbers of a box; whole numbers become
floats of 32 bits. Where the results can be told exactly by floats of that type, they are exact.

Source: ours.
"""

from __future__ import annotations

import torch
from jaxtyping import Float, Int, Shaped
from torch import Tensor

from saccade.errors import BadConfig, BadShape


def xyxy_to_xywh(boxes: Shaped[Tensor, "*boxes 4"]) -> Float[Tensor, "*boxes 4"]:
    """Give each box as its left upper corner and its size.

    Args:
        boxes: (x1, y1, x2, y2).

    Returns:
        (x1, y1, width, height).

    Raises:
        BadShape: If the last axis has not four numbers.

    Example:
        >>> xyxy_to_xywh(torch.tensor([[1, 2, 4, 6]])).tolist()
        [[1.0, 2.0, 3.0, 4.0]]
    """
    start, end = halves(boxes, "boxes")
    return torch.cat([start, end - start], -1)


def xywh_to_xyxy(boxes_xywh: Shaped[Tensor, "*boxes 4"]) -> Float[Tensor, "*boxes 4"]:
    """Make boxes from corners and sizes.

    Args:
        boxes_xywh: (x1, y1, width, height).

    Returns:
        (x1, y1, x2, y2).

    Raises:
        BadShape: If the last axis has not four numbers.

    Example:
        >>> xywh_to_xyxy(torch.tensor([[1, 2, 3, 4]])).tolist()
        [[1.0, 2.0, 4.0, 6.0]]
    """
    start, sides = halves(boxes_xywh, "boxes_xywh")
    return torch.cat([start, start + sides], -1)


def xyxy_to_cxcywh(boxes: Shaped[Tensor, "*boxes 4"]) -> Float[Tensor, "*boxes 4"]:
    """Give each box as its centre and its size.

    Args:
        boxes: (x1, y1, x2, y2).

    Returns:
        (centre x, centre y, width, height).

    Raises:
        BadShape: If the last axis has not four numbers.

    Example:
        >>> xyxy_to_cxcywh(torch.tensor([[1, 2, 4, 6]])).tolist()
        [[2.5, 4.0, 3.0, 4.0]]
    """
    start, end = halves(boxes, "boxes")
    return torch.cat([(start + end) / 2, end - start], -1)


def cxcywh_to_xyxy(boxes_cxcywh: Shaped[Tensor, "*boxes 4"]) -> Float[Tensor, "*boxes 4"]:
    """Make boxes from centres and sizes.

    Args:
        boxes_cxcywh: (centre x, centre y, width, height).

    Returns:
        (x1, y1, x2, y2).

    Raises:
        BadShape: If the last axis has not four numbers.

    Example:
        >>> cxcywh_to_xyxy(torch.tensor([[2.5, 4, 3, 4]])).tolist()
        [[1.0, 2.0, 4.0, 6.0]]
    """
    centre, sides = halves(boxes_cxcywh, "boxes_cxcywh")
    half = sides / 2
    return torch.cat([centre - half, centre + half], -1)


def normalise_boxes(boxes: Shaped[Tensor, "*boxes 4"], size: tuple[int, int]) -> Float[Tensor, "*boxes 4"]:
    """Give the numbers of boxes as shares of the image's width and height.

    Args:
        boxes: In pixels; in any of the forms, for x and widths take turns with y and heights in all of them.
        size: (height, width) of the image in pixels.

    Returns:
        The same form, from 0 to 1 inside the image.

    Raises:
        BadShape: If the last axis has not four numbers.
        BadConfig: If the size has no area.

    Example:
        >>> normalise_boxes(torch.tensor([[5, 5, 10, 20]]), (20, 10)).tolist()
        [[0.5, 0.25, 1.0, 1.0]]
    """
    boxes = fours(boxes, "boxes")
    return boxes / _corners(boxes, size)


def boxes_in_pixels(boxes_normalised: Shaped[Tensor, "*boxes 4"], size: tuple[int, int]) -> Float[Tensor, "*boxes 4"]:
    """Give boxes that are shares of the image in its pixels.

    Args:
        boxes_normalised: In any of the forms, from 0 to 1 inside the image.
        size: (height, width) of the image in pixels.

    Returns:
        The same form in pixels.

    Raises:
        BadShape: If the last axis has not four numbers.
        BadConfig: If the size has no area.

    Example:
        >>> boxes_in_pixels(torch.tensor([[0.5, 0.25, 1, 1]]), (20, 10)).tolist()
        [[5.0, 5.0, 10.0, 20.0]]
    """
    boxes_normalised = fours(boxes_normalised, "boxes_normalised")
    return boxes_normalised * _corners(boxes_normalised, size)


def clip_boxes(boxes: Shaped[Tensor, "*boxes 4"], size: tuple[int, int]) -> Float[Tensor, "*boxes 4"]:
    """Cut off what reaches beyond the image; a box wholly outside is left without area.

    Args:
        boxes: (x1, y1, x2, y2) in pixels.
        size: (height, width) of the image in pixels.

    Returns:
        The same number of boxes.

    Raises:
        BadShape: If the last axis has not four numbers.
        BadConfig: If the size has no area.

    Example:
        >>> clip_boxes(torch.tensor([[-5, 5, 30, 15]]), (10, 20)).tolist()
        [[0.0, 5.0, 20.0, 10.0]]
    """
    boxes = fours(boxes, "boxes")
    return boxes.clamp(min=0).minimum(_corners(boxes, size))


def large_boxes(boxes: Shaped[Tensor, "boxes 4"], smallest: float) -> Int[Tensor, " large"]:
    """Find the boxes of which no side is shorter than so many pixels.

    Args:
        boxes: Rows (x1, y1, x2, y2) in pixels.
        smallest: The length; a side equal to it is not shorter.

    Returns:
        Their numbers, in order.

    Raises:
        BadShape: If the rows have not four numbers.

    Example:
        >>> large_boxes(torch.tensor([[0, 0, 4, 1], [0, 0, 4, 2]]), 2).tolist()
        [1]
    """
    start, end = halves(boxes, "boxes")
    return (end - start >= smallest).all(-1).nonzero()[:, 0]


def fours(boxes: Shaped[Tensor, "*boxes 4"], name: str) -> Float[Tensor, "*boxes 4"]:
    """Check that the last axis holds boxes, and make their numbers floats.

    Args:
        boxes: Any number of axes, then four numbers.
        name: What they are called, for the message.

    Returns:
        The same numbers, as they are or as floats of 32 bits.

    Raises:
        BadShape: If the last axis has not four numbers.

    Example:
        >>> fours(torch.zeros(2, 3, 4, dtype=torch.int64), "boxes").dtype
        torch.float32
    """
    if boxes.dim() == 0 or boxes.shape[-1] != 4:
        raise BadShape(
            f"got {name} of shape {tuple(boxes.shape)}; taken are four numbers for each box, on the last axis; "
            "for no boxes at all give torch.zeros(0, 4)"
        )
    return boxes if boxes.is_floating_point() else boxes.float()


def halves(boxes: Shaped[Tensor, "*boxes 4"], name: str) -> tuple[Float[Tensor, "*boxes 2"], Float[Tensor, "*boxes 2"]]:
    """Split boxes into their first two numbers and their last two, as `fours` checks and makes them.

    Args:
        boxes: Any number of axes, then four numbers.
        name: What they are called, for the message.

    Returns:
        Both parts.

    Raises:
        BadShape: If the last axis has not four numbers.

    Example:
        >>> halves(torch.tensor([[1, 2, 4, 6]]), "boxes")[1].tolist()
        [[4.0, 6.0]]
    """
    numbers = fours(boxes, name)
    return numbers[..., :2], numbers[..., 2:]


def _corners(boxes: Tensor, size: tuple[int, int]) -> Float[Tensor, " 4"]:
    height, width = size
    if not (height > 0 and width > 0):
        raise BadConfig(f"got size={size!r}; taken is (height, width) of an image with pixels; give its size")
    return boxes.new_tensor([width, height, width, height])
