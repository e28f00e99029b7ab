"""The head of SSD: where its boxes lie, what its numbers mean, and a loss that a hand can follow."""

from __future__ import annotations

import math

import pytest
import torch

from saccade.layers.default_box_head import DefaultBoxHead, default_box_losses, placed_boxes
from saccade.ops.anchors import SSD300, DefaultBoxLayout, default_boxes
from saccade.ops.box_coding import encode_boxes
from saccade.types.truth import Truth

SIDES300 = [(38, 38), (19, 19), (10, 10), (5, 5), (3, 3), (1, 1)]
LAYOUT = DefaultBoxLayout(strides=(8, 16), scales=(0.25, 0.5, 1.0), ratios=((), (2.0,)))


@pytest.fixture
def head() -> DefaultBoxHead:
    torch.manual_seed(0)
    return DefaultBoxHead([6, 6], 3, layout=LAYOUT, native_size=32)


def nothing() -> Truth:
    return Truth(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64))


def some_maps(images: int = 2) -> list[torch.Tensor]:
    return [torch.rand(images, 6, 4, 4), torch.rand(images, 6, 2, 2)]


def logits_of(columns: list[list[float]]) -> torch.Tensor:
    """Of one image, from probabilities."""
    return torch.tensor([columns]).log()


def test_boxes_at_the_native_size_are_the_published_ones():
    assert torch.equal(placed_boxes(SSD300, 300, SIDES300, (300, 300)), default_boxes(SSD300, SIDES300, (300, 300)))


def test_elsewhere_their_centres_are_spread_evenly_and_their_sides_stay_shares():
    boxes = placed_boxes(SSD300, 300, [(4, 8), (2, 4), (1, 2), (1, 1), (1, 1), (1, 1)], (64, 128))
    centres, sides = (boxes[:, 2:] + boxes[:, :2]) / 2, boxes[:, 2:] - boxes[:, :2]
    assert centres[:5].tolist() == [[8.0, 8.0]] * 4 + [[24.0, 8.0]]  # four boxes in a cell of 16 × 16
    assert sides[0].tolist() == pytest.approx([0.07 * 128, 0.07 * 64], rel=1e-5)
    assert centres[-1].tolist() == [64.0, 32.0]  # the only cell of the last map is in the middle
    assert bool((centres > 0).all() & (centres < torch.tensor([128.0, 64.0])).all())


def test_a_native_image_whose_maps_are_finer_is_spread_evenly_too():
    layout = DefaultBoxLayout(strides=(8,), scales=(0.5, 0.5), ratios=((),))
    boxes = placed_boxes(layout, 30, [(4, 4)], (30, 30))
    assert (boxes[0, :2] + boxes[0, 2:]).tolist() == [8.0, 8.0]  # 4 cells are those of a stride of 8
    boxes = placed_boxes(layout, 30, [(10, 10)], (30, 30))
    assert (boxes[0, :2] + boxes[0, 2:]).tolist() == pytest.approx([3.0, 3.0])


def test_its_parameters_have_the_published_names(head):
    names = [name for name, _ in head.named_parameters()]
    assert names[:2] == ["classification_head.module_list.0.weight", "classification_head.module_list.0.bias"]
    assert names[-1] == "regression_head.module_list.1.bias"
    assert [len(one.bias) for one in head.classification_head.module_list] == [2 * 4, 4 * 4]
    assert [len(one.bias) for one in head.regression_head.module_list] == [2 * 4, 4 * 4]


def test_rows_are_cell_by_cell_then_box_by_box(head):
    with torch.no_grad():
        for part in head.parameters():
            part.zero_()
        head.regression_head.module_list[0].bias.copy_(torch.arange(8.0))
    codes, logits = head(some_maps())
    assert (codes.shape, logits.shape) == ((2, 16 * 2 + 4 * 4, 4), (2, 48, 4))
    assert codes[1, :3].tolist() == [[0.0, 1.0, 2.0, 3.0], [4.0, 5.0, 6.0, 7.0], [0.0, 1.0, 2.0, 3.0]]
    one = [torch.zeros(1, 6, 4, 4), torch.zeros(1, 6, 2, 2)]
    one[0][0, 0, 1, 2] = 1.0  # line 1, column 2 of the first map is cell 6
    with torch.no_grad():
        head.classification_head.module_list[0].weight[5, 0, 1, 1] = 1.0  # column 1 of box 1
    assert head(one)[1].nonzero().tolist() == [[0, 6 * 2 + 1, 1]]


def test_candidates_are_decoded_by_hand(head):
    with torch.no_grad():
        for part in head.parameters():
            part.zero_()
        head.regression_head.module_list[0].bias[:4] = torch.tensor([5.0, -10.0, 5 * math.log(2), 0.0])
        head.classification_head.module_list[0].bias[:4] = torch.tensor([0.4, 0.3, 0.2, 0.1]).log()
    found = head.candidates(some_maps(), (32, 32))
    # a default box of 8 × 8 around (4, 4); half of its width to the right, all of its height up, twice as wide
    assert found["boxes"][0, 0].tolist() == pytest.approx([8 - 8, -4 - 4, 8 + 8, -4 + 4], abs=1e-5)
    assert found["boxes"][0, 1].tolist() == pytest.approx([4 - 32**0.5, 4 - 32**0.5, 4 + 32**0.5, 4 + 32**0.5])
    assert found["scores"][0, 0].tolist() == pytest.approx([0.3, 0.2, 0.1])  # the background is left out
    assert found["scores"].shape == (2, 48, 3)


def test_the_terms_are_those_of_the_definition():
    """Six boxes, one thing: its box, the two others that cost most as background, and no more at a ratio of 3."""
    defaults = torch.tensor([[0.0, 0, 10, 10]] + [[20.0 * n, 50, 20.0 * n + 10, 60] for n in range(5)])
    truth = Truth(torch.tensor([[1.0, 0.0, 11.0, 10.0]]), torch.tensor([1]))
    logits = logits_of([[0.5, 0.1, 0.4], [0.9, 0.05, 0.05], [0.2, 0.4, 0.4], [0.8, 0.1, 0.1], [0.6, 0.2, 0.2],
                        [0.7, 0.2, 0.1]])  # fmt: skip
    codes = torch.tensor([[[1.0, 0.25, 3.0, 0.0]] + [[9.0, 9, 9, 9]] * 5])
    terms = default_box_losses(codes, logits, defaults, [truth])
    # the code of the thing is (10 · 0.1, 0, 0, 0); distances 0, 0.25 and 3
    assert terms["boxes"].item() == pytest.approx(0.5 * 0.25**2 + (3 - 0.5))
    assert terms["classes"].item() == pytest.approx(-math.log(0.4) - math.log(0.2 * 0.6 * 0.7), rel=1e-5)


def test_a_thing_that_overlaps_no_box_enough_still_has_its_best_one():
    defaults = torch.tensor([[0.0, 0, 10, 10], [20, 0, 30, 10], [40, 0, 50, 10]])
    truth = Truth(torch.tensor([[24.0, 4.0, 25.0, 5.0]]), torch.tensor([0]))  # one pixel
    terms = default_box_losses(torch.zeros(1, 3, 4), torch.zeros(1, 3, 2), defaults, [truth])
    goal = encode_boxes(truth.boxes, defaults[1:2], weights=(10, 10, 5, 5))[0]
    assert goal.tolist() == pytest.approx([-5 + 4.5, -5 + 4.5, 5 * math.log(0.1), 5 * math.log(0.1)], abs=1e-5)
    assert terms["boxes"].item() == pytest.approx(2 * 0.125 + 2 * (5 * math.log(10) - 0.5), rel=1e-5)
    assert terms["classes"].item() == pytest.approx(3 * math.log(2), rel=1e-5)


def test_the_sum_over_all_images_is_divided_by_all_their_boxes():
    defaults = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 11], [40, 0, 50, 10]])
    two = Truth(torch.tensor([[0.0, 0.0, 10.0, 10.0]]), torch.tensor([0]))  # two boxes overlap it by half or more
    one = Truth(torch.tensor([[40.0, 0.0, 50.0, 10.0]]), torch.tensor([0]))
    terms = default_box_losses(torch.zeros(3, 3, 4), torch.zeros(3, 3, 2), defaults, [two, nothing(), one])
    assert terms["classes"].item() == pytest.approx((3 + 3 + 3) * math.log(2) / 3, rel=1e-5)


def test_images_without_things_train_as_background(head):
    maps = some_maps()
    terms = head.losses(maps, (32, 32), [nothing(), nothing()])
    _, logits = head(maps)
    costs = (logits.logsumexp(-1) - logits[..., 0]).sort(1, descending=True).values[:, :3]
    assert terms["boxes"].item() == 0.0
    assert terms["classes"].item() == pytest.approx(costs.sum().item(), rel=1e-5)
    sum(terms.values()).backward()
    assert all(bool(one.bias.grad.any()) for one in head.classification_head.module_list[:1])
    assert all(bool(weight.grad.isfinite().all()) for weight in head.parameters())


def test_a_batch_is_learnt_by_heart(head):
    maps = some_maps()
    truths = [Truth(torch.tensor([[2.0, 3.0, 22.0, 30.0], [17.0, 2.0, 30.0, 14.0]]), torch.tensor([0, 2])), nothing()]
    optimizer = torch.optim.Adam(head.parameters(), 0.03)
    for _ in range(200):
        loss = sum(head.losses(maps, (32, 32), truths).values())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    found = head.candidates(maps, (32, 32))
    scores, classes = found["scores"][0].max(1)
    for goal, class_id in zip(truths[0].boxes, truths[0].class_ids, strict=True):
        mine = torch.where(classes == class_id, scores, 0.0).argmax()
        assert scores[mine] > 0.8
        assert (found["boxes"][0, mine] - goal).abs().max() < 1.0
    assert found["scores"][1].max().item() < 0.3


def test_half_precision_gives_finite_terms_in_single(head):
    head = head.bfloat16()
    maps = [one.bfloat16() for one in some_maps()]
    terms = head.losses(maps, (32, 32), [Truth(torch.tensor([[2.0, 3.0, 22.0, 30.0]]), torch.tensor([1])), nothing()])
    assert all(math.isfinite(term.item()) and term.dtype == torch.float32 for term in terms.values())
    found = head.candidates(maps, (32, 32))
    assert all(bool(part.isfinite().all()) and part.dtype == torch.float32 for part in found.values())
