"""A backbone so small that a hand can follow it: a stem and two stages with norms and dropout, and one dense layer."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from saccade.layers.backbone import Backbone, Step


class Small(Backbone):
    """Stem of 4 channels, stages of 6 and 8 at half and a quarter of the size."""

    def __init__(self, *, num_classes: int = 2, in_channels: int = 1, seed: int = 0) -> None:
        super().__init__("Small", [(1, 4), (2, 6), (4, 8)], num_classes=num_classes, in_channels=in_channels)
        torch.manual_seed(seed)
        self.conv1 = nn.Conv2d(in_channels, 4, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(4)
        self.layer1 = nn.Sequential(nn.Conv2d(4, 6, 3, 2, 1), nn.BatchNorm2d(6), nn.ReLU(), nn.Dropout(0.5))
        self.layer2 = nn.Sequential(nn.Conv2d(6, 8, 3, 2, 1), nn.BatchNorm2d(8), nn.ReLU())
        self.fc = nn.Linear(8, num_classes)

    def steps(self) -> Sequence[Step]:
        return self._stem, self.layer1, self.layer2

    def head(self, features: Tensor) -> Tensor:
        return self.fc(features.mean((2, 3)))

    def _stem(self, x: Tensor) -> Tensor:
        return torch.relu(self.bn1(self.conv1(x)))


STEM = ("conv1", "bn1")
STAGE1 = ("layer1.0", "layer1.1", "layer1.2", "layer1.3")
STAGE2 = ("layer2.0", "layer2.1", "layer2.2")
