"""Binary cross-entropy: any number of classes for each image, each true or not on its own."""

from __future__ import annotations

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from saccade.errors import BadLabel, BadShape
from saccade.losses.cross_entropy import check_smoothing, check_weights


def binary_cross_entropy(
    logits: Float[Tensor, "batch classes"],
    targets: Float[Tensor, "batch classes"],
    *,
    label_smoothing: float = 0.0,
    positive_weights: Float[Tensor, " classes"] | None = None,
) -> Float[Tensor, ""]:
    """Compare logits with the classes that each image has, each class on its own.

    With p = sigmoid(logits), y the target moved towards a half by the smoothing, y(1 − ε) + ε/2, and w the weight of
    presence (1 when none is given), each class of each image costs −w·y·log p − (1 − y)·log(1 − p). The loss is the
    mean over classes and images.

    Args:
        logits: Before the sigmoid; half precision is computed in float32.
        targets: 1 where the image has the class, 0 where not; shares between are taken too.
        label_smoothing: Share ε of doubt, in [0, 1].
        positive_weights: How much presence counts beside absence, for each class, 0 or more.

    Returns:
        The mean loss, in nats.

    Raises:
        BadShape: If the sizes do not fit.
        BadLabel: If a target is outside [0, 1] or NaN; the offending ones are listed.
        BadConfig: If the smoothing is outside [0, 1].

    Source: the logistic likelihood; weights as torch's `pos_weight`.

    Example:
        >>> import torch
        >>> round(binary_cross_entropy(torch.zeros(1, 3), torch.tensor([[1.0, 0.0, 1.0]])).item(), 4)  # log 2
        0.6931
    """
    check_smoothing(label_smoothing)
    if logits.ndim != 2 or logits.shape != targets.shape:
        raise BadShape(
            f"got logits of shape {tuple(logits.shape)} and targets of shape {tuple(targets.shape)}; taken are two of "
            "(batch, classes); give a 0 or 1 for each class of each image"
        )
    check_weights(positive_weights, logits.shape[1])
    wrong = targets[~((targets >= 0) & (targets <= 1))]
    if wrong.numel():
        shown = ", ".join(f"{value:g}" for value in wrong.unique().tolist()[:10])
        raise BadLabel(
            f"got targets {shown} ({wrong.numel()} of {targets.numel()}); taken are numbers from 0 to 1; "
            "write 1 where the image has the class"
        )
    logits = logits if logits.dtype.itemsize > 2 else logits.float()
    smoothed = targets.to(logits) * (1 - label_smoothing) + label_smoothing / 2
    weights = None if positive_weights is None else positive_weights.to(logits)
    return F.binary_cross_entropy_with_logits(logits, smoothed, pos_weight=weights)
