"""SqueezeNet: fire modules, no dense layer, a fiftieth of the weights of AlexNet at the same accuracy.

Version 1.1 is its authors' own revision: a smaller first convolution and earlier poolings, 2.3 times less arithmetic.

Taught: AlexNet's accuracy needs a fiftieth of its weights: a 1×1 that squeezes in front of every 3×3, and maps that
stay large for long.

Source: Iandola, Han, Moskewicz, Ashraf, Dally & Keutzer, "SqueezeNet", arXiv 1602.07360.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import accumulate
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.backbone import Backbone, Step
from saccade.layers.fire import Fire
from saccade.layers.pooling import GlobalAveragePool
from saccade.layers.spans import spans

__all__ = ["squeezenet1_0", "squeezenet1_1"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "squeezenet1_0": {
        "paper": "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size",
        "year": 2016, "arxiv": "1602.07360",
        "parameters": 1_248_424, "macs": 818_924_576, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (21, 21),
        "paper_result": "57.5 % top-1 and 80.3 % top-5 on ImageNet",
        "deviates": "no padding in the first convolution, as published weights have it: 109 pixels a side come out "
        "where the paper's table has 111, those of an image of 227",
        "recipe": {
            "settings": {
                "batch_size": 32, "accumulate": 16, "optimizer": "momentum", "learning_rate": 0.04,
                "momentum": 0.9, "weight_decay": 0.0002, "decay_all": True, "epochs": 68, "schedule": "linear",
                "warmup_epochs": 0.0, "mirror": False, "height": 227,
            },
            "source": "Iandola et al. 2016, section 3.3: a rate of 0.04 that falls in a straight line; the rest is in "
            "forresti/SqueezeNet: README.md for 512 images, train_val.prototxt for what decays, which is every weight, "
            "and that nothing is mirrored, solver.prototxt, as others quote it, for 170 thousand steps, which are 68 "
            "passes",
            "deviates": "crops of 227 come from 256 there; an older solver.prototxt has 85 thousand steps of 1,024 "
            "images, and a rate of 0.08 that falls with the root of what is left",
        },
    },
    "squeezenet1_1": {
        "paper": "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size",
        "year": 2016, "arxiv": "1602.07360",
        "parameters": 1_235_496, "macs": 349_151_936, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (17, 17),
        "deviates": "not in the paper: its authors' revision, with 64 filters of 3 × 3 instead of 96 of 7 × 7 in "
        "front, and poolings after fewer modules",
    },
}
# fmt: on


_FIRES = ((16, 64), (16, 64), (32, 128), (32, 128), (48, 192), (48, 192), (64, 256), (64, 256))
"""Of each fire module, the filters of its squeezing layer, and those of each of its two expanding layers."""


class SqueezeNet(Backbone):
    """A convolution, eight fire modules among three poolings, a 1×1 convolution to the classes, their average.

    No logit is ever negative, since a ReLU comes before the average.

    Args:
        name: What it is called in messages.
        kernel_size: One side of the first kernel, whose stride is 2.
        width: Filters of the first convolution.
        depths: Fire modules after each pooling, eight in all.
        num_classes: Logits.
        in_channels: Channels of the images.
        smallest_size: (height, width) of the smallest images.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: Iandola et al. 2016, table 1. Weights start as in the reference library.
    """

    def __init__(
        self,
        name: str,
        kernel_size: int,
        *,
        width: int,
        depths: tuple[int, int, int],
        num_classes: int,
        in_channels: int,
        smallest_size: tuple[int, int],
    ) -> None:
        widths = [2 * _FIRES[fires - 1][1] for fires in accumulate(depths)]
        stages = zip((2, 4, 8, 16), (width, *widths), strict=True)
        super().__init__(
            name, list(stages), num_classes=num_classes, in_channels=in_channels, smallest_size=smallest_size
        )
        first = nn.Conv2d(in_channels, width, kernel_size, stride=2)
        self.features = nn.Sequential(first, nn.ReLU(inplace=True), *_layers(width, depths))
        last = nn.Conv2d(widths[-1], num_classes, 1)
        self.classifier = nn.Sequential(nn.Dropout(), last, nn.ReLU(inplace=True), GlobalAveragePool())
        for part in self.modules():
            if isinstance(part, nn.Conv2d):
                nn.init.kaiming_uniform_(part.weight)
                if part.bias is not None:
                    nn.init.zeros_(part.bias)
        nn.init.normal_(last.weight, std=0.01)

    def steps(self) -> Sequence[Step]:
        """Give the first convolution; three times a pooling and the fire modules after it."""
        pools = [number for number, part in enumerate(self.features) if isinstance(part, nn.MaxPool2d)]
        return spans(self.features, (0, *pools))

    def head(self, features: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch classes"]:
        """Weigh the maps at every pixel, cut off what is below 0, and average."""
        return self.classifier(features)


def _layers(in_channels: int, depths: tuple[int, ...]) -> Iterator[nn.Module]:
    fires = iter(_FIRES)
    for depth in depths:
        yield nn.MaxPool2d(3, stride=2, ceil_mode=True)
        for _ in range(depth):
            squeeze, expand = next(fires)
            yield Fire(in_channels, squeeze, expand1x1_channels=expand, expand3x3_channels=expand)
            in_channels = 2 * expand


def squeezenet1_0(*, num_classes: int = 1000, in_channels: int = 3) -> SqueezeNet:
    """Make SqueezeNet 1.0, the paper's: poolings after the first convolution, the third and the seventh fire module.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which are 21 × 21 or larger.

    Returns:
        A network of 1,248,424 parameters at a thousand classes and three channels.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: Iandola et al. 2016, table 1.

    Example:
        >>> import torch
        >>> squeezenet1_0(num_classes=10)(torch.zeros(1, 3, 64, 64)).shape
        torch.Size([1, 10])
    """
    return SqueezeNet(
        "squeezenet1_0",
        7,
        width=96,
        depths=(3, 4, 1),
        num_classes=num_classes,
        in_channels=in_channels,
        smallest_size=(21, 21),
    )


def squeezenet1_1(*, num_classes: int = 1000, in_channels: int = 3) -> SqueezeNet:
    """Make SqueezeNet 1.1, from images of 17 × 17 on; 1,235,496 parameters. Arguments as for `squeezenet1_0`."""
    return SqueezeNet(
        "squeezenet1_1",
        3,
        width=64,
        depths=(2, 2, 4),
        num_classes=num_classes,
        in_channels=in_channels,
        smallest_size=(17, 17),
    )
