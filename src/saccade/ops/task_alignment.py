"""Which places of a one-stage detector learn which thing: those that already do both of its tasks best.

Source: Feng et al., "TOOD: task-aligned one-stage object detection", arXiv 2108.07755, section 3.2.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from saccade.ops.boxes import iou


@dataclass(frozen=True)
class Assigned:
    """What the places of one image learn.

    Args:
        thing: The number of the thing that each place learns; -1 for the background.
        score: What its class is to score, in [0, 1]; 0 for the background.

    Source: Feng et al. 2021.
    """

    thing: Int[Tensor, " places"]
    score: Float[Tensor, " places"]


@torch.no_grad()
def align(
    points: Float[Tensor, "places 2"],
    found: tuple[Float[Tensor, "places 4"], Float[Tensor, "places classes"]],
    truth: tuple[Float[Tensor, "things 4"], Int[Tensor, " things"]],
    *,
    most: int = 13,
    powers: tuple[float, float] = (1.0, 6.0),
) -> Assigned:
    """Give each thing the places inside it at which class and box agree best.

    How well a place agrees with a thing is s^α · u^β: s what it scores the thing's class, u the overlap of its box with
    the thing's. Each thing takes the best places among those that lie inside it; a place that several take goes to the
    one that it overlaps most. A thing in which no place lies, being smaller than the distance between them, takes the
    place nearest to its centre. What a class is to score is the agreement, scaled so that the best place of a thing
    scores its overlap.

    Args:
        points: (x, y) of each place, in pixels.
        found: The boxes that the places find now, and what they score each class, in [0, 1].
        truth: The boxes of the things, and the class of each.
        most: Places that a thing takes.
        powers: α and β.

    Returns:
        What each place learns.

    Source: Feng et al. 2021, equations 1 to 3; α 1, β 6 and 13 places are theirs. The place for a thing without any is
        ours.
    """
    (boxes, scores), (things, classes) = found, truth
    nothing = Assigned(
        torch.full((len(points),), -1, device=points.device), torch.zeros(len(points), device=points.device)
    )
    if not len(things) or not len(points):
        return nothing
    inside = _inside(points, things)
    overlaps = iou(things, boxes)
    agreement = scores[:, classes].T.float() ** powers[0] * overlaps ** powers[1]
    # where nothing agrees yet, as at the very beginning, the nearest places come first
    distance = torch.cdist((things[:, :2] + things[:, 2:]) / 2, points)
    rank = torch.where(inside, agreement + 1e-9 / (1 + distance), -1.0)
    order = rank.topk(min(most, len(points)), dim=1).indices
    taken = torch.zeros_like(inside).scatter_(1, order, True) & inside
    several = taken.sum(0) > 1
    best = torch.where(taken, overlaps, -1.0).argmax(0)
    taken[:, several] = torch.nn.functional.one_hot(best[several], len(things)).T.bool()
    thing = torch.where(taken.any(0), taken.int().argmax(0), -1)
    agreement = agreement * taken
    largest = agreement.amax(1, keepdim=True).clamp(min=1e-30)
    reach = (overlaps * taken).amax(1, keepdim=True)
    score = (agreement / largest * reach).amax(0)
    return Assigned(thing, score)


def _inside(points: Float[Tensor, "places 2"], things: Float[Tensor, "things 4"]) -> Bool[Tensor, "things places"]:
    """Which places lie in which thing; the nearest one where there is none."""
    within = (points[None] > things[:, None, :2]) & (points[None] < things[:, None, 2:])
    inside = within.all(2)
    empty = ~inside.any(1)
    if empty.any():
        centres = (things[empty, :2] + things[empty, 2:]) / 2
        inside[empty, torch.cdist(centres, points).argmin(1)] = True
    return inside
