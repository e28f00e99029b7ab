"""Surfaces from formulas: what each pattern is, and how things of a kind differ."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from saccade.data.randomness import Draws
from saccade.data.scenes.stuff import Stuff, any_colour, any_stuff, cloud, painted, varied

KINDS = ("plain", "stripes", "checks", "dots", "rings", "blotches", "fibres", "grain")
BLACK, WHITE = (0.0, 0.0, 0.0), (1.0, 1.0, 1.0)


def plane(size: int = 64) -> tuple[np.ndarray, np.ndarray]:
    steps = ((np.arange(size) + 0.5) / size * 2 - 1).astype(np.float32)
    u, v = np.meshgrid(steps, steps)
    return np.ascontiguousarray(u), np.ascontiguousarray(v)


def ink(kind: str, **changes) -> np.ndarray:
    stuff = Stuff(kind, 0.5, 0.0, 0.5, (BLACK, WHITE))
    return painted(replace(stuff, **changes), *plane(), (1, 2))[..., 0]


@pytest.mark.parametrize("kind", KINDS)
def test_a_surface_lies_between_its_two_colours_and_has_a_pattern(kind):
    colours = ((0.2, 0.4, 0.6), (0.8, 0.5, 0.1))
    levels = painted(Stuff(kind, 0.4, 0.7, 0.5, colours), *plane(), (1, 2))
    low, high = np.minimum(*colours), np.maximum(*colours)
    assert (levels >= low - 1e-5).all()
    assert (levels <= high + 1e-5).all()
    assert levels.std((0, 1)).max() > 0.01


def test_stripes_repeat_along_one_way_and_not_along_the_other():
    """A period of 0.5 is sixteen of the sixty-four pixels from −1 to 1."""
    across = ink("stripes")
    assert np.ptp(across, axis=0).max() < 1e-5
    np.testing.assert_allclose(across[:, 16:], across[:, :-16], atol=1e-4)
    upright = ink("stripes", angle=np.pi / 2)
    assert np.ptp(upright, axis=1).max() < 1e-4


def test_checks_turn_over_after_half_a_period():
    checks = ink("checks")
    np.testing.assert_allclose(checks[:, 8:], 1 - checks[:, :-8], atol=1e-4)


def test_rings_go_around_the_middle():
    rings = ink("rings")
    np.testing.assert_allclose(rings, rings.T, atol=1e-4)
    np.testing.assert_allclose(rings, rings[::-1], atol=1e-4)


def test_sharp_edges_leave_little_between_the_colours():
    soft, sharp = (ink("stripes", sharp=sharp) for sharp in (0.0, 1.0))
    assert ((sharp > 0.1) & (sharp < 0.9)).mean() < 0.3 < ((soft > 0.1) & (soft < 0.9)).mean()


def test_words_name_the_chance_of_what_has_no_formula():
    for kind in ("blotches", "fibres", "grain"):
        stuff = Stuff(kind, 0.4, 0.7, 0.5, (BLACK, WHITE))
        one, same, other = (painted(stuff, *plane(), words) for words in ((1, 2), (1, 2), (1, 3)))
        assert np.array_equal(one, same)
        assert not np.array_equal(one, other)


def test_a_cloud_is_smooth_and_of_mean_zero():
    levels = cloud(64, (3, 3), 3, (5,))
    assert levels.shape == (64, 64)
    assert abs(levels.mean()) < 0.4
    assert np.abs(np.diff(levels, axis=0)).mean() < 0.3 * levels.std()
    assert cloud(16, (20, 2), 2, (5,)).shape == (16, 16)  # finer than the pixels


def test_things_of_a_kind_differ_a_little():
    stuff = any_stuff(Draws(1))
    for seed in range(50):
        one = varied(stuff, Draws(2, seed), 0.0)
        assert one.kind == stuff.kind
        assert 1 / 1.5 <= one.period / stuff.period <= 1.5
        assert abs(one.angle - stuff.angle) <= 0.2
        assert all(0 <= level <= 1 for colour in one.colours for level in colour)


def test_turning_the_hue_by_a_third_takes_red_to_green():
    stuff = Stuff("plain", 0.5, 0.0, 0.5, ((0.4, 0.0, 0.0), BLACK))
    red, green, blue = varied(stuff, Draws(0), 1 / 3).colours[0]
    assert green > 0.25
    assert red == pytest.approx(0, abs=1e-6)
    assert blue == pytest.approx(0, abs=1e-6)


def test_every_pattern_and_any_colour_is_drawn():
    assert {any_stuff(Draws(number)).kind for number in range(200)} == set(KINDS)
    colours = np.array([any_colour(Draws(number), number / 100) for number in range(100)])
    assert colours.min() >= 0
    assert colours.max() <= 1
    assert colours.std(0).min() > 0.1
