"""The skeleton that residual networks for photographs share: ResNet, and with other blocks its relatives.

Parameters have the names of the field's reference library.

Source: He, Zhang, Ren & Sun, "Deep residual learning for image recognition", arXiv 1512.03385.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, cast

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.backbone import Backbone, Step
from saccade.layers.initialisation import initialise_kaiming
from saccade.layers.pooling import GlobalAveragePool
from saccade.layers.residual import Block, Shortcut, residual_stage


class ResNet(Backbone):
    """A stem, four stages of residual blocks, global average pooling, one dense layer.

    Args:
        name: What it is called in messages.
        block: The kind of block: a class, or `partial(Bottleneck, groups=32, width_per_group=4)`.
        depths: Blocks in each of the four stages.
        num_classes: Logits.
        in_channels: Channels of the images.
        shortcut: "A", "B", "C" or "none" (a plain network); see `saccade.layers.residual`.
        width: Channels of the stem, from which those of the stages follow.

    Raises:
        BadConfig: If there are no classes or no channels, or the shortcut is none of the four.

    Source: He et al. 2015, table 1.

    Example:
        >>> import torch
        >>> from saccade.layers.residual import BasicBlock
        >>> network = ResNet("small", BasicBlock, depths=(1, 1, 1, 1), num_classes=10, in_channels=3)
        >>> network(torch.zeros(1, 3, 64, 64)).shape
        torch.Size([1, 10])
    """

    def __init__(
        self,
        name: str,
        block: Block | partial[Any],
        *,
        depths: tuple[int, int, int, int],
        num_classes: int,
        in_channels: int,
        shortcut: Shortcut = "B",
        width: int = 64,
    ) -> None:
        times = cast("Block", block.func if isinstance(block, partial) else block).expansion
        widths = [width * times << stage for stage in range(4)]
        stages = [(2, width), *zip((4, 8, 16, 32), widths, strict=True)]
        super().__init__(name, stages, num_classes=num_classes, in_channels=in_channels)
        self.conv1 = nn.Conv2d(in_channels, width, 7, stride=2, padding=3, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu = nn.ReLU(inplace=True)
        self.maxpool = nn.MaxPool2d(3, stride=2, padding=1)
        stage = partial(residual_stage, block, shortcut=shortcut)
        self.layer1 = stage(width, width=width, depth=depths[0])
        self.layer2 = stage(widths[0], width=2 * width, depth=depths[1], stride=2)
        self.layer3 = stage(widths[1], width=4 * width, depth=depths[2], stride=2)
        self.layer4 = stage(widths[2], width=8 * width, depth=depths[3], stride=2)
        self.avgpool = GlobalAveragePool()
        self.fc = nn.Linear(widths[3], num_classes)
        initialise_kaiming(self)

    def steps(self) -> Sequence[Step]:
        """Give the stem and the four stages; the first of them starts with the pooling."""
        return (
            lambda images: self.relu(self.bn1(self.conv1(images))),
            lambda x: self.layer1(self.maxpool(x)),
            self.layer2,
            self.layer3,
            self.layer4,
        )

    def head(self, features: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch classes"]:
        """Average each map, and weigh them."""
        return self.fc(self.avgpool(features))
