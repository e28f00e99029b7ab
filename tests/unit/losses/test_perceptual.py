"""Distances from a style and from a content, by hand."""

from __future__ import annotations

import pytest
import torch

from saccade.losses.perceptual import content_distances, grams_of, roughness, style_distances


def test_places_do_not_count_in_a_style_and_neither_does_how_many_there_are():
    torch.manual_seed(0)
    maps = torch.rand(1, 3, 4, 6)
    moved, twice = maps.flatten(2)[:, :, torch.randperm(24)].reshape(1, 3, 4, 6), torch.cat([maps, maps], 3)
    wanted = grams_of({"relu": maps})
    for same in (maps, moved, twice):
        assert style_distances({"relu": same}, wanted).item() == pytest.approx(0, abs=1e-10)
    assert style_distances({"relu": 0 * maps}, wanted).item() == pytest.approx(1)
    assert style_distances({"relu": 2 * maps}, wanted).item() == pytest.approx((4 - 1) ** 2)


def test_layers_and_pictures_are_each_for_themselves():
    maps = {"one": torch.ones(2, 1, 2, 2), "two": torch.ones(2, 1, 1, 1)}
    maps["one"][1] = 0
    wanted = {"one": torch.ones(1, 1, 1), "two": torch.full((1, 1, 1), 2.0)}
    assert style_distances(maps, wanted).tolist() == [(0 + 0.25) / 2, (1 + 0.25) / 2]


def test_a_content_that_is_gone_is_at_a_distance_of_one():
    wanted = torch.rand(2, 3, 4, 4)
    made = wanted.clone()
    made[1] = 0
    assert content_distances(made, wanted).tolist() == [0, pytest.approx(1)]


def test_roughness_is_of_both_directions():
    picture = torch.tensor([[0.0, 1.0], [0.5, 1.5]])[None, None]
    assert roughness(picture).tolist() == [0.5**2 + 1.0**2]
    assert roughness(torch.full((2, 3, 4, 4), 0.7)).tolist() == [0, 0]
