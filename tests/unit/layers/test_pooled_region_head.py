"""The head of Fast R-CNN: one map, the maximum of each bin, and one loss of two tasks, with numbers by hand."""

from __future__ import annotations

import math

import pytest
import torch

from saccade.layers.pooled_region_head import FAST, PooledRegionHead
from saccade.layers.region_head import Regions, RegionSettings
from saccade.types.truth import Truth


def head(**settings: float) -> PooledRegionHead:
    """Two classes; whatever it reads, it says what its biases say."""
    torch.manual_seed(0)
    head = PooledRegionHead(1, 4, num_classes=2, units=6, settings=RegionSettings(bins=2, straight=1.0, **settings))  # pyright: ignore[reportArgumentType]
    with torch.no_grad():
        for layer in (head.box_predictor.cls_score, head.box_predictor.bbox_pred):
            layer.weight.zero_()
        head.box_predictor.cls_score.bias.copy_(torch.tensor([0.0, math.log(2), math.log(5)]))
        head.box_predictor.bbox_pred.bias.copy_(torch.tensor([9.0] * 4 + [0.0] * 4 + [2.0, -1, 0, 0]))
    return head.eval()


def test_the_settings_are_the_papers() -> None:
    assert (FAST.bins, FAST.overlap, FAST.background_from, FAST.sampled, FAST.share) == (7, 0.5, 0.1, 64, 0.25)
    assert (FAST.straight, FAST.dropout_rate) == (1.0, 0.5)


def test_a_region_of_one_pixel_fills_every_bin_and_each_bin_is_a_maximum() -> None:
    numbers = torch.arange(16.0).reshape(1, 1, 4, 4)
    found = head().read([numbers], [torch.tensor([[8.0, 4, 9, 5], [0, 0, 12, 12]])])
    assert found[0].flatten().tolist() == [6, 6, 6, 6]  # pixels 8 and 4 at a stride of 4: column 2, line 1
    assert found[1].flatten().tolist() == [5, 7, 13, 15]


def test_the_loss_of_one_region_is_that_of_the_paper() -> None:
    """−log p of its class, and of each code x²/2 below 1 and |x| − 1/2 above it; 0 for background."""
    numbers, box = torch.rand(1, 1, 4, 4), torch.tensor([[0.0, 0, 10, 10]])
    codes = torch.tensor([[2.0, 2.0, 0.5, 0.0]])  # 0, 3, 0.5 and 0 from what it says
    terms = head().losses([numbers], [Regions(box, torch.tensor([2]), torch.tensor([0]), codes)])
    assert terms["classes"].item() == pytest.approx(math.log(8 / 5))
    assert terms["boxes"].item() == pytest.approx(2.5 + 0.125)
    terms = head().losses([numbers], [Regions(box, torch.tensor([0]), torch.tensor([-1]), torch.zeros(0, 4))])
    assert (terms["classes"].item(), terms["boxes"].item()) == (pytest.approx(math.log(8)), 0.0)


def test_background_that_touches_nothing_is_left_out_where_there_are_things() -> None:
    truth = Truth(torch.tensor([[0.0, 0, 10, 10]]), torch.tensor([1]))
    regions = torch.tensor([[0.0, 0, 10, 6], [0, 0, 10, 2], [0, 0, 10, 0.5], [20, 20, 30, 30]])  # IoU 0.6, 0.2, 0.05, 0
    (found,) = head(background_from=0.1).choose([regions], [truth])
    assert found.columns.tolist() == [2, 2, 0]
    assert found.boxes[2].tolist() == [0, 0, 10, 2]
    (found,) = head().choose([regions], [truth])
    assert found.columns.tolist() == [2, 2, 0, 0, 0]
    nothing = Truth(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64))
    (found,) = head(background_from=0.1).choose([regions], [nothing])
    assert found.columns.tolist() == [0, 0, 0, 0]


def test_dropout_is_for_training_alone() -> None:
    torch.manual_seed(0)
    dropping = PooledRegionHead(1, 4, num_classes=2, units=50, settings=RegionSettings(bins=2, dropout_rate=0.5))
    numbers, box = [torch.rand(1, 1, 4, 4)], [torch.tensor([[0.0, 0, 12, 12]])]
    assert not torch.equal(dropping(numbers, box)[0], dropping(numbers, box)[0])
    assert torch.equal(dropping.eval()(numbers, box)[0], dropping(numbers, box)[0])
