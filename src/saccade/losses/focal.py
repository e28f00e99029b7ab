"""Focal loss: binary cross-entropy in which what is right already counts little.

Among a hundred thousand places of an image nearly all show nothing; their many small losses would drown the few that
matter.

Source: Lin et al., 2017, "Focal loss for dense object detection", arXiv 1708.02002.
"""

from __future__ import annotations

from typing import Literal, get_args

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from saccade.errors import BadConfig, BadLabel, BadShape, UnknownName

Reduction = Literal["mean", "sum", "none"]


def sigmoid_focal_loss(
    logits: Float[Tensor, "*shape"],
    targets: Float[Tensor, "*shape"],
    *,
    alpha: float | None = 0.25,
    gamma: float = 2.0,
    reduction: Reduction = "mean",
) -> Float[Tensor, "*reduced"]:
    """Compare logits with what is there, each number on its own.

    With p = sigmoid(logits), y the target and q = p·y + (1 − p)·(1 − y) what is given to the truth, each number costs
    (1 − q)^γ times its binary cross-entropy, times α·y + (1 − α)·(1 − y).

    Args:
        logits: Before the sigmoid; half precision is computed in float32.
        targets: 1 where the class is, 0 where not; shares between are taken too.
        alpha: Weight of presence, in [0, 1]; None leaves weights out.
        gamma: How fast what is right loses weight, 0 or more; 0 is plain binary cross-entropy.
        reduction: "mean" or "sum" over all numbers, or "none". Detectors take the sum and divide it by their objects.

    Returns:
        The loss in nats; of no numbers it is 0. It and its gradient are finite for any finite logit.

    Raises:
        BadShape: If the shapes differ.
        BadLabel: If a target is outside [0, 1] or NaN.
        BadConfig: If alpha or gamma is out of range.
        UnknownName: If there is no such reduction.

    Source: as the file, equation 5.

    Example:
        >>> round(sigmoid_focal_loss(torch.zeros(1, 1), torch.ones(1, 1)).item(), 4)  # 0.25 · (1/2)² · log 2
        0.0433
    """
    _check(logits, targets, alpha, gamma)
    logits = logits if logits.dtype.itemsize > 2 else logits.float()
    targets = targets.to(logits)
    losses = F.binary_cross_entropy_with_logits(logits, targets, reduction="none")
    if gamma:
        absent, present = F.logsigmoid(-logits), F.logsigmoid(logits)
        losses = losses * (gamma * torch.logaddexp(absent + targets.log(), present + (1 - targets).log())).exp()
    if alpha is not None:
        losses = losses * (alpha * targets + (1 - alpha) * (1 - targets))
    return reduce(losses, reduction)


def reduce(losses: Float[Tensor, "*shape"], reduction: Reduction) -> Float[Tensor, "*reduced"]:
    """Sum up losses, or leave them.

    Args:
        losses: Any number of them.
        reduction: "mean", "sum" or "none".

    Returns:
        One number, which is 0 when there are none; or all of them.

    Raises:
        UnknownName: If there is no such reduction.

    Source: ours.

    Example:
        >>> reduce(torch.ones(3), "sum").item(), reduce(torch.ones(0), "mean").item()
        (3.0, 0.0)
    """
    if reduction not in get_args(Reduction):
        raise UnknownName("reduction", str(reduction), get_args(Reduction))
    if reduction == "none":
        return losses
    return losses.sum() / max(losses.numel(), 1) if reduction == "mean" else losses.sum()


def _check(logits: Tensor, targets: Tensor, alpha: float | None, gamma: float) -> None:
    if logits.shape != targets.shape:
        raise BadShape(
            f"got logits of shape {tuple(logits.shape)} and targets of shape {tuple(targets.shape)}; taken are two of "
            "one shape; give a 0 or 1 for each logit"
        )
    wrong = targets[~((targets >= 0) & (targets <= 1))]
    if wrong.numel():
        shown = ", ".join(f"{value:g}" for value in wrong.unique().tolist()[:10])
        raise BadLabel(
            f"got targets {shown} ({wrong.numel()} of {targets.numel()}); taken are numbers from 0 to 1; "
            "write 1 where the class is"
        )
    if not (alpha is None or 0 <= alpha <= 1) or not 0 <= gamma < float("inf"):
        raise BadConfig(
            f"got alpha={alpha!r} and gamma={gamma!r}; taken are a share from 0 to 1 or None, and a number from 0 on; "
            "0.25 and 2 are the paper's"
        )
