"""The head of an anchor-free detector: places, boxes from distributions, and a loss that a hand can follow."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from saccade.layers.aligned_head import AlignedHead, LossWeights, boxes_of
from saccade.types.truth import Truth


@pytest.fixture
def head():
    torch.manual_seed(0)
    return AlignedHead([6, 6], [8, 16], 3)


def nothing() -> Truth:
    return Truth(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64))


def some_maps(images: int = 2) -> list[torch.Tensor]:
    return [torch.rand(images, 6, 4, 4), torch.rand(images, 6, 2, 2)]


def test_places_are_the_middles_of_their_cells(head):
    points, strides = head.places(some_maps())
    assert points[:2].tolist() == [[4.0, 4.0], [12.0, 4.0]]
    assert points[16].tolist() == [8.0, 8.0]
    assert strides.tolist() == [8.0] * 16 + [16.0] * 4


def test_a_distance_is_the_mean_of_its_distribution():
    bins = torch.full((1, 1, 4, 16), -100.0)
    for side, steps in enumerate(((2,), (0,), (3, 4), (15,))):
        bins[0, 0, side, list(steps)] = 0.0
    box = boxes_of(bins, torch.tensor([[20.0, 20.0]]), torch.tensor([8.0]))
    assert box[0, 0].tolist() == pytest.approx([20 - 16, 20, 20 + 28, 20 + 120])


def test_it_begins_with_nothing_found(head):
    found = head.eval().candidates(some_maps())
    assert found["boxes"].shape == (2, 20, 4)
    assert found["scores"].mean().item() == pytest.approx(0.01, abs=0.01)


def test_images_without_things_cost_only_what_is_scored(head):
    terms = head.losses(some_maps(), [nothing(), nothing()])
    assert set(terms) == {"classes", "boxes", "distances"}
    assert terms["boxes"].item() == terms["distances"].item() == 0.0
    assert terms["classes"].item() > 0
    sum(terms.values()).backward()


def test_the_terms_are_those_of_the_definition(head):
    """One place, one thing: each term worked out again, step by step."""
    small = AlignedHead([6], [8], 2, weights=LossWeights(1.0, 2.0, 3.0)).eval()
    maps, truth = [torch.rand(1, 6, 1, 1)], Truth(torch.tensor([[1.0, 0.0, 7.0, 8.0]]), torch.tensor([1]))
    logits, bins = small(maps)
    points, strides = small.places(maps)
    x1, y1, x2, y2 = boxes_of(bins, points, strides)[0, 0].tolist()
    shared = max(0.0, min(x2, 7) - max(x1, 1)) * max(0.0, min(y2, 8) - max(y1, 0))
    union = (x2 - x1) * (y2 - y1) + 6 * 8 - shared
    hull = (max(x2, 7) - min(x1, 1)) * (max(y2, 8) - min(y1, 0))
    score = shared / union  # the only place of a thing is to score its overlap
    giou = score - (hull - union) / hull
    terms = small.losses(maps, [truth])
    wanted = torch.tensor([0.0, score])
    scale = 1 / max(score, 1.0)
    classes = F.binary_cross_entropy_with_logits(logits[0, 0], wanted, reduction="sum")
    assert terms["classes"].item() == pytest.approx(classes.item() * scale, rel=1e-4)
    assert terms["boxes"].item() == pytest.approx(2.0 * (1 - giou) * score * scale, rel=1e-4)
    entropy = -bins[0, 0].log_softmax(-1)
    wide, high = 3 / 8, 4 / 8  # from the middle to the sides, in strides
    near = [entropy[side, 0] * (1 - far) + entropy[side, 1] * far for side, far in enumerate((wide, high, wide, high))]
    assert terms["distances"].item() == pytest.approx(3.0 * sum(near).item() / 4 * score * scale, rel=1e-4)


def test_a_batch_is_learnt_by_heart(head):
    maps = some_maps()
    truths = [Truth(torch.tensor([[2.0, 3.0, 22.0, 30.0], [16.0, 2.0, 30.0, 14.0]]), torch.tensor([0, 2])), nothing()]
    optimizer = torch.optim.Adam(head.parameters(), 0.02)
    for _ in range(150):
        loss = sum(head.losses(maps, truths).values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    found = head.candidates(maps)
    scores, classes = found["scores"][0].max(1)
    best = scores.topk(2).indices
    assert sorted(classes[best].tolist()) == [0, 2]
    assert found["scores"][1].max().item() < 0.3
    for place in best.tolist():
        goal = truths[0].boxes[0 if classes[place] == 0 else 1]
        assert (found["boxes"][0, place] - goal).abs().max() < 2.0


def test_half_precision_maps_give_finite_terms(head):
    head = head.bfloat16()
    maps = [one.bfloat16() for one in some_maps()]
    terms = head.losses(maps, [Truth(torch.tensor([[2.0, 3.0, 22.0, 30.0]]), torch.tensor([1])), nothing()])
    assert all(math.isfinite(term.item()) for term in terms.values())
