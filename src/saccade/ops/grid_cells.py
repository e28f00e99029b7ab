"""Boxes told from a cell of a grid over the image: the cell in which their middle lies answers for them.

A grid of (rows, columns) cuts an image into cells. The middle of a box is told as a share of its cell, so it lies in
[0, 1); the sides are told as shares of the image (YOLO), of the cell, where they may exceed 1 (the notes), or as
logarithms beside those of an anchor (YOLO9000).

Source: Redmon et al., 2016, "You only look once", arXiv 1506.02640, section 2; Redmon and Farhadi, 2017, "YOLO9000",
    arXiv 1612.08242, section 2, "direct location prediction".
"""

from __future__ import annotations

from typing import Literal

import torch
from jaxtyping import Float, Int
from torch import Tensor

from saccade.errors import BadConfig, BadShape
from saccade.ops.box_formats import xyxy_to_cxcywh
from saccade.ops.boxes import rows_of_four

Pair = tuple[int, int]
Unit = Literal["image", "cell"]


def cells_of(boxes: Float[Tensor, "boxes 4"], size: Pair, grid: Pair) -> Int[Tensor, "boxes 2"]:
    """Find the cell in which the middle of each box lies.

    Args:
        boxes: Rows (x1, y1, x2, y2) in pixels.
        size: (height, width) of the image.
        grid: (rows, columns) of cells.

    Returns:
        Rows (row, column). A middle on a line belongs to the cell below and to the right of it; what lies outside the
        image, to the nearest cell.

    Raises:
        BadShape: If the rows have not four numbers.
        BadConfig: If a side of the image or of the grid is below 1.

    Source: Redmon et al. 2016, section 2; the notes.

    Example:
        >>> cells_of(torch.tensor([[0.0, 0, 40, 60]]), (100, 100), (3, 3)).tolist()
        [[0, 0]]
    """
    cells = _in_cells(boxes, size, grid)[:, :2].floor().long()
    last = torch.tensor([grid[1] - 1, grid[0] - 1], device=cells.device)
    return cells.clamp(min=0).minimum(last).flip(1)


def encode_in_cells(
    boxes: Float[Tensor, "boxes 4"], size: Pair, grid: Pair, *, unit: Unit = "image"
) -> Float[Tensor, "boxes 4"]:
    """Tell boxes from their cells.

    Args:
        boxes: Rows (x1, y1, x2, y2) in pixels.
        size: (height, width) of the image.
        grid: (rows, columns) of cells.
        unit: Of the sides: "image", shares of the image's; "cell", shares of the cell's, which may exceed 1.

    Returns:
        Rows (x, y, width, height), x and y as shares of the cell from `cells_of`.

    Raises:
        BadShape: If the rows have not four numbers.
        BadConfig: If a side of the image or of the grid is below 1, or there is no such unit.

    Source: Redmon et al. 2016, section 2; the notes for "cell".

    Example:
        >>> encode_in_cells(torch.tensor([[40.0, 20, 80, 40]]), (100, 100), (5, 5), unit="cell").tolist()
        [[0.0, 0.5, 2.0, 1.0]]
    """
    _check_unit(unit)
    codes = _in_cells(boxes, size, grid)
    middles = codes[:, :2] - cells_of(boxes, size, grid).flip(1)
    return torch.cat([middles, codes[:, 2:] / _sides(codes, grid, unit)], 1)


def decode_from_cells(
    codes: Float[Tensor, "*batch rows columns boxes 4"], size: Pair, *, unit: Unit = "image"
) -> Float[Tensor, "*batch rows columns boxes 4"]:
    """Undo `encode_in_cells`, for all boxes of all cells.

    Args:
        codes: (x, y, width, height) of each box of each cell.
        size: (height, width) of the image.
        unit: Of the sides, as they were encoded.

    Returns:
        Boxes (x1, y1, x2, y2) in pixels, not cut to the image.

    Raises:
        BadShape: If the codes have not those axes.
        BadConfig: If a side of the image or of the grid is below 1, or there is no such unit.

    Source: as `encode_in_cells`.

    Example:
        >>> codes = torch.tensor([0.0, 0.5, 2.0, 1.0]).expand(5, 5, 1, 4)
        >>> decode_from_cells(codes, (100, 100), unit="cell")[1, 3, 0].tolist()
        [40.0, 20.0, 80.0, 40.0]
    """
    _check_unit(unit)
    if codes.ndim < 4 or codes.shape[-1] != 4:
        raise BadShape(
            f"got codes of shape {tuple(codes.shape)}; taken are (rows, columns, boxes, 4), with any axes before; "
            "give four numbers for each box of each cell"
        )
    grid = (codes.shape[-4], codes.shape[-3])
    pixels = _pixels(codes, size, grid)
    middles = (codes[..., :2] + _corners(codes, grid)) * pixels
    half = codes[..., 2:] * _sides(codes, grid, unit) * pixels / 2
    return torch.cat([middles - half, middles + half], -1)


def encode_beside_anchors(
    boxes: Float[Tensor, "boxes 4"], anchors: Float[Tensor, "boxes 2"], size: Pair, grid: Pair
) -> Float[Tensor, "boxes 4"]:
    """Tell boxes from their cells and anchors.

    Args:
        boxes: Rows (x1, y1, x2, y2) in pixels, with area.
        anchors: (width, height) of the anchor of each, in cells.
        size: (height, width) of the image.
        grid: (rows, columns) of cells.

    Returns:
        Rows (x, y, log(width / anchor's), log(height / anchor's)), x and y as shares of the cell from `cells_of`.

    Raises:
        BadShape: If the rows have not four numbers, or there is not one anchor for each.
        BadConfig: If a side of the image or of the grid is below 1.

    Source: Redmon and Farhadi 2017, section 2.

    Example:
        >>> boxes = torch.tensor([[40.0, 20, 80, 40]])
        >>> encode_beside_anchors(boxes, torch.tensor([[2.0, 1.0]]), (100, 100), (5, 5)).tolist()
        [[0.0, 0.5, 0.0, 0.0]]
    """
    codes = encode_in_cells(boxes, size, grid, unit="cell")
    if tuple(anchors.shape) != (len(codes), 2):
        raise BadShape(
            f"got {len(codes)} boxes and anchors of shape {tuple(anchors.shape)}; taken is (width, height) for each "
            "box; give as many"
        )
    return torch.cat([codes[:, :2], (codes[:, 2:] / anchors.to(codes)).log()], 1)


def decode_beside_anchors(
    codes: Float[Tensor, "*batch rows columns anchors 4"], anchors: Float[Tensor, "anchors 2"], size: Pair
) -> Float[Tensor, "*batch rows columns anchors 4"]:
    """Undo `encode_beside_anchors`, for all anchors of all cells.

    Args:
        codes: (x, y, log(width / anchor's), log(height / anchor's)) of each anchor of each cell.
        anchors: (width, height) of each, in cells.
        size: (height, width) of the image.

    Returns:
        Boxes (x1, y1, x2, y2) in pixels, not cut to the image.

    Raises:
        BadShape: If the codes have not those axes, or anchors are not as many.
        BadConfig: If a side of the image or of the grid is below 1.

    Source: Redmon and Farhadi 2017, section 2.

    Example:
        >>> codes = torch.tensor([0.0, 0.5, 0.0, 0.0]).expand(5, 5, 1, 4)
        >>> decode_beside_anchors(codes, torch.tensor([[2.0, 1.0]]), (100, 100))[1, 3, 0].tolist()
        [40.0, 20.0, 80.0, 40.0]
    """
    if tuple(anchors.shape) != (codes.shape[-2] if codes.ndim > 1 else -1, 2):
        raise BadShape(
            f"got codes of shape {tuple(codes.shape)} and anchors of shape {tuple(anchors.shape)}; taken are (rows, "
            "columns, anchors, 4), with any axes before, and (anchors, 2); give as many anchors"
        )
    sides = codes[..., 2:].exp() * anchors.to(codes)
    return decode_from_cells(torch.cat([codes[..., :2], sides], -1), size, unit="cell")


def _in_cells(boxes: Tensor, size: Pair, grid: Pair) -> Float[Tensor, "boxes 4"]:
    """Middles and sides, counted in cells."""
    rows = xyxy_to_cxcywh(rows_of_four(boxes, "boxes"))
    return rows / _pixels(rows, size, grid).repeat(2)


def _pixels(like: Tensor, size: Pair, grid: Pair) -> Float[Tensor, " 2"]:
    """(Width, height) of a cell in pixels."""
    if min(*size, *grid) < 1:
        raise BadConfig(f"got an image of {size} and a grid of {grid}; taken are sides of 1 or more; change them")
    return torch.tensor([size[1] / grid[1], size[0] / grid[0]], dtype=like.dtype, device=like.device)


def _sides(like: Tensor, grid: Pair, unit: Unit) -> Float[Tensor, " 2"]:
    """(Width, height) of the unit in cells."""
    return torch.tensor((grid[1], grid[0]) if unit == "image" else (1, 1), dtype=like.dtype, device=like.device)


def _corners(like: Tensor, grid: Pair) -> Float[Tensor, "rows columns 1 2"]:
    """(x, y) of the left upper corner of each cell, in cells."""
    down, right = (torch.arange(side, dtype=like.dtype, device=like.device) for side in grid)
    return torch.stack(torch.meshgrid(right, down, indexing="xy"), -1)[:, :, None]


def _check_unit(unit: str) -> None:
    if unit not in ("image", "cell"):
        raise BadConfig(f"got unit={unit!r}; taken are 'image' and 'cell'; choose one of them")
