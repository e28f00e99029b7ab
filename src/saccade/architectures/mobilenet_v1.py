"""MobileNet: one convolution, and thirteen times a depthwise one and a 1×1 one instead of a dense 3×3 one.

The paper has two knobs for less work: a width that thins every layer, which is an argument here, and a resolution,
which is the size of the images.

Taught: to filter and to mix are two things: a depthwise 3×3 and a 1×1 do nearly what a full 3×3 does, for about an
eighth of the arithmetic.

Source: Howard et al., "MobileNets: efficient convolutional neural networks for mobile vision applications",
arXiv 1704.04861.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.backbone import Backbone, Step
from saccade.layers.initialisation import initialise_kaiming
from saccade.layers.pooling import GlobalAveragePool
from saccade.layers.separable import DepthwiseSeparable
from saccade.layers.widths import scaled_width

__all__ = ["mobilenet_v1"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "mobilenet_v1": {
        "paper": "MobileNets: Efficient convolutional neural networks for mobile vision applications",
        "year": 2017, "arxiv": "1704.04861",
        "parameters": 4_231_976, "macs": 568_740_352, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "receptive_field": 315, "paper_result": "70.6 % top-1 on ImageNet",
        "deviates": "ReLU6, with which published weights were trained, where the paper says ReLU; the last depthwise "
        "convolution has stride 1, where its table says 2 and keeps the size all the same",
        "recipe": {
            "settings": {
                "batch_size": 64, "optimizer": "rmsprop", "learning_rate": 0.045, "momentum": 0.9,
                "square_decay": 0.9, "epsilon": 1.0, "weight_decay": 0.00004, "schedule": "exponential",
                "rate_decay": 0.94, "decay_epochs": 2.5, "warmup_epochs": 0.0, "height": 224,
            },
            "source": "Howard et al. 2017, section 3.2: RMSProp, each machine at its own pace as for Inception v3, "
            "little or no decay of depthwise filters, no smoothed labels; batch and rate: mobilenet_v1_train.py, "
            "what belongs to RMSProp and decay: train_image_classifier.py, both in research/slim of tensorflow/models",
            "deviates": "the number of passes is not said, and is our default: choose it; the first of these files "
            "has plain gradient descent; depthwise filters are pulled like all others here; ε is added to the root "
            "here, under it there, and the mean of squares begins at 1 there; windows of the images there",
        },
    },
}
# fmt: on

_STAGES = ((64, 1), (128, 2), (256, 2), (512, 6), (1024, 2))
"""Of each resolution, the channels and how many blocks there are."""


class MobileNetV1(Backbone):
    """A 3×3 convolution, thirteen depthwise separable ones, global average pooling, one dense layer.

    Args:
        name: What it is called in messages.
        num_classes: Logits.
        in_channels: Channels of the images.
        width: Every layer has so many times the channels of the paper's table, in multiples of 8.

    Raises:
        BadConfig: If there are no classes or no channels, or the width is not above 0.

    Source: Howard et al. 2017, table 1 and section 3.3.
    """

    def __init__(self, name: str, *, num_classes: int, in_channels: int, width: float) -> None:
        widths = [scaled_width(channels, width) for channels, _ in _STAGES]
        stages = list(zip((2, 4, 8, 16, 32), widths, strict=True))
        super().__init__(name, stages, num_classes=num_classes, in_channels=in_channels)
        first = scaled_width(32, width)
        self.conv_stem = nn.Conv2d(in_channels, first, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(first)
        self.act1 = nn.ReLU6(inplace=True)
        self.blocks = nn.Sequential(
            _stage(first, widths[0], depth=1, stride=1),
            *(
                _stage(before, after, depth=depth, stride=2)
                for before, after, (_, depth) in zip(widths[:-1], widths[1:], _STAGES[1:], strict=True)
            ),
        )
        self.avgpool = GlobalAveragePool()
        self.classifier = nn.Linear(widths[-1], num_classes)
        initialise_kaiming(self)

    def steps(self) -> Sequence[Step]:
        """Give the first convolution with the first block; then the blocks of each resolution."""
        first, *rest = self.blocks
        return (lambda images: first(self.act1(self.bn1(self.conv_stem(images)))), *rest)

    def head(self, features: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch classes"]:
        """Average each map, and weigh them."""
        return self.classifier(self.avgpool(features))


def _stage(in_channels: int, out_channels: int, *, depth: int, stride: int) -> nn.Sequential:
    block = partial(DepthwiseSeparable, activation=partial(nn.ReLU6, inplace=True))
    first = block(in_channels, out_channels, stride=stride)
    return nn.Sequential(first, *(block(out_channels, out_channels) for _ in range(depth - 1)))


def mobilenet_v1(*, num_classes: int = 1000, in_channels: int = 3, width: float = 1.0) -> MobileNetV1:
    """Make MobileNet.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which may have any size; it was made for 224 × 224, and for 192, 160, 128.
        width: The paper's α: every layer has so many times as many channels, rounded to multiples of 8. It has 1,
            0.75, 0.5 and 0.25; weights and arithmetic go down with about its square.

    Returns:
        A network of 4,231,976 parameters at a thousand classes, three channels and width 1.

    Raises:
        BadConfig: If there are no classes or no channels, or the width is not above 0.

    Source: Howard et al. 2017, table 1.

    Example:
        >>> import torch
        >>> mobilenet_v1(num_classes=10, width=0.25)(torch.zeros(1, 3, 128, 128)).shape
        torch.Size([1, 10])
    """
    return MobileNetV1("mobilenet_v1", num_classes=num_classes, in_channels=in_channels, width=width)
