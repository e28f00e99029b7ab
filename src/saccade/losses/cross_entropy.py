"""Cross-entropy: one class for each image."""

from __future__ import annotations

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from saccade.errors import BadConfig, BadLabel, BadShape


def cross_entropy(
    logits: Float[Tensor, "batch classes"],
    labels: Int[Tensor, " batch"] | Float[Tensor, "batch classes"],
    *,
    label_smoothing: float = 0.0,
    class_weights: Float[Tensor, " classes"] | None = None,
) -> Float[Tensor, ""]:
    """Compare logits with the one class that each image has, or with the shares of several in a mixed image.

    With p = softmax(logits), y the label, w the weights (1 when none are given), ε the smoothing and C classes, an
    image costs (1 − ε) · w_y · (−log p_y) + ε/C · Σ_c w_c · (−log p_c). The loss is the sum over the batch divided by
    Σ w_y; it is 0 when every image of the batch has a class of weight 0. An image with shares t costs the mean of what
    it would cost with each of its classes, weighted by t, and counts Σ_c t_c · w_c.

    Args:
        logits: Before softmax; half precision is computed in float32.
        labels: From 0 to classes − 1; or the share of each class, 0 or more, which sum to 1 for each image.
        label_smoothing: Share ε of the target that is spread over all classes, in [0, 1].
        class_weights: How much each class counts, 0 or more.

    Returns:
        The mean loss, in nats.

    Raises:
        BadShape: If the sizes do not fit.
        BadLabel: If a label is no class; the offending ones are listed.
        BadConfig: If the smoothing is outside [0, 1].

    Source: Szegedy et al., 2016 (arXiv 1512.00567), section 7, for the smoothing; weights as torch has them; shares as
        in mixup (Zhang et al., 2017, arXiv 1710.09412).

    Example:
        >>> import torch
        >>> round(cross_entropy(torch.zeros(2, 4), torch.tensor([0, 3])).item(), 4)  # log 4
        1.3863
    """
    check_smoothing(label_smoothing)
    shared = labels.ndim == 2 and labels.is_floating_point()
    if logits.ndim != 2 or labels.shape != (logits.shape if shared else logits.shape[:1]):
        raise BadShape(
            f"got logits of shape {tuple(logits.shape)} and labels of shape {tuple(labels.shape)}; taken are "
            "(batch, classes) and (batch,); give one label for each image"
        )
    check_weights(class_weights, logits.shape[1])
    logits = logits if logits.dtype.itemsize > 2 else logits.float()
    if shared:
        return _of_shares(logits, labels.to(logits.dtype), label_smoothing, class_weights)
    _check_labels(labels, logits.shape[1])
    if class_weights is None:
        return F.cross_entropy(logits, labels.long(), label_smoothing=label_smoothing)
    weights = class_weights.to(logits)
    total = F.cross_entropy(
        logits, labels.long(), weight=weights, label_smoothing=label_smoothing, reduction="sum"
    )  # fmt: skip
    share = weights[labels.long()].sum()
    return total / share if share > 0 else total * 0


def _of_shares(
    logits: Float[Tensor, "batch classes"],
    shares: Float[Tensor, "batch classes"],
    label_smoothing: float,
    class_weights: Float[Tensor, " classes"] | None,
) -> Float[Tensor, ""]:
    weights = logits.new_ones(logits.shape[1]) if class_weights is None else class_weights.to(logits)
    total = F.cross_entropy(logits, shares, weight=weights, label_smoothing=label_smoothing, reduction="sum")
    counted = (shares * weights).sum()
    return total / counted if counted > 0 else total * 0


def check_smoothing(label_smoothing: float) -> None:
    """Refuse a label smoothing outside [0, 1].

    Args:
        label_smoothing: The share.

    Raises:
        BadConfig: If it is outside.

    Source: ours.

    Example:
        >>> check_smoothing(0.1)
    """
    if not 0 <= label_smoothing <= 1:
        raise BadConfig(f"got label_smoothing={label_smoothing}; taken is a share from 0 to 1; 0.1 is usual")


def check_weights(weights: Float[Tensor, " classes"] | None, num_classes: int) -> None:
    """Refuse class weights that do not fit the classes.

    Args:
        weights: One for each class, or None.
        num_classes: How many classes there are.

    Raises:
        BadShape: If there are more or fewer.

    Source: ours.

    Example:
        >>> check_weights(None, 10)
    """
    if weights is not None and tuple(weights.shape) != (num_classes,):
        raise BadShape(
            f"got class weights of shape {tuple(weights.shape)} for {num_classes} classes; taken is one for each "
            "class; give as many"
        )


def _check_labels(labels: Tensor, num_classes: int) -> None:
    if labels.is_floating_point() or labels.is_complex():
        raise BadLabel(f"got labels of type {labels.dtype}; taken are whole numbers; call labels.long()")
    if not labels.numel():
        return
    low, high = torch.aminmax(labels)
    if low < 0 or high >= num_classes:
        wrong = labels[(labels < 0) | (labels >= num_classes)]
        shown = ", ".join(str(label) for label in wrong.unique().tolist()[:10])
        raise BadLabel(
            f"got labels {shown} ({wrong.numel()} of {labels.numel()} images) for {num_classes} classes; taken are 0 "
            f"to {num_classes - 1}; mend the labels or give the network more classes"
        )
