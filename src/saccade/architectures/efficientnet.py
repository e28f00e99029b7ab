"""EfficientNet: one small network, found by search, and one rule that makes it deeper, wider and sharper all at once.

The rule: with φ times the resources, depth grows by α^φ, width by β^φ and resolution by γ^φ; α = 1.2, β = 1.1 and
γ = 1.15, so that α · β² · γ² ≈ 2 doubles the arithmetic with each step. `compound` is that rule, `scaling_for` takes
a budget and answers with the largest network in it, and `EfficientNet` makes it. B1 to B7 have the numbers that their
authors published, which are the rule's, rounded by hand; from B4 on their depth stays behind it.

Taught: depth, width and resolution belong together: to grow all three by one rule beats growing any of them alone.

Source: Tan & Le, "EfficientNet: rethinking model scaling for convolutional neural networks", arXiv 1905.11946.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from typing import Any, NamedTuple

from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import BadConfig
from saccade.layers.arguments import check_rate
from saccade.layers.backbone import Backbone, Step
from saccade.layers.convolution import conv_norm_activation
from saccade.layers.initialisation import initialise_kaiming
from saccade.layers.inverted_residual import MobileBottleneck
from saccade.layers.pooling import GlobalAveragePool
from saccade.layers.spans import spans
from saccade.layers.widths import scaled_width

# fmt: off
__all__ = [
    "efficientnet_b0", "efficientnet_b1", "efficientnet_b2", "efficientnet_b3",
    "efficientnet_b4", "efficientnet_b5", "efficientnet_b6", "efficientnet_b7",
]

CARDS: dict[str, dict[str, Any]] = {
    "efficientnet_b0": {
        "paper": "EfficientNet: Rethinking model scaling for convolutional neural networks",
        "year": 2019, "arxiv": "1905.11946",
        "parameters": 5_288_548, "macs": 385_814_752, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (1, 1),
        "paper_result": "77.1 % top-1 on ImageNet",
        "deviates": "padding is the same on all sides, as published weights for PyTorch have it",
        "recipe": {
            "settings": {
                "epochs": 350, "batch_size": 128, "accumulate": 32, "optimizer": "rmsprop", "learning_rate": 0.256,
                "momentum": 0.9, "square_decay": 0.9, "epsilon": 0.0316, "weight_decay": 0.00001,
                "schedule": "exponential", "rate_decay": 0.97, "decay_epochs": 2.4, "warmup_epochs": 5.0,
                "label_smoothing": 0.1, "ema_decay": 0.9999,
            },
            "source": "Tan & Le 2019, section 5.2: RMSProp with decay and momentum 0.9, the rate falls to 0.97 every "
            "2.4 passes; the rest is in its authors' main.py and utils.py, models/official/efficientnet in "
            "tensorflow/tpu: 0.016 for each 256 images, so 0.256 for 4,096, and 350 passes",
            "deviates": "ε, 0.001, is under the root there, so its root is added to the root here, and the mean of "
            "squares begins at 1 there; norms count over 128 images; learnt augmentation there, --augment strong is "
            "the nearest; the size of the images is that of each network: give --height",
        },
    },
    "efficientnet_b1": {
        "paper": "EfficientNet: Rethinking model scaling for convolutional neural networks",
        "year": 2019, "arxiv": "1905.11946",
        "parameters": 7_794_184, "macs": 686_802_832, "classes": 1000, "channels": 3,
        "native_size": (240, 240), "smallest_size": (1, 1),
        "deviates": "padding is the same on all sides, as published weights for PyTorch have it",
    },
    "efficientnet_b2": {
        "paper": "EfficientNet: Rethinking model scaling for convolutional neural networks",
        "year": 2019, "arxiv": "1905.11946",
        "parameters": 9_109_994, "macs": 1_087_529_456, "classes": 1000, "channels": 3,
        "native_size": (288, 288), "smallest_size": (1, 1),
        "deviates": "padding is the same on all sides, and the native size is 288, as published weights for PyTorch "
        "have it; the paper's is 260, at which it is 994 million multiply-adds",
    },
    "efficientnet_b3": {
        "paper": "EfficientNet: Rethinking model scaling for convolutional neural networks",
        "year": 2019, "arxiv": "1905.11946",
        "parameters": 12_233_232, "macs": 1_827_141_392, "classes": 1000, "channels": 3,
        "native_size": (300, 300), "smallest_size": (1, 1),
        "deviates": "padding is the same on all sides, as published weights for PyTorch have it",
    },
    "efficientnet_b4": {
        "paper": "EfficientNet: Rethinking model scaling for convolutional neural networks",
        "year": 2019, "arxiv": "1905.11946",
        "parameters": 19_341_616, "macs": 4_393_771_024, "classes": 1000, "channels": 3,
        "native_size": (380, 380), "smallest_size": (1, 1),
        "deviates": "padding is the same on all sides, as published weights for PyTorch have it",
    },
    "efficientnet_b5": {
        "paper": "EfficientNet: Rethinking model scaling for convolutional neural networks",
        "year": 2019, "arxiv": "1905.11946",
        "parameters": 30_389_784, "macs": 10_266_384_752, "classes": 1000, "channels": 3,
        "native_size": (456, 456), "smallest_size": (1, 1),
        "deviates": "padding is the same on all sides, as published weights for PyTorch have it",
    },
    "efficientnet_b6": {
        "paper": "EfficientNet: Rethinking model scaling for convolutional neural networks",
        "year": 2019, "arxiv": "1905.11946",
        "parameters": 43_040_704, "macs": 19_067_593_536, "classes": 1000, "channels": 3,
        "native_size": (528, 528), "smallest_size": (1, 1),
        "deviates": "padding is the same on all sides, as published weights for PyTorch have it",
    },
    "efficientnet_b7": {
        "paper": "EfficientNet: Rethinking model scaling for convolutional neural networks",
        "year": 2019, "arxiv": "1905.11946",
        "parameters": 66_347_960, "macs": 37_745_884_192, "classes": 1000, "channels": 3,
        "native_size": (600, 600), "smallest_size": (1, 1),
        "paper_result": "84.3 % top-1 on ImageNet",
        "deviates": "padding is the same on all sides, as published weights for PyTorch have it; like the published "
        "network it is 3.1 times as deep as B0, where the rule says 3.6",
    },
}
# fmt: on


class Scaling(NamedTuple):
    """How much deeper, wider and sharper a network is than B0.

    Args:
        depth: Each stage has so many times the blocks, rounded up.
        width: Each layer has so many times the channels, in multiples of 8.
        resolution: One side of the images, in pixels.

    Source: Tan & Le 2019, section 3.
    """

    depth: float
    width: float
    resolution: int


class Block(NamedTuple):
    """One mobile bottleneck; the arguments are those of `saccade.layers.inverted_residual.MobileBottleneck`."""

    in_channels: int
    out_channels: int
    expansion: int
    kernel_size: int
    stride: int


_TABLE = (
    (1, 3, 1, 16, 1),
    (6, 3, 2, 24, 2),
    (6, 5, 2, 40, 2),
    (6, 3, 2, 80, 3),
    (6, 5, 1, 112, 3),
    (6, 5, 2, 192, 4),
    (6, 3, 1, 320, 1),
)
"""The paper's table 1 of B0: expansion, kernel size, stride of the first block, channels, blocks."""
_STEPS = range(-1000, 1001)
"""The hundredths of φ among which `scaling_for` chooses."""


def compound(phi: float) -> Scaling:
    """Scale B0 by the paper's rule.

    Args:
        phi: φ, about the logarithm to base 2 of how much more arithmetic there may be; 0 is B0.

    Returns:
        Depth 1.2^φ, width 1.1^φ, and a resolution of 224 · 1.15^φ pixels.

    Source: Tan & Le 2019, equation 3.

    Example:
        >>> compound(1)
        Scaling(depth=1.2, width=1.1, resolution=258)
    """
    return Scaling(1.2**phi, 1.1**phi, round(224 * 1.15**phi))


def cost(scaling: Scaling, *, num_classes: int = 1000, in_channels: int = 3) -> tuple[int, int]:
    """Count what a scaled network costs, without making it.

    Args:
        scaling: How much deeper, wider and sharper than B0 it is.
        num_classes: Logits.
        in_channels: Channels of the images.

    Returns:
        Parameters, and multiply-adds for one image.

    Raises:
        BadConfig: If the width is not above 0.

    Source: ours; the same is counted from the network itself in tests.

    Example:
        >>> cost(Scaling(depth=1.0, width=1.0, resolution=224))
        (5288548, 385814752)
    """
    widths, last = _widths(scaling.width)
    side = math.ceil(scaling.resolution / 2)
    parameters = 9 * in_channels * widths[0] + 2 * widths[0] + widths[-1] * last + 2 * last + (last + 1) * num_classes
    macs = side**2 * 9 * in_channels * widths[0] + last * num_classes
    for before, after, expansion, kernel_size, stride in chain(*_rows(scaling)):
        inside, hidden = before * expansion, max(1, before // 4)
        if expansion != 1:
            parameters += before * inside + 2 * inside
            macs += side**2 * before * inside
        side = math.ceil(side / stride)
        parameters += inside * kernel_size**2 + 2 * inside + inside * after + 2 * after
        parameters += 2 * inside * hidden + hidden + inside
        macs += side**2 * (inside * kernel_size**2 + inside * after) + 2 * inside * hidden
    return parameters, macs + side**2 * widths[-1] * last


def scaling_for(*, macs: float = math.inf, parameters: float = math.inf) -> Scaling:
    """Find the largest network of the rule within a budget.

    Args:
        macs: Multiply-adds for one image, at most.
        parameters: At most; at a thousand classes and three channels, as is the arithmetic.

    Returns:
        Depth, width and resolution: of all hundredths of φ from −10 to 10, those of the largest within the budget.

    Raises:
        BadConfig: If no budget is given, or it is below the smallest or above the largest of these networks.

    Source: Tan & Le 2019, equation 2.

    Example:
        >>> scaling_for(macs=400e6)
        Scaling(depth=1.0, width=1.0, resolution=224)
    """
    least, most = cost(compound(_STEPS[0] / 100)), cost(compound(_STEPS[-1] / 100))
    enough = parameters >= least[0] and macs >= least[1]
    if not enough or (parameters > most[0] and macs > most[1]):
        raise BadConfig(
            f"got macs={macs:,} and parameters={parameters:,}; taken is a budget of {least[1]:,} to {most[1]:,} "
            f"multiply-adds, or of {least[0]:,} to {most[0]:,} parameters; give one in between"
        )
    low, high = 0, len(_STEPS)
    while high - low > 1:
        middle = (low + high) // 2
        found = cost(compound(_STEPS[middle] / 100))
        low, high = (middle, high) if found[0] <= parameters and found[1] <= macs else (low, middle)
    return compound(_STEPS[low] / 100)


class EfficientNet(Backbone):
    """A 3×3 convolution, seven rows of mobile bottlenecks, a 1×1 convolution, global average pooling, one dense layer.

    Args:
        name: What it is called in messages.
        scaling: How much deeper and wider than B0; it takes images of any size, not only of that resolution.
        num_classes: Logits.
        in_channels: Channels of the images.
        dropout_rate: Share of the numbers before the dense layer that is zeroed while training.
        tensorflow_norms: The normalisations of the TensorFlow code: ε 0.001 instead of 0.00001, momentum 0.01.

    Raises:
        BadConfig: If there are no classes or no channels, or a number is out of its range.

    Source: Tan & Le 2019, table 1.
    """

    def __init__(
        self,
        name: str,
        scaling: Scaling,
        *,
        num_classes: int,
        in_channels: int,
        dropout_rate: float = 0.2,
        tensorflow_norms: bool = False,
    ) -> None:
        widths, last = _widths(scaling.width)
        stages = [(2, widths[1]), (4, widths[2]), (8, widths[3]), (16, widths[5]), (32, last)]
        super().__init__(name, stages, num_classes=num_classes, in_channels=in_channels)
        check_rate(name, "dropout_rate", dropout_rate)
        norm = partial(nn.BatchNorm2d, eps=1e-3, momentum=0.01) if tensorflow_norms else nn.BatchNorm2d
        make = partial(conv_norm_activation, activation=partial(nn.SiLU, inplace=True), norm=norm)
        self.features = nn.Sequential(
            make(in_channels, widths[0], stride=2),
            *_sequences(_rows(scaling), norm),
            make(widths[-1], last, kernel_size=1),
        )
        self.avgpool = GlobalAveragePool()
        dense = nn.Linear(last, num_classes)
        self.classifier = nn.Sequential(nn.Dropout(dropout_rate), dense)
        initialise_kaiming(self)
        nn.init.uniform_(dense.weight, -(num_classes**-0.5), num_classes**-0.5)
        nn.init.zeros_(dense.bias)

    def steps(self) -> Sequence[Step]:
        """Give the first convolution with the first row; the rows of each resolution, then the last convolution."""
        return spans(self.features, (0, 2, 3, 4, 6))

    def head(self, features: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch classes"]:
        """Average each map, and weigh them."""
        return self.classifier(self.avgpool(features))


def _widths(width: float) -> tuple[list[int], int]:
    """Give the channels of the first convolution and of each row, and those of the last convolution."""
    widths = [scaled_width(channels, width) for channels in (32, *(row[3] for row in _TABLE))]
    return widths, 4 * widths[-1]


def _rows(scaling: Scaling) -> list[list[Block]]:
    """Give the blocks of each row."""
    widths, rows = _widths(scaling.width)[0], []
    for before, after, (expansion, kernel_size, stride, _, depth) in zip(widths[:-1], widths[1:], _TABLE, strict=True):
        first = Block(before, after, expansion, kernel_size, stride)
        rest = first._replace(in_channels=after, stride=1)
        rows.append([first, *[rest] * (math.ceil(depth * scaling.depth) - 1)])
    return rows


def _sequences(rows: list[list[Block]], norm: Callable[[int], nn.Module]) -> Iterator[nn.Sequential]:
    """Make the rows; how often a block is left out while training grows evenly from 0 to nearly a fifth."""
    number, total = 0, sum(map(len, rows))
    for row in rows:
        sequence = nn.Sequential()
        for block in row:
            sequence.append(MobileBottleneck(**block._asdict(), norm=norm, drop_path_rate=0.2 * number / total))
            number += 1
        yield sequence


def _published(name: str, scaling: Scaling, rate: float, num_classes: int, in_channels: int) -> EfficientNet:
    return EfficientNet(
        name,
        scaling,
        num_classes=num_classes,
        in_channels=in_channels,
        dropout_rate=rate,
        tensorflow_norms=name >= "efficientnet_b5",
    )


def efficientnet_b0(*, num_classes: int = 1000, in_channels: int = 3) -> EfficientNet:
    """Make EfficientNet-B0, the network that all others are scaled from.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which may have any size; it was made for 224 × 224.

    Returns:
        A network of 5,288,548 parameters at a thousand classes and three channels.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: Tan & Le 2019, table 1.

    Example:
        >>> import torch
        >>> efficientnet_b0(num_classes=10)(torch.zeros(1, 3, 64, 64)).shape
        torch.Size([1, 10])
    """
    return _published("efficientnet_b0", Scaling(1.0, 1.0, 224), 0.2, num_classes, in_channels)


def efficientnet_b1(*, num_classes: int = 1000, in_channels: int = 3) -> EfficientNet:
    """Make EfficientNet-B1: depth × 1.1, width × 1; 7,794,184 parameters. Arguments as for `efficientnet_b0`."""
    return _published("efficientnet_b1", Scaling(1.1, 1.0, 240), 0.2, num_classes, in_channels)


def efficientnet_b2(*, num_classes: int = 1000, in_channels: int = 3) -> EfficientNet:
    """Make EfficientNet-B2: depth × 1.2, width × 1.1; 9,109,994 parameters. Arguments as for `efficientnet_b0`."""
    return _published("efficientnet_b2", Scaling(1.2, 1.1, 260), 0.3, num_classes, in_channels)


def efficientnet_b3(*, num_classes: int = 1000, in_channels: int = 3) -> EfficientNet:
    """Make EfficientNet-B3: depth × 1.4, width × 1.2; 12,233,232 parameters. Arguments as for `efficientnet_b0`."""
    return _published("efficientnet_b3", Scaling(1.4, 1.2, 300), 0.3, num_classes, in_channels)


def efficientnet_b4(*, num_classes: int = 1000, in_channels: int = 3) -> EfficientNet:
    """Make EfficientNet-B4: depth × 1.8, width × 1.4; 19,341,616 parameters. Arguments as for `efficientnet_b0`."""
    return _published("efficientnet_b4", Scaling(1.8, 1.4, 380), 0.4, num_classes, in_channels)


def efficientnet_b5(*, num_classes: int = 1000, in_channels: int = 3) -> EfficientNet:
    """Make EfficientNet-B5: depth × 2.2, width × 1.6; 30,389,784 parameters. Arguments as for `efficientnet_b0`."""
    return _published("efficientnet_b5", Scaling(2.2, 1.6, 456), 0.4, num_classes, in_channels)


def efficientnet_b6(*, num_classes: int = 1000, in_channels: int = 3) -> EfficientNet:
    """Make EfficientNet-B6: depth × 2.6, width × 1.8; 43,040,704 parameters. Arguments as for `efficientnet_b0`."""
    return _published("efficientnet_b6", Scaling(2.6, 1.8, 528), 0.5, num_classes, in_channels)


def efficientnet_b7(*, num_classes: int = 1000, in_channels: int = 3) -> EfficientNet:
    """Make EfficientNet-B7: depth × 3.1, width × 2; 66,347,960 parameters. Arguments as for `efficientnet_b0`."""
    return _published("efficientnet_b7", Scaling(3.1, 2.0, 600), 0.5, num_classes, in_channels)
