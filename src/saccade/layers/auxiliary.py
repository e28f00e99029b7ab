"""Backbones with classifiers on the side, which bring the gradient to the middle of a deep network while it trains.

Source: Szegedy et al., "Going deeper with convolutions", arXiv 1409.4842, section 5.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping, Sequence
from functools import partial
from itertools import chain

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.backbone import Backbone, Step
from saccade.ops.images import check_images


class AuxiliaryBackbone(Backbone):
    """A backbone whose middle maps may have classifiers of their own; `forward` never runs them.

    A network fills in `parts`, `auxiliary_heads` and `head`. One that is made with such classifiers sets
    `auxiliary_weight`, what their losses count beside that of the logits (0 without them), and `auxiliary_size`,
    (height, width) of the smallest images that they take.

    Source: Szegedy et al. 2014, section 5.
    """

    auxiliary_weight: float = 0.0
    auxiliary_size: tuple[int, int] = (1, 1)

    @abstractmethod
    def parts(self) -> Sequence[Sequence[nn.Module]]:
        """Give the modules of each stage, in the order in which they run."""

    @abstractmethod
    def auxiliary_heads(self) -> Mapping[nn.Module, nn.Module]:
        """Give the classifiers on the side, each by the part whose output it takes."""

    def steps(self) -> Sequence[Step]:
        """Give one function for each stage, which runs its parts."""
        return tuple(partial(_run, stage) for stage in self.parts())

    def forward_with_auxiliaries(
        self, images: Float[Tensor, "batch channels height width"]
    ) -> tuple[Float[Tensor, "batch classes"], list[Float[Tensor, "batch classes"]]]:
        """Compute the logits, and those of each classifier on the side: what a loss needs while training.

        Args:
            images: Floats; each pixel as the network was trained to see it.

        Returns:
            What `forward` gives, and the others from the first on; none, if the network was made without them.

        Raises:
            BadShape: If the images are not of the rank, channels or size that the network and its classifiers take.

        Source: Szegedy et al. 2014, section 5.
        """
        heads = self.auxiliary_heads()
        name, smallest = self.name, self.smallest_size
        if heads:
            name, smallest = f"{name} with its auxiliary classifiers", self.auxiliary_size
        check_images(images, name, in_channels=self.in_channels, smallest=smallest)
        x, auxiliaries = images, []
        for part in chain.from_iterable(self.parts()):
            x = part(x)
            if part in heads:
                auxiliaries.append(heads[part](x))
        return self.head(x), auxiliaries


def _run(parts: Sequence[nn.Module], x: Tensor) -> Tensor:
    for part in parts:
        x = part(x)
    return x
