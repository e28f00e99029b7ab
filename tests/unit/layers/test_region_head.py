"""The second look: columns, codes, scores and losses, with numbers that a hand can check."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor

from saccade.layers.region_head import RegionHead, Regions, RegionSettings
from saccade.types.truth import Truth

BOX = [[0.0, 0, 10, 10]]


def nothing() -> Truth:
    return Truth(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64))


def in_order(matches: Tensor, count: int, share: float) -> tuple[Tensor, Tensor]:
    objects = (matches >= 0).nonzero()[: int(count * share), 0]
    return objects, (matches == -1).nonzero()[: count - len(objects), 0]


@pytest.fixture
def head() -> RegionHead:
    """Two classes; whatever it reads, it says what its biases say."""
    torch.manual_seed(0)
    head = RegionHead(4, (4, 8), num_classes=2, units=6, sampler=in_order).eval()
    with torch.no_grad():
        for layer in (head.box_predictor.cls_score, head.box_predictor.bbox_pred):
            layer.weight.zero_()
        head.box_predictor.cls_score.bias.copy_(torch.tensor([0.0, math.log(2), math.log(5)]))
        head.box_predictor.bbox_pred.bias.copy_(torch.tensor([9.0] * 4 + [0.0] * 4 + [2.0, -1, 0, 0]))
    return head


def maps(images: int = 1) -> list[Tensor]:
    return [torch.rand(images, 4, 8, 8), torch.rand(images, 4, 4, 4), torch.rand(images, 4, 2, 2)]


def test_candidates_have_no_background_and_a_box_for_each_class(head):
    found = head.candidates(maps(), [torch.tensor([[10.0, 10, 20, 30]])], [(32, 32)])
    torch.testing.assert_close(found["scores"], torch.tensor([[[2 / 8, 5 / 8]]]))
    assert found["boxes"].shape == (1, 1, 2, 4)
    assert found["boxes"][0, 0].tolist() == [
        [10, 10, 20, 30],
        pytest.approx([12, 8, 22, 28]),
    ]  # moved by 2/10 and −1/10


def test_images_with_fewer_regions_have_zeros_at_the_end_and_boxes_lie_within_theirs(head):
    regions = [torch.tensor([[10.0, 10, 20, 30], [0, 0, 8, 8]]), torch.tensor([[4.0, 4, 30, 30]]), torch.zeros(0, 4)]
    found = head.candidates(maps(3), regions, [(32, 32), (20, 16), (32, 32)])
    assert found["scores"].shape == (3, 2, 2)
    torch.testing.assert_close(found["scores"][:, :, 1], torch.tensor([[0.625, 0.625], [0.625, 0.0], [0.0, 0.0]]))
    assert found["boxes"][1, 0, 0].tolist() == [4, 4, 16, 20]
    assert found["boxes"][2].abs().max().item() == 0.0


def test_a_box_of_no_size_scores_nothing(head):
    found = head.candidates(maps(), [torch.tensor([[40.0, 0, 50, 8]])], [(32, 32)])
    assert found["scores"].tolist() == [[[0.0, 0.0]]]


def test_regions_are_chosen_with_the_things_among_them(head):
    truth = Truth(torch.tensor([[0.0, 0, 10, 10], [20, 20, 30, 30]]), torch.tensor([1, 0]))
    proposals = torch.tensor([[0.0, 0, 10, 6], [0, 0, 10, 4], [2, 0, 12, 10]])  # IoU 0.6, 0.4 and 80/120
    (found,) = head.choose([proposals], [truth])
    assert found.columns.tolist() == [2, 2, 2, 1, 0]
    assert found.things.tolist() == [0, 0, 0, 1, -1]
    assert found.boxes[-1].tolist() == [0, 0, 10, 4]
    assert found.codes[1].tolist() == pytest.approx([-10 * 0.2, 0, 0, 0])
    assert found.codes[0].tolist() == pytest.approx([0, 10 * 2 / 6, 0, 5 * math.log(10 / 6)], rel=1e-5)
    assert found.codes[2:].abs().max().item() == 0.0


def test_a_share_is_kept():
    head = RegionHead(4, (4,), num_classes=2, units=6, settings=RegionSettings(sampled=4, share=0.5))
    truth = Truth(torch.tensor(BOX * 5), torch.tensor([0] * 5))
    far = torch.tensor([[20.0, 20, 30, 30]] * 9)
    (found,) = head.choose([far], [truth])
    assert found.columns.tolist() == [1, 1, 0, 0]


def test_the_losses_are_those_of_the_definition(head):
    regions = Regions(
        torch.tensor([*BOX, [5.0, 5, 9, 9]]),
        torch.tensor([2, 0]),
        torch.tensor([0, -1]),
        torch.tensor([[2.05, -1.0, 0.0, 1.0]]),
    )
    terms = head.losses(maps(), [regions])
    assert terms["classes"].item() == pytest.approx((math.log(8 / 5) + math.log(8)) / 2, rel=1e-5)
    straight, round_ = 1 - 0.5 / 9, 0.5 * 0.05**2 * 9
    assert terms["boxes"].item() == pytest.approx((straight + round_) / 2, rel=1e-4)


def test_images_without_things_teach_background(head):
    regions = head.choose([torch.tensor(BOX), torch.zeros(0, 4)], [nothing(), nothing()])
    assert [one.columns.tolist() for one in regions] == [[0], []]
    terms = head.train().losses(maps(2), regions)
    assert (terms["classes"].item(), terms["boxes"].item()) == (pytest.approx(math.log(8)), 0.0)
    torch.stack(list(terms.values())).sum().backward()
    none = head.losses(maps(2), head.choose([torch.zeros(0, 4)] * 2, [nothing()] * 2))
    assert [term.item() for term in none.values()] == [0.0, 0.0]


def test_regions_are_read_from_the_map_that_suits_them():
    head = RegionHead(1, (4, 8), num_classes=2, units=6)
    levels = [torch.full((1, 1, 64, 64), 1.0), torch.full((1, 1, 32, 32), 2.0), torch.full((1, 1, 16, 16), 9.0)]
    found = head.read(levels, [torch.tensor([[0.0, 0, 100, 100], [10, 10, 200, 200]])], bins=2)
    assert found.shape == (2, 1, 2, 2)
    torch.testing.assert_close(found.flatten(1).mean(1), torch.tensor([1.0, 2.0]))


def test_half_precision_gives_finite_terms_in_single(head):
    head = head.bfloat16()
    levels = [one.bfloat16() for one in maps()]
    found = head.candidates(levels, [torch.tensor(BOX)], [(32, 32)])
    assert (found["boxes"].dtype, found["scores"].dtype) == (torch.float32, torch.float32)
    terms = head.losses(levels, head.choose([torch.tensor(BOX)], [Truth(torch.tensor(BOX), torch.tensor([1]))]))
    assert all(term.isfinite() for term in terms.values())
