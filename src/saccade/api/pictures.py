"""Pictures in any form a user may have them: one or many, as paths, bytes, images, arrays, tensors.

Source: ours.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Shaped

from saccade.data.files import list_pictures
from saccade.data.reading import as_image
from saccade.errors import BadData, BadImage, printable


def pictures_in(folder: Path) -> Iterator[Path]:
    """Walk a folder for pictures, deep, in order, without hidden ones.

    Args:
        folder: Where to look.

    Returns:
        The paths of the files whose names are those of pictures.

    Raises:
        BadData: If there is none.

    Source: ours.
    """
    found = list_pictures(folder, Counter())
    if not found:
        raise BadData(
            f"got folder {printable(str(folder))} without pictures; taken are folders with .jpg, .png and the like; "
            "check the path"
        )
    return (folder / path for path in found)


def is_one(images: Any) -> bool:
    """Tell one picture from many.

    Args:
        images: What the user gave.

    Returns:
        Whether it is one picture, or something that is no picture at all; False for a folder and for what can be
        walked through.

    Source: ours.

    Example:
        >>> is_one("a.jpg"), is_one(np.zeros((4, 4, 3))), is_one(["a.jpg"])
        (True, True, False)
    """
    if isinstance(images, str | os.PathLike):
        return not Path(images).is_dir()
    if isinstance(images, np.ndarray):
        return images.ndim < 4 and images.dtype.kind not in "OUS"  # those are rows of paths, not of pixels
    if isinstance(images, torch.Tensor):
        return images.ndim < 4
    raw = bytes | bytearray | memoryview
    return isinstance(images, raw) or hasattr(images, "read") or not isinstance(images, Iterable)


def each_of(images: Any) -> Iterator[Any]:
    """Walk through pictures in whatever form they come.

    Args:
        images: One picture, or many.

    Returns:
        Each of them.

    Raises:
        BadData: If it is a folder without pictures.

    Source: ours.

    Example:
        >>> list(each_of(["a.jpg", "b.jpg"]))
        ['a.jpg', 'b.jpg']
    """
    if isinstance(images, str | os.PathLike) and Path(images).is_dir():
        return pictures_in(Path(images))
    things: Any = [images] if is_one(images) else images
    return iter(things)


def name_of(thing: Any, number: int) -> str:
    """Name a picture.

    Args:
        thing: In whatever form it came.
        number: Its place among the others.

    Returns:
        Its path if it has one, else "image" and its number.

    Source: ours.

    Example:
        >>> name_of(Path("a.jpg"), 0), name_of(b"...", 3)
        ('a.jpg', 'image 3')
    """
    if isinstance(thing, str | os.PathLike):
        return os.fsdecode(thing)
    name: Any = getattr(thing, "filename", "") or getattr(thing, "name", "")
    return name if isinstance(name, str) and name else f"image {number}"


def image_of(thing: Any, name: str, *, luma: bool = False) -> Shaped[np.ndarray, "height width channels"]:
    """Read a picture in whatever form it came.

    Args:
        thing: A path, bytes, an open file, a PIL image, an array or a tensor.
        name: What to call it in an error.
        luma: Take the luma alone of a file that keeps it apart from the colours (see `read_image`).

    Returns:
        Its pixels.

    Raises:
        BadImage: If it is no picture; one that came as a path is named.
        MissingExtra: If it needs a part of saccade that is not installed.

    Source: ours.
    """
    try:
        return as_image(bytes(thing) if isinstance(thing, bytearray | memoryview) else thing, luma=luma)
    except BadImage as error:
        raise BadImage(error.reason, name if isinstance(thing, str | os.PathLike) else error.path) from error
