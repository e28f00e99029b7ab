"""Feature inversion: the picture that a layer cannot tell from another one; what it remembers of it, and what not."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, ClassVar

import torch

from saccade.errors import BadConfig
from saccade.imagine.making.basis import preconditioned
from saccade.imagine.making.subject import Imagination, Made, Subject
from saccade.inspect.layer_maps import layer_with_maps, shown_name
from saccade.inspect.reading import Reader
from saccade.losses.total_variation import total_variation
from saccade.training.settings import knob

__all__ = ["inversion"]

CARDS: dict[str, dict[str, Any]] = {
    "inversion": {
        "paper": "Understanding deep image representations by inverting them", "year": 2014, "arxiv": "1412.0035",
        "needs": "picture",
        "about": "the picture that a layer cannot tell from the given one: what it remembers of it",
    },
}  # fmt: skip


@dataclass(frozen=True)
class Inversion(Imagination):
    """Descend from grey to a picture of the same maps, as smooth as may be.

    Raises:
        BadConfig: If a knob has the wrong type or is out of range.

    Source: Mahendran & Vedaldi, arXiv 1412.0035, section 3.

    Example:
        >>> Inversion(layer="layer2").steps
        400
    """

    needs_image: ClassVar[bool] = True

    layer: str = knob("", "whose maps are matched; none: the last with maps of 4 × 4 or more")
    steps: int = knob(400, "steps of the descent", 1)
    step_size: float = knob(0.02, "mean change of a pixel in the first steps, of a range of 1", 0.0001, 1)
    smoothness: float = knob(0.3, "what roughness costs: the mean length of the differences between neighbours", 0)
    range_weight: float = knob(0.05, "what strong colours cost: the mean sixth power of twice the distance to grey", 0)
    decay: float = knob(1.0, "how much more coarse waves count than fine ones in the first steps", 0, 2)

    def make(self, subject: Subject) -> Made:
        """Descend.

        Args:
            subject: With the network borrowed, and the picture.

        Returns:
            The picture that was found.

        Raises:
            UnknownName: If there is no such layer; the nearest are offered.
            BadConfig: If it gives no maps, or nothing but zeros.

        Source: Mahendran & Vedaldi, arXiv 1412.0035, equations 2 to 5: the squared difference over the squared maps, a
            sixth power of the colours, the total variation. Steps shrink as a cosine, and turn from waves to pixels.
        """
        assert subject.images is not None
        layer = layer_with_maps(subject.network, subject.images, self.layer)
        reader = Reader(subject.network, [layer])
        wanted = reader(subject.images)[layer].detach()
        energy = float(wanted.square().sum())
        if not energy:
            raise BadConfig(
                f"got layer {shown_name(layer)!r}, which gives nothing but zeros for this picture; taken are layers "
                "that answer; choose an earlier one"
            )
        grey = subject.grey[None, :, None, None]
        picture = grey.expand_as(subject.images).clone()
        first, second, values, done = torch.zeros_like(picture), torch.zeros_like(picture), list[float](), False
        for number in range(1, self.steps + 1):
            leaf = picture.clone().requires_grad_()
            missed = (reader(leaf)[layer] - wanted).square().sum() / energy
            cost = (
                missed + self.smoothness * total_variation(leaf) + self.range_weight * (2 * (leaf - grey)).pow(6).mean()
            )
            (gradient,) = torch.autograd.grad(cost, leaf)
            left = 0.5 * (1 + math.cos(math.pi * (number - 1) / self.steps))
            gradient = preconditioned(gradient, self.decay * left)
            first = 0.9 * first + 0.1 * gradient
            second = 0.99 * second + 0.01 * gradient.square().mean()
            length = (second / (1 - 0.99**number)).sqrt().clamp(min=1e-20)
            picture = (picture - self.step_size * left * first / (1 - 0.9**number) / length).clamp(0, 1)
            values.append(float(missed.detach()))
            if done := subject.watch(number, self.steps, values[-1], picture):
                break
        notes = (f"layer {shown_name(layer)}", f"{values[-1]:.1%} of its maps missed")
        return Made(picture, tuple(values), notes, whole=not done or len(values) == self.steps)


inversion = Inversion
