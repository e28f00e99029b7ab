"""The optimiser of each group of parameters; weight decay spares what is one-dimensional."""

from __future__ import annotations

from collections.abc import Iterable

import torch
from torch import nn
from torch.optim import SGD, Adam, AdamW, Optimizer

from saccade.training.settings import TrainingSettings


def make_optimizer(parameters: Iterable[nn.Parameter], settings: TrainingSettings) -> Optimizer:
    """Make the optimiser that the settings name.

    Args:
        parameters: What it moves; frozen ones are left out.
        settings: `optimizer`, `learning_rate`, `momentum`, `weight_decay`.

    Returns:
        An optimiser with two groups: kernels and matrices with weight decay; biases and the scales and shifts of
        normalisations (every parameter of fewer than two dimensions) without.

    Source: ours; sparing norms and biases follows arXiv 1812.01187, section 3.1.
    """
    moved = [parameter for parameter in parameters if parameter.requires_grad]
    groups = [
        {"params": [parameter for parameter in moved if parameter.ndim > 1], "weight_decay": settings.weight_decay},
        {"params": [parameter for parameter in moved if parameter.ndim <= 1], "weight_decay": 0.0},
    ]
    groups = [group for group in groups if group["params"]]
    rate, fused = settings.learning_rate, _can_fuse(moved)
    if settings.optimizer in ("adam", "adamw"):
        kind = Adam if settings.optimizer == "adam" else AdamW
        return kind(groups, lr=rate, betas=(settings.momentum, 0.999), fused=fused)
    momentum = 0.0 if settings.optimizer == "sgd" else settings.momentum
    nesterov = settings.optimizer == "nesterov" and momentum > 0
    return SGD(groups, lr=rate, momentum=momentum, nesterov=nesterov, fused=fused)


def _can_fuse(parameters: list[nn.Parameter]) -> bool:
    """Whether torch has one kernel for the whole step: on CPU and CUDA, for floating parameters."""
    return all(
        parameter.device.type in ("cpu", "cuda") and torch.is_floating_point(parameter) for parameter in parameters
    )
