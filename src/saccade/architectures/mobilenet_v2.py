"""MobileNet v2: seventeen inverted residuals, narrow at their ends, wide and depthwise inside, linear where they end.

Taught: shortcuts belong between the narrow ends of a block; and what is narrow must stay linear, since a ReLU there
loses too much.

Source: Sandler, Howard, Zhu, Zhmoginov & Chen, "MobileNetV2: inverted residuals and linear bottlenecks",
arXiv 1801.04381.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.backbone import Backbone, Step
from saccade.layers.convolution import conv_norm_activation
from saccade.layers.initialisation import initialise_kaiming
from saccade.layers.inverted_residual import InvertedResidual
from saccade.layers.pooling import GlobalAveragePool
from saccade.layers.spans import spans
from saccade.layers.widths import scaled_width

__all__ = ["mobilenet_v2"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "mobilenet_v2": {
        "paper": "MobileNetV2: Inverted residuals and linear bottlenecks", "year": 2018, "arxiv": "1801.04381",
        "parameters": 3_504_872, "macs": 300_774_272, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "paper_result": "72.0 % top-1 on ImageNet",
        "deviates": "nothing; at width=1.4 the paper says 6.9 million parameters and 585 million multiply-adds, "
        "while its rule gives 6.11 and 582",
        "recipe": {
            "settings": {
                "epochs": 412, "batch_size": 96, "optimizer": "rmsprop", "learning_rate": 0.045, "momentum": 0.9,
                "square_decay": 0.9, "epsilon": 1.0, "weight_decay": 0.00004, "schedule": "exponential",
                "rate_decay": 0.98, "decay_epochs": 1.0, "warmup_epochs": 0.0, "label_smoothing": 0.1,
                "ema_decay": 0.9999, "height": 224,
            },
            "source": "Sandler et al. 2018, section 6.1: RMSProp with decay and momentum 0.9, the rate falls to 0.98 "
            "after each pass, batches of 96; smoothed labels, average and 5.5 million steps, which are 412 passes: "
            "research/slim/nets/mobilenet/README.md in tensorflow/models; ε: train_image_classifier.py there",
            "deviates": "16 machines, each at its own pace; the rate falls every 2.5 passes in the authors' notes; ε "
            "is added to the root here, under it there, and the mean of squares begins at 1 there; windows and "
            "changed colours there",
        },
    },
}
# fmt: on

_STAGES = ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1))
"""The rows of the paper's table 2: expansion, channels, blocks, stride of the first of them."""


class MobileNetV2(Backbone):
    """A 3×3 convolution, seventeen inverted residuals, a 1×1 convolution, global average pooling, one dense layer.

    Args:
        name: What it is called in messages.
        num_classes: Logits.
        in_channels: Channels of the images.
        width: Every layer has so many times the channels of the paper's table, in multiples of 8; but the last
            convolution never has fewer than there.

    Raises:
        BadConfig: If there are no classes or no channels, or the width is not above 0.

    Source: Sandler et al. 2018, table 2 and section 6.1.
    """

    def __init__(self, name: str, *, num_classes: int, in_channels: int, width: float) -> None:
        widths = [scaled_width(channels, width) for channels in (32, 16, 24, 32, 64, 96, 160, 320)]
        last = scaled_width(1280, max(1.0, width))
        stages = [(2, widths[1]), (4, widths[2]), (8, widths[3]), (16, widths[5]), (32, last)]
        super().__init__(name, stages, num_classes=num_classes, in_channels=in_channels)
        make = partial(conv_norm_activation, activation=_activation)
        self.features = nn.Sequential(
            make(in_channels, widths[0], stride=2), *_blocks(widths), make(widths[-1], last, kernel_size=1)
        )
        self.avgpool = GlobalAveragePool()
        dense = nn.Linear(last, num_classes)
        self.classifier = nn.Sequential(nn.Dropout(0.2), dense)
        initialise_kaiming(self)
        nn.init.normal_(dense.weight, std=0.01)
        nn.init.zeros_(dense.bias)

    def steps(self) -> Sequence[Step]:
        """Give the first convolution with the first block; the blocks of each resolution, then the last convolution."""
        return spans(self.features, (0, 2, 4, 7, 14))

    def head(self, features: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch classes"]:
        """Average each map, and weigh them."""
        return self.classifier(self.avgpool(features))


_activation = partial(nn.ReLU6, inplace=True)


def _blocks(widths: list[int]) -> Iterator[nn.Module]:
    for before, after, (expansion, _, depth, stride) in zip(widths[:-1], widths[1:], _STAGES, strict=True):
        block = partial(InvertedResidual, expansion=expansion, activation=_activation)
        yield block(before, after, stride=stride)
        for _ in range(depth - 1):
            yield block(after, after)


def mobilenet_v2(*, num_classes: int = 1000, in_channels: int = 3, width: float = 1.0) -> MobileNetV2:
    """Make MobileNet v2.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which may have any size; it was made for 224 × 224, and for 96 to 192.
        width: Every layer has so many times as many channels, rounded to multiples of 8, but the last convolution
            never fewer than 1280. The paper has 0.35, 0.5, 0.75, 1 and 1.4.

    Returns:
        A network of 3,504,872 parameters at a thousand classes, three channels and width 1.

    Raises:
        BadConfig: If there are no classes or no channels, or the width is not above 0.

    Source: Sandler et al. 2018, table 2.

    Example:
        >>> import torch
        >>> mobilenet_v2(num_classes=10, width=0.5)(torch.zeros(1, 3, 96, 96)).shape
        torch.Size([1, 10])
    """
    return MobileNetV2("mobilenet_v2", num_classes=num_classes, in_channels=in_channels, width=width)
