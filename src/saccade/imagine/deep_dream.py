"""DeepDream: what a layer sees in a picture is made stronger in it, at several sizes, until it can be seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from saccade.errors import BadConfig
from saccade.imagine.making.climbing import jittered, uphill
from saccade.imagine.making.resizing import resized
from saccade.imagine.making.subject import Imagination, Made, Subject
from saccade.inspect.layer_maps import layer_with_maps, shown_name
from saccade.inspect.reading import Reader
from saccade.training.settings import knob

__all__ = ["deep_dream"]

CARDS: dict[str, dict[str, Any]] = {
    "deep_dream": {
        "paper": "Inceptionism: going deeper into neural networks", "year": 2015, "arxiv": "",
        "needs": "picture",
        "about": "a picture in which what a layer sees in it is made stronger; a zoom as a film",
    },
}  # fmt: skip

_SMALLEST = 32
Raised = Callable[[Float[Tensor, "1 width rows columns"]], Tensor]


@dataclass(frozen=True)
class DeepDream(Imagination):
    """Climb to where a layer answers more strongly, on the picture shrunk, then larger and larger.

    Half the sum of the squares of what the layer gives is raised, whose gradient at the layer is what it gives: what
    is there a little comes out. With a guide each place is drawn to that place of the guide whose maps it likes best.

    Raises:
        BadConfig: If a knob has the wrong type or is out of range.

    Source: Mordvintsev, Olah & Tyka, "Inceptionism", 2015, and the notebook published with it.

    Example:
        >>> DeepDream(octaves=3).octaves
        3
    """

    needs_image: ClassVar[bool] = True
    takes_guide: ClassVar[bool] = True

    layer: str = knob("", "whose answers are made stronger; none: the last with maps of 4 × 4 or more")
    channels: tuple[int, ...] = knob((), "of that layer; none: all of them", 0)
    octaves: int = knob(4, "sizes at which one dreams", 1)
    octave_scale: float = knob(1.4, "how much larger each is than the one before", 1.05, 4)
    steps: int = knob(16, "steps at each size", 1)
    step_size: float = knob(0.01, "mean change of a pixel in a step, of a range of 1", 0.0001, 1)
    jitter: int = knob(32, "pixels by which the picture is moved about before each step, at most", 0)
    zooms: int = knob(0, "further pictures, each dreamt from the middle of the one before: the frames of a film", 0)
    zoom: float = knob(1.05, "how much each of these is enlarged", 1.001, 2)

    def make(self, subject: Subject) -> Made:
        """Dream.

        Args:
            subject: With the network borrowed, and the picture; perhaps a guide.

        Returns:
            The picture; with zooms the last one, and all of them as frames.

        Raises:
            UnknownName: If there is no such layer; the nearest are offered.
            BadConfig: If it gives no maps, or has no such channel.
            BadShape: If the picture or the guide is too small for the network.

        Source: Mordvintsev et al. 2015.
        """
        assert subject.images is not None
        smallest = self._sizes(subject.images)[0]
        layer = layer_with_maps(subject.network, resized(subject.images, smallest), self.layer)
        reader = Reader(subject.network, [layer])
        raised = self._raised(reader, layer, subject)
        generator, values = subject.generator(), list[float]()
        picture, whole, frames = subject.images, True, list[Tensor]()
        of = (self.zooms + 1) * self.octaves * self.steps
        for _ in range(self.zooms + 1):
            begun = zoomed(picture, self.zoom) if frames else picture
            picture, whole = self._dream(begun, lambda one: raised(reader(one)[layer]), subject, generator, values, of)
            frames.append(picture)
            if not whole:
                break
        notes = (f"layer {shown_name(layer)}", f"{self.octaves} sizes")
        return Made(picture, tuple(values), notes, whole, frames if self.zooms else ())

    def _sizes(self, picture: Float[Tensor, "1 channels height width"]) -> list[tuple[int, int]]:
        """(height, width) at which one dreams, the smallest first; none is smaller than 32 pixels, but the last may."""
        full = picture.shape[2], picture.shape[3]
        shrunk = [self.octave_scale**octave for octave in reversed(range(self.octaves))]
        sizes = [(round(full[0] / share), round(full[1] / share)) for share in shrunk]
        return [size for size in sizes if min(size) >= _SMALLEST] or [full]

    def _dream(
        self,
        picture: Float[Tensor, "1 channels height width"],
        value: Callable[[Tensor], Tensor],
        subject: Subject,
        generator: torch.Generator,
        values: list[float],
        of: int,
    ) -> tuple[Tensor, bool]:
        """Dream at each size; what was dreamt goes on to the next as a difference, so that the picture stays sharp."""
        dreamt: Tensor | None = None
        now, full = picture, (picture.shape[2], picture.shape[3])
        for size in self._sizes(picture):
            plain = resized(picture, size)
            now = plain if dreamt is None else (plain + resized(dreamt, size)).clamp(0, 1)
            for _ in range(self.steps):
                leaf = now.clone().requires_grad_()
                number, gradient = uphill(value, leaf, jittered(leaf, self.jitter, generator))
                now = (now + self.step_size * gradient / gradient.abs().mean().clamp(min=1e-12)).clamp(0, 1)
                values.append(number)
                shown = resized(now, full)  # a film has frames of one size
                if subject.watch(len(values), of, number, shown):
                    return shown, False
            dreamt = now - plain
        return now, True

    def _raised(self, reader: Reader, layer: str, subject: Subject) -> Raised:
        chosen = list(self.channels)
        guide = None if subject.guide is None else reader(subject.guide)[layer].detach()
        count = (reader(subject.guide) if guide is not None else reader(subject.images))[layer].shape[1]  # pyright: ignore[reportArgumentType]
        if bad := [channel for channel in chosen if channel >= count]:
            raise BadConfig(
                f"got channel {bad[0]} of {shown_name(layer)!r}, which has {count}; taken are 0 to {count - 1}; change "
                "it"
            )

        def of(maps: Tensor) -> Tensor:
            return maps[:, chosen] if chosen else maps

        if guide is None:
            return lambda maps: 0.5 * of(maps).square().sum()
        wanted = of(guide)[0].flatten(1)

        def guided(maps: Float[Tensor, "1 width rows columns"]) -> Tensor:
            here = of(maps)[0].flatten(1)
            best = (here.detach().T @ wanted).argmax(1)  # of each place, the place of the guide that it likes best
            return (here * wanted[:, best]).sum()

        return guided


def zoomed(picture: Float[Tensor, "1 channels height width"], by: float) -> Float[Tensor, "1 channels height width"]:
    """Cut out the middle of a picture, and enlarge it to its size.

    Args:
        picture: Any.
        by: How much it is enlarged, above 1.

    Returns:
        A picture of the same size.

    Source: Mordvintsev et al. 2015.

    Example:
        >>> zoomed(torch.ones(1, 1, 4, 4), 2.0).shape
        torch.Size([1, 1, 4, 4])
    """
    height, width = picture.shape[2:]
    theta = torch.tensor([[[1 / by, 0.0, 0.0], [0.0, 1 / by, 0.0]]], device=picture.device)
    grid = F.affine_grid(theta, [1, picture.shape[1], height, width], align_corners=False)
    return F.grid_sample(picture, grid, mode="bicubic", padding_mode="border", align_corners=False).clamp(0, 1)


deep_dream = DeepDream
