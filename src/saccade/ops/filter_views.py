"""Responses as pictures: signed colours, magnitude, orientation, or plainly another picture; drawn tile by tile.

Source: ours.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from jaxtyping import Float, Float32, Num, Shaped, UInt8
from torch import Tensor

from saccade.errors import BadConfig, UnknownName
from saccade.ops.filtering import LEVELS, Place, each_tile, response_size
from saccade.ops.steering import direction_of, has_direction, quarter_turned

VIEWS = ("signed", "magnitude", "orientation", "plain")
LIGHT_TO_DARK, DARK_TO_LIGHT, NEUTRAL = (178, 24, 43), (33, 102, 172), (255, 255, 255)  # red, blue, white
_SHARE = 0.995  # of the pixels are below full colour
_SAMPLE, _BAND = 1 << 19, 4
_FAINT = 1e-4  # of the largest response there can be; anything below is rounding, not a picture

Responses = list[Num[np.ndarray, "rows columns channels"]]
Pixels = Shaped[np.ndarray, "rows columns drawn"]
Numbers = Float[Tensor, "kernel_height kernel_width"]


def default_view(kernel: Float[Tensor, "rows columns"]) -> str:
    """Choose how a kernel's response is best looked at.

    Args:
        kernel: Its numbers.

    Returns:
        "signed" when its numbers sum to 0, as those of a derivative do; else "plain".

    Source: ours.

    Example:
        >>> import torch
        >>> default_view(torch.ones(3, 3) / 9), default_view(torch.tensor([[1.0, -1.0]]))
        ('plain', 'signed')
    """
    return "signed" if abs(float(kernel.double().sum())) <= 1e-6 * float(kernel.abs().sum()) else "plain"


def view_kernels(kernel: Float[Tensor, "rows columns"], view: str) -> list[Float[Tensor, "_rows _columns"]]:
    """Say which kernels a view needs: orientation, and the magnitude of a kernel that has a direction, need two.

    Args:
        kernel: Its numbers.
        view: One of `VIEWS`.

    Returns:
        The kernel; with it, where needed, the one turned by 90°.

    Raises:
        UnknownName: If there is no such view.
        BadConfig: If the orientation is asked of a kernel that has no direction.

    Source: ours.

    Example:
        >>> import torch
        >>> len(view_kernels(torch.tensor([[1.0, 0.0, -1.0]]), "magnitude"))
        2
    """
    if view not in VIEWS:
        raise UnknownName("view", view, VIEWS)
    if view == "orientation" and not has_direction(kernel):
        raise BadConfig(
            "got the view orientation with a kernel of no direction; taken are kernels that half a turn makes their "
            "own negative, such as sobel; use the view signed or magnitude"
        )
    both = view in ("magnitude", "orientation") and has_direction(kernel)
    return [kernel, quarter_turned(kernel)] if both else [kernel]


def magnitude_of(responses: Responses) -> Float32[np.ndarray, "rows columns channels"]:
    """Give the strength of one response, or of two that are 90° apart.

    Args:
        responses: One or two.

    Returns:
        The absolute value of one, √(a² + b²) of two.

    Source: ours.

    Example:
        >>> magnitude_of([np.full((1, 1, 1), 3, np.float32), np.full((1, 1, 1), 4, np.float32)]).item()
        5.0
    """
    if len(responses) == 1:
        return np.abs(responses[0])
    squares = np.square(responses[0])
    squares += np.square(responses[1])
    return np.sqrt(squares, out=squares)


def orientation_of(
    responses: Responses, kernel: Float[Tensor, "kernel_height kernel_width"]
) -> Float32[np.ndarray, "rows columns channels"]:
    """Give the direction in which light goes to dark.

    Args:
        responses: To the kernel and to the one turned by 90°.
        kernel: Its numbers.

    Returns:
        Degrees in [0, 360): 0 is from left to right, 90 from above to below.

    Source: ours.

    Example:
        >>> import torch
        >>> zero, one = np.zeros((1, 1, 1), np.float32), np.ones((1, 1, 1), np.float32)
        >>> orientation_of([zero, one], torch.tensor([[1.0, 0.0, -1.0]])).item()
        90.0
    """
    degrees = np.arctan2(responses[1], responses[0]) * np.float32(180 / math.pi) + np.float32(direction_of(kernel))
    degrees += np.float32(360) * (degrees < 0)
    degrees -= np.float32(360) * (degrees >= 360)
    return degrees


def measured_scale(
    image: Shaped[np.ndarray, "height width channels"],
    kernel: Float[Tensor, "rows columns"],
    *,
    view: str = "signed",
    padding: str = "reflect",
) -> float:
    """Measure which response is to have full colour: the one that 99.5 % of the pixels stay below.

    Of a picture of more than half a million pixels, bands of four rows are measured, evenly spread and as many as make
    half a million. If nearly all of that is 0, it is the largest response anywhere; if that is 0 too, the largest that
    there could be.

    Args:
        image: As for `filtered`; of several channels the luma is taken.
        kernel: Its numbers.
        view: One of `VIEWS`, not "plain".
        padding: As for `filtered`.

    Returns:
        A number above 0, the same for every size of tiles.

    Raises:
        BadShape: If the picture is too small for the kernel.
        BadData: If a number of the kernel is not finite.

    Source: ours.

    Example:
        >>> import torch
        >>> measured_scale(np.zeros((8, 8, 1), np.uint8), torch.tensor([[1.0, 0.0, -1.0]]))
        1.0
    """
    kernels = view_kernels(kernel, view)
    height, width = response_size(image.shape[:2], kernel, padding=padding)
    largest = _largest(image, kernel)
    sample = _strengths(image, kernels, padding, _bands(height, width))
    scale = float(np.partition(sample, rank := int(_SHARE * len(sample)))[rank])
    if scale <= _FAINT * largest:
        scale = float(_strengths(image, kernels, padding, [slice(0, height)], each=np.max).max())
    return scale if scale > _FAINT * largest else largest or 1.0


def draw_response(
    image: Shaped[np.ndarray, "height width channels"],
    kernel: Float[Tensor, "rows columns"],
    *,
    view: str,
    scale: float = 1.0,
    padding: str = "reflect",
    tile: tuple[int, int] | None = None,
    form: str = "rgb",
) -> Shaped[np.ndarray, "new_height new_width new_channels"]:
    """Filter a picture and draw what comes out, tile by tile; the response itself is never whole in memory.

    Args:
        image: As for `filtered`.
        kernel: Its numbers.
        view: "signed": the luma's response, red where it is positive, blue where it is negative, white where it is 0.
            "magnitude": its strength, white on black. "orientation": its strength as brightness, and as hue the
            direction from light to dark: red from left to right, then clockwise yellow, green, cyan, blue, magenta.
            "plain": the response of each channel, cut to the range of a picture.
        scale: The response that has full colour; no part of "plain".
        padding: As for `filtered`.
        tile: As for `filtered`.
        form: "rgb"; "bgr", as OpenCV writes pictures; or "levels", which for the signed view gives one channel whose
            colours are those of `signed_colours`.

    Returns:
        uint8 with three channels for signed and orientation, with one for magnitude; the type and the channels of the
        picture for plain.

    Raises:
        BadShape: If the picture is too small for the kernel.
        BadConfig: If the orientation is asked of a kernel that has no direction.
        BadData: If a number of the kernel is not finite.
        UnknownName: If there is no such view or padding.

    Source: ours.

    Example:
        >>> import torch
        >>> grey = np.full((4, 4, 1), 9, np.uint8)
        >>> draw_response(grey, torch.tensor([[1.0, 0.0, -1.0]]), view="signed")[0, 0].tolist()
        [255, 255, 255]
    """
    kernels = view_kernels(kernel, view)
    height, width = response_size(image.shape[:2], kernel, padding=padding)
    one = view == "magnitude" or (view == "signed" and form == "levels")
    channels = image.shape[2] if view == "plain" else 1 if one else 3
    picture = np.empty((height, width, channels), image.dtype if view == "plain" else np.uint8)
    put = {"signed": _put_signed, "magnitude": _put_magnitude, "plain": _put_plain}.get(view, _put_orientation)
    take = "levels" if view == "plain" else "luma"

    def draw(place: Place, responses: Responses) -> None:
        put(picture[place], responses, kernel, scale, form)

    each_tile(image, kernels, draw, padding=padding, take=take, tile=tile)
    return picture


def signed_colours(*, bgr: bool = False) -> UInt8[np.ndarray, "256 1 3"]:
    """Give the colours of the signed view: from blue at 1 through white at 128 to red at 255.

    Args:
        bgr: Put blue first.

    Returns:
        A colour for each level; level 0 is that of 1.

    Source: the ends are those of ColorBrewer's RdBu, which people who do not see red and green apart can tell as well.

    Example:
        >>> signed_colours()[[1, 128, 255], 0].tolist()
        [[33, 102, 172], [255, 255, 255], [178, 24, 43]]
    """
    share = ((np.arange(256) - 128) / 127).clip(-1, 1)[:, None]
    neutral, red, blue = (np.array(colour, np.float64) for colour in (NEUTRAL, LIGHT_TO_DARK, DARK_TO_LIGHT))
    mixed = neutral + np.abs(share) * (np.where(share > 0, red, blue) - neutral)
    rgb = np.rint(mixed).astype(np.uint8)[:, None]
    return np.ascontiguousarray(rgb[..., ::-1]) if bgr else rgb


def _bands(height: int, width: int) -> list[slice]:
    """All rows, or bands of a few, evenly spread."""
    count = max(1, _SAMPLE // (_BAND * width))
    if count * _BAND >= height:
        return [slice(0, height)]
    return [slice(top, top + _BAND) for top in (height * number // count for number in range(count))]


def _strengths(
    image: Shaped[np.ndarray, "height width channels"],
    kernels: list[Float[Tensor, "_rows _columns"]],
    padding: str,
    rows: list[slice],
    each: Callable[..., Any] = np.ravel,
) -> Float32[np.ndarray, " numbers"]:
    """What `each` makes of the strengths of each tile in some rows, all in one line."""
    found: list[Any] = []

    def keep(place: Place, responses: Responses) -> None:
        del place
        found.append(np.atleast_1d(each(magnitude_of(responses))))

    each_tile(image, kernels, keep, padding=padding, take="luma", rows=rows)
    return np.concatenate(found)


def _largest(image: Shaped[np.ndarray, "height width channels"], kernel: Float[Tensor, "rows columns"]) -> float:
    """The largest response that there could be."""
    white = 1.0 if image.dtype in LEVELS else max(1.0, float(np.abs(image).max()))
    return white * max(float(kernel.clamp(min=0).sum()), -float(kernel.clamp(max=0).sum()))


def _levels(
    numbers: Float32[np.ndarray, "rows columns 1"], factor: float, middle: int, least: int
) -> UInt8[np.ndarray, "rows columns"]:
    """Round to levels; `numbers` are multiplied in place where they can be."""
    scaled = numbers[..., 0] * np.float32(factor)
    scaled += np.float32(middle + 0.5)  # to the nearest, as what follows rounds down
    np.clip(scaled, least, 255, out=scaled)
    return scaled.astype(np.uint8)


# Each draws one tile of a view into its place; OpenCV's functions write there themselves.


def _put_signed(place: Pixels, responses: Responses, kernel: Numbers, scale: float, form: str) -> None:
    del kernel
    levels = _levels(responses[0], 127 / scale, 128, 1)
    if form == "levels":
        place[:] = levels[..., None]
    else:
        cv2.applyColorMap(levels, signed_colours(bgr=form == "bgr"), place)


def _put_magnitude(place: Pixels, responses: Responses, kernel: Numbers, scale: float, form: str) -> None:
    del kernel, form
    place[:] = _levels(magnitude_of(responses), 255 / scale, 0, 0)[..., None]


def _put_orientation(place: Pixels, responses: Responses, kernel: Numbers, scale: float, form: str) -> None:
    hue = _levels(orientation_of(responses, kernel), 256 / 360, 0, 0)
    value = _levels(magnitude_of(responses), 255 / scale, 0, 0)
    coloured = cv2.merge([hue, np.full_like(hue, 255), value])
    cv2.cvtColor(coloured, cv2.COLOR_HSV2BGR_FULL if form == "bgr" else cv2.COLOR_HSV2RGB_FULL, place)


def _put_plain(place: Pixels, responses: Responses, kernel: Numbers, scale: float, form: str) -> None:
    del kernel, scale
    response, top = responses[0], LEVELS.get(place.dtype)
    if top and response.dtype.kind == "f":
        np.rint(response, out=response)
    np.clip(response, 0, top or 1, out=response)
    if form == "bgr" and place.shape[2] == 3:
        cv2.cvtColor(response.astype(place.dtype, copy=False), cv2.COLOR_RGB2BGR, place)
    else:
        place[:] = response
