"""Boxes told by their four edges, each by how far it is from that of a window, in sides of the window.

With a window from (left, top) to (right, bottom), of width w and height h, a box is

    ((x1 − left) / w, (y1 − top) / h, (x2 − right) / w, (y2 − bottom) / h).

Source: Sermanet et al., "OverFeat", arXiv 1312.6229, section 4.2: "the coordinates for the bounding box edges", in the
    frame of the window.
"""

from __future__ import annotations

import torch
from jaxtyping import Float
from torch import Tensor

from saccade.errors import BadShape
from saccade.ops.box_formats import fours
from saccade.ops.boxes import rows_of_four


def encode_edges(boxes: Float[Tensor, "boxes 4"], windows: Float[Tensor, "boxes 4"]) -> Float[Tensor, "boxes 4"]:
    """Tell boxes by their edges.

    Args:
        boxes: Rows (x1, y1, x2, y2).
        windows: As many rows, with area.

    Returns:
        The codes; zeros for a box that is the window.

    Raises:
        BadShape: If the rows have not four numbers, or are not as many.

    Example:
        >>> encode_edges(torch.tensor([[5.0, 0, 15, 10]]), torch.tensor([[0.0, 0, 10, 20]])).tolist()
        [[0.5, 0.0, 0.5, -0.5]]
    """
    boxes, windows = rows_of_four(boxes, "boxes"), rows_of_four(windows, "windows")
    if len(boxes) != len(windows):
        raise BadShape(f"got {len(boxes)} boxes and {len(windows)} windows; taken is one for each; give as many")
    return (boxes - windows) / (windows[:, 2:] - windows[:, :2]).repeat(1, 2)


def decode_edges(
    codes: Float[Tensor, "*batch windows classes 4"], windows: Float[Tensor, "windows 4"]
) -> Float[Tensor, "*batch windows classes 4"]:
    """Undo `encode_edges`, for a box for each class.

    Args:
        codes: For each window those of one box for each class; any axes may stand before.
        windows: Rows (x1, y1, x2, y2).

    Returns:
        Boxes (x1, y1, x2, y2), not cut to any image; edges that are told in the wrong order change places.

    Raises:
        BadShape: If codes and windows do not belong together.

    Example:
        >>> codes = torch.tensor([[[0.5, 0.0, 0.5, -0.5]]])
        >>> decode_edges(codes, torch.tensor([[0.0, 0, 10, 20]])).tolist()
        [[[5.0, 0.0, 15.0, 10.0]]]
    """
    codes, windows = fours(codes, "codes"), rows_of_four(windows, "windows")
    if codes.ndim < 3 or codes.shape[-3] != len(windows):
        raise BadShape(
            f"got codes of shape {tuple(codes.shape)} and {len(windows)} windows; taken are (windows, classes, 4), "
            "with any axes before; give as many"
        )
    windows = windows.to(codes)[:, None]
    edges = windows + codes * (windows[..., 2:] - windows[..., :2]).repeat(1, 1, 2)
    start, end = edges[..., :2], edges[..., 2:]
    return torch.cat([start.minimum(end), start.maximum(end)], -1)
