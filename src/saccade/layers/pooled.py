"""A classifier on what every stage of a backbone sees: what transfer learning trains on top of a frozen network.

Source: ours; features from a network trained elsewhere, Donahue et al., "DeCAF", arXiv 1310.1531; of all its stages,
since the lower ones know what the last has forgotten, Evci et al., "Head2Toe", arXiv 2201.03529.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import BadConfig
from saccade.layers.backbone import Backbone, Step
from saccade.layers.stages import HEAD, modules_by_stage


class Pooled(Backbone):
    """A backbone without its own head: the means of its stages over the picture, then one or two dense layers.

    Args:
        backbone: Any; its head is taken off, and it is changed by that.
        num_classes: Logits.
        hidden: Units of a layer between; 0: none.

    Raises:
        BadConfig: If there are no classes, or fewer than no hidden units.

    Source: ours.

    Example:
        >>> from saccade import catalog
        >>> network = Pooled(catalog.find("architectures", "squeezenet1_1")(), num_classes=2)
        >>> network.features(torch.zeros(1, 3, 64, 64)).shape, network(torch.zeros(1, 3, 64, 64)).shape
        (torch.Size([1, 960]), torch.Size([1, 2]))
    """

    def __init__(self, backbone: Backbone, *, num_classes: int, hidden: int = 0) -> None:
        if not isinstance(hidden, int) or isinstance(hidden, bool) or hidden < 0:
            raise BadConfig(f"got hidden={hidden!r}; taken is 0 or more; change it")
        stages = [(stage.stride, stage.width) for stage in backbone.stages]
        super().__init__(
            "pooled", stages,
            num_classes=num_classes, in_channels=backbone.in_channels, smallest_size=backbone.smallest_size,
        )  # fmt: skip
        _take_head_off(backbone)
        self.backbone = backbone
        self.width = sum(stage.width for stage in backbone.stages)
        layers = [nn.Flatten(), nn.Linear(self.width, hidden), nn.ReLU(inplace=True)] if hidden else [nn.Flatten()]
        self.classifier = nn.Sequential(*layers, nn.Linear(hidden or self.width, num_classes))

    def steps(self) -> Sequence[Step]:
        """Give the stages of the backbone."""
        return self.backbone.steps()

    def head(self, features: Float[Tensor, "batch means"]) -> Float[Tensor, "batch classes"]:
        """Classify the means of all stages."""
        return self.classifier(features)

    def features(self, images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch means"]:
        """Compute what the classifier gets.

        Args:
            images: As `forward` takes them.

        Returns:
            For each image the mean over the picture of every channel of every stage, from the stem on.

        Raises:
            BadShape: If the images are not of the rank, channels or size that the network takes.

        Source: ours.
        """
        return _means(self.forward_features(images))

    def logits_of(self, features: dict[str, Float[Tensor, "batch _ _ _"]]) -> Float[Tensor, "batch classes"]:
        """Compute the logits from the stages, of which all count here."""
        return self.head(_means(features))

    def forward(self, images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch classes"]:
        """Compute the logits.

        Args:
            images: Floats; each pixel as the network was trained to see it.

        Returns:
            One logit for each class.

        Raises:
            BadShape: If the images are not of the rank, channels or size that the network takes.

        Source: ours.
        """
        return self.head(self.features(images))


def _means(features: dict[str, Tensor]) -> Tensor:
    return torch.cat([maps.mean((2, 3)) for maps in features.values()], dim=1)


def _take_head_off(backbone: Backbone) -> None:
    """Replace what no stage runs by nothing."""
    for name in modules_by_stage(backbone)[HEAD]:
        if any(True for _ in backbone.get_submodule(name).parameters()):
            holder, _, own = name.rpartition(".")
            setattr(backbone.get_submodule(holder), own, nn.Identity())
