"""Batch normalisation for detectors: with the small number already in the running variance, learned or left alone.

Detectors see few images at a time, too few for statistics where the weights come from another training; so the
published ones leave the statistics of their backbone alone, and have no small number ε beside the variance. Both kinds
here compute, in evaluation,

    γ · (x − μ) / √v + β    with v the running variance,

and have the same four names and no others; weights of one are weights of the other. While it trains on batches, v is
the running mean of σ² + ε.

Source: Ioffe & Szegedy, "Batch Normalization", arXiv 1502.03167; He et al., "Deep residual learning", arXiv 1512.03385,
appendix A, for leaving it alone; where ε goes is ours.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from typing import Any, Literal

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional as F

from saccade.errors import BadConfig, offer

Norm = Literal["batch", "frozen"]
NORMS = ("batch", "frozen")
_NOTHING = sys.float_info.min  # added to a variance it changes no bit; some versions of torch refuse 0


class SettledBatchNorm(nn.BatchNorm2d):
    """Batch normalisation whose running variance has ε inside.

    A batch with one number for each channel has no variance; there the running one is used.

    Args:
        channels: Of the maps.
        epsilon: Added to the variance of a batch.
        momentum: How fast the running statistics follow.

    Source: Ioffe & Szegedy 2015; ours, where ε goes.

    Example:
        >>> norm = SettledBatchNorm(2)
        >>> list(norm.state_dict())
        ['weight', 'bias', 'running_mean', 'running_var']
    """

    running_mean: Tensor  # pyright: ignore[reportIncompatibleVariableOverride]
    running_var: Tensor  # pyright: ignore[reportIncompatibleVariableOverride]

    def __init__(self, channels: int, *, epsilon: float = 1e-5, momentum: float = 0.1) -> None:
        super().__init__(channels, eps=0.0, momentum=momentum)
        self.num_batches_tracked = None
        self.epsilon, self.rate = epsilon, momentum

    def forward(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, x: Float[Tensor, "batch channels height width"]
    ) -> Float[Tensor, "batch channels _ _"]:
        """Normalise: in training by the batch, in evaluation by the running statistics."""
        if not self.training or x.numel() == x.shape[1]:
            return _settled(x, self)
        variance = self.running_var - self.epsilon
        learned = (self.weight, self.bias)
        out = F.batch_norm(x, self.running_mean, variance, *learned, True, self.rate, self.epsilon)
        self.running_var.copy_(variance + self.epsilon)
        return out

    def _load_from_state_dict(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, state_dict: dict[str, Any], prefix: str, *rest: Any
    ) -> None:
        _settle(state_dict, prefix, self.epsilon)
        nn.Module._load_from_state_dict(self, state_dict, prefix, *rest)


class FrozenBatchNorm(nn.Module):
    """Batch normalisation of which nothing is learned: its four numbers for each channel are buffers.

    Args:
        channels: Of the maps.
        epsilon: Added to the variance of weights that come from an ordinary batch normalisation, when they are loaded.

    Source: He et al. 2015, appendix A.

    Example:
        >>> sum(weight.numel() for weight in FrozenBatchNorm(2).parameters())
        0
    """

    weight: Tensor
    bias: Tensor
    running_mean: Tensor
    running_var: Tensor

    def __init__(self, channels: int, *, epsilon: float = 1e-5) -> None:
        super().__init__()
        for name, value in (("weight", 1.0), ("bias", 0.0), ("running_mean", 0.0), ("running_var", 1.0)):
            self.register_buffer(name, torch.full((channels,), value))
        self.epsilon = epsilon

    def forward(self, x: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch channels _ _"]:
        """Normalise by what was loaded."""
        return _settled(x, self)

    def _load_from_state_dict(  # pyright: ignore[reportIncompatibleMethodOverride]
        self, state_dict: dict[str, Any], prefix: str, *rest: Any
    ) -> None:
        _settle(state_dict, prefix, self.epsilon)
        super()._load_from_state_dict(state_dict, prefix, *rest)


def settle_norms(network: nn.Module, norm: Norm, frozen: Collection[str] = ()) -> None:
    """Put one of the two in the place of each batch normalisation of a network.

    Args:
        network: Changed in place.
        norm: "batch" for `SettledBatchNorm`, "frozen" for `FrozenBatchNorm`.
        frozen: Names of modules that become frozen in any case.

    Raises:
        BadConfig: If the norm is neither.

    Source: ours.

    Example:
        >>> network = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8))
        >>> settle_norms(network, "frozen")
        >>> type(network[1]).__name__
        'FrozenBatchNorm'
    """
    if norm not in NORMS:
        raise BadConfig(f"got norm={norm!r}; {offer(str(norm), NORMS)}")
    for name, part in list(network.named_modules()):
        if type(part) is nn.BatchNorm2d:
            parent, _, leaf = name.rpartition(".")
            setattr(network.get_submodule(parent), leaf, _settled_form(part, norm == "frozen" or name in frozen))


def _settled_form(part: nn.BatchNorm2d, frozen: bool) -> nn.Module:
    kind = FrozenBatchNorm if frozen else SettledBatchNorm
    new = kind(part.num_features, epsilon=part.eps)
    state = {**part.state_dict(), "num_batches_tracked": torch.zeros(0)}
    new.load_state_dict(state)
    return new.train(part.training)


def _settled(x: Tensor, norm: SettledBatchNorm | FrozenBatchNorm) -> Tensor:
    return F.batch_norm(x, norm.running_mean, norm.running_var, norm.weight, norm.bias, training=False, eps=_NOTHING)


def _settle(state: dict[str, Any], prefix: str, epsilon: float) -> None:
    """Bring weights of an ordinary norm, which counts its batches, to the form that has ε in the variance."""
    if state.pop(f"{prefix}num_batches_tracked", None) is not None and f"{prefix}running_var" in state:
        state[f"{prefix}running_var"] = state[f"{prefix}running_var"] + epsilon
