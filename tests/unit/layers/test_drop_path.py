"""Stochastic depth: whole images are dropped, the mean stays, evaluation changes nothing."""

from __future__ import annotations

import pytest
import torch

from saccade.errors import BadConfig
from saccade.layers.drop_path import DropPath


def test_an_image_is_dropped_whole_or_grows() -> None:
    torch.manual_seed(0)
    dropped = DropPath(0.2)(torch.ones(64, 2, 3, 3))
    kept = dropped.amax((1, 2, 3))
    assert torch.equal(dropped, kept[:, None, None, None].expand_as(dropped))
    assert set(kept.tolist()) == {0, 1.25}


def test_the_expectation_is_the_input() -> None:
    torch.manual_seed(0)
    given = DropPath(0.3)(torch.ones(40_000, 1))
    three_deviations = 3 * (0.3 / 0.7 / 40_000) ** 0.5
    assert abs(given.mean().item() - 1) < three_deviations


@pytest.mark.parametrize("layer", [DropPath(0.5).eval(), DropPath(0)], ids=["evaluation", "rate 0"])
def test_nothing_happens_in_evaluation_or_at_rate_0(layer: DropPath) -> None:
    x = torch.randn(4, 3)
    assert layer(x) is x


def test_it_shows_its_rate() -> None:
    assert repr(DropPath(0.2)) == "DropPath(rate=0.2)"


@pytest.mark.bad_input
def test_dropping_everything_is_refused() -> None:
    with pytest.raises(BadConfig, match="got rate=1; DropPath takes a rate of 0 or more and below 1; use 0"):
        DropPath(1)
