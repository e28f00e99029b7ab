"""The layer of Network in Network: a small network of dense layers slides over the image instead of a filter.

Source: Lin, Chen & Yan, "Network in network", arXiv 1312.4400.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from torch import nn

from saccade.errors import BadConfig
from saccade.layers.arguments import check_counts


class MlpConv(nn.Sequential):
    """A convolution, then 1×1 ones, each with ReLU: at every pixel the same dense layers on its window.

    A 1×1 convolution is a dense layer on the channels of each pixel. It shrinks, keeps or grows their number, and its
    ReLU adds a non-linearity.

    Args:
        in_channels: Channels of the input.
        widths: Channels after each convolution; the first is the one with the large kernel.
        kernel_size: One side of that kernel.
        stride: Its step.
        padding: Pixels of zeros on each side.

    Raises:
        BadConfig: If there are no widths, or a number is out of its range.

    Source: Lin et al. 2013, section 3.1, equation 2.

    Example:
        >>> import torch
        >>> MlpConv(3, (192, 160, 96), kernel_size=5, padding=2)(torch.zeros(1, 3, 32, 32)).shape
        torch.Size([1, 96, 32, 32])
    """

    def __init__(
        self, in_channels: int, widths: Sequence[int], *, kernel_size: int, stride: int = 1, padding: int = 0
    ) -> None:
        super().__init__()
        counts = {f"widths[{number}]": width for number, width in enumerate(widths)}
        check_counts("MlpConv", {"in_channels": in_channels, "kernel_size": kernel_size, "stride": stride, **counts})
        if not widths or type(padding) is not int or padding < 0:
            raise BadConfig(
                f"got widths={tuple(widths)} and padding={padding!r}; MlpConv takes one width or more, and a padding "
                "≥ 0; correct them"
            )
        self.conv1 = nn.Conv2d(in_channels, widths[0], kernel_size, stride=stride, padding=padding)
        self.relu1 = nn.ReLU(inplace=True)
        for number, (before, after) in enumerate(pairwise(widths), start=2):
            self.add_module(f"conv{number}", nn.Conv2d(before, after, 1))
            self.add_module(f"relu{number}", nn.ReLU(inplace=True))
