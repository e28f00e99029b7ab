"""The effective receptive field: how much each pixel counts for one output, measured by the gradient.

Of what an output could see, most hardly matters: the middle is reached on many ways, the rim on few.

Source: Luo, Li, Urtasun & Zemel, "Understanding the effective receptive field in deep convolutional neural networks",
NIPS 2016 (arXiv 1701.04128).
"""

from __future__ import annotations

import math
from contextlib import ExitStack
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Float64
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from torch import Tensor, nn

from saccade.errors import BadConfig, BadInput, BadShape
from saccade.inspect.fields.circular import CircularPadding
from saccade.inspect.fields.pattern import Span
from saccade.inspect.receptive_field import FieldTracker, seen_by
from saccade.inspect.taps import tapped
from saccade.inspect.without_content import (
    FAILURES,
    Watching,
    images_for,
    refusal,
    shape_for,
    without_content,
)
from saccade.types.plotting import Plot

THRESHOLD = 1 - 0.9545
"""A pixel is in the effective field if its gradient is above this share of the largest: Luo et al.'s two sigma."""


@dataclass(frozen=True)
class EffectiveField:
    """What one output really looks at, beside what it could see.

    Args:
        layer: The name of the layer whose map is asked; "" for the network itself.
        place: (row, column) of the output in the middle of that map.
        gradient: Of each pixel of the image, absolute, as a share of the largest.
        theoretical: (first, after the last) pixel along height and width that the output could see, padding too; None
            along a side where that is unknown.
        images: Over how many it is averaged.

    Source: Luo et al. 2016.
    """

    layer: str
    place: tuple[int, int]
    gradient: Float64[np.ndarray, "height width"]
    theoretical: tuple[Span | None, Span | None]
    images: int

    @property
    def size(self) -> float:
        """The side of a square as large as the area above `THRESHOLD`, in pixels."""
        return math.sqrt(int((self.gradient > THRESHOLD).sum()))

    @property
    def theoretical_size(self) -> float | None:
        """The side of a square as large as the theoretical field, in pixels."""
        sides = [span[1] - span[0] for span in self.theoretical if span]
        return math.sqrt(math.prod(sides)) if len(sides) == 2 else None

    def to_dict(self) -> dict[str, Any]:
        """Give the figures as plain values that JSON can hold; the gradient itself is left out."""
        return {
            "layer": self.layer,
            "place": list(self.place),
            "effective_size": self.size,
            "theoretical_size": self.theoretical_size,
            "theoretical": [span and list(span) for span in self.theoretical],
            "threshold": THRESHOLD,
            "images": self.images,
        }

    def plot(self) -> Plot:
        """Draw the gradient over the image, and squares: what could be seen (blue), what is looked at (green)."""
        limits = [_around(span, side) for span, side in zip(self.theoretical, self.gradient.shape, strict=True)]
        (top, bottom), (left, right) = limits
        figure = Plot(figsize=(5, 0.5 + 4.1 * (bottom - top) / (right - left)), layout="constrained")
        axes = figure.add_subplot()
        height, width = self.gradient.shape
        axes.set(facecolor="#e2e8f0", xlim=(left, right), ylim=(bottom, top))
        shown = axes.imshow(np.sqrt(self.gradient), cmap="magma", extent=(0, width, height, 0), vmin=0, vmax=1)
        axes.set(xlim=(left, right), ylim=(bottom, top))
        rows, columns = self.theoretical
        if rows and columns:
            _square(axes, (columns[0], rows[0]), (columns[1] - columns[0], rows[1] - rows[0]), "#3b82f6", "-")
        centre = [float((self._along(side) * (np.arange(self.gradient.shape[side]) + 0.5)).sum()) for side in (0, 1)]
        half = self.size / 2
        _square(axes, (centre[1] - half, centre[0] - half), (self.size, self.size), "#34d399", (0, (4, 2)))
        axes.set_title(self._caption(), fontsize=9, parse_math=False)
        axes.tick_params(labelsize=8)
        bar = figure.colorbar(shown, ax=axes, ticks=[0, 0.5, 1], fraction=0.045)
        bar.ax.set_yticklabels(["0", "¼", "1"], fontsize=8)
        bar.set_label("gradient, as a share of the largest", fontsize=8)
        return figure

    def _along(self, side: int) -> Float64[np.ndarray, " places"]:
        """How much each row, or each column, counts of the whole."""
        return self.gradient.sum(1 - side) / self.gradient.sum()

    def _caption(self) -> str:
        sides = [f"{span[1] - span[0]}" if span else "?" for span in self.theoretical]
        could = "×".join(dict.fromkeys(sides))
        return f"{self.layer or 'output'} could see {could} pixels (blue), looks at {self.size:.0f} (green)"


def effective_field(
    module: nn.Module,
    size: tuple[int, int],
    *,
    layer: str,
    in_channels: int | None = None,
    images: Float[Tensor, "batch channels height width"] | None = None,
    count: int = 16,
    seed: int = 0,
) -> EffectiveField:
    """Measure which pixels the output in the middle of a layer's map depends on, and how much.

    The gradient of that output, all channels of it summed, is taken with respect to the image; the absolute value is
    summed over the channels of the image and averaged over the images.

    Args:
        module: Any module with weights; it is put back as it was.
        size: (height, width) of the images.
        layer: Its name as in `module.named_modules()`; it gives one map.
        in_channels: Channels of the images; None: as the first part that states `in_channels`, else 3.
        images: To average over; None: noise, normally distributed.
        count: How many images of noise.
        seed: Of the noise.

    Returns:
        The field.

    Raises:
        UnknownName: If there is no such layer.
        BadConfig: If it gives something else than one map, does not run, or depends on nothing of the image.
        BadShape: If the module does not run on such images.

    Source: Luo et al. 2016, section 3; the sum over channels is ours, as the paper has one.

    Example:
        >>> network = nn.Sequential(nn.Conv2d(1, 1, 3, padding=1), nn.Conv2d(1, 1, 3, padding=1))
        >>> for weight in network.parameters():
        ...     _ = nn.init.ones_(weight)
        >>> field = effective_field(network, (9, 9), layer="1", count=1)
        >>> (field.gradient[4, 2:7] * 9).tolist(), field.theoretical
        ([3.0, 6.0, 9.0, 6.0, 3.0], ((2, 7), (2, 7)))
    """
    shape = shape_for(module, size, in_channels)
    _check(module, shape, images, count)
    place, theoretical = _theoretical(module, shape, layer)
    total = torch.zeros(size, dtype=torch.float64)
    generator = torch.Generator().manual_seed(seed)
    given = count if images is None else len(images)
    for number in range(given):
        one = torch.randn(shape, generator=generator) if images is None else images[number : number + 1]
        total += _gradient(module, one, layer, place)
    if not total.max() > 0:
        raise BadConfig(
            f"got layer {layer!r}, whose middle depends on nothing of these images; taken are layers behind them; "
            "choose another one, or train the network"
        )
    return EffectiveField(layer, place, (total / total.max()).numpy(), theoretical, given)


def _check(module: nn.Module, shape: tuple[int, ...], images: Tensor | None, count: int) -> None:
    if count < 1:
        raise BadConfig(f"got count={count}; taken is a number of images above zero; change it")
    if any(weight.is_meta for weight in module.parameters()):
        raise BadConfig("got a module without weights; taken is one that has them; make it on a real device")
    if images is not None and tuple(images.shape[1:]) != shape[1:]:
        raise BadShape(f"got images of shape {tuple(images.shape)}; taken is {('batch', *shape[1:])}; change the size")


def _theoretical(
    module: nn.Module, shape: tuple[int, ...], layer: str
) -> tuple[tuple[int, int], tuple[Span | None, Span | None]]:
    """Find the middle of the layer's map, and what it could see."""
    tracker = FieldTracker()
    try:
        with ExitStack() as stack:
            stack.enter_context(without_content())
            kept = stack.enter_context(tapped(module, [layer]))
            stack.enter_context(torch.no_grad())
            stack.enter_context(Watching(tracker.note))
            stack.enter_context(CircularPadding(tracker.padded))
            images = images_for(module, shape)
            tracker.begin(images)
            module(images)
    except BadInput:
        raise
    except FAILURES as error:
        raise refusal(module, shape, error) from error
    output = kept.get(layer)
    if output is None or output.dim() != 4:
        told = "did not run" if output is None else f"gives {tuple(output.shape)}"
        raise BadConfig(
            f"got layer {layer!r}, which {told}; taken are layers that give (batch, channels, height, width); "
            "choose one before the head"
        )
    place = (output.shape[2] // 2, output.shape[3] // 2)
    return place, seen_by(output, place)


def _gradient(
    module: nn.Module, image: Float[Tensor, "1 channels height width"], layer: str, place: tuple[int, int]
) -> Float[Tensor, "height width"]:
    """How much each pixel of one image counts."""
    like = images_for(module, (1, 1, 1, 1))
    image = image.detach().to(like.device, like.dtype).requires_grad_()
    with tapped(module, [layer]) as kept, torch.enable_grad():
        module.requires_grad_(False)(image)
        middle = kept[layer][0, :, place[0], place[1]].sum()
        (found,) = torch.autograd.grad(middle, image)
    return found[0].abs().sum(0).double().cpu()


def _around(span: Span | None, side: int) -> tuple[float, float]:
    """The image, and what of the field is beyond it, with a little room."""
    low, high = (min(0, span[0]), max(side, span[1])) if span else (0, side)
    room = 0.02 * (high - low)
    return low - room, high + room


def _square(axes: Axes, corner: tuple[float, float], sides: tuple[float, float], colour: str, line: Any) -> None:
    axes.add_patch(Rectangle(corner, *sides, fill=False, edgecolor=colour, linestyle=line, linewidth=2))
