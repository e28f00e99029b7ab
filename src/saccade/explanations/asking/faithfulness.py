"""Whether a map can be trusted: it must hit what the answer hangs on, and hang on what the network has learnt.

Deletion and insertion hide and show places in the order of the map. Chance is not a random order of pixels, which makes
an image unreadable at once whatever the network looks at, but the same map moved elsewhere. The other question is
answered by a network whose weights are drawn anew: a map that stays the same cannot be about what they had learnt.

Source: Petsiuk et al., arXiv 1806.07421, section 4.1; Adebayo et al., arXiv 1810.03292.
"""

from __future__ import annotations

import copy
from dataclasses import replace

import numpy as np
import torch
from jaxtyping import Float
from scipy.stats import rankdata
from torch import Tensor, nn
from torch.nn import functional

from saccade.explanations.asking.method import Answer, Method
from saccade.explanations.asking.question import Question
from saccade.explanations.asking.sealed import answered
from saccade.inspect.taps import borrowed
from saccade.types.explanation import Faithfulness

_STEPS, _MOVES, _DRAWS = 20, 3, 4
_BLUR = 0.05  # deviation of the blur, as a share of the shorter side


def checked(method: Method, question: Question, answer: Answer) -> list[Faithfulness]:
    """Check the maps that a method gave.

    Args:
        method: With its knobs.
        question: That it was asked.
        answer: What it said.

    Returns:
        One for each image. The network is as it was.

    Raises:
        BadShape: If the confidence is not one number for each image.
        BadConfig: If the method cannot be used on that network.

    Source: Petsiuk et al., arXiv 1806.07421, section 4.1; Adebayo et al., arXiv 1810.03292, section 3.
    """
    alike = _alike_when_randomised(method, question, answer)
    with borrowed(question.network):
        return [
            _one(question.only(image), answer.maps[image], question.seed, float(alike[image]))
            for image in range(len(question))
        ]


def order_of(heat: Float[Tensor, "height width"]) -> Float[Tensor, "height width"]:
    """Say when each place has its turn, the highest first.

    Args:
        heat: A map.

    Returns:
        From 0, the first, to below 1; places of equal heat in the order of the rows.

    Source: ours.

    Example:
        >>> order_of(torch.tensor([[0.0, 5.0, 2.0, 1.0]])).tolist()
        [[0.75, 0.0, 0.25, 0.5]]
    """
    places = heat.flatten().argsort(descending=True, stable=True)
    turns = torch.empty_like(heat.flatten(), dtype=torch.float32)
    turns[places] = torch.arange(len(places), dtype=torch.float32) / len(places)
    return turns.reshape(heat.shape)


def randomised(network: nn.Module, seed: int) -> nn.Module:
    """Copy a network, and draw its weights anew: how large they are stays, what they had learnt is gone.

    Args:
        network: Any module; it stays as it is.
        seed: Of what is drawn.

    Returns:
        The copy. Weights of two dimensions or more are normal around zero, with the deviation that they had; norms and
        biases are shuffled.

    Source: Adebayo et al., arXiv 1810.03292, section 3.

    Example:
        >>> bool(torch.equal(randomised(nn.Linear(2, 2), 0).weight, randomised(nn.Linear(2, 2), 1).weight))
        False
    """
    other, generator = copy.deepcopy(network), torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for parameter in other.parameters():
            if parameter.dim() > 1:
                deviation = parameter.float().std(correction=0)
                parameter.copy_(deviation * torch.randn(parameter.shape, generator=generator).to(deviation))
            else:
                parameter.copy_(parameter[torch.randperm(len(parameter), generator=generator).to(parameter.device)])
    return other


def _one(question: Question, heat: Float[Tensor, "height width"], seed: int, alike: float) -> Faithfulness:
    image, generator = question.images[0], np.random.default_rng(seed)
    if getattr(question.asked[0], "side", ""):
        heat = heat.abs()  # a side may be moved either way
    curves = {kind: _curve(question, order_of(heat), kind) for kind in ("deletion", "insertion")}
    chance = dict.fromkeys(curves, 0.0)
    height, width = image.shape[1:]
    for _ in range(_MOVES):
        moved = torch.roll(heat, (int(generator.integers(height)), int(generator.integers(width))), (0, 1))
        for kind in curves:
            chance[kind] += _area(_curve(question, order_of(moved), kind)) / _MOVES
    return Faithfulness(
        _area(curves["deletion"]), _area(curves["insertion"]), chance["deletion"], chance["insertion"], alike,
        {kind: tuple(curve.tolist()) for kind, curve in curves.items()},
    )  # fmt: skip


def _curve(question: Question, turns: Float[Tensor, "height width"], kind: str) -> Float[np.ndarray, " steps"]:
    """The confidence after each step: places are blanked, or shown on the blurred image."""
    image = question.images[0]
    shares = torch.linspace(0, 1, _STEPS + 1)
    done = (turns[None] < shares[:, None, None])[:, None].to(image)
    empty = question.emptied() if kind == "deletion" else _blurred(image[None])
    before, after = (image[None], empty) if kind == "deletion" else (empty, image[None])
    steps = before * (1 - done) + after * done
    return question.scores(steps, [0] * len(steps), confidence=True).float().cpu().numpy()


def _area(curve: Float[np.ndarray, " steps"]) -> float:
    return float(np.trapezoid(curve, dx=1 / (len(curve) - 1)))


def _blurred(images: Float[Tensor, "batch channels height width"]) -> Float[Tensor, "batch channels height width"]:
    deviation = max(1.0, _BLUR * min(images.shape[2:]))
    reach = min(int(3 * deviation), min(images.shape[2:]) - 1)
    places = torch.arange(-reach, reach + 1, dtype=images.dtype, device=images.device)
    weights = torch.exp(-0.5 * (places / deviation) ** 2)
    weights = (weights / weights.sum()).expand(images.shape[1], 1, -1)
    for dim in (2, 3):
        kernel = weights[..., None] if dim == 2 else weights[..., None, :]
        padding = (0, 0, reach, reach) if dim == 2 else (reach, reach, 0, 0)
        padded = functional.pad(images, padding, mode="reflect" if reach else "constant")
        images = functional.conv2d(padded, kernel, groups=images.shape[1])
    return images


def _alike_when_randomised(method: Method, question: Question, answer: Answer) -> Float[np.ndarray, " batch"]:
    """The mean rank correlation of each map with that of networks whose weights are drawn anew; 0 if it is below.

    Signed, since a network that knows nothing answers strong contrasts too, but either way.
    """
    total = np.zeros(len(question))
    for number in range(_DRAWS):
        other = replace(question, network=randomised(question.network, question.seed + number))
        maps = answered(method, other).maps
        total += [rank_correlation(one.numpy(), two.numpy()) for one, two in zip(answer.maps, maps, strict=True)]
    return (total / _DRAWS).clip(min=0)


def rank_correlation(one: Float[np.ndarray, "height width"], other: Float[np.ndarray, "height width"]) -> float:
    """Measure how alike two maps order their places, by Spearman's correlation.

    Args:
        one: A map.
        other: Of the same size.

    Returns:
        From −1 to 1; 0 if one of them is the same everywhere.

    Source: Spearman, 1904; Adebayo et al., arXiv 1810.03292, section 4.

    Example:
        >>> round(rank_correlation(np.array([[1.0, 2.0, 3.0]]), np.array([[1.0, 4.0, 9.0]])), 9)
        1.0
    """
    ranks = [rankdata(values.ravel()) for values in (one, other)]
    first, second = (values - values.mean() for values in ranks)
    below = float(np.sqrt((first**2).sum() * (second**2).sum()))
    return float((first * second).sum() / below) if below else 0.0
