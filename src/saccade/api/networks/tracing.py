"""Tracing: the steps of an operation on a small example, on numbers of one's own, or on a crop of a picture.

Source: ours.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePath
from typing import Any

import numpy as np
from jaxtyping import Shaped
from PIL import Image

from saccade import catalog
from saccade.data.reading import as_image
from saccade.errors import BadConfig, BadShape, printable
from saccade.inspect.tracing.options import ROOM, check_options, options_of
from saccade.inspect.tracing.panels import Picture
from saccade.inspect.tracing.trace import Trace
from saccade.types.drawing import as_picture
from saccade.weights.files import write_whole

FORMATS = (".html", ".svg", ".txt", ".json")
LARGEST_CROP = 12
_LUMA = (0.299, 0.587, 0.114)  # ITU-R BT.601
_WIDEST = 480  # pixels of a picture on a page


def trace(
    what: str,
    *,
    image: Any = None,
    at: tuple[int, int] | None = None,
    crop: tuple[int, int] = (6, 6),
    grey: bool = True,
    options: Mapping[str, Any] | None = None,
) -> Trace:
    """Show the steps of an operation, number by number.

    Args:
        what: One of the traces: "conv", "pool", "iou", "nms", …
        image: A picture in any form (see `data.reading.as_image`): of a matrix a crop of its levels is taken, from 0 to
            255; boxes are drawn over it.
        at: Row and column of the crop's first pixel, counted from 0; None: the middle.
        crop: Its rows and columns, up to 12.
        grey: Turn the crop to grey, or keep its channels.
        options: What that trace takes, by name: {"kernel": "sobel", "stride": 2}.

    Returns:
        The trace; a notebook shows it, and it writes itself as text, SVG or HTML.

    Raises:
        UnknownName: If there is no such trace.
        BadConfig: If options are wrong, all of them listed.
        BadShape: If the crop does not fit, or the numbers do not.
        BadImage: If the picture cannot be read.

    Source: ours.

    Example:
        >>> trace("pool", options={"kind": "average"}).result
        [[3.75, 1.25], [3.75, 2.0]]
    """
    given = dict(options or {})
    check_options(what, given)
    function = catalog.find(ROOM, what)
    if image is None:
        if at is not None:
            raise BadConfig("got a place without a picture; taken are both; give the picture, or leave `at` out")
        return function(**given)
    target = _target(what, given, at)
    pixels = as_image(image)
    if target == "picture":
        return function(**given, picture=_thumbnail(pixels))
    row, column = at or ((pixels.shape[0] - crop[0]) // 2, (pixels.shape[1] - crop[1]) // 2)
    numbers = _levels(_cropped(pixels, (row, column), crop), grey)
    shown = function(**given, matrix=numbers)
    name = printable(PurePath(image).name) if isinstance(image, str | PurePath) else "the picture"
    levels = "grey levels" if len(numbers) == 1 else "levels of each channel"
    where = f"rows {row} to {row + crop[0] - 1} and columns {column} to {column + crop[1] - 1} of {name}"
    return replace(shown, about=f"{shown.about} The numbers are {levels} from 0 to 255: {where}, counted from 0.")


def save_trace(shown: Trace, path: str | Path, *, frames: int = 6) -> Path:
    """Write a trace as a file, whole or not at all.

    Args:
        shown: What to write.
        path: Its suffix says as what: .html, .svg, .txt or .json.
        frames: How many steps an SVG shows at most.

    Returns:
        The path.

    Raises:
        BadConfig: If the suffix is none of them.
        StorageFull: If the disk is full.

    Source: ours.

    Example:
        >>> save_trace(trace("iou"), "iou.svg").name
        'iou.svg'
    """
    path = Path(path)
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        raise BadConfig(f"got {path.name!r}; taken are names that end in {', '.join(FORMATS)}; choose one of them")
    if suffix == ".json":
        text = json.dumps(shown.to_dict(), allow_nan=False)
    elif suffix == ".svg":
        text = shown.to_svg(frames)
    else:
        text = shown.to_html() if suffix == ".html" else shown.to_text()
    data = (text.rstrip("\n") + "\n").encode("utf-8", "replace")
    write_whole(path, lambda file: file.write(data))
    return path


def _target(what: str, given: Mapping[str, Any], at: tuple[int, int] | None) -> str:
    """The argument that takes the picture: a matrix of its numbers, or the whole of it behind boxes."""
    taken = options_of(what)
    target = next((name for name in ("matrix", "picture") if name in taken), "")
    if not target or target in given:
        clash = f"and {target}" if target else f"for the trace {what!r}, which takes none"
        raise BadConfig(f"got a picture {clash}; taken is one of them; leave one out")
    if target == "picture" and at is not None:
        raise BadConfig(f"got a place for the trace {what!r}; taken is all of the picture; leave `at` out")
    return target


def _cropped(
    pixels: Shaped[np.ndarray, "height width channels"], at: tuple[int, int], crop: tuple[int, int]
) -> Shaped[np.ndarray, "rows columns channels"]:
    height, width = pixels.shape[:2]
    if not all(1 <= side <= LARGEST_CROP for side in crop):
        raise BadShape(
            f"got a crop of {crop[0]} × {crop[1]} pixels; taken are 1 to {LARGEST_CROP} rows and columns, as many "
            "numbers as can be followed; take a smaller one"
        )
    if min(at) < 0 or at[0] + crop[0] > height or at[1] + crop[1] > width:
        raise BadShape(
            f"got a crop of {crop[0]} × {crop[1]} at row {at[0]}, column {at[1]}; the picture has {height} rows and "
            f"{width} columns, counted from 0; choose a place inside it"
        )
    return pixels[at[0] : at[0] + crop[0], at[1] : at[1] + crop[1]]


def _levels(pixels: Shaped[np.ndarray, "rows columns channels"], grey: bool) -> list[list[list[float]]]:
    """Whole levels from 0 to 255, a matrix for each channel."""
    full = {"u1": 255.0, "u2": 65535.0}.get(pixels.dtype.str[1:], 1.0)
    levels = pixels.astype(np.float64) * (255 / full)
    if grey and levels.shape[2] > 1:
        levels = levels[:, :, :3] @ np.array(_LUMA) if levels.shape[2] >= 3 else levels[:, :, 0]
        levels = levels[:, :, None]
    return np.round(levels).transpose(2, 0, 1).tolist()


def _thumbnail(pixels: Shaped[np.ndarray, "height width channels"]) -> Picture:
    picture, buffer = as_picture(pixels), io.BytesIO()
    picture.thumbnail((_WIDEST, _WIDEST), Image.Resampling.LANCZOS)
    picture.save(buffer, format="JPEG", quality=85)
    return Picture(buffer.getvalue(), (pixels.shape[0], pixels.shape[1]))
