"""The loss of a network that says whether there is an object, where and what it is: y = (p_c, b_x, b_y, b_h, b_w, c).

Where there is no object, nothing but p_c counts: the rest of y means nothing there.

Source: the notes.
"""

from __future__ import annotations

from typing import Literal, get_args

from jaxtyping import Float
from torch import Tensor
from torch.nn import functional as F

from saccade.errors import BadLabel, BadShape, UnknownName

Form = Literal["mixed", "squared"]
BEFORE_CLASSES = 5  # numbers of y: p_c, b_x, b_y, b_h, b_w


def localisation_losses(
    outputs: Float[Tensor, "batch numbers"], targets: Float[Tensor, "batch numbers"], *, form: Form = "mixed"
) -> dict[str, Float[Tensor, ""]]:
    """Compare what a network says of one object in each image with what is there.

    Of the outputs the first is the logit of p_c, the next four are the box as they are, the rest are the logits of the
    classes. With p the sigmoid of the first, b̂ the four and q the softmax of the rest, an image costs

        "mixed":    −log p + Σ (b̂ − b)² − log q_c    where there is an object, else −log(1 − p)
        "squared":  (p − 1)² + Σ (b̂ − b)² + Σ (q − c)²    where there is an object, else −log(1 − p)

    and the loss is the mean over images.

    Args:
        outputs: p_c, b_x, b_y, b_h, b_w, then one number for each class; half precision is computed in float32.
        targets: The same numbers as they should be: 1 or 0; the centre, height and width of the box as shares of the
            image; 1 for the class and 0 for the others. Where the first is 0 the rest is not looked at.
        form: "mixed": each part with the loss that suits it; "squared": the squared error of all where there is an
            object.

    Returns:
        "presence", "box" and "class", which sum to the loss.

    Raises:
        BadShape: If the sizes do not fit.
        BadLabel: If the first number of a target is neither 0 nor 1.
        UnknownName: If there is no such form.

    Source: the notes: "MSE" where there is an object, "logistic loss for P_c" elsewhere, which is "squared". They say
        "if P_c is above threshold", but what decides is whether there is an object, not what the network says of it:
        masked by its own answer, nothing would be learnt of the place of an object that it does not see yet.

    Example:
        >>> import torch
        >>> nothing = localisation_losses(torch.zeros(1, 7), torch.zeros(1, 7))
        >>> {name: round(term.item(), 4) for name, term in nothing.items()}  # log 2
        {'presence': 0.6931, 'box': 0.0, 'class': 0.0}
    """
    if form not in get_args(Form):
        raise UnknownName("form of the loss", str(form), get_args(Form))
    _check(outputs, targets)
    outputs = outputs if outputs.dtype.itemsize > 2 else outputs.float()
    there, box, classes = targets.to(outputs).split([1, 4, targets.shape[1] - BEFORE_CLASSES], 1)
    presence, guess, logits = outputs.split([1, 4, outputs.shape[1] - BEFORE_CLASSES], 1)
    logistic = F.binary_cross_entropy_with_logits(presence, there, reduction="none")
    away = (guess - box) ** 2
    if form == "squared":
        logistic = logistic.where(there == 0, (presence.sigmoid() - 1) ** 2)
        wrong = (logits.softmax(1) - classes) ** 2
    else:
        wrong = -classes * logits.log_softmax(1)
    counted = there == 1
    return {
        "presence": logistic.sum() / len(outputs),
        "box": away.where(counted, 0).sum() / len(outputs),
        "class": wrong.where(counted, 0).sum() / len(outputs),
    }


def _check(outputs: Tensor, targets: Tensor) -> None:
    if outputs.ndim != 2 or outputs.shape != targets.shape or outputs.shape[1] < BEFORE_CLASSES or not len(outputs):
        raise BadShape(
            f"got outputs of shape {tuple(outputs.shape)} and targets of shape {tuple(targets.shape)}; taken are two "
            "of (batch, 5 + classes), at least one image; make the network with num_classes=5 + len(labels)"
        )
    strange = targets[:, 0][(targets[:, 0] != 0) & (targets[:, 0] != 1)]
    if strange.numel():
        raise BadLabel(
            f"got p_c={strange[0].item():g} as target of an image, one of {strange.numel()} such; taken are 1 where "
            "there is an object and 0 where there is none; mend the targets"
        )
