"""Several answers about the same images as one: the mean of their probabilities.

Both functions take logits and give logits, so that what they give can be judged, decoded and averaged again like the
output of one network. They compute in logarithms and in double precision: no probability, however near to 0 or 1, is
rounded to it, and the order of the answers changes no bit.

Source: Stone, 1961, "The opinion pool" (the linear one); for networks, Hansen and Salamon, 1990, "Neural network
    ensembles".
"""

from __future__ import annotations

import math

import torch.nn.functional as F
from jaxtyping import Float, Float64
from torch import Tensor


def mean_choice(logits: Float[Tensor, "answers batch classes"]) -> Float64[Tensor, "batch classes"]:
    """Average answers of which each spreads one probability over all classes.

    Args:
        logits: Of each answer; their softmax is what is averaged.

    Returns:
        The logarithms of the mean probabilities, which are logits too: their softmax is that mean.

    Source: as the file.

    Example:
        >>> import torch
        >>> answers = torch.tensor([[[0.9, 0.1]], [[0.4, 0.6]]]).log()
        >>> mean_choice(answers).exp().round(decimals=6).tolist()
        [[0.65, 0.35]]
    """
    return _log_mean_exp(logits.double().log_softmax(-1))


def mean_presence(logits: Float[Tensor, "answers batch classes"]) -> Float64[Tensor, "batch classes"]:
    """Average answers of which each gives every class a probability of its own.

    Args:
        logits: Of each answer; their sigmoid is what is averaged.

    Returns:
        The logits of the mean probabilities: log p − log(1 − p).

    Source: as the file.

    Example:
        >>> import torch
        >>> answers = torch.tensor([[[0.9]], [[0.4]]]).logit()
        >>> mean_presence(answers).sigmoid().round(decimals=6).tolist()
        [[0.65]]
    """
    doubles = logits.double()
    return _log_mean_exp(F.logsigmoid(doubles)) - _log_mean_exp(F.logsigmoid(-doubles))


def _log_mean_exp(logarithms: Float64[Tensor, "answers batch classes"]) -> Float64[Tensor, "batch classes"]:
    """Sorted first, since sums of floats depend on their order."""
    return logarithms.sort(dim=0).values.logsumexp(0) - math.log(len(logarithms))
