"""Filter pictures with kernels, by name or by number; and let gradient descent find a kernel.

Source: ours.
"""

from __future__ import annotations

import io
import math
import os
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from jaxtyping import Float, Float32, Shaped
from PIL import Image
from torch import Tensor

from saccade.api.filters.kernels import Kernel, as_kernel
from saccade.api.pictures import image_of, name_of
from saccade.errors import BadConfig, printable
from saccade.ops.filter_views import (
    default_view,
    draw_response,
    magnitude_of,
    measured_scale,
    orientation_of,
    signed_colours,
    view_kernels,
)
from saccade.ops.filtering import filtered, response_size
from saccade.ops.kernels import kernel_text
from saccade.weights.files import storage_checked

PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp")
_SIXTEEN_BITS = (".png", ".tif", ".tiff")


@dataclass(frozen=True, eq=False)
class FilterResponse:
    """What a kernel answers to a picture; computed when it is asked for.

    Args:
        image: The picture, as an array; of a JPEG read for another view than plain, its luma.
        kernel: Its numbers.
        view: "signed", "magnitude", "orientation" or "plain".
        padding: What lies beyond the edge.
        scale: The response that has full colour; None measures it.

    Source: ours.
    """

    image: Shaped[np.ndarray, "height width channels"]
    kernel: Float[Tensor, "rows columns"]
    view: str
    padding: str = "reflect"
    scale: float | None = None

    @cached_property
    def response(self) -> Float32[np.ndarray, "new_height new_width new_channels"]:
        """The response itself: of the luma, or of each channel in the plain view; a picture counts as 0 to 1."""
        return filtered(self.image, self.kernel, padding=self.padding, luma=self.view != "plain")

    @cached_property
    def picture(self) -> Shaped[np.ndarray, "new_height new_width new_channels"]:
        """The view as a picture, an array that can be shown, saved or filtered again."""
        return self._drawn("rgb")

    @cached_property
    def full_colour(self) -> float:
        """The response that has full colour or brightness: the scale that was given, else the one measured."""
        if self.view == "plain":
            return 1.0
        return self.scale or measured_scale(self.image, self.kernel, view=self.view, padding=self.padding)

    def magnitude(self) -> Float32[np.ndarray, "new_height new_width 1"]:
        """Give the strength of the luma's response, in every direction if the kernel has one."""
        return magnitude_of(self._responses("magnitude"))

    def orientation(self) -> Float32[np.ndarray, "new_height new_width 1"]:
        """Give the direction from light to dark in degrees, clockwise from left to right; the kernel must have one."""
        return orientation_of(self._responses("orientation"), self.kernel)

    def as_view(self, view: str) -> FilterResponse:
        """Look at the same response in another way.

        Args:
            view: "signed", "magnitude", "orientation" or "plain".

        Returns:
            A response of its own.

        Raises:
            UnknownName: If there is no such view.
            BadConfig: If the kernel has no direction to show.
        """
        view_kernels(self.kernel, view)
        return replace(self, view=view)

    def save(self, path: str | Path) -> Path:
        """Write the view as a picture.

        Args:
            path: Its suffix says the format; 16 bits stay 16 bits in PNG and TIFF.

        Returns:
            The path.

        Raises:
            BadConfig: If the suffix is that of no picture, or the format cannot hold so large a one.
            StorageFull: If the disk is full.
        """
        path = Path(path)
        suffix = picture_suffix(path)
        data = self._palette_png() if (self.view, suffix) == ("signed", ".png") else self._encoded(suffix)
        with storage_checked(path), path.open("wb") as file:
            file.write(data)
        return path

    def __repr__(self) -> str:
        """Say what it is in a line."""
        height, width = self.image.shape[:2]
        return f"FilterResponse({kernel_text(self.kernel)!r} on {height} × {width} pixels, view={self.view!r})"

    def _repr_png_(self) -> bytes:
        return bytes(self._encoded(".png"))

    def _palette_png(self) -> memoryview:
        """The signed view has 255 colours: as a palette it takes a third of the room, and half of the time."""
        levels = self._drawn("levels")
        height, width = levels.shape[:2]
        picture = Image.frombuffer("P", (width, height), levels, "raw", "P", 0, 1)
        picture.putpalette(signed_colours().tobytes())
        buffer = io.BytesIO()
        picture.save(buffer, "PNG", compress_level=1)
        return buffer.getbuffer()

    def _encoded(self, suffix: str) -> memoryview:
        drawn = self._drawn("bgr")
        if drawn.shape[2] not in (1, 3):
            drawn = drawn[..., :3] if drawn.shape[2] > 3 else drawn[..., :1]
        if drawn.dtype != np.uint8:
            drawn = _levels(drawn, 65_535 if suffix in _SIXTEEN_BITS else 255)
        try:
            done, data = cv2.imencode(suffix, drawn)
        except cv2.error:
            done, data = False, np.empty(0, np.uint8)
        if not done:
            size = f"{drawn.shape[0]:,} × {drawn.shape[1]:,}"
            raise BadConfig(f"got a picture of {size} pixels for {suffix}; taken is what the format holds; use .png")
        return data.data

    def _drawn(self, form: str) -> Shaped[np.ndarray, "new_height new_width new_channels"]:
        return draw_response(
            self.image, self.kernel, view=self.view, scale=self.full_colour, padding=self.padding, form=form
        )

    def _responses(self, view: str) -> list[Float32[np.ndarray, "new_height new_width 1"]]:
        kernels = view_kernels(self.kernel, view)
        return [filtered(self.image, kernel, padding=self.padding, luma=True) for kernel in kernels]


def filter_image(
    image: Any,
    kernel: Kernel,
    *,
    angle: float = 0.0,
    view: str = "auto",
    padding: str = "reflect",
    scale: float | None = None,
    out: str | Path | None = None,
) -> FilterResponse:
    """Filter a picture with a kernel, cross-correlated: laid on the picture as it stands, not flipped.

    A picture is 0 to 1, whatever its bits, so a step from white to black answers 4 to Sobel. Photographs of any size
    are filtered in tiles; beyond the picture and its result, memory holds a few of those.

    Args:
        image: A path, bytes, an open file, a PIL image, an array or a tensor. The luma of a JPEG is taken as it is
            stored, which spares the decoding of its colours; elsewhere it is 0.299 red + 0.587 green + 0.114 blue.
        kernel: A name ("sobel"), numbers in a text ("1 0 -1; 2 0 -2; 1 0 -1"), or a table, array or tensor of them. A
            blur of another width is `named_kernel("gaussian", sigma=4)` of `saccade.ops.kernels`.
        angle: Degrees, clockwise, for kernels with a direction: at 0 sobel is positive from light to dark, left to
            right; at 90 where light lies above dark.
        view: "signed", "magnitude", "orientation" (all of the luma), "plain" (each channel), or "auto": signed where
            the numbers of the kernel sum to 0, else plain.
        padding: What lies beyond the edge: "reflect", "replicate", "circular" or "zeros"; "valid" leaves the edge out.
        scale: The response that has full colour; None takes the one that 99.5 % of the pixels stay below.
        out: Where to save the view as a picture, if anywhere.

    Returns:
        The response: `.response` and `.picture` as arrays, `.magnitude()`, `.orientation()`, `.save(path)`.

    Raises:
        BadImage: If the image is none.
        BadConfig: If the kernel has no direction to turn or to show, or a setting is out of its range.
        BadData: If a number of the kernel is not finite.
        BadShape: If the picture is too small for the kernel, or the kernel has not two sides.
        UnknownName: If there is no such kernel, view or padding.
        StorageFull: If the disk is full.

    Source: ours.

    Example:
        >>> picture = np.repeat(np.uint8([[255, 255, 255, 0, 0, 0]]), 6, axis=0)
        >>> filter_image(picture, "vertical_edge").response[0, :, 0].round(3).tolist()
        [0.0, 0.0, 3.0, 3.0, 0.0, 0.0]
    """
    _check_settings(image, scale, out)
    numbers = as_kernel(kernel, angle=angle)
    chosen = default_view(numbers) if view == "auto" else view
    kernels = view_kernels(numbers, chosen)
    pixels = image_of(image, name_of(image, 0), luma=chosen != "plain")
    for one in kernels:
        response_size(pixels.shape[:2], one, padding=padding)
    done = FilterResponse(pixels, numbers, chosen, padding, scale)
    if out is not None:
        done.save(out)
    return done


def picture_suffix(path: Path) -> str:
    """Say which format a path asks for.

    Args:
        path: Where a picture is to be written.

    Returns:
        One of `PICTURES`.

    Raises:
        BadConfig: If its suffix is another.

    Source: ours.

    Example:
        >>> picture_suffix(Path("a.PNG"))
        '.png'
    """
    suffix = path.suffix.lower()
    if suffix not in PICTURES:
        raise BadConfig(
            f"got {printable(str(path))!r} to write a picture to; taken are names that end in {', '.join(PICTURES)}; "
            "choose one of them"
        )
    return suffix


def _check_settings(image: Any, scale: float | None, out: str | Path | None) -> None:
    if scale is not None and not (math.isfinite(scale) and scale > 0):
        raise BadConfig(f"got scale={scale}; taken is the response that has full colour, above 0; change it")
    if out is not None:
        picture_suffix(Path(out))
        if isinstance(image, str | os.PathLike) and Path(out).resolve() == Path(image).resolve():
            raise BadConfig(f"got out={str(out)!r}, the picture that is read; taken is another file; change its name")


def _levels(picture: Shaped[np.ndarray, "height width channels"], top: int) -> Shaped[np.ndarray, "height width same"]:
    if picture.dtype == np.uint16:
        return picture if top == 65_535 else (picture >> 8).astype(np.uint8)
    return np.rint(picture * top).astype(np.uint16 if top == 65_535 else np.uint8)
