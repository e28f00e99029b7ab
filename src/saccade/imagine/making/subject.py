"""What a way of making pictures gets: a borrowed network, pictures to begin with, and somebody who watches.

Source: ours.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, ClassVar

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import BadConfig, BadShape
from saccade.inspect.taps import borrowed
from saccade.training.settings import Settings, knob

_TOO_SMALL = ("Kernel size can't be greater", "Output size is too small", "Padding size should be less than")
Watch = Callable[[int, int, float, Float[Tensor, "1 channels height width"]], bool]
"""Hears of each step: its number from 1, how many there are, the value, the picture. True: stop here."""


def unwatched(step: int, of: int, value: float, picture: Float[Tensor, "1 channels height width"]) -> bool:
    """Watch without looking, and never stop.

    Args:
        step: Its number, from 1.
        of: How many there are.
        value: Of what is raised or lowered.
        picture: As it is by now.

    Returns:
        False.

    Source: ours.

    Example:
        >>> unwatched(1, 2, 0.5, torch.zeros(1, 3, 2, 2))
        False
    """
    del step, of, value, picture
    return False


@dataclass(frozen=True, eq=False)
class State:
    """A picture put away before it was done.

    Args:
        tensors: The picture, and whatever else is needed to go on to the same bits.
        described: The rest, as plain values that JSON can hold.

    Source: ours.
    """

    tensors: Mapping[str, Tensor]
    described: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Subject:
    """A network, and what pictures are made of.

    Args:
        network: Takes images in [0, 1].
        size: (height, width) of the picture that is made from nothing.
        grey: What stands for nothing being there, a value for each channel: the mean of what the network was trained
            on, which its own normalisation turns into zeros.
        images: The picture that is begun with, where a way of making needs one.
        guide: Another one, whose maps guide a dream, or whose style is wanted.
        score: Of what the network gives, the number that is asked about, such as a class before its softmax.
        asked: What that number is, in words.
        seed: Where all randomness comes from.
        watch: Hears of each step.
        resumed: What was put away of this very picture.
        keep: Called after each step with what gives the state, for somebody who puts it away from time to time.

    Source: ours.
    """

    network: nn.Module
    size: tuple[int, int]
    grey: Float[Tensor, " channels"]
    images: Float[Tensor, "1 channels height width"] | None = None
    guide: Float[Tensor, "1 channels rows columns"] | None = None
    score: Callable[[Any], Tensor] | None = None
    asked: str = ""
    seed: int = 0
    watch: Watch = unwatched
    resumed: State | None = None
    keep: Callable[[Callable[[], State]], None] | None = None

    def generator(self) -> torch.Generator:
        """Start the randomness anew, on the processor, so that every device draws the same."""
        return torch.Generator().manual_seed(self.seed)

    def nothing(self) -> Float[Tensor, "1 channels height width"]:
        """Give the picture from which pictures are made out of nothing: zeros, once the network has normalised it."""
        return self.grey[None, :, None, None].expand(1, -1, *self.size).clone()


@dataclass(frozen=True, eq=False)
class Made:
    """A picture that a network made.

    Args:
        image: In [0, 1].
        values: Of what was raised or lowered, after each step.
        notes: What a reader must know, such as the layer.
        whole: Whether it was made to its end.
        frames: Pictures on the way that belong to it, such as those of a zoom.
        state: What is needed to go on, of one that can be and was stopped.

    Source: ours.
    """

    image: Float[Tensor, "1 channels height width"]
    values: tuple[float, ...]
    notes: tuple[str, ...] = ()
    whole: bool = True
    frames: Sequence[Float[Tensor, "1 channels height width"]] = field(default=())
    state: State | None = None


@dataclass(frozen=True)
class Imagination(Settings):
    """A way of making pictures; its fields are its knobs, each a flag of the command line.

    `needs_image` says that it begins with a picture, `needs_class` that it must be told a class, `takes_guide` that
    another picture may guide it, `needs_guide` that one must.

    Source: ours.
    """

    needs_image: ClassVar[bool] = False
    needs_class: ClassVar[bool] = False
    takes_guide: ClassVar[bool] = False
    needs_guide: ClassVar[bool] = False

    side: int = knob(
        0,
        "pixels of the longer side; 0: that of the picture, 640 at most; from nothing, what the network is used to",
        0,
    )

    @abstractmethod
    def make(self, subject: Subject) -> Made:
        """Make a picture.

        Args:
            subject: With the network borrowed: in evaluation mode, its parameters without gradients.

        Returns:
            The picture; what there is of it, if whoever watches says stop.

        Source: of each way.
        """


def imagined(way: Imagination, subject: Subject) -> Made:
    """Let a way of making pictures have a network for a while; it is as it was afterwards.

    Args:
        way: With its knobs.
        subject: The network, and what is made of it.

    Returns:
        The picture, on the processor, in [0, 1].

    Raises:
        BadConfig: If the way needs a picture or a class, and there is none; or cannot be used on that network.
        BadShape: If the picture is no batch of one.
        UnknownName: If there is no such layer; the nearest are offered.

    Source: ours.
    """
    if way.needs_image and subject.images is None:
        raise BadConfig("got no picture to begin with; taken is one; name it")
    if way.needs_class and subject.score is None:
        raise BadConfig("got no class to make a picture of; taken is its name or number; say it with --about")
    if way.needs_guide and subject.guide is None:
        raise BadConfig("got no second picture; taken is one, such as that whose style is wanted; name it")
    for images in (subject.images, subject.guide):
        if images is not None and (images.dim() != 4 or len(images) != 1 or 0 in images.shape):
            raise BadShape(
                f"got a picture of shape {tuple(images.shape)}; taken is (1, channels, height, width); add images[None]"
            )
    with borrowed(subject.network), torch.enable_grad(), smallness_named(subject):
        for parameter in subject.network.parameters():
            parameter.requires_grad_(False)
        made = way.make(subject)
    frames = [frame.detach().float().cpu() for frame in made.frames]
    return Made(made.image.detach().float().cpu().clamp(0, 1), made.values, made.notes, made.whole, frames, made.state)


@contextmanager
def smallness_named(subject: Subject) -> Iterator[None]:
    """Say in words that a picture is too small, where torch says so in its own.

    Args:
        subject: With the picture.

    Returns:
        A context manager.

    Raises:
        BadShape: If the network leaves nothing of a picture of that size.

    Source: ours.
    """
    try:
        yield
    except RuntimeError as error:
        if not any(words in str(error) for words in _TOO_SMALL):
            raise
        height, width = subject.size
        raise BadShape(
            f"got a picture of {height} × {width} pixels, of which this network leaves nothing; taken are larger ones; "
            "enlarge it, or name an earlier layer"
        ) from error
