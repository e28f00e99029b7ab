"""AlexNet: five convolutions and three dense layers, the network that won ImageNet 2012.

The bare name is the single tower that published weights are for; `alexnet_paper` is the network of 2012, whose two
halves on two GPUs are two groups here, with its response normalisation.

Taught: the same ideas at scale, a million photographs on two graphics processors, with ReLUs, dropout and more
pictures made from each, beat everything before them by far.

Source: Krizhevsky, Sutskever & Hinton, "ImageNet classification with deep convolutional neural networks", 2012; the
single tower: Krizhevsky, "One weird trick for parallelizing convolutional neural networks", arXiv 1404.5997.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.backbone import Backbone, Step
from saccade.layers.normalisation import LocalResponseNorm
from saccade.layers.spans import spans

__all__ = ["alexnet", "alexnet_paper"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "alexnet": {
        "paper": "One weird trick for parallelizing convolutional neural networks", "year": 2014, "arxiv": "1404.5997",
        "parameters": 61_100_840, "macs": 714_188_480, "classes": 1000, "channels": 3,
        "native_size": (224, 224), "smallest_size": (63, 63),
        "receptive_field": 195,
        "deviates": "256 filters in the fourth convolution and two pixels of padding in the first, as published "
        "weights have them; maps of other sizes are averaged to 6 × 6",
        "recipe": {
            "settings": {
                "epochs": 90, "batch_size": 128, "optimizer": "momentum", "learning_rate": 0.01, "momentum": 0.9,
                "weight_decay": 0.0005, "schedule": "milestones", "milestones": (23, 45, 68), "rate_decay": 0.1,
                "warmup_epochs": 0.0, "height": 224,
            },
            "source": "Krizhevsky et al. 2012, sections 4 and 5: about 90 passes, the rate divided by 10 three times; "
            "that biases are spared: train_val.prototxt of bvlc_alexnet, Caffe's replication",
            "deviates": "the rate falls when the error stays, in the paper; here at fixed epochs, which are ours; "
            "crops of 224 come from 256, and colours change along their principal components; biases learn twice as "
            "fast in Caffe's replication",
        },
    },
    "alexnet_paper": {
        "paper": "ImageNet classification with deep convolutional neural networks", "year": 2012, "arxiv": "",
        "parameters": 60_965_224, "macs": 724_406_816, "classes": 1000, "channels": 3,
        "native_size": (227, 227), "smallest_size": (67, 67),
        "receptive_field": 195, "paper_result": "a top-5 error of 18.2 % on ImageNet, and of 16.4 % with five networks",
        "deviates": "227 pixels instead of the 224 that the paper says and that give no whole number; two groups stand "
        "for its two GPUs; maps of other sizes are averaged to 6 × 6",
    },
}
# fmt: on


class AlexNet(Backbone):
    """Convolutions that shrink the image to 6 × 6, and three dense layers.

    Args:
        name: What it is called in messages.
        layers: Makes the convolutions and poolings for so many channels, in the reference library's order.
        widths: Filters of the first two convolutions; the last has 256.
        starts: The layer of `features` with which each stage starts.
        num_classes: Logits.
        in_channels: Channels of the images.
        smallest_size: (height, width) of the smallest images.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: Krizhevsky et al. 2012, section 3.5.
    """

    def __init__(
        self,
        name: str,
        layers: Callable[[int], nn.Sequential],
        *,
        widths: tuple[int, int],
        starts: tuple[int, ...],
        num_classes: int,
        in_channels: int,
        smallest_size: tuple[int, int],
    ) -> None:
        stages = [(4, widths[0]), (8, widths[1]), (16, 256), (32, 256)]
        super().__init__(name, stages, num_classes=num_classes, in_channels=in_channels, smallest_size=smallest_size)
        self.features, self._starts = layers(in_channels), starts
        self.avgpool = nn.AdaptiveAvgPool2d(6)
        self.classifier = nn.Sequential(
            nn.Dropout(),
            nn.Linear(256 * 6 * 6, 4096),
            nn.ReLU(inplace=True),
            nn.Dropout(),
            nn.Linear(4096, 4096),
            nn.ReLU(inplace=True),
            nn.Linear(4096, num_classes),
        )

    def steps(self) -> Sequence[Step]:
        """Give the first convolution; the second; the other three; the last pooling."""
        return spans(self.features, self._starts)

    def head(self, features: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch classes"]:
        """Bring the maps to 6 × 6, and put three dense layers on them."""
        return self.classifier(self.avgpool(features).flatten(1))


def alexnet(*, num_classes: int = 1000, in_channels: int = 3) -> AlexNet:
    """Make AlexNet in a single tower, as published weights have it.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which are 63 × 63 or larger.

    Returns:
        A network of 61,100,840 parameters at a thousand classes and three channels.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: Krizhevsky 2014, the single tower of the reference library.

    Example:
        >>> import torch
        >>> alexnet(num_classes=10)(torch.zeros(1, 3, 64, 64)).shape
        torch.Size([1, 10])
    """
    return AlexNet(
        "alexnet",
        _single_tower,
        widths=(64, 192),
        starts=(0, 2, 5, 12),
        num_classes=num_classes,
        in_channels=in_channels,
        smallest_size=(63, 63),
    )


def alexnet_paper(*, num_classes: int = 1000, in_channels: int = 3) -> AlexNet:
    """Make the AlexNet of 2012: two groups, response normalisation, images of 227 × 227.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which are 67 × 67 or larger.

    Returns:
        A network of 60,965,224 parameters at a thousand classes and three channels.

    Raises:
        BadConfig: If there are no classes or no channels.

    Source: Krizhevsky et al. 2012, figure 2 and section 3.

    Example:
        >>> alexnet_paper(num_classes=10).features[0].weight.shape
        torch.Size([96, 3, 11, 11])
    """
    return AlexNet(
        "alexnet_paper",
        _two_towers,
        widths=(96, 256),
        starts=(0, 3, 7, 14),
        num_classes=num_classes,
        in_channels=in_channels,
        smallest_size=(67, 67),
    )


def _single_tower(in_channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, 64, 11, stride=4, padding=2),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2),
        nn.Conv2d(64, 192, 5, padding=2),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2),
        nn.Conv2d(192, 384, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(384, 256, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(256, 256, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2),
    )


def _two_towers(in_channels: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(in_channels, 96, 11, stride=4),
        nn.ReLU(inplace=True),
        LocalResponseNorm(),
        nn.MaxPool2d(3, stride=2),
        nn.Conv2d(96, 256, 5, padding=2, groups=2),
        nn.ReLU(inplace=True),
        LocalResponseNorm(),
        nn.MaxPool2d(3, stride=2),
        nn.Conv2d(256, 384, 3, padding=1),
        nn.ReLU(inplace=True),
        nn.Conv2d(384, 384, 3, padding=1, groups=2),
        nn.ReLU(inplace=True),
        nn.Conv2d(384, 256, 3, padding=1, groups=2),
        nn.ReLU(inplace=True),
        nn.MaxPool2d(3, stride=2),
    )
