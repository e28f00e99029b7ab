"""How weights start.

Source: He et al., "Delving deep into rectifiers", arXiv 1502.01852.
"""

from __future__ import annotations

from typing import Literal

from torch import nn

NORMS = (nn.BatchNorm2d, nn.GroupNorm)


def initialise_kaiming(module: nn.Module, mode: Literal["fan_in", "fan_out"] = "fan_out") -> None:
    """Draw the weights of every convolution from N(0, 2 / fan), so that signals keep their size through ReLUs.

    Biases of convolutions become 0, norms the identity. Dense layers stay as PyTorch draws them.

    Args:
        module: Changed in place, with everything inside it.
        mode: "fan_out" keeps the size of gradients, as the reference library does; "fan_in" that of activations,
            as the paper does.

    Source: He et al. 2015, equations 10 and 14.

    Example:
        >>> layer = nn.Conv2d(64, 64, 3)
        >>> initialise_kaiming(layer)
        >>> abs(layer.weight.std().item() - (2 / (64 * 9)) ** 0.5) < 0.002
        True
    """
    for part in module.modules():
        if isinstance(part, nn.Conv2d):
            nn.init.kaiming_normal_(part.weight, mode=mode, nonlinearity="relu")
            if part.bias is not None:
                nn.init.zeros_(part.bias)
        elif isinstance(part, NORMS) and part.affine:
            nn.init.ones_(part.weight)
            nn.init.zeros_(part.bias)
