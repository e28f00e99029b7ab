"""Averages of the weights: one that only watches, and one that training goes back to."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

import torch
from torch import Tensor, nn

from saccade.training.settings import TrainingSettings

_KEPT_BY_A_STEP = 0.95


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
    def update(self, network: nn.Module, step: int, total: int = 0) -> None:
        """Take one step of the average towards the network.

        Args:
            network: The network after its step.
            step: How many steps the average has taken before.
            total: Steps of the whole run; of no use here.
        """
        del total
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
        if not self.weights:
            yield
            return
        own = {name: value.detach().clone() for name, value in network.state_dict().items()}
        network.load_state_dict(self.weights)
        try:
            yield
        finally:
            network.load_state_dict(own)


class Lookahead(MovingAverage):
    """A slow average of the weights that training goes back to after every few steps.

    After every k steps the slow weights take a step towards the network's own, and the network goes on from there. Of
    the slow weights 0.95^k · p³ stays each time, where p is the share of the run that is done: hardly anything in the
    beginning, most of it in the end. Running statistics are averaged in the same way; whole numbers are copied.

    Args:
        network: The network to follow.
        every: k, at least 1.

    Source: Zhang et al., "Lookahead optimizer: k steps forward, 1 step back", arXiv 1907.08610, algorithm 1; the share
        that rises with the run, Jordan, arXiv 2404.00498, section 3.4, after tysam-code's hlb-CIFAR10.

    Example:
        >>> network = nn.Linear(1, 1, bias=False)
        >>> lookahead = Lookahead(network, every=2)
        >>> _ = nn.init.constant_(network.weight, 1.0)
        >>> lookahead.update(network, step=0, total=4)
        >>> bool((lookahead.weights["weight"] == 1).all())
        False
    """

    def __init__(self, network: nn.Module, every: int) -> None:
        super().__init__(network, 1.0)
        self._every = every

    @torch.no_grad()
    def update(self, network: nn.Module, step: int, total: int = 0) -> None:
        """After every k-th step, take the slow weights towards the network, and the network to them.

        Args:
            network: The network after its step; it is changed.
            step: How many steps it has taken before that one.
            total: Steps of the whole run.
        """
        done = step + 1
        if done % self._every:
            return
        kept = _KEPT_BY_A_STEP**self._every * min(1.0, done / max(1, total)) ** 3
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                value.copy_(self.weights[name].lerp_(value, 1 - kept))
            else:
                self.weights[name].copy_(value)


def make_average(network: nn.Module, settings: TrainingSettings) -> MovingAverage:
    """Make the average of the weights that the settings ask for.

    Args:
        network: The network to follow.
        settings: `ema_decay` or `lookahead`.

    Returns:
        The average; one that keeps nothing if the settings ask for none.

    Source: ours.
    """
    if settings.lookahead:
        return Lookahead(network, settings.lookahead)
    return MovingAverage(network, settings.ema_decay)
