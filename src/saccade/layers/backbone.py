"""The one contract of every architecture: stages that have names, strides and widths, and a head on the last of them.

A name in an architecture's `__all__` is a function of keyword arguments, `num_classes` and `in_channels` always, that
can be called without any and then makes the network of its card. The network has `stages`, `forward_features` (the
output of each stage by name), `forward` (logits), `in_channels`, `num_classes` and `smallest_size`. It may have
`prepare(images)`, which sets weights from images before training begins.

A card is a literal dict in the file's `CARDS`: `paper`, `year`, `arxiv` ("" if there is none), `parameters` and `macs`
(multiply-adds for one image of the native size) at `classes` and `channels`, `native_size` and `smallest_size` (height,
width), and `deviates`: where the network is not the paper's, and why. It may state `receptive_field`, what a unit of
the last stage sees along a side, as published; and what the paper reports, which nobody has to reproduce:
`paper_parameters`, `paper_macs`, and `paper_result`, words that go on from "the paper reports". `saccade facts`
computes what can be computed.

A file's docstring ends with `Taught:`, what the architecture taught the field, and `Source:`.

Source: ours.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from typing import NamedTuple

from jaxtyping import Float
from torch import Tensor, nn

from saccade.ops.images import check_counts, check_images

Step = Callable[[Tensor], Tensor]
"""What computes a stage from the one before, maps to maps."""


class Stage(NamedTuple):
    """A part of a network between two changes of the stride.

    Args:
        name: "stem", "stage1", "stage2" …
        stride: Input pixels from one output pixel to the next.
        width: Channels of its output.

    Source: ours.
    """

    name: str
    stride: int
    width: int


class Backbone(nn.Module, ABC):
    """A plain module that runs its stages in order, and a head on the last one.

    A network fills in `steps` and `head`; what others rely on is `stages`, `forward_features` and `forward`.

    Args:
        name: What the network is called in messages.
        stages: The stride and width of each stage, from "stem" on; they are given their names in order.
        num_classes: Logits that it gives.
        in_channels: Channels that it takes.
        smallest_size: (height, width) of the smallest images that leave something in the last map.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: ours.
    """

    def __init__(
        self,
        name: str,
        stages: Sequence[tuple[int, int]],
        *,
        num_classes: int,
        in_channels: int,
        smallest_size: tuple[int, int] = (1, 1),
    ) -> None:
        super().__init__()
        check_counts(name, num_classes=num_classes, in_channels=in_channels)
        self.name, self.num_classes, self.in_channels, self.smallest_size = (
            name,
            num_classes,
            in_channels,
            smallest_size,
        )
        names = ["stem", *(f"stage{number}" for number in range(1, len(stages)))]
        self.stages = tuple(Stage(stage, *numbers) for stage, numbers in zip(names, stages, strict=False))

    @abstractmethod
    def steps(self) -> Sequence[Step]:
        """Give what computes each stage from the one before; the first takes the images."""

    @abstractmethod
    def head(self, features: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch classes"]:
        """Turn the last stage into logits."""

    def forward_features(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> dict[str, Float[Tensor, "batch _ _ _"]]:
        """Compute every stage.

        Args:
            images: Floats; each pixel as the network was trained to see it.

        Returns:
            The output of each stage by name: "stem", "stage1" …

        Raises:
            BadShape: If the images are not of the rank, channels or size that the network takes.

        Source: ours.
        """
        check_images(images, self.name, in_channels=self.in_channels, smallest=self.smallest_size)
        features, x = {}, images
        for stage, step in zip(self.stages, self.steps(), strict=True):
            features[stage.name] = x = step(x)
        return features

    def logits_of(self, features: dict[str, Float[Tensor, "batch _ _ _"]]) -> Float[Tensor, "batch classes"]:
        """Compute the logits from the stages.

        Args:
            features: What `forward_features` gives.

        Returns:
            What `forward` gives for those images.

        Source: ours.
        """
        return self.head(features[self.stages[-1].name])

    def forward(self, images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch classes"]:
        """Compute the logits, keeping no stage in memory longer than it is needed.

        Args:
            images: Floats; each pixel as the network was trained to see it.

        Returns:
            One logit for each class.

        Raises:
            BadShape: If the images are not of the rank, channels or size that the network takes.

        Source: ours.
        """
        check_images(images, self.name, in_channels=self.in_channels, smallest=self.smallest_size)
        x = images
        for step in self.steps():
            x = step(x)
        return self.head(x)
