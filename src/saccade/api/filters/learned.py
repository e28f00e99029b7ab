"""Gradient descent finds a kernel from pictures before and after it, as a network would.

Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Float, Shaped
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from torch import Tensor

from saccade.api.filters.kernels import Kernel, as_kernel
from saccade.api.pictures import image_of, name_of
from saccade.api.plot_files import save_plot
from saccade.errors import BadConfig, BadShape
from saccade.ops.filter_views import signed_colours
from saccade.ops.filtering import filtered
from saccade.ops.kernels import kernel_text
from saccade.ops.learned_filter import learn_kernel
from saccade.ops.steering import LARGEST
from saccade.types.plotting import STRONG, Plot

_CROPS, _CROP_SIDE = 32, 64
_NOISE_CROPS, _NOISE_SIDE = 16, 32


@dataclass(frozen=True, eq=False)
class LearnedFilter:
    """A kernel that was learned, with what it was to become, if that is known.

    Args:
        kernel: What was found.
        target: The kernel that made the responses; None when they came from elsewhere.
        losses: The mean squared error before each step, and after the last.
        condition: How many times steeper the steepest direction of the loss is than the flattest.

    Source: ours.
    """

    kernel: Float[Tensor, "height width"]
    target: Float[Tensor, "height width"] | None
    losses: tuple[float, ...]
    condition: float

    @property
    def steps(self) -> int:
        """How many steps were taken."""
        return len(self.losses) - 1

    @property
    def error(self) -> float:
        """The largest difference to the target; NaN without one."""
        return float("nan") if self.target is None else float((self.kernel - self.target).abs().max())

    def plot(self) -> Plot:
        """Draw the kernels and the loss over the steps.

        Returns:
            The figure.
        """
        kernels = (
            [("learned", self.kernel)] if self.target is None else [("target", self.target), ("learned", self.kernel)]
        )
        figure = Plot(figsize=(2.4 * len(kernels) + 3.6, 2.6), layout="constrained")
        *tables, curve = figure.subplots(1, len(kernels) + 1, width_ratios=[1] * len(kernels) + [1.5])
        most = max(float(kernel.abs().max()) for _, kernel in kernels) or 1.0
        for axes, (name, kernel) in zip(tables, kernels, strict=True):
            _draw_kernel(axes, name, kernel, most)
        curve.semilogy(range(len(self.losses)), np.maximum(self.losses, 1e-16), color=STRONG)
        curve.set_xlabel("step", fontsize=9)
        curve.set_title("mean squared error", fontsize=10)
        curve.tick_params(labelsize=8)
        curve.spines[["top", "right"]].set_visible(False)
        return figure

    def save(self, path: str | Path) -> Path:
        """Draw it into a file.

        Args:
            path: Its suffix says the format: .png, .svg or .pdf.

        Returns:
            The path.

        Raises:
            BadConfig: If the suffix is another.
            StorageFull: If the disk is full.
        """
        return save_plot(self.plot(), path)

    def __repr__(self) -> str:
        """Say what was learned in a line."""
        return f"LearnedFilter({kernel_text(self.kernel)!r} after {self.steps} steps)"

    def _repr_png_(self) -> bytes:
        return self.plot()._repr_png_()


def learn_filter(
    kernel: Kernel | None = None,
    image: Any = None,
    *,
    response: Any = None,
    size: int | None = None,
    steps: int = 500,
    seed: int = 0,
) -> LearnedFilter:
    """Let gradient descent find a kernel that is known only by what it does.

    The pictures to learn from are noise, or 32 crops of a photograph. What the kernel makes of them is either computed,
    or given: then descent finds what some other program did to a picture.

    Args:
        kernel: The one that makes the responses (see `filter_image`); Sobel when no response is given either.
        image: A picture to take crops of; noise when left out. Its luma is used.
        response: The picture after an unknown filter, as large as the one before.
        size: The side of the kernel to learn, odd; that of the kernel, or 3.
        steps: How many steps to take.
        seed: Of the noise, of where the crops are, and of the numbers to begin with.

    Returns:
        The kernel, the losses and how hard it was.

    Raises:
        BadConfig: If both a kernel and a response are given, or a response without an image; or a number is wrong.
        BadShape: If the picture is too small, or the response has another size.
        BadData: If the picture is black everywhere.
        BadImage: If the image is none.
        UnknownName: If there is no such kernel.

    Source: ours.

    Example:
        >>> learn_filter("sobel", steps=60).error < 1e-3
        True
    """
    if response is not None and (kernel is not None or image is None):
        raise BadConfig("got a response; taken with it is the image before, and no kernel; leave the other out")
    target = None if response is not None else as_kernel("sobel" if kernel is None else kernel)
    sides = _sides(target, size)
    target = None if target is None else _placed(target, sides)
    generator = torch.Generator().manual_seed(seed)
    if image is None:
        crops = torch.randn(_NOISE_CROPS, *(_NOISE_SIDE + side for side in sides), generator=generator)
        pairs = torch.stack([crops, crops])
    else:
        pictures = [_luma(picture) for picture in (image, response) if picture is not None]
        pairs = _crops(pictures, sides, generator)
    answers = _inside(pairs[-1], sides) if target is None else torch.stack([
        torch.from_numpy(filtered(crop.numpy()[..., None], target, padding="valid"))[..., 0] for crop in pairs[0]
    ])  # fmt: skip
    learned = learn_kernel(pairs[0][:, None], answers[:, None], steps=steps, generator=generator)
    return LearnedFilter(learned.kernel, target, learned.losses, learned.condition)


def _sides(target: Float[Tensor, "height width"] | None, size: int | None) -> tuple[int, int]:
    least = (1, 1) if target is None else (target.shape[0], target.shape[1])
    if size is None:
        return (3, 3) if target is None else least
    if size % 2 == 0 or not max(least) <= size <= LARGEST:
        raise BadConfig(
            f"got size={size}; taken are odd numbers from {max(least)} to {LARGEST}, so that the kernel fits; change it"
        )
    return size, size


def _placed(target: Float[Tensor, "height width"], sides: tuple[int, int]) -> Float[Tensor, "rows columns"]:
    """The kernel in the middle of zeros."""
    placed = torch.zeros(sides)
    top, left = ((side - own) // 2 for side, own in zip(sides, target.shape, strict=True))
    placed[top : top + target.shape[0], left : left + target.shape[1]] = target
    return placed


def _luma(picture: Any) -> Float[Tensor, "height width"]:
    pixels = image_of(picture, name_of(picture, 0), luma=True)
    return torch.from_numpy(filtered(pixels, torch.ones(1, 1), luma=True))[..., 0]


def _crops(
    pictures: list[Float[Tensor, "_height _width"]], sides: tuple[int, int], generator: torch.Generator
) -> Float[Tensor, "pictures crops rows columns"]:
    """The same places of every picture, each with room for the kernel beyond its edges."""
    sizes = {tuple(picture.shape) for picture in pictures}
    if len(sizes) > 1:
        raise BadShape(f"got pictures of {' and '.join(map(str, sorted(sizes)))}; taken is one size; crop the larger")
    whole = sizes.pop()
    wanted = [min(length, _CROP_SIDE + side - 1) for length, side in zip(whole, sides, strict=True)]
    if any(length < side for length, side in zip(whole, sides, strict=True)):
        raise BadShape(
            f"got a picture of {whole[0]} × {whole[1]} pixels and a kernel of {sides[0]} × {sides[1]}; taken is a "
            "kernel that fits inside; give a larger picture"
        )
    corners = [
        torch.randint(0, length - most + 1, (_CROPS,), generator=generator).tolist()
        for length, most in zip(whole, wanted, strict=True)
    ]
    places = [(slice(top, top + wanted[0]), slice(left, left + wanted[1])) for top, left in zip(*corners, strict=True)]
    return torch.stack([torch.stack([picture[place] for place in places]) for picture in pictures])


def _inside(
    crops: Float[Tensor, "crops rows columns"], sides: tuple[int, int]
) -> Float[Tensor, "crops fewer_rows fewer_columns"]:
    """The responses whose windows lie inside."""
    (above, left), (height, width) = ((side - 1) // 2 for side in sides), crops.shape[1:]
    return crops[:, above : height - sides[0] // 2, left : width - sides[1] // 2]


def _draw_kernel(axes: Axes, name: str, kernel: Shaped[Tensor, "height width"], most: float) -> None:
    colours = LinearSegmentedColormap.from_list("signed", (signed_colours()[1:, 0] / 255).tolist())
    axes.imshow(kernel.numpy(), cmap=colours, vmin=-most, vmax=most)
    axes.set_title(name, fontsize=10)
    axes.set_axis_off()
    if max(kernel.shape) <= 5:
        for (row, column), value in np.ndenumerate(kernel.numpy()):
            ink = "white" if abs(value) > 0.6 * most else "#1b1f24"
            axes.text(
                column,
                row,
                f"{value + 0.0:.2f}".replace("-0.00", "0.00"),
                ha="center",
                va="center",
                fontsize=8,
                color=ink,
            )
