"""Inception v3: large kernels taken apart, 5×5 into two 3×3 and 7×7 into 1×7 and 7×1.

The modules A to E differ in which kernels stand side by side; their layers have the names of published weights.

With `auxiliary=True` it has its classifier on the side, on the last maps of 17 × 17. `forward` never runs it; the
losses of the tasks ask `forward_with_auxiliaries` for its logits while the network trains.

Taught: to save without losing: take kernels apart, shrink maps and widen them in the same step, smooth the labels.

Source: Szegedy, Vanhoucke, Ioffe, Shlens & Wojna, "Rethinking the Inception architecture for computer vision",
arXiv 1512.00567.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from jaxtyping import Float
from torch import Tensor, nn

from saccade.layers.arguments import check_flag
from saccade.layers.auxiliary import AuxiliaryBackbone
from saccade.layers.convolution import ConvNorm
from saccade.layers.pooling import GlobalAveragePool

__all__ = ["inception_v3"]

# fmt: off
CARDS: dict[str, dict[str, Any]] = {
    "inception_v3": {
        "paper": "Rethinking the Inception architecture for computer vision", "year": 2015, "arxiv": "1512.00567",
        "parameters": 23_834_568, "macs": 5_713_216_096, "classes": 1000, "channels": 3,
        "parameters_with_auxiliaries": 27_161_264,
        "native_size": (299, 299), "smallest_size": (75, 75),
        "receptive_field": 1311, "paper_result": "a top-1 error of 21.2 % on ImageNet",
        "deviates": "the widths of the branches, which the paper does not give, and a 1×1 and a pooling in the stem, "
        "where its table has 3×3 convolutions, are those of its authors' code and of published weights; those take "
        "pixels less 0.5, divided by 0.5, and have the auxiliary classifier",
        "recipe": {
            "settings": {
                "epochs": 100, "batch_size": 32, "optimizer": "rmsprop", "learning_rate": 0.045, "momentum": 0.9,
                "square_decay": 0.9, "epsilon": 1.0, "weight_decay": 0.00004, "schedule": "exponential",
                "rate_decay": 0.94, "decay_epochs": 2.0, "warmup_epochs": 0.0, "clip_norm": 2.0,
                "label_smoothing": 0.1, "ema_decay": 0.9999, "height": 299,
            },
            "source": "Szegedy et al. 2015, section 8: RMSProp with decay 0.9 and ε 1, the rate falls to 0.94 every "
            "second pass, gradients cut at 2, weights averaged; section 7 for smoothed labels; momentum and decays of "
            "weights and average: inception_train.py, inception_model.py and train_image_classifier.py in "
            "tensorflow/models",
            "deviates": "50 machines with 32 images each, each at its own pace; ε is added to the root here, under "
            "it there, and the mean of squares begins at 1 there; windows and changed colours there",
        },
    },
}
# fmt: on

Maps = Float[Tensor, "batch channels rows columns"]
Joined = Float[Tensor, "batch more fewer_rows fewer_columns"]


def _same(in_channels: int, out_channels: int, height: int, width: int = 0) -> ConvNorm:
    """A convolution that keeps the size; square, if one side alone is given."""
    kernel_size = (height, width or height)
    padding = (kernel_size[0] // 2, kernel_size[1] // 2)
    return ConvNorm(in_channels, out_channels, kernel_size=kernel_size, padding=padding)


def _halving(in_channels: int, out_channels: int) -> ConvNorm:
    return ConvNorm(in_channels, out_channels, kernel_size=3, stride=2)


class InceptionA(nn.Module):
    """On 35 × 35: 1×1 ‖ 1×1, 5×5 ‖ 1×1, 3×3, 3×3 ‖ average, 1×1.

    Args:
        in_channels: Channels of the input.
        pool: Channels of the branch with the average; the other three have 64, 64 and 96.

    Source: Szegedy et al. 2015, figures 4 and 5.
    """

    def __init__(self, in_channels: int, pool: int) -> None:
        super().__init__()
        self.branch1x1 = _same(in_channels, 64, 1)
        self.branch5x5_1 = _same(in_channels, 48, 1)
        self.branch5x5_2 = _same(48, 64, 5)
        self.branch3x3dbl_1 = _same(in_channels, 64, 1)
        self.branch3x3dbl_2 = _same(64, 96, 3)
        self.branch3x3dbl_3 = _same(96, 96, 3)
        self.average = nn.AvgPool2d(3, stride=1, padding=1)
        self.branch_pool = _same(in_channels, pool, 1)

    def forward(self, x: Maps) -> Joined:
        """Run the four branches, and join their channels."""
        five = self.branch5x5_2(self.branch5x5_1(x))
        threes = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        return torch.cat([self.branch1x1(x), five, threes, self.branch_pool(self.average(x))], dim=1)


class InceptionB(nn.Module):
    """From 35 × 35 to 17 × 17: 3×3 ‖ 1×1, 3×3, 3×3 ‖ maximum, each at steps of 2.

    Args:
        in_channels: Channels of the input; 384 + 96 more come out.

    Source: Szegedy et al. 2015, figure 10.
    """

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.branch3x3 = _halving(in_channels, 384)
        self.branch3x3dbl_1 = _same(in_channels, 64, 1)
        self.branch3x3dbl_2 = _same(64, 96, 3)
        self.branch3x3dbl_3 = _halving(96, 96)
        self.maximum = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Maps) -> Joined:
        """Run the three branches, and join their channels."""
        threes = self.branch3x3dbl_3(self.branch3x3dbl_2(self.branch3x3dbl_1(x)))
        return torch.cat([self.branch3x3(x), threes, self.maximum(x)], dim=1)


class InceptionC(nn.Module):
    """On 17 × 17: 1×1 ‖ 1×1, 1×7, 7×1 ‖ 1×1, 7×1, 1×7, 7×1, 1×7 ‖ average, 1×1.

    Args:
        in_channels: Channels of the input.
        width: Channels between the flat kernels; each branch ends with 192.

    Source: Szegedy et al. 2015, figure 6.
    """

    def __init__(self, in_channels: int, width: int) -> None:
        super().__init__()
        self.branch1x1 = _same(in_channels, 192, 1)
        self.branch7x7_1 = _same(in_channels, width, 1)
        self.branch7x7_2 = _same(width, width, 1, 7)
        self.branch7x7_3 = _same(width, 192, 7, 1)
        self.branch7x7dbl_1 = _same(in_channels, width, 1)
        self.branch7x7dbl_2 = _same(width, width, 7, 1)
        self.branch7x7dbl_3 = _same(width, width, 1, 7)
        self.branch7x7dbl_4 = _same(width, width, 7, 1)
        self.branch7x7dbl_5 = _same(width, 192, 1, 7)
        self.average = nn.AvgPool2d(3, stride=1, padding=1)
        self.branch_pool = _same(in_channels, 192, 1)

    def forward(self, x: Maps) -> Joined:
        """Run the four branches, and join their channels."""
        once = self.branch7x7_3(self.branch7x7_2(self.branch7x7_1(x)))
        twice = self.branch7x7dbl_3(self.branch7x7dbl_2(self.branch7x7dbl_1(x)))
        twice = self.branch7x7dbl_5(self.branch7x7dbl_4(twice))
        return torch.cat([self.branch1x1(x), once, twice, self.branch_pool(self.average(x))], dim=1)


class InceptionD(nn.Module):
    """From 17 × 17 to 8 × 8: 1×1, 3×3 ‖ 1×1, 1×7, 7×1, 3×3 ‖ maximum, each at steps of 2 in the end.

    Args:
        in_channels: Channels of the input; 320 + 192 more come out.

    Source: Szegedy et al. 2015, section 5; the 7×7 in front of the second branch is its authors' code.
    """

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.branch3x3_1 = _same(in_channels, 192, 1)
        self.branch3x3_2 = _halving(192, 320)
        self.branch7x7x3_1 = _same(in_channels, 192, 1)
        self.branch7x7x3_2 = _same(192, 192, 1, 7)
        self.branch7x7x3_3 = _same(192, 192, 7, 1)
        self.branch7x7x3_4 = _halving(192, 192)
        self.maximum = nn.MaxPool2d(3, stride=2)

    def forward(self, x: Maps) -> Joined:
        """Run the three branches, and join their channels."""
        seven = self.branch7x7x3_3(self.branch7x7x3_2(self.branch7x7x3_1(x)))
        return torch.cat([self.branch3x3_2(self.branch3x3_1(x)), self.branch7x7x3_4(seven), self.maximum(x)], dim=1)


class InceptionE(nn.Module):
    """On 8 × 8: 1×1 ‖ 1×1, (1×3 ‖ 3×1) ‖ 1×1, 3×3, (1×3 ‖ 3×1) ‖ average, 1×1: as wide as the classes ask.

    Args:
        in_channels: Channels of the input; 2048 come out.

    Source: Szegedy et al. 2015, figure 7.
    """

    def __init__(self, in_channels: int) -> None:
        super().__init__()
        self.branch1x1 = _same(in_channels, 320, 1)
        self.branch3x3_1 = _same(in_channels, 384, 1)
        self.branch3x3_2a = _same(384, 384, 1, 3)
        self.branch3x3_2b = _same(384, 384, 3, 1)
        self.branch3x3dbl_1 = _same(in_channels, 448, 1)
        self.branch3x3dbl_2 = _same(448, 384, 3)
        self.branch3x3dbl_3a = _same(384, 384, 1, 3)
        self.branch3x3dbl_3b = _same(384, 384, 3, 1)
        self.average = nn.AvgPool2d(3, stride=1, padding=1)
        self.branch_pool = _same(in_channels, 192, 1)

    def forward(self, x: Maps) -> Joined:
        """Run the six ends of the four branches, and join their channels."""
        one = self.branch3x3_1(x)
        two = self.branch3x3dbl_2(self.branch3x3dbl_1(x))
        flat = [self.branch3x3_2a(one), self.branch3x3_2b(one), self.branch3x3dbl_3a(two), self.branch3x3dbl_3b(two)]
        return torch.cat([self.branch1x1(x), *flat, self.branch_pool(self.average(x))], dim=1)


class AuxiliaryClassifier(nn.Module):
    """A classifier on the side: average 5×5 at steps of 3, 1×1 and 5×5 convolution, average, one dense layer.

    Args:
        in_channels: Channels of the maps that it looks at.
        num_classes: Logits.

    Source: Szegedy et al. 2015, figure 8.
    """

    def __init__(self, in_channels: int, num_classes: int) -> None:
        super().__init__()
        self.pool = nn.AvgPool2d(5, stride=3)
        self.conv0 = ConvNorm(in_channels, 128, kernel_size=1)
        self.conv1 = ConvNorm(128, 768, kernel_size=5)
        self.average = GlobalAveragePool()
        self.fc = nn.Linear(768, num_classes)

    def forward(self, x: Float[Tensor, "batch channels rows columns"]) -> Float[Tensor, "batch classes"]:
        """Average, convolve twice, average, weigh."""
        return self.fc(self.average(self.conv1(self.conv0(self.pool(x)))))


class InceptionV3(AuxiliaryBackbone):
    """Five convolutions, eleven inception modules, the average of each map, one dense layer.

    Args:
        name: What it is called in messages.
        num_classes: Logits.
        in_channels: Channels of the images.
        auxiliary: Make the classifier on the side too.

    Raises:
        BadConfig: If there are no classes or no channels, or `auxiliary` is neither True nor False.

    Source: Szegedy et al. 2015, table 1. Weights start as in the reference library, from a normal distribution of
        deviation 0.1, and of 0.001 in the dense layer of the classifier on the side.
    """

    def __init__(self, name: str, *, num_classes: int, in_channels: int, auxiliary: bool) -> None:
        stages = [(2, 64), (4, 192), (8, 288), (16, 768), (32, 2048)]
        super().__init__(name, stages, num_classes=num_classes, in_channels=in_channels, smallest_size=(75, 75))
        check_flag(name, "auxiliary", auxiliary)
        if auxiliary:
            self.auxiliary_weight, self.auxiliary_size = 0.4, (299, 299)
        self.Conv2d_1a_3x3 = _halving(in_channels, 32)
        self.Conv2d_2a_3x3 = ConvNorm(32, 32, kernel_size=3)
        self.Conv2d_2b_3x3 = _same(32, 64, 3)
        self.maxpool1 = nn.MaxPool2d(3, stride=2)
        self.Conv2d_3b_1x1 = _same(64, 80, 1)
        self.Conv2d_4a_3x3 = ConvNorm(80, 192, kernel_size=3)
        self.maxpool2 = nn.MaxPool2d(3, stride=2)
        self.Mixed_5b = InceptionA(192, pool=32)
        self.Mixed_5c = InceptionA(256, pool=64)
        self.Mixed_5d = InceptionA(288, pool=64)
        self.Mixed_6a = InceptionB(288)
        self.Mixed_6b = InceptionC(768, width=128)
        self.Mixed_6c = InceptionC(768, width=160)
        self.Mixed_6d = InceptionC(768, width=160)
        self.Mixed_6e = InceptionC(768, width=192)
        self.AuxLogits = AuxiliaryClassifier(768, num_classes) if auxiliary else None
        self.Mixed_7a = InceptionD(768)
        self.Mixed_7b = InceptionE(1280)
        self.Mixed_7c = InceptionE(2048)
        self.avgpool = GlobalAveragePool()
        self.dropout = nn.Dropout(0.5)
        self.fc = nn.Linear(2048, num_classes)
        for part in self.modules():
            if isinstance(part, nn.Conv2d | nn.Linear):
                nn.init.normal_(part.weight, std=0.1)
        if self.AuxLogits is not None:
            nn.init.normal_(self.AuxLogits.fc.weight, std=0.001)

    def parts(self) -> Sequence[Sequence[nn.Module]]:
        """Give three convolutions; two more; the modules of 35 × 35, 17 × 17 and 8 × 8 pixels."""
        return (
            (self.Conv2d_1a_3x3, self.Conv2d_2a_3x3, self.Conv2d_2b_3x3),
            (self.maxpool1, self.Conv2d_3b_1x1, self.Conv2d_4a_3x3),
            (self.maxpool2, self.Mixed_5b, self.Mixed_5c, self.Mixed_5d),
            (self.Mixed_6a, self.Mixed_6b, self.Mixed_6c, self.Mixed_6d, self.Mixed_6e),
            (self.Mixed_7a, self.Mixed_7b, self.Mixed_7c),
        )

    def auxiliary_heads(self) -> Mapping[nn.Module, nn.Module]:
        """Give the classifier after the last module of 17 × 17."""
        return {} if self.AuxLogits is None else {self.Mixed_6e: self.AuxLogits}

    def head(self, features: Float[Tensor, "batch width rows columns"]) -> Float[Tensor, "batch classes"]:
        """Average each map, drop some while training, and weigh them."""
        return self.fc(self.dropout(self.avgpool(features)))


def inception_v3(*, num_classes: int = 1000, in_channels: int = 3, auxiliary: bool = False) -> InceptionV3:
    """Make Inception v3.

    Published weights were trained on pixels less 0.5, divided by 0.5; the reference library calls it transform_input.

    Args:
        num_classes: Logits.
        in_channels: Channels of the images, which are 75 × 75 or larger.
        auxiliary: Make the classifier on the side too, with which images are 299 × 299 or larger while training;
            published weights have it. Its loss counts 0.4, as in the authors' code.

    Returns:
        A network of 23,834,568 parameters at a thousand classes and three channels; 27,161,264 with the classifier on
        the side.

    Raises:
        BadConfig: If there are no classes or no channels, or `auxiliary` is neither True nor False.

    Source: Szegedy et al. 2015, table 1.

    Example:
        >>> import torch
        >>> inception_v3(num_classes=10).eval()(torch.zeros(1, 3, 75, 75)).shape
        torch.Size([1, 10])
    """
    return InceptionV3("inception_v3", num_classes=num_classes, in_channels=in_channels, auxiliary=auxiliary)
