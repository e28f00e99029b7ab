"""The search for a learning rate, on the training loop."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

import saccade
from saccade.api.tuning.rate import RateCurve
from saccade.errors import BadConfig
from saccade.training.events import StepDone
from two_classes import assert_same_bits

LINE = "conv 4 3, pool 2, gap"
SETTINGS = {"threads": 1, "mirror": False, "crop_rate": 0.0, "batch_size": 20}


def curve(arrays, **more):
    return saccade.find_learning_rate(arrays, **{"model": LINE, "settings": SETTINGS, "listeners": [], **more})


def test_the_rate_grows_by_the_same_factor_up_to_the_highest(arrays):
    found = curve(arrays, steps=20, highest=0.01)
    assert found.rates == pytest.approx([0.01 * 10 ** (-7 * (1 - step / 19)) for step in range(20)])
    assert not found.diverged
    assert len(found.losses) == 20


def test_the_suggestion_trains_and_lies_below_what_diverges(arrays, quick):
    found = curve(arrays, steps=60, highest=100.0)
    assert 1e-4 < found.suggestion < 10
    assert found.suggestion <= min(found.steepest, found.tenth_of_lowest) * 1.05
    run = quick(arrays, epochs=8, batch_size=20, learning_rate=found.suggestion)
    losses = [sum(event.losses.values()) for event in run.events() if isinstance(event, StepDone)]
    assert sum(losses[-3:]) < 0.8 * sum(losses[:3])


def test_it_ends_where_the_loss_leaves(arrays):
    chance = (arrays[0], np.random.default_rng(0).permutation(arrays[1]))  # what can be learnt has no loss in the end
    found = curve(chance, steps=60, highest=1e6, settings={**SETTINGS, "optimizer": "sgd", "weight_decay": 0.0})
    assert found.diverged
    assert len(found.rates) < 60


def test_nothing_is_left_behind_and_a_module_stays_as_it_was(arrays, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    module = nn.Sequential(
        nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(4, 3)
    )
    before = {name: value.clone() for name, value in module.state_dict().items()}
    state = torch.random.get_rng_state()
    curve(arrays, model=module, steps=20)
    assert_same_bits(before, dict(module.state_dict()))
    assert torch.equal(state, torch.random.get_rng_state())
    assert list(tmp_path.iterdir()) == []


def test_two_searches_give_the_same_curve(arrays):
    assert curve(arrays, steps=20) == curve(arrays, steps=20)


def test_steps_are_those_of_the_optimiser(arrays):
    seen: list[int] = []

    def listen(event):
        if isinstance(event, StepDone):
            seen.append(event.images)

    curve(arrays, steps=20, settings={**SETTINGS, "batch_size": 8, "accumulate": 2}, listeners=[listen])
    assert len(seen) == 20
    assert set(seen) == {16}


def test_the_network_of_a_recipe_is_taken_and_prepared(arrays):
    found = saccade.find_learning_rate(
        arrays,
        settings={"recipe": "fast", "batch_size": 16, "threads": 1, "height": 9},
        steps=20,
        highest=1e-3,
        listeners=[],
    )
    assert len(found.rates) == 20


@pytest.mark.parametrize("suffix", [".png", ".svg"])
def test_the_curve_is_drawn(tmp_path, suffix):
    rates = tuple(10.0 ** (step / 5 - 6) for step in range(40))
    found = RateCurve(rates, tuple(2.0 - 0.02 * step for step in range(40)), diverged=False)
    path = found.save(tmp_path / f"rates{suffix}")
    assert path.read_bytes()[:5] in (b"\x89PNG\r", b"<?xml")
    assert found.to_dict()["suggestion"] == found.suggestion
    assert "suggestion" in repr(found)


def test_a_loss_that_never_falls_suggests_nothing_and_is_drawn_all_the_same(tmp_path):
    found = RateCurve((1e-3, 1e-2, 1e-1), (1.0, 1.0, 1.0), diverged=False)
    assert math.isnan(found.suggestion)
    assert found.save(tmp_path / "flat.png").exists()


@pytest.mark.bad_input
def test_what_makes_no_sense_is_refused(arrays, tmp_path):
    with pytest.raises(BadConfig, match="got steps=3 and highest"):
        curve(arrays, steps=3)
    with pytest.raises(BadConfig, match="highest=-1"):
        curve(arrays, highest=-1.0)
    with pytest.raises(BadConfig, match=r"taken are \.png, \.svg, \.pdf"):
        RateCurve((1.0,), (1.0,), diverged=False).save(tmp_path / "a.gif")
