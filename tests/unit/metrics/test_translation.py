"""How a translation is judged: made pictures against real ones of the kind."""

from __future__ import annotations

import math

import pytest
import torch

from saccade.errors import BadData
from saccade.metrics.translation import NAMES, TranslationMetric
from saccade.types.batch import Batch


def batch(images: torch.Tensor, kinds: list[int]) -> Batch:
    return Batch(images, torch.tensor([images.shape[2:]] * len(images)), torch.tensor(kinds))


def plain(*levels: float) -> torch.Tensor:
    return torch.tensor(levels)[:, None, None, None].expand(-1, 1, 8, 8).contiguous()


def judged(images: torch.Tensor, made: torch.Tensor, kinds: list[int]) -> dict[str, float]:
    metric = TranslationMetric()
    metric.update({"images": images, "to_a": made, "to_b": made}, batch(images, kinds))
    return metric.compute()


def test_pictures_that_are_those_of_the_other_kind_are_perfect():
    dark_and_light = plain(0.0, 0.0, 1.0, 1.0)
    figures = judged(dark_and_light, 1 - dark_and_light, [0, 0, 1, 1])
    assert figures["distance"] == pytest.approx(0)
    assert figures["distance_before"] == pytest.approx(2 * math.sqrt(0.5))  # means differ by 1, deviations by 0


def test_pictures_left_as_they_are_are_as_bad_as_the_kinds_are_apart():
    some = plain(0.0, 0.25, 1.0, 0.5)
    figures = judged(some, some, [0, 0, 1, 1])
    assert figures["distance_to_a"] == figures["distance_to_b"] == figures["distance_before"] > 0.3


def test_texture_counts_where_brightness_is_the_same():
    stripes = torch.zeros(2, 1, 16, 16)
    stripes[..., ::2] = 1
    flat = torch.full((2, 1, 16, 16), 0.5)
    figures = judged(torch.cat([flat, stripes]), torch.cat([flat, stripes]), [0, 0, 1, 1])
    assert figures["distance"] == pytest.approx(2 * math.sqrt(0.5 * 0.25))


def test_one_kind_alone_has_no_distance():
    figures = judged(plain(0.0, 0.5), plain(0.0, 0.5), [0, 0])
    assert all(math.isnan(figures[name]) for name in NAMES)


def test_intervals_hold_their_figures_and_are_the_same_twice():
    torch.manual_seed(0)
    metric = TranslationMetric()
    images = torch.rand(12, 3, 8, 8)
    metric.update({"images": images, "to_a": images, "to_b": images.flip(3)}, batch(images, [0, 1] * 6))
    judgement = metric.judge(100, seed=0)
    assert all(low <= value <= high for value, low, high in judgement.numbers().values())
    assert judgement.numbers() == metric.judge(100, seed=0).numbers()
    assert judgement.to_dict()["images"] == 12
    assert "distance" in str(judgement)
    assert "<table>" in judgement._repr_html_()


@pytest.mark.bad_input
def test_nothing_and_nothing_known_are_refused():
    with pytest.raises(BadData, match="got no images to judge"):
        TranslationMetric().compute()
    some = plain(0.5)
    with pytest.raises(BadData, match="got a batch without labels"):
        TranslationMetric().update({"images": some, "to_a": some, "to_b": some}, Batch(some, torch.tensor([[8, 8]])))
