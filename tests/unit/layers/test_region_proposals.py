"""Anchors, proposals and the two losses of the first stage, with numbers that a hand can check."""

from __future__ import annotations

import math

import pytest
import torch

from saccade.layers.region_proposals import AnchorOutputs, ProposalSettings, RegionProposals
from saccade.ops.boxes import iou
from saccade.ops.matching import match_anchors
from saccade.types.truth import Truth


def nothing() -> Truth:
    return Truth(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64))


def said(logits: list[float], anchors: list[list[float]], counts: tuple[int, ...] | None = None) -> AnchorOutputs:
    """One image; every anchor stays where it is."""
    rows = torch.tensor(anchors)
    return AnchorOutputs(torch.tensor([logits]), torch.zeros(1, len(logits), 4), rows, counts or (len(logits),))


@pytest.fixture
def stage() -> RegionProposals:
    torch.manual_seed(0)
    return RegionProposals(4, (4, 8)).eval()


def test_each_level_has_three_shapes_of_one_size_at_each_place(stage):
    levels = [torch.zeros(1, 4, 2, 3), torch.zeros(1, 4, 1, 2)]
    fine, coarse = stage.anchors(levels, (8, 12))
    assert (len(fine), len(coarse)) == (18, 6)
    assert fine[:3].tolist() == [[-23, -11, 23, 11], [-16, -16, 16, 16], [-11, -23, 11, 23]]
    assert fine[3].tolist() == [-19, -11, 27, 11]  # four pixels to the right
    assert (coarse[1] + coarse[4]).tolist() == [2 * -32 + 6, 2 * -32, 2 * 32 + 6, 2 * 32]  # 12 // 2 = 6 apart


def test_what_is_said_of_an_anchor_stands_in_its_row(stage):
    with torch.no_grad():
        stage.head.cls_logits.bias.copy_(torch.tensor([1.0, 2.0, 3.0]))
        stage.head.bbox_pred.bias.copy_(torch.arange(12.0))
    outputs = stage([torch.zeros(2, 4, 2, 3), torch.zeros(2, 4, 1, 2)], (8, 12))
    assert outputs.counts == (18, 6)
    assert outputs.logits[1, :6].tolist() == [1, 2, 3, 1, 2, 3]
    assert outputs.codes[0, 3:6].tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
    assert outputs.anchors.shape == (24, 4)


def test_the_surest_are_proposed_within_the_image_and_without_what_they_cover(stage):
    anchors = [[0.0, 0, 10, 10], [0, 0, 10, 9], [-5, 20, 10, 30], [40, 0, 50, 10], [5, 5, 5.0005, 9]]
    found = stage.propose(said([1.0, 2.0, 3.0, 4.0, 5.0], anchors), [(40, 30)])
    assert found[0].tolist() == [[0, 20, 10, 30], [0, 0, 10, 9]]  # the fourth lies outside, the last has no width


def test_boxes_of_different_levels_do_not_cover_each_other(stage):
    anchors = [[0.0, 0, 10, 10], [0, 0, 10, 10]]
    assert len(stage.propose(said([1.0, 2.0], anchors, (1, 1)), [(40, 40)])[0]) == 2
    assert len(stage.propose(said([1.0, 2.0], anchors, (2,)), [(40, 40)])[0]) == 1


def test_only_so_many_are_looked_at_and_proposed():
    stage = RegionProposals(4, (4,), settings=ProposalSettings(before=(3, 2), after=(2, 1)))
    outputs = said([1.0, 4.0, 2.0, 3.0], [[20.0 * n, 0, 20 * n + 10, 10] for n in range(4)], (4,))
    assert stage.train().propose(outputs, [(100, 100)])[0][:, 0].tolist() == [20, 60]
    assert stage.eval().propose(outputs, [(100, 100)])[0][:, 0].tolist() == [20]


def test_the_losses_are_those_of_the_definition(stage):
    anchors = [[0.0, 0, 10, 10], [0, 0, 10, 8], [30, 30, 40, 40], [0, 0, 10, 5.5]]
    outputs = said([0.0, math.log(3), -math.log(3), 7.0], anchors)
    truth = Truth(torch.tensor([[1.0, 0, 11, 10]]), torch.tensor([0]))  # IoU 9/11, 72/108, 0 and 49.5/105.5
    terms = stage.losses(outputs, [truth])
    assert stage.assign(outputs.anchors, truth)[0].tolist() == [0, -2, -1, -2]
    assert terms["objectness"].item() == pytest.approx((math.log(2) + math.log(4 / 3)) / 2)
    assert terms["proposal_boxes"].item() == pytest.approx(0.5 * 0.1**2 * 9 / 2)  # a move by a tenth, below 1 / 9


def test_the_best_anchor_of_a_thing_shows_it_however_little_they_overlap(stage):
    outputs = said([0.0, 0.0], [[0.0, 0, 10, 10], [20, 20, 60, 60]])
    matches, _ = stage.assign(outputs.anchors, Truth(torch.tensor([[9.0, 9, 10, 10]]), torch.tensor([0])))
    assert matches.tolist() == [0, -1]


def test_a_thousand_things_are_matched_as_one_by_one(stage):
    draws = torch.Generator().manual_seed(0)
    corners = torch.rand(1000, 2, generator=draws) * 90
    goals = torch.cat([corners, corners + 1 + torch.rand(1000, 2, generator=draws) * 9], 1)
    anchors = torch.cat(stage.anchors([torch.zeros(1, 4, 5, 5), torch.zeros(1, 4, 3, 3)], (100, 100)))
    matches, _ = stage.assign(anchors, Truth(goals, torch.zeros(1000, dtype=torch.int64)))
    assert torch.equal(
        matches,
        match_anchors(iou(goals, anchors), background_below=0.3, object_from=0.7, allow_low_quality=True),
    )


def test_images_without_things_are_background(stage):
    outputs = stage([torch.rand(2, 4, 4, 4), torch.rand(2, 4, 2, 2)], (16, 16))
    terms = stage.losses(outputs, [nothing(), nothing()])
    assert terms["proposal_boxes"].item() == 0.0
    assert terms["objectness"].item() == pytest.approx(math.log(2), abs=0.05)
    torch.stack(list(terms.values())).sum().backward()
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in stage.parameters())


def test_the_sampler_says_what_is_learned_from():
    asked = []

    def first(matches, count, share):
        asked.append((count, share))
        return matches[:0], torch.tensor([1])

    stage = RegionProposals(4, (4,), settings=ProposalSettings(sampled=9, share=0.25), sampler=first)
    outputs = said([0.0, math.log(3)], [[0.0, 0, 10, 10], [20, 20, 30, 30]])
    terms = stage.losses(outputs, [nothing()])
    assert (asked, terms["objectness"].item()) == ([(9, 0.25)], pytest.approx(math.log(4)))


def test_what_is_not_finite_is_not_proposed_but_not_forgotten(stage):
    outputs = said([math.nan, 1.0, math.inf], [[0.0, 0, 10, 10], [20, 20, 30, 30], [0, 20, 10, 30]])
    assert stage.propose(outputs, [(40, 40)])[0].tolist() == [[20, 20, 30, 30]]
    assert outputs.doubt().isnan().tolist() == [True]
    assert said([1.0], [[0.0, 0, 10, 10]]).doubt().tolist() == [0.0]


def test_half_precision_maps_are_answered_in_single():
    stage = RegionProposals(4, (4,)).bfloat16()
    outputs = stage([torch.rand(1, 4, 2, 2).bfloat16()], (8, 8))
    assert {one.dtype for one in (outputs.logits, outputs.codes, outputs.anchors)} == {torch.float32}


def test_the_meta_device_tells_how_many_there_may_be():
    stage = RegionProposals(4, (4,), settings=ProposalSettings(after=(9, 7))).eval().to("meta")
    outputs = stage([torch.empty(1, 4, 8, 8, device="meta")], (32, 32))
    assert stage.propose(outputs, [(32, 32)])[0].shape == (7, 4)
