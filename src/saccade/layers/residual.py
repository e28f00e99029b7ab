"""Residual blocks: the basic one and the bottleneck, with every shortcut of the paper, and with none.

The shortcut is one of four words:

* "A": identity; where the shape changes, every stride-th pixel, and zeros for the new channels. No parameters.
* "B": identity; where the shape changes, a 1×1 convolution with batch normalisation (a projection).
* "C": a projection in every block.
* "none": no shortcut at all, which makes a plain block.

Parameters have the names of the field's reference library.

Source: He et al., "Deep residual learning for image recognition", arXiv 1512.03385, section 3.
"""

from __future__ import annotations

from typing import Literal

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import BadConfig, offer

Shortcut = Literal["A", "B", "C", "none"]
SHORTCUTS = ("A", "B", "C", "none")


class ZeroPadShortcut(nn.Module):
    """Option A: take every stride-th pixel and add channels of zeros, half before and half after.

    Args:
        extra_channels: Channels of zeros to add.
        stride: Step in both directions.

    Source: He et al. 2015, section 3.3; the paper does not say where the zeros go, published CIFAR weights do.

    Example:
        >>> import torch
        >>> ZeroPadShortcut(4, stride=2)(torch.ones(1, 2, 3, 3))[0, :, 0, 0]
        tensor([0., 0., 1., 1., 0., 0.])
    """

    def __init__(self, extra_channels: int, *, stride: int = 1) -> None:
        super().__init__()
        self.before, self.after = extra_channels // 2, extra_channels - extra_channels // 2
        self.stride = stride

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch more rows columns"]:
        """Subsample and pad."""
        return F.pad(x[:, :, :: self.stride, :: self.stride], (0, 0, 0, 0, self.before, self.after))


class BasicBlock(nn.Module):
    """Two 3×3 convolutions and a shortcut around them.

    Args:
        in_channels: Channels of the input.
        width: Channels of the output.
        stride: Of the first convolution.
        shortcut: One of "A", "B", "C", "none"; see the top of this file.

    Raises:
        BadConfig: If the shortcut is none of the four.

    Source: He et al. 2015, figure 5, left.

    Example:
        >>> import torch
        >>> BasicBlock(64, 128, stride=2)(torch.zeros(1, 64, 8, 8)).shape
        torch.Size([1, 128, 4, 4])
    """

    expansion = 1

    def __init__(self, in_channels: int, width: int, *, stride: int = 1, shortcut: Shortcut = "B") -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, width, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu2 = nn.ReLU(inplace=True)
        self.residual = shortcut != "none"
        self.downsample = _downsample(in_channels, width, stride, shortcut)

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch more rows columns"]:
        """Compute relu(F(x) + shortcut(x))."""
        y = self.relu1(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.residual:
            y += x if self.downsample is None else self.downsample(x)
        return self.relu2(y)


class Bottleneck(nn.Module):
    """A 1×1 convolution down to a small width, a 3×3 one, a 1×1 one up to four times that, and a shortcut.

    Args:
        in_channels: Channels of the input.
        width: Channels in the middle; the output has four times as many.
        stride: Of the 3×3 convolution.
        shortcut: One of "A", "B", "C", "none"; see the top of this file.

    Raises:
        BadConfig: If the shortcut is none of the four.

    Source: He et al. 2015, figure 5, right.
    Deviates: The stride is in the 3×3 convolution, as published weights have it (known as v1.5).

    Example:
        >>> import torch
        >>> Bottleneck(256, 128, stride=2)(torch.zeros(1, 256, 8, 8)).shape
        torch.Size([1, 512, 4, 4])
    """

    expansion = 4
    strides_first = False

    def __init__(self, in_channels: int, width: int, *, stride: int = 1, shortcut: Shortcut = "B") -> None:
        super().__init__()
        first, second = (stride, 1) if self.strides_first else (1, stride)
        out_channels = width * self.expansion
        self.conv1 = nn.Conv2d(in_channels, width, 1, stride=first, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(width, width, 3, stride=second, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv3 = nn.Conv2d(width, out_channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.relu3 = nn.ReLU(inplace=True)
        self.residual = shortcut != "none"
        self.downsample = _downsample(in_channels, out_channels, stride, shortcut)

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch more rows columns"]:
        """Compute relu(F(x) + shortcut(x))."""
        y = self.relu1(self.bn1(self.conv1(x)))
        y = self.relu2(self.bn2(self.conv2(y)))
        y = self.bn3(self.conv3(y))
        if self.residual:
            y += x if self.downsample is None else self.downsample(x)
        return self.relu3(y)


class PaperBottleneck(Bottleneck):
    """The bottleneck as in the paper: its stride is in the first 1×1 convolution.

    Source: He et al. 2015, table 1 and section 4.1.
    """

    strides_first = True


Block = type[BasicBlock] | type[Bottleneck]


def residual_stage(
    block: Block, in_channels: int, *, width: int, depth: int, stride: int = 1, shortcut: Shortcut = "B"
) -> nn.Sequential:
    """Make several blocks in a row; the first has the stride and changes the channels.

    Args:
        block: The kind of block.
        in_channels: Channels of the input.
        width: The width of each block; the output has `block.expansion` times as many channels.
        depth: How many blocks.
        stride: Of the first one.
        shortcut: One of "A", "B", "C", "none".

    Returns:
        The blocks, named "0", "1" …

    Raises:
        BadConfig: If the shortcut is none of the four.

    Source: He et al. 2015, table 1.

    Example:
        >>> len(residual_stage(Bottleneck, 64, width=64, depth=3))
        3
    """
    first = block(in_channels, width, stride=stride, shortcut=shortcut)
    rest = (block(width * block.expansion, width, shortcut=shortcut) for _ in range(depth - 1))
    return nn.Sequential(first, *rest)


def _downsample(in_channels: int, out_channels: int, stride: int, shortcut: Shortcut) -> nn.Module | None:
    """What stands in the shortcut; None for the identity, or for no shortcut."""
    if shortcut not in SHORTCUTS:
        raise BadConfig(f"got shortcut={shortcut!r}; {offer(str(shortcut), SHORTCUTS)}")
    changes = stride != 1 or in_channels != out_channels
    if shortcut == "C" or (shortcut == "B" and changes):
        projection = nn.Conv2d(in_channels, out_channels, 1, stride=stride, bias=False)
        return nn.Sequential(projection, nn.BatchNorm2d(out_channels))
    if shortcut == "A" and changes:
        return ZeroPadShortcut(out_channels - in_channels, stride=stride)
    return None
