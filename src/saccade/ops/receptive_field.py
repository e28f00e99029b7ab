"""The receptive field of a line of layers: which input pixels each unit sees, by arithmetic alone.

One side at a time, in input pixels. The image lies on [0, n]: pixel k covers [k, k + 1], so the centre of the first is
0.5. Of each layer:

* `field` f: how many pixels in a row one unit sees, padding counted;
* `jump` j: how far apart the fields of two neighbouring units are;
* `start` s: the centre of the first unit's field; below 0.5 + (f − 1) / 2 by the padding gathered so far.

Unit i (from 0) sees [s + i · j − f / 2, s + i · j + f / 2]. The input itself has f = 1, j = 1, s = 0.5. A layer whose
kernel covers k pixels, with stride t and padding p in front, turns (f, j, s) into
(f + (k − 1) · j, j · t, s + ((k − 1) / 2 − p) · j).

Source: Araujo, Norris & Sim, "Computing receptive fields of convolutional neural networks", Distill 2019; with the
centre of the first pixel at 0.5 as in Dang Ha The Hien, "A guide to receptive field arithmetic", 2017.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from saccade.ops.arithmetic import output_size


class Window(NamedTuple):
    """What a layer looks through: one side of a convolution or a pooling.

    Args:
        kernel_size: One side of the kernel.
        stride: The step.
        padding: Pixels added on each end, or (before, after).
        dilation: Distance between the kernel's taps.

    Source: ours.
    """

    kernel_size: int
    stride: int = 1
    padding: int | tuple[int, int] = 0
    dilation: int = 1

    @property
    def span(self) -> int:
        """The pixels that the kernel covers, gaps included."""
        return self.dilation * (self.kernel_size - 1) + 1


class Field(NamedTuple):
    """The receptive field of a layer's units, one side, in input pixels.

    Args:
        size: Units in a row; None if the size of the image is not known.
        field: Pixels that one unit sees, padding counted.
        jump: Pixels from the centre of one field to the next.
        start: The centre of the first unit's field; the first pixel's is 0.5.
        rim: Units at the beginning and at the end of a row whose field reaches into padding, at most all of them; the
            latter is None if the size of the image is not known.

    Source: ours.
    """

    size: int | None
    field: int = 1
    jump: int = 1
    start: float = 0.5
    rim: tuple[int, int | None] = (0, 0)


def receptive_fields(windows: Iterable[Window], *, size: int | None = None) -> tuple[Field, ...]:
    """Compute the receptive field of each layer of a line.

    Args:
        windows: The layers, from the first on. What looks at one place at a time, such as an activation, is
            `Window(1)`.
        size: One side of the images, in pixels; without it neither sizes nor the rim at the end are known.

    Returns:
        One for each layer.

    Raises:
        BadShape: If a number is out of its range, or a kernel does not fit at that size.

    Source: Araujo et al. 2019, equations 2 and 4.

    Example:
        >>> [field.field for field in receptive_fields([Window(3), Window(3), Window(3)])]
        [3, 5, 7]
        >>> receptive_fields([Window(3, 2, 1), Window(5, 2, 2)], size=32)[-1]
        Field(size=8, field=11, jump=4, start=0.5, rim=(2, 1))
    """
    last, found = Field(size), []
    for window in windows:
        last = _through(window, last, size)
        found.append(last)
    return tuple(found)


def _through(window: Window, before: Field, image: int | None) -> Field:
    """Compute the field behind one more layer."""
    kernel_size, stride, padding, dilation = window
    seen = window.span if before.size is None else before.size  # a kernel fits on what it covers
    units = output_size(seen, kernel_size, stride=stride, padding=padding, dilation=dilation)
    front = padding[0] if isinstance(padding, tuple) else padding
    field = before.field + (window.span - 1) * before.jump
    start = before.start + ((window.span - 1) / 2 - front) * before.jump
    return _with_rim(Field(None if image is None else units, field, before.jump * stride, start), image)


def _with_rim(field: Field, image: int | None) -> Field:
    """Count the units whose field begins before the image, or ends after it."""
    outside = round(field.field / 2 - field.start)
    front = -(-outside // field.jump)
    if field.size is None or image is None:
        return field._replace(rim=(max(0, front), None))
    back = field.size - 1 - (image + outside - field.field) // field.jump
    return field._replace(rim=(min(max(0, front), field.size), min(max(0, back), field.size)))
