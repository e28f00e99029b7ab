"""GoogLeNet: nine inception modules, the network that won ImageNet 2014 with a ninth of AlexNet's weights.

The bare name is the form that published weights are for: batch normalisation, and 3×3 kernels where the paper has 5×5.
`googlenet_paper` is the network of 2014: true 5×5, biases instead of batch normalisation, response normalisation.

With `auxiliary=True` either has its two classifiers on the side, after 4a and 4d. `forward` never runs them; the losses
of the tasks ask `forward_with_auxiliaries` for their logits while the network trains.

Taught: kernels of several sizes side by side, each behind a 1×1 that makes it cheap; a twentieth of the weights of
VGG-16 is enough.

Source: Szegedy et al., "Going deeper with convolutions", arXiv 1409.4842.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.arguments import check_flag
from saccade.layers.auxiliary import AuxiliaryBackbone
from saccade.layers.convolution import ConvNorm
from saccade.layers.inception import Inception, InceptionWidths
from saccade.layers.initialisation import initialise_kaiming
from saccade.layers.normalisation import LocalResponseNorm
from saccade.layers.pooling import GlobalAveragePool

__all__ = ["googlenet", "googlenet_paper"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "googlenet": {
        "paper": "Going deeper with convolutions", "year": 2014, "arxiv": "1409.4842",
        "parameters": 6_624_904, "macs": 1_498_376_192, "classes": 1000, "channels": 3,
        "parameters_with_auxiliaries": 13_004_888,
        "native_size": (224, 224), "smallest_size": (15, 15),
        "deviates": "3×3 kernels where the paper has 5×5, batch normalisation instead of response normalisation and "
        "biases, a last pooling of 2×2, as published weights have them; those take pixels less 0.5, divided by 0.5, "
        "and have both auxiliary classifiers",
        "recipe": {
            "settings": {
                "epochs": 250, "batch_size": 32, "optimizer": "momentum", "learning_rate": 0.01, "momentum": 0.9,
                "weight_decay": 0.0002, "schedule": "exponential", "rate_decay": 0.96, "decay_epochs": 8.0,
                "warmup_epochs": 0.0, "ema_decay": 0.9999, "height": 224,
            },
            "source": "Szegedy et al. 2014, section 6: momentum 0.9, the rate falls by 4 % every 8 passes, weights "
            "averaged in the end; rate, decay, batch and passes, which the paper does not give: solver.prototxt and "
            "readme of bvlc_googlenet, Caffe's replication, which thanks the first author: 320 thousand steps are 8 "
            "passes there, so 32 images a step, and 10 million are 250",
            "deviates": "many machines, each at its own pace; the kind of average is ours, and the replication has "
            "none; windows of 8 % to 100 % of the area and changed colours there, --augment strong is the nearest",
        },
    },
    "googlenet_paper": {
        "paper": "Going deeper with convolutions", "year": 2014, "arxiv": "1409.4842",
        "parameters": 6_998_552, "macs": 1_582_671_872, "classes": 1000, "channels": 3,
        "parameters_with_auxiliaries": 13_378_280,
        "native_size": (224, 224), "smallest_size": (31, 31),
        "paper_macs": 1_500_000_000,
        "paper_result": "a top-5 error of 6.67 % on ImageNet with seven networks and 144 crops",
        "deviates": "response normalisation has AlexNet's numbers, since the paper gives none, and weights start as "
        "for ReLUs; auxiliary classifiers average maps of other sizes to 4 × 4",
    },
}
# fmt: on


class AuxiliaryClassifier(nn.Module):
    """A classifier on the side: average to 4 × 4, 1×1 convolution, two dense layers.

    Args:
        in_channels: Channels of the maps that it looks at.
        num_classes: Logits.
        paper: Average as in the paper, 5×5 at steps of 3, and have biases instead of batch normalisation.

    Source: Szegedy et al. 2014, section 5.
    """

    def __init__(self, in_channels: int, num_classes: int, *, paper: bool) -> None:
        super().__init__()
        to_four = nn.AdaptiveAvgPool2d(4)
        self.pool = nn.Sequential(nn.AvgPool2d(5, stride=3), to_four) if paper else to_four
        self.conv = ConvNorm(in_channels, 128, kernel_size=1, batch_norm=not paper)
        self.fc1 = nn.Linear(128 * 4 * 4, 1024)
        self.relu = nn.ReLU(inplace=True)
        self.dropout = nn.Dropout(0.7)
        self.fc2 = nn.Linear(1024, num_classes)

    def forward(self, x: Float[Tensor, "batch channels rows columns"]) -> Float[Tensor, "batch classes"]:
        """Average, convolve, weigh twice."""
        x = self.relu(self.fc1(self.conv(self.pool(x)).flatten(1)))
        return self.fc2(self.dropout(x))


class GoogLeNet(AuxiliaryBackbone):
    """Three convolutions, nine inception modules with poolings between, the average of each map, one dense layer.

    Args:
        name: What it is called in messages.
        num_classes: Logits.
        in_channels: Channels of the images.
        auxiliary: Make the two classifiers on the side too.
        paper: The form of the paper instead of that of published weights.

    Raises:
        BadConfig: If there are no classes or no channels, or `auxiliary` is neither True nor False.

    Source: Szegedy et al. 2014, table 1 and figure 3. The form of published weights starts as in the reference
        library, from a normal distribution of deviation 0.01 (which that cuts at 200 deviations).
    """

    def __init__(self, name: str, *, num_classes: int, in_channels: int, auxiliary: bool, paper: bool) -> None:
        stages = [(2, 64), (4, 192), (8, 480), (16, 832), (32, 1024)]
        smallest = (31, 31) if paper else (15, 15)
        super().__init__(name, stages, num_classes=num_classes, in_channels=in_channels, smallest_size=smallest)
        check_flag(name, "auxiliary", auxiliary)
        convolution = partial(ConvNorm, batch_norm=not paper)
        inception = partial(Inception, largest=5 if paper else 3, batch_norm=not paper)
        self.conv1 = convolution(in_channels, 64, kernel_size=7, stride=2, padding=3)
        self.maxpool1 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.norm1 = LocalResponseNorm() if paper else None
        self.conv2 = convolution(64, 64, kernel_size=1)
        self.conv3 = convolution(64, 192, kernel_size=3, padding=1)
        self.norm2 = LocalResponseNorm() if paper else None
        self.maxpool2 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception3a = inception(192, InceptionWidths(64, 96, 128, 16, 32, 32))
        self.inception3b = inception(256, InceptionWidths(128, 128, 192, 32, 96, 64))
        self.maxpool3 = nn.MaxPool2d(3, stride=2, ceil_mode=True)
        self.inception4a = inception(480, InceptionWidths(192, 96, 208, 16, 48, 64))
        self.inception4b = inception(512, InceptionWidths(160, 112, 224, 24, 64, 64))
        self.inception4c = inception(512, InceptionWidths(128, 128, 256, 24, 64, 64))
        self.inception4d = inception(512, InceptionWidths(112, 144, 288, 32, 64, 64))
        self.inception4e = inception(528, InceptionWidths(256, 160, 320, 32, 128, 128))
        self.maxpool4 = nn.MaxPool2d(3 if paper else 2, stride=2, ceil_mode=True)
        self.inception5a = inception(832, InceptionWidths(256, 160, 320, 32, 128, 128))
        self.inception5b = inception(832, InceptionWidths(384, 192, 384, 48, 128, 128))
        if auxiliary:
            self.auxiliary_weight, self.auxiliary_size = 0.3, (79, 79) if paper else smallest
        self.aux1 = AuxiliaryClassifier(512, num_classes, paper=paper) if auxiliary else None
        self.aux2 = AuxiliaryClassifier(528, num_classes, paper=paper) if auxiliary else None
        self.avgpool = GlobalAveragePool()
        self.dropout = nn.Dropout(0.4 if paper else 0.2)
        self.fc = nn.Linear(1024, num_classes)
        _initialise(self, paper=paper)

    def parts(self) -> Sequence[Sequence[nn.Module]]:
        """Give the first convolution; the two others; the modules 3, 4 and 5, each with the pooling before."""
        second = (self.maxpool1, self.norm1, self.conv2, self.conv3, self.norm2)
        return (
            (self.conv1,),
            [part for part in second if part is not None],
            (self.maxpool2, self.inception3a, self.inception3b),
            (self.maxpool3, self.inception4a, self.inception4b, self.inception4c, self.inception4d, self.inception4e),
            (self.maxpool4, self.inception5a, self.inception5b),
        )

    def auxiliary_heads(self) -> Mapping[nn.Module, nn.Module]:
        """Give the classifiers after 4a and 4d."""
        if self.aux1 is None or self.aux2 is None:
            return {}
        return {self.inception4a: self.aux1, self.inception4d: self.aux2}

    def head(self, features: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch classes"]:
        """Average each map, drop some while training, and weigh them."""
        return self.fc(self.dropout(self.avgpool(features)))


def _initialise(network: nn.Module, *, paper: bool) -> None:
    if paper:  # without a norm, signals must keep their size on their own through 22 layers
        initialise_kaiming(network, mode="fan_in")
        return
    for part in network.modules():
        if isinstance(part, nn.Conv2d | nn.Linear):
            nn.init.normal_(part.weight, std=0.01)


def googlenet(*, num_classes: int = 1000, in_channels: int = 3, auxiliary: bool = False) -> GoogLeNet:
    """Make GoogLeNet as published weights have it: batch normalisation, and 3×3 kernels for the paper's 5×5.

    Published weights were trained on pixels less 0.5, divided by 0.5; the reference library calls it transform_input.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which are 15 × 15 or larger.
        auxiliary: Make the two classifiers on the side too; published weights have them. Their losses count 0.3 each.

    Returns:
        A network of 6,624,904 parameters at a thousand classes and three channels; 13,004,888 with the classifiers on
        the side.

    Raises:
        BadConfig: If there are no classes or no channels, or `auxiliary` is neither True nor False.

    Source: Szegedy et al. 2014, with the deviations on the card.

    Example:
        >>> import torch
        >>> googlenet(num_classes=10)(torch.zeros(1, 3, 64, 64)).shape
        torch.Size([1, 10])
    """
    return GoogLeNet("googlenet", num_classes=num_classes, in_channels=in_channels, auxiliary=auxiliary, paper=False)


def googlenet_paper(*, num_classes: int = 1000, in_channels: int = 3, auxiliary: bool = False) -> GoogLeNet:
    """Make the GoogLeNet of 2014: true 5×5 kernels, biases, response normalisation.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which are 31 × 31 or larger.
        auxiliary: Make the two classifiers on the side too, with which images are 79 × 79 or larger while training.
            Their losses count 0.3 each.

    Returns:
        A network of 6,998,552 parameters at a thousand classes and three channels; 13,378,280 with the classifiers on
        the side.

    Raises:
        BadConfig: If there are no classes or no channels, or `auxiliary` is neither True nor False.

    Source: Szegedy et al. 2014, table 1 and section 5.

    Example:
        >>> googlenet_paper(num_classes=10).inception3a.branch3[1].conv.kernel_size
        (5, 5)
    """
    return GoogLeNet(
        "googlenet_paper", num_classes=num_classes, in_channels=in_channels, auxiliary=auxiliary, paper=True
    )
