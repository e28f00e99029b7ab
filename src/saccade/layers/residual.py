"""Residual blocks: the basic one and the bottleneck, with every shortcut of the paper, and with none.

A bottleneck with groups is the block of ResNeXt, one with more than 64 channels a group that of the wide networks, and
any block with an `attention` such as `SqueezeExcitation` that of SENet.

The shortcut is one of four words:

* "A": identity; where the shape changes, every stride-th pixel, and zeros for the new channels. No parameters.
* "B": identity; where the shape changes, a 1×1 convolution with batch normalisation (a projection).
* "C": a projection in every block.
* "none": no shortcut at all, which makes a plain block.

Parameters have the names of the field's reference library.

Source: He et al., "Deep residual learning for image recognition", arXiv 1512.03385, section 3.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor, nn

from saccade.errors import BadConfig, offer
from saccade.layers.arguments import check_counts, check_grouped

Shortcut = Literal["A", "B", "C", "none"]
SHORTCUTS = ("A", "B", "C", "none")
Attention = Callable[[int], nn.Module]
"""Makes what weighs the channels at the end of a branch, for so many of them."""


class ZeroPadShortcut(nn.Module):
    """Option A: take every stride-th pixel and add channels of zeros, half before and half after.

    Args:
        extra_channels: Channels of zeros to add.
        stride: Step in both directions.

    Raises:
        BadConfig: If there are fewer than 0 channels to add, or the stride is below 1.

    Source: He et al. 2015, section 3.3; the paper does not say where the zeros go, published CIFAR weights do.

    Example:
        >>> import torch
        >>> ZeroPadShortcut(4, stride=2)(torch.ones(1, 2, 3, 3))[0, :, 0, 0]
        tensor([0., 0., 1., 1., 0., 0.])
    """

    def __init__(self, extra_channels: int, *, stride: int = 1) -> None:
        super().__init__()
        check_counts("ZeroPadShortcut", {"stride": stride})
        if extra_channels < 0:
            raise BadConfig(
                f"got a block that loses {-extra_channels} channels; zeros can only add some; use shortcut B, C or none"
            )
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
        attention: Makes what weighs the channels before they are added, such as `SqueezeExcitation`; None for nothing.

    Raises:
        BadConfig: If the shortcut is none of the four, or a number is below 1.

    Source: He et al. 2015, figure 5, left; Hu et al., arXiv 1709.01507, figure 3 (attention).

    Example:
        >>> import torch
        >>> BasicBlock(64, 128, stride=2)(torch.zeros(1, 64, 8, 8)).shape
        torch.Size([1, 128, 4, 4])
    """

    expansion = 1
    attention_name = "se"

    def __init__(
        self,
        in_channels: int,
        width: int,
        *,
        stride: int = 1,
        shortcut: Shortcut = "B",
        attention: Attention | None = None,
    ) -> None:
        super().__init__()
        check_counts("BasicBlock", {"in_channels": in_channels, "width": width, "stride": stride})
        self.out_channels = width
        self.conv1 = nn.Conv2d(in_channels, width, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width)
        self.relu2 = nn.ReLU(inplace=True)
        self.attends = attention is not None
        if attention:
            self.add_module(self.attention_name, attention(width))
        self.residual = shortcut != "none"
        self.downsample = _downsample(in_channels, width, stride, shortcut)

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch more rows columns"]:
        """Compute relu(F(x) + shortcut(x))."""
        y = self.relu1(self.bn1(self.conv1(x)))
        y = self.bn2(self.conv2(y))
        if self.attends:
            y = self.get_submodule(self.attention_name)(y)
        if self.residual:
            y += x if self.downsample is None else self.downsample(x)
        return self.relu2(y)


class Bottleneck(nn.Module):
    """A 1×1 convolution down to a small width, a 3×3 one, a 1×1 one up to four times that, and a shortcut.

    Args:
        in_channels: Channels of the input.
        width: Channels in the middle, with one group of 64 to each 64; the output has four times as many.
        stride: Of the 3×3 convolution.
        shortcut: One of "A", "B", "C", "none"; see the top of this file.
        groups: Parts that the 3×3 convolution is split into: the cardinality of ResNeXt.
        width_per_group: Channels of each group at a width of 64, in proportion at others: ResNeXt-50 32×4d has
            groups=32, width_per_group=4, a network twice as wide inside width_per_group=128.
        attention: Makes what weighs the channels before they are added, such as `SqueezeExcitation`; None for nothing.

    Raises:
        BadConfig: If the shortcut is none of the four, a number is below 1, or groups are left without channels.
        BadShape: If a subclass halves the channels and the groups no longer divide them.

    Source: He et al. 2015, figure 5, right; Xie et al., arXiv 1611.05431, table 1 (groups); Zagoruyko & Komodakis,
        arXiv 1605.07146 (width); Hu et al., arXiv 1709.01507, figure 3 (attention).
    Deviates: The stride is in the 3×3 convolution, as published weights have it (known as v1.5).

    Example:
        >>> import torch
        >>> Bottleneck(256, 128, stride=2)(torch.zeros(1, 256, 8, 8)).shape
        torch.Size([1, 512, 4, 4])
    """

    expansion = 4
    attention_name = "se"
    strides_first = False
    halves_first = False
    projection_size = 1

    def __init__(
        self,
        in_channels: int,
        width: int,
        *,
        stride: int = 1,
        shortcut: Shortcut = "B",
        groups: int = 1,
        width_per_group: int = 64,
        attention: Attention | None = None,
    ) -> None:
        super().__init__()
        check_counts("Bottleneck", {"in_channels": in_channels, "stride": stride})
        middle = grouped_width(width, groups=groups, width_per_group=width_per_group)
        narrow = middle // 2 if self.halves_first else middle
        check_grouped("Bottleneck", narrow, middle, groups)
        first, second = (stride, 1) if self.strides_first else (1, stride)
        self.in_channels, self.width, self.stride = in_channels, width, stride
        self.shortcut: Shortcut = shortcut
        self.groups, self.width_per_group = groups, width_per_group
        self.out_channels = out_channels = width * self.expansion
        self.conv1 = nn.Conv2d(in_channels, narrow, 1, stride=first, bias=False)
        self.bn1 = nn.BatchNorm2d(narrow)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(narrow, middle, 3, stride=second, padding=1, groups=groups, bias=False)
        self.bn2 = nn.BatchNorm2d(middle)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv3 = nn.Conv2d(middle, out_channels, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(out_channels)
        self.relu3 = nn.ReLU(inplace=True)
        self.attends = attention is not None
        if attention:
            self.add_module(self.attention_name, attention(out_channels))
        self.residual = shortcut != "none"
        self.downsample = _downsample(in_channels, out_channels, stride, shortcut, self.projection_size)

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch more rows columns"]:
        """Compute relu(F(x) + shortcut(x))."""
        y = self.bn3(self.branch(x))
        if self.attends:
            y = self.get_submodule(self.attention_name)(y)
        if self.residual:
            y += x if self.downsample is None else self.downsample(x)
        return self.relu3(y)

    def branch(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch more rows columns"]:
        """Compute the three convolutions, up to the norm of the last one."""
        y = self.relu1(self.bn1(self.conv1(x)))
        return self.conv3(self.relu2(self.bn2(self.conv2(y))))


class PaperBottleneck(Bottleneck):
    """The bottleneck as in the paper: its stride is in the first 1×1 convolution.

    Source: He et al. 2015, table 1 and section 4.1.
    """

    strides_first = True


class WideProjectionBottleneck(Bottleneck):
    """The bottleneck of SENet-154: half as many filters in the first 1×1, and 3×3 projections where it strides.

    Its attention has the name that the published weights give it.

    Source: Hu et al., arXiv 1709.01507, appendix (SENet-154); there groups are 64 and width_per_group is 4.
    """

    attention_name = "se_module"
    halves_first = True
    projection_size = 3


Block = type[BasicBlock] | type[Bottleneck]
BlockMaker = Callable[..., BasicBlock | Bottleneck]
"""One of those classes, or one with some of its arguments filled in by `functools.partial`."""


def grouped_width(width: int, *, groups: int = 1, width_per_group: int = 64) -> int:
    """Compute the channels in the middle of a bottleneck: groups · floor(width · width_per_group / 64).

    Args:
        width: The width of the plain bottleneck: 64, 128, 256, 512 in the four stages.
        groups: Parts of the 3×3 convolution.
        width_per_group: Channels of each part at a width of 64.

    Returns:
        Channels, a multiple of the groups.

    Raises:
        BadConfig: If a number is below 1, or nothing is left for a group.

    Source: Xie et al. 2017, table 1: 32×4d has 128, 256, 512, 1024.

    Example:
        >>> [grouped_width(width, groups=32, width_per_group=4) for width in (64, 128, 256, 512)]
        [128, 256, 512, 1024]
    """
    check_counts("Bottleneck", {"width": width, "groups": groups, "width_per_group": width_per_group})
    each = width * width_per_group // 64
    if not each:
        least = -(-64 // width)
        raise BadConfig(
            f"got width={width} and width_per_group={width_per_group}, which leaves no channel for a group; taken is "
            f"width · width_per_group of 64 or more; use width_per_group={least} or more"
        )
    return each * groups


def residual_stage(
    block: BlockMaker, in_channels: int, *, width: int, depth: int, stride: int = 1, shortcut: Shortcut = "B"
) -> nn.Sequential:
    """Make several blocks in a row; the first has the stride and changes the channels.

    Args:
        block: The kind of block: a class, or `partial(Bottleneck, groups=32, width_per_group=4)`.
        in_channels: Channels of the input.
        width: The width of each block; the output has its expansion times as many channels.
        depth: How many blocks.
        stride: Of the first one.
        shortcut: One of "A", "B", "C", "none".

    Returns:
        The blocks, named "0", "1" …

    Raises:
        BadConfig: If the shortcut is none of the four, or a number is below 1.

    Source: He et al. 2015, table 1.

    Example:
        >>> len(residual_stage(Bottleneck, 64, width=64, depth=3))
        3
    """
    check_counts("residual_stage", {"depth": depth})
    first = block(in_channels, width, stride=stride, shortcut=shortcut)
    rest = (block(first.out_channels, width, shortcut=shortcut) for _ in range(depth - 1))
    return nn.Sequential(first, *rest)


def _downsample(
    in_channels: int, out_channels: int, stride: int, shortcut: Shortcut, strided_size: int = 1
) -> nn.Module | None:
    """What stands in the shortcut; None for the identity, or for no shortcut."""
    if shortcut not in SHORTCUTS:
        raise BadConfig(f"got shortcut={shortcut!r}; {offer(str(shortcut), SHORTCUTS)}")
    changes = stride != 1 or in_channels != out_channels
    if shortcut == "C" or (shortcut == "B" and changes):
        size = strided_size if stride != 1 else 1
        projection = nn.Conv2d(in_channels, out_channels, size, stride=stride, padding=size // 2, bias=False)
        return nn.Sequential(projection, nn.BatchNorm2d(out_channels))
    if shortcut == "A" and changes:
        return ZeroPadShortcut(out_channels - in_channels, stride=stride)
    return None
