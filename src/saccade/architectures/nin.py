"""Network in Network: small networks slide over the image instead of filters, and no layer is dense.

Each class has a map of its own, whose average is its logit: nothing is left to overfit, and the map shows where.

Taught: a 1×1 convolution is a small network that slides over the picture, and the average of each map can stand for
the dense layers.

Source: Lin, Chen & Yan, "Network in network", arXiv 1312.4400.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.arguments import check_rate
from saccade.layers.backbone import Backbone, Step
from saccade.layers.initialisation import initialise_kaiming
from saccade.layers.mlpconv import MlpConv
from saccade.layers.pooling import GlobalAveragePool

__all__ = ["nin"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "nin": {
        "paper": "Network in network", "year": 2013, "arxiv": "1312.4400",
        "parameters": 966_986, "macs": 222_486_528, "classes": 10, "channels": 3,
        "native_size": (32, 32), "smallest_size": (4, 4),
        "deviates": "the paper gives no widths for CIFAR-10: these, and the average as second pooling, are those of "
        "its authors' code; weights start from the inputs of a filter, not with a fixed deviation",
        "recipe": {
            "settings": {
                "epochs": 260, "batch_size": 128, "optimizer": "momentum", "learning_rate": 0.02, "momentum": 0.9,
                "weight_decay": 0.0005, "schedule": "milestones", "milestones": (200, 230), "rate_decay": 0.1,
                "warmup_epochs": 0.0, "augment": "none",
            },
            "source": "Lin et al. 2013, section 4, as others report it: 128 images, the rate divided by 10 twice, "
            "without augmentation, which it tries as well; the rest is in README.md and NIN/cifar-100_params of "
            "mavenlin/cuda-convnet: 200, 30 and 30 passes, a rate of 0.01 and a decay of 0.001 for twice the loss, "
            "which are 0.02 and 0.0005 for the loss",
            "deviates": "the settings are those for CIFAR-100, which the paper has from CIFAR-10; biases learn twice "
            "as fast there; images are normalised and whitened there; in the paper the rate falls when the accuracy "
            "on training images stays",
        },
    },
}
# fmt: on


class NetworkInNetwork(Backbone):
    """Three mlpconv layers with poolings between them, a map for each class at the end, global average pooling.

    No logit is ever negative, since the last mlpconv layer ends in a ReLU like all others. Its last 1×1 convolution,
    the one to the classes, is part of the head.

    Args:
        name: What it is called in messages.
        num_classes: Logits.
        in_channels: Channels of the images.
        dropout_rate: Share of the numbers after each pooling that is zeroed while training.

    Raises:
        BadConfig: If there are no classes or no channels, or the rate is not in [0, 1).

    Source: Lin et al. 2013, figure 2 and section 4.
    """

    def __init__(self, name: str, *, num_classes: int, in_channels: int, dropout_rate: float) -> None:
        stages = [(1, 96), (2, 192), (4, 192)]
        super().__init__(name, stages, num_classes=num_classes, in_channels=in_channels, smallest_size=(4, 4))
        check_rate(name, "dropout_rate", dropout_rate)
        self.mlpconv1 = MlpConv(in_channels, (192, 160, 96), kernel_size=5, padding=2)
        self.pool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.dropout1 = nn.Dropout(dropout_rate)
        self.mlpconv2 = MlpConv(96, (192, 192, 192), kernel_size=5, padding=2)
        self.pool2 = nn.AvgPool2d(3, stride=2, ceil_mode=True)
        self.dropout2 = nn.Dropout(dropout_rate)
        self.mlpconv3 = MlpConv(192, (192, 192), kernel_size=3, padding=1)
        self.classifier = nn.Sequential(MlpConv(192, (num_classes,), kernel_size=1), GlobalAveragePool())
        initialise_kaiming(self, "fan_in")

    def steps(self) -> Sequence[Step]:
        """Give the first mlpconv layer; twice a pooling and the next one."""
        return (
            self.mlpconv1,
            lambda x: self.mlpconv2(self.dropout1(self.pool1(x))),
            lambda x: self.mlpconv3(self.dropout2(self.pool2(x))),
        )

    def head(self, features: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch classes"]:
        """Make a map for each class, cut off what is below 0, and average."""
        return self.classifier(features)


def nin(*, num_classes: int = 10, in_channels: int = 3, dropout_rate: float = 0.5) -> NetworkInNetwork:
    """Make Network in Network for CIFAR-10.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which are 4 × 4 or larger; it was made for 32 × 32.
        dropout_rate: Share of the numbers after each pooling that is zeroed while training.

    Returns:
        A network of 966,986 parameters at ten classes and three channels.

    Raises:
        BadConfig: If there are no classes or no channels, or the rate is not in [0, 1).

    Source: Lin et al. 2013, figure 2; widths from its authors' code.

    Example:
        >>> import torch
        >>> nin()(torch.zeros(1, 3, 32, 32)).shape
        torch.Size([1, 10])
    """
    return NetworkInNetwork("nin", num_classes=num_classes, in_channels=in_channels, dropout_rate=dropout_rate)
