"""The climb that most pictures are made by: step after step to where a number is higher, without losing the picture.

Source: Simonyan et al., arXiv 1312.6034, section 2; Yosinski et al., arXiv 1506.06579, section 3; Olah et al., "Feature
    visualization", Distill 2017.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from saccade.errors import BadConfig
from saccade.imagine.making.basis import preconditioned
from saccade.imagine.making.subject import Imagination, Made, Subject
from saccade.inspect.relu_rules import relu_rule
from saccade.training.settings import knob

_TINY = 1e-12
Value = Callable[[Float[Tensor, "1 channels height width"]], Tensor]


@dataclass(frozen=True)
class Climb(Imagination):
    """Steps of one length along the gradient, with what keeps the picture a picture.

    Raises:
        BadConfig: If a knob has the wrong type or is out of range.

    Source: as the file.

    Example:
        >>> Climb(steps=64).basis
        'waves'
    """

    steps: int = knob(256, "steps of the climb", 1)
    step_size: float = knob(0.02, "mean change of a pixel in a step, of a range of 1", 0.0001, 1)
    basis: Literal["waves", "pixels"] = knob(
        "waves", "what the steps are made of: waves in the colours of photographs, or pixels"
    )
    decay: float = knob(0.75, "with waves: how much more coarse ones count than fine ones; photographs have 1", 0, 2)
    jitter: int = knob(8, "pixels by which the picture is moved about before each step, at most", 0)
    scales: float = knob(0.15, "share by which it is enlarged or shrunk before each step, at most", 0, 0.9)
    l2: float = knob(0.004, "what each squared difference from grey costs", 0)
    blur: float = knob(0.0, "deviation in pixels of a blur after each step", 0)
    clip_norm: float = knob(0.0, "share of the pixels, those nearest to grey, that become grey after each step", 0, 1)
    start: Literal["zeros", "noise"] = knob("zeros", "the picture to begin with: grey, or a little noise on it")

    def climb(self, value: Value, subject: Subject, notes: tuple[str, ...] = ()) -> Made:
        """Climb from the beginning.

        Args:
            value: The number to raise; it depends on the picture.
            subject: What is begun with, the seed, who watches.
            notes: Of what is made.

        Returns:
            The picture.

        Raises:
            BadConfig: If the number has no gradient with respect to the picture.

        Source: as the file. With x the picture less grey, the value less l2 · Σ x² is raised. A step is the mean of the
            last gradients over the root of its mean square.
        """
        generator, grey = subject.generator(), subject.grey[None, :, None, None]
        picture = subject.nothing()
        if self.start == "noise":
            picture += 0.01 * torch.randn(picture.shape, generator=generator).to(picture)
        push, values, done = torch.zeros_like(picture), list[float](), False
        for number in range(1, self.steps + 1):
            leaf = picture.clone().requires_grad_()
            raised, gradient = uphill(value, leaf, self._moved(leaf, generator))
            away = leaf.detach() - grey
            push = 0.9 * push + 0.1 * self._step(gradient - 2 * self.l2 * away)
            picture = self._kept((picture + self.step_size * push).clamp(0, 1), grey)
            values.append(raised - self.l2 * float(away.square().sum()))
            if done := subject.watch(number, self.steps, values[-1], picture):
                break
        return Made(picture, tuple(values), notes, whole=not done or len(values) == self.steps)

    def _step(self, gradient: Float[Tensor, "1 channels height width"]) -> Float[Tensor, "1 channels height width"]:
        step = preconditioned(gradient, self.decay) if self.basis == "waves" else gradient
        return step / step.square().mean().sqrt().clamp(min=_TINY)

    def _moved(
        self, picture: Float[Tensor, "1 channels height width"], generator: torch.Generator
    ) -> Float[Tensor, "1 channels height width"]:
        """The picture as it may lie: moved around its edges, enlarged or shrunk about its middle."""
        return scaled(jittered(picture, self.jitter, generator), self.scales, generator)

    def _kept(
        self, picture: Float[Tensor, "1 channels height width"], grey: Float[Tensor, "1 channels 1 1"]
    ) -> Float[Tensor, "1 channels height width"]:
        """What each step ends with: a blur, and grey where there is least."""
        if self.blur:
            picture = blurred(picture, self.blur)
        if self.clip_norm:
            norms = (picture - grey).square().sum(1, keepdim=True)
            least = norms.flatten().kthvalue(max(1, round(self.clip_norm * norms.numel()))).values
            picture = torch.where(norms <= least, grey, picture)
        return picture


def uphill(
    value: Value, picture: Float[Tensor, "1 channels height width"], moved: Float[Tensor, "1 channels rows columns"]
) -> tuple[float, Float[Tensor, "1 channels height width"]]:
    """Find where a number rises.

    Args:
        value: The number.
        picture: With respect to which it is differentiated.
        moved: The picture as it lies, a function of it: what the number is taken of.

    Returns:
        The number, and its gradient. Where that is zero everywhere, as with a unit that is silent, the one that there
        would be if every ReLU let gradients pass.

    Raises:
        BadConfig: If the number has no gradient with respect to the picture.

    Source: ours; for silent units as in Olah et al., "Feature visualization", Distill 2017.

    Example:
        >>> at = torch.full((1, 1, 1, 1), 3.0, requires_grad=True)
        >>> number, gradient = uphill(lambda one: one.square().sum(), at, 2 * at)  # (2 x)²
        >>> number, gradient.item()
        (36.0, 24.0)
    """
    seen = moved.detach().requires_grad_()
    number = value(seen)
    found = torch.autograd.grad(number, seen, allow_unused=True)[0] if number.requires_grad else None
    if found is None:
        raise BadConfig(
            "got a number that has no gradient with respect to the picture; taken is one that can be differentiated; "
            "choose another layer or class"
        )
    if not bool(found.any()):
        with relu_rule("open"):
            (found,) = torch.autograd.grad(value(seen), seen)
    (gradient,) = torch.autograd.grad(moved, picture, found)
    return float(number.detach()), gradient


def jittered(
    picture: Float[Tensor, "1 channels height width"], most: int, generator: torch.Generator
) -> Float[Tensor, "1 channels height width"]:
    """Move a picture about, what leaves it at one side coming back at the other.

    Args:
        picture: Any.
        most: Pixels, at most, up or down and left or right.
        generator: Where the chance comes from.

    Returns:
        The same pixels elsewhere.

    Source: Mordvintsev et al., "Inceptionism", 2015.

    Example:
        >>> jittered(torch.ones(1, 1, 2, 2), 1, torch.Generator()).sum().item()
        4.0
    """
    if not most:
        return picture
    shifts = torch.randint(-most, most + 1, (2,), generator=generator).tolist()
    return picture.roll(shifts, (2, 3))


def scaled(
    picture: Float[Tensor, "1 channels height width"], most: float, generator: torch.Generator
) -> Float[Tensor, "1 channels height width"]:
    """Enlarge or shrink a picture about its middle, within its size.

    Args:
        picture: Any.
        most: By which share, at most.
        generator: Where the chance comes from.

    Returns:
        A picture of the same size: cut where it grew, with its edges repeated where it shrank.

    Source: Olah et al., "Feature visualization", Distill 2017, section "Transformation robustness".

    Example:
        >>> scaled(torch.ones(1, 1, 8, 8), 0.5, torch.Generator()).shape
        torch.Size([1, 1, 8, 8])
    """
    if not most:
        return picture
    share = 1 + most * (2 * torch.rand((), generator=generator).item() - 1)
    size = picture.shape[2], picture.shape[3]
    height, width = (max(1, round(side * share)) for side in size)
    other = F.interpolate(picture, (height, width), mode="bilinear", align_corners=False)
    over = height - size[0], width - size[1]
    top, left = max(0, over[0] // 2), max(0, over[1] // 2)
    other = other[:, :, top : top + size[0], left : left + size[1]]
    lack = size[0] - other.shape[2], size[1] - other.shape[3]
    edges = (lack[1] // 2, lack[1] - lack[1] // 2, lack[0] // 2, lack[0] - lack[0] // 2)
    return F.pad(other, edges, mode="replicate")


def blurred(
    picture: Float[Tensor, "1 channels height width"], deviation: float
) -> Float[Tensor, "1 channels height width"]:
    """Blur a picture by a Gaussian.

    Args:
        picture: Any.
        deviation: In pixels, above 0.

    Returns:
        The picture, its edges repeated.

    Source: Yosinski et al., arXiv 1506.06579, section 3.

    Example:
        >>> blurred(torch.ones(1, 1, 4, 4), 0.5).mean().round(decimals=4).item()
        1.0
    """
    reach = max(1, round(3 * deviation))
    places = torch.arange(-reach, reach + 1, dtype=picture.dtype, device=picture.device)
    weights = torch.exp(-0.5 * (places / deviation).square())
    weights = (weights / weights.sum()).view(1, 1, 1, -1).expand(picture.shape[1], 1, 1, -1)
    across = F.conv2d(F.pad(picture, (reach, reach, 0, 0), mode="replicate"), weights, groups=picture.shape[1])
    down = F.pad(across, (0, 0, reach, reach), mode="replicate")
    return F.conv2d(down, weights.mT, groups=picture.shape[1])
