"""Batch normalisations as training leaves them: with statistics, scales and shifts that do something."""

from __future__ import annotations

from typing import TypeVar

import torch
from torch import nn

Network = TypeVar("Network", bound=nn.Module)


def trained(network: Network, seed: int = 0) -> Network:
    """Draw what each norm would have learned, in place, in float64; and go to evaluation mode."""
    chance = torch.Generator().manual_seed(seed)
    for part in network.modules():
        if isinstance(part, nn.BatchNorm1d | nn.BatchNorm2d | nn.BatchNorm3d) and part.running_mean is not None:
            part.running_mean.normal_(generator=chance)
            part.running_var.uniform_(0.5, 2, generator=chance)
            if part.affine:
                part.weight.data.uniform_(0.5, 1.5, generator=chance)
                part.bias.data.normal_(generator=chance)
    return network.double().eval()
