import math

import numpy as np
import pytest

from saccade.data.scenes.patterns import PATTERNS, pattern
from saccade.data.scenes.plan import Plan
from saccade.data.scenes.textures import draw_texture, textures


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_repeats_and_is_neither_empty_nor_full(name):
    drawn = pattern(name, 112, period=8.0)
    repeat = 112 // 2  # seven periods and five of 1.4, ten of 0.8 …
    assert 0.15 < drawn.mean() < 0.85
    if name in ("bricks", "scales"):
        assert np.abs(drawn[16:] - drawn[:-16]).max() < 0.01
    elif name in ("dots", "grid", "crosses", "stripes"):
        assert np.abs(drawn[:, 8:] - drawn[:, :-8]).max() < 0.01
    elif name == "checks":
        assert np.abs(drawn[repeat:] - drawn[:-repeat]).max() < 0.01


def test_a_quarter_turn_exchanges_rows_and_columns():
    upright, lying = pattern("stripes", 32, period=8.0), pattern("stripes", 32, period=8.0, angle=math.pi / 2)
    assert (upright == upright[0]).all()
    assert np.abs(lying - lying[:, :1]).max() < 0.01


def test_a_shift_of_a_whole_period_changes_nothing():
    assert np.array_equal(pattern("dots", 32, period=8.0), pattern("dots", 32, period=8.0, shift=(1.0, 2.0)))
    assert not np.array_equal(pattern("dots", 32, period=8.0), pattern("dots", 32, period=8.0, shift=(0.5, 0.0)))


def test_textures_are_inside_a_shape_that_does_not_tell_them():
    plan = Plan("textures", size=48, difficulty=0.0)
    pixels = draw_texture(plan, 0)
    assert (pixels[0, 0] == 30).all()
    assert pixels[20:28, 20:28].std() > 20
    assert textures().labels(plan) == PATTERNS
