"""The optimiser of each group of parameters: its rate, and what weight decay spares."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import torch
from torch import nn
from torch.nn.modules.batchnorm import _NormBase
from torch.optim import SGD, Adam, AdamW, Optimizer, RMSprop

from saccade.training.settings import TrainingSettings


def make_optimizer(
    parameters: Iterable[nn.Parameter],
    settings: TrainingSettings,
    rates: Mapping[nn.Parameter, float] | None = None,
    *,
    shifts: Collection[nn.Parameter] = (),
) -> Optimizer:
    """Make the optimiser that the settings name.

    Args:
        parameters: What it moves; one that needs no gradient now may need one later.
        settings: `optimizer`, `learning_rate`, `momentum`, `square_decay`, `epsilon`, `weight_decay`, `decay_all`,
            `bias_rate` and `freeze`.
        rates: At how many times the full rate each parameter learns; 1 for those that are not there.
        shifts: Those of normalisations, which learn at `bias_rate` times their rate.

    Returns:
        An optimiser whose groups have the parameters of one rate, given as their "share": kernels and matrices with
        weight decay; biases and the scales and shifts of normalisations (every parameter of fewer than two dimensions)
        without, unless the settings say otherwise. Decay does not grow with `bias_rate`: a step pulls a shift as
        strongly as it pulls a kernel.

    Source: ours; sparing norms and biases follows arXiv 1812.01187, section 3.1; the rate of shifts, Jordan, "94% on
        CIFAR-10 in 3.29 seconds on a single GPU", arXiv 2404.00498, section 3.4.
    """
    moved, quick = list(parameters), set(shifts) if settings.bias_rate != 1 else set()
    sorted_by: dict[tuple[bool, float, float], list[nn.Parameter]] = {}
    for flat in (False, True):
        for parameter in moved:
            if (parameter.ndim <= 1) == flat:
                faster = settings.bias_rate if parameter in quick else 1.0
                sorted_by.setdefault((flat, (rates or {}).get(parameter, 1.0), faster), []).append(parameter)
    decay = {False: settings.weight_decay, True: settings.weight_decay if settings.decay_all else 0.0}
    groups = [
        {
            "params": own,
            "weight_decay": decay[flat] / faster,
            "lr": settings.learning_rate * share * faster,
            "share": share * faster,
        }
        for (flat, share, faster), own in sorted_by.items()
    ]
    return _optimizer(groups, settings, _can_fuse(moved))


def norm_shifts(network: nn.Module) -> set[nn.Parameter]:
    """Find the shifts of all normalisations: what their scaled outputs are moved by.

    Args:
        network: Any network.

    Returns:
        Their biases.

    Source: ours.

    Example:
        >>> [tuple(shift.shape) for shift in norm_shifts(nn.Sequential(nn.Conv2d(3, 8, 1), nn.BatchNorm2d(8)))]
        [(8,)]
    """
    norms = [module for module in network.modules() if isinstance(module, _NormBase | nn.GroupNorm | nn.LayerNorm)]
    return {norm.bias for norm in norms if isinstance(norm.bias, nn.Parameter)}


def _optimizer(groups: list[dict[str, object]], settings: TrainingSettings, fused: bool) -> Optimizer:
    rate, epsilon = settings.learning_rate, settings.epsilon
    if settings.optimizer in ("adam", "adamw"):
        kind = Adam if settings.optimizer == "adam" else AdamW
        return kind(groups, lr=rate, betas=(settings.momentum, settings.square_decay), eps=epsilon, fused=fused)
    if settings.optimizer == "rmsprop":
        return RMSprop(groups, lr=rate, alpha=settings.square_decay, eps=epsilon, momentum=settings.momentum)
    momentum = 0.0 if settings.optimizer == "sgd" else settings.momentum
    nesterov = settings.optimizer == "nesterov" and momentum > 0
    # the fused step cannot take parameters that begin to learn when the others have their momentum already
    return SGD(groups, lr=rate, momentum=momentum, nesterov=nesterov, fused=fused and not settings.freeze)


def _can_fuse(parameters: list[nn.Parameter]) -> bool:
    """Whether torch has one kernel for the whole step: on CPU and CUDA, for floating parameters."""
    return all(
        parameter.device.type in ("cpu", "cuda") and torch.is_floating_point(parameter) for parameter in parameters
    )
