"""The moving average of the weights."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn


class MovingAverage:
    """A second set of weights that follows the first slowly, and judges better than it.

    The decay warms up as (1 + step) / (10 + step), so that the first steps are soon forgotten. Buffers (running
    statistics) are copied, not averaged.

    Args:
        network: The network to follow.
        decay: How much of the average stays at each step, in [0, 1]; 0 keeps no average.

    Source: Polyak averaging in the exponential form; the warm-up is TensorFlow's ExponentialMovingAverage.
    """

    def __init__(self, network: nn.Module, decay: float) -> None:
        self.decay = decay
        self.weights: dict[str, Tensor] = {}
        if decay:
            self.weights = {name: value.detach().clone() for name, value in network.state_dict().items()}

    @torch.no_grad()
    def update(self, network: nn.Module, step: int) -> None:
        """Take one step of the average towards the network.

        Args:
            network: The network after its step.
            step: How many steps the average has taken before.
        """
        if not self.decay:
            return
        decay = min(self.decay, (1 + step) / (10 + step))
        parameters = {name for name, _ in network.named_parameters()}
        for name, value in network.state_dict().items():
            if name in parameters:
                self.weights[name].lerp_(value, 1 - decay)
            else:
                self.weights[name].copy_(value)

    @contextlib.contextmanager
    def applied(self, network: nn.Module) -> Iterator[None]:
        """Put the averaged weights into the network for the duration; nothing happens when no average is kept.

        Args:
            network: The network that is followed.
        """
        if not self.decay:
            yield
            return
        own = {name: value.detach().clone() for name, value in network.state_dict().items()}
        network.load_state_dict(self.weights)
        try:
            yield
        finally:
            network.load_state_dict(own)
