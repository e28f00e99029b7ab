"""Dense blocks: every layer sees the maps of all layers before it, and adds a few.

Parameters have the names of the field's reference library.

Source: Huang, Liu, van der Maaten & Weinberger, "Densely connected convolutional networks", arXiv 1608.06993; Pleiss
    et al., "Memory-efficient implementation of DenseNets", arXiv 1707.06990 (recomputing).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from saccade.errors import BadConfig
from saccade.layers.arguments import check_counts, check_rate


class DenseLayer(nn.Module):
    """What a dense block adds at each step: norm, ReLU, 1×1 convolution; norm, ReLU, 3×3 convolution (BN-ReLU-Conv).

    Args:
        in_channels: Channels of all inputs together.
        growth_rate: Channels of the output, k.
        bottleneck: The 1×1 convolution gives so many times the growth rate.
        dropout_rate: Share of the output that is zeroed while training.
        recompute: While training, keep neither the joined inputs nor what the first norm and ReLU make of them, but
            compute them again in the backward pass: less memory, more time, the same numbers.

    Raises:
        BadConfig: If a number is below 1, or the rate not in [0, 1).

    Source: Huang et al. 2017, section 3, "bottleneck layers" (DenseNet-B), k = 32 and 4k between.

    Example:
        >>> DenseLayer(64, growth_rate=32)(torch.zeros(1, 64, 8, 8)).shape
        torch.Size([1, 32, 8, 8])
    """

    def __init__(
        self,
        in_channels: int,
        *,
        growth_rate: int = 32,
        bottleneck: int = 4,
        dropout_rate: float = 0.0,
        recompute: bool = False,
    ) -> None:
        super().__init__()
        counts = {"in_channels": in_channels, "growth_rate": growth_rate, "bottleneck": bottleneck}
        check_counts("DenseLayer", counts)
        check_rate("DenseLayer", "dropout_rate", dropout_rate)
        between = bottleneck * growth_rate
        self.norm1 = nn.BatchNorm2d(in_channels)
        self.relu1 = nn.ReLU(inplace=True)
        self.conv1 = nn.Conv2d(in_channels, between, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(between)
        self.relu2 = nn.ReLU(inplace=True)
        self.conv2 = nn.Conv2d(between, growth_rate, 3, padding=1, bias=False)
        self.dropout = nn.Dropout(dropout_rate)
        self.recompute = recompute

    def forward(
        self, *features: Float[Tensor, "batch _ height width"]
    ) -> Float[Tensor, "batch growth_rate height width"]:
        """Join the inputs along their channels, and compute the new maps from them."""
        if self.recompute and self.training and torch.is_grad_enabled():
            narrow = checkpoint(
                self._narrow, *features, use_reentrant=False, preserve_rng_state=False, context_fn=self._again
            )
        else:
            narrow = self._narrow(*features)
        return self.dropout(self.conv2(self.relu2(self.norm2(narrow))))

    def _narrow(self, *features: Tensor) -> Tensor:
        return self.conv1(self.relu1(self.norm1(torch.cat(features, dim=1))))

    def _again(self) -> tuple[AbstractContextManager[None], AbstractContextManager[None]]:
        """Around the first computation nothing; around the second, the norm must not count its batch twice."""
        return nullcontext(), _not_counting(self.norm1)


@contextmanager
def _not_counting(norm: nn.BatchNorm2d) -> Iterator[None]:
    """Let a norm keep its running statistics in copies for a while, which are then thrown away."""
    kept = dict(norm.named_buffers())
    try:
        for name, statistics in kept.items():
            setattr(norm, name, statistics.clone())
        yield
    finally:
        for name, statistics in kept.items():
            setattr(norm, name, statistics)


class DenseBlock(nn.Module):
    """Several dense layers, each on the input and on what all layers before it gave; the output is all of it.

    Args:
        in_channels: Channels of the input, c.
        depth: Layers, L. The output has c + L · k channels.
        growth_rate: Channels that each layer adds, k.
        bottleneck: The 1×1 convolution of a layer gives so many times the growth rate.
        dropout_rate: Share of a layer's output that is zeroed while training.
        recompute: Save memory while training; see `DenseLayer`.

    Raises:
        BadConfig: If a number is below 1, or the rate not in [0, 1).

    Source: Huang et al. 2017, section 3, equation 2.

    Example:
        >>> DenseBlock(64, depth=6)(torch.zeros(1, 64, 8, 8)).shape
        torch.Size([1, 256, 8, 8])
    """

    def __init__(
        self,
        in_channels: int,
        *,
        depth: int,
        growth_rate: int = 32,
        bottleneck: int = 4,
        dropout_rate: float = 0.0,
        recompute: bool = False,
    ) -> None:
        super().__init__()
        check_counts("DenseBlock", {"in_channels": in_channels, "depth": depth, "growth_rate": growth_rate})
        for number in range(depth):
            layer = DenseLayer(
                in_channels + number * growth_rate,
                growth_rate=growth_rate,
                bottleneck=bottleneck,
                dropout_rate=dropout_rate,
                recompute=recompute,
            )
            self.add_module(f"denselayer{number + 1}", layer)
        self.out_channels = in_channels + depth * growth_rate

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch more height width"]:
        """Let each layer see everything before it."""
        features = [x]
        for layer in self.children():
            features.append(layer(*features))
        return torch.cat(features, dim=1)


class DenseTransition(nn.Sequential):
    """What stands between two dense blocks: norm, ReLU, 1×1 convolution to fewer channels, average pooling by 2.

    Args:
        in_channels: Channels of the input.
        compression: The output has so many times as many channels, rounded down: θ, in (0, 1].

    Raises:
        BadConfig: If a number is out of its range, or nothing is left.

    Source: Huang et al. 2017, section 3, "compression" (DenseNet-C), θ = 0.5.

    Example:
        >>> DenseTransition(256)(torch.zeros(1, 256, 56, 56)).shape
        torch.Size([1, 128, 28, 28])
    """

    def __init__(self, in_channels: int, *, compression: float = 0.5) -> None:
        super().__init__()
        check_counts("DenseTransition", {"in_channels": in_channels})
        if not 0 < compression <= 1 or in_channels * compression < 1:
            raise BadConfig(
                f"got compression={compression!r} of {in_channels} channels; DenseTransition takes one above 0, up to "
                "1, that leaves a channel; use 0.5"
            )
        self.out_channels = int(in_channels * compression)
        self.norm = nn.BatchNorm2d(in_channels)
        self.relu = nn.ReLU(inplace=True)
        self.conv = nn.Conv2d(in_channels, self.out_channels, 1, bias=False)
        self.pool = nn.AvgPool2d(2)
