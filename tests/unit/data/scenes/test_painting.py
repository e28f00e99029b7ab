import numpy as np
import pytest

from saccade.data.randomness import Draws
from saccade.data.scenes.painting import (
    Layer,
    add_noise,
    as_colour,
    blobs,
    brightness,
    clutter,
    draw_ground,
    finish,
    ground_colour,
    paint,
    shade,
)
from saccade.data.scenes.plan import Plan

SQUARE = np.array([[2.0, 3.0], [6.0, 3.0], [6.0, 5.0], [2.0, 5.0]])


def test_a_layer_is_painted_where_it_is():
    plan = Plan("detection", size=8, difficulty=0.0)
    canvas = draw_ground(plan, 0)
    paint(canvas, [Layer(SQUARE, (200, 100, 50))])
    pixels = finish(canvas, plan, 0)
    assert (pixels[3:5, 2:6] == (200, 100, 50)).mean() > 0.7  # but for the smooth edge that a canvas of 4 × 4 leaves
    assert (pixels[:3] == 30).all()
    assert (pixels[6:] == 30).all()
    assert (pixels[:, :2] == 30).all()


def test_half_a_pixel_is_half_as_bright():
    plan = Plan("detection", size=8, difficulty=0.0)
    canvas = draw_ground(plan, 0)
    paint(canvas, [Layer(np.array([[0.0, 0.0], [8.0, 0.0], [8.0, 3.375], [0.0, 3.375]]), (230, 230, 230))])
    assert finish(canvas, plan, 0)[3, 4].tolist() == [130, 130, 130]  # two of four rows of the canvas


def test_the_easiest_ground_is_plain_and_others_are_not():
    assert set(np.asarray(draw_ground(Plan("detection", difficulty=0.0), 3)).ravel().tolist()) == {30}
    assert np.asarray(draw_ground(Plan("detection", difficulty=0.5), 3)).std() > 5


def test_grounds_are_dark_and_bright():
    means = [brightness(ground_colour(Plan("detection", difficulty=0.5), index)) for index in range(200)]
    assert min(means) < 70
    assert max(means) > 185
    assert 0.35 < np.mean(np.array(means) > 127) < 0.65


def test_noise_grows_with_difficulty():
    flat = np.full((64, 64, 3), 127.0, np.float32)
    spread = [add_noise(flat, Plan("detection", difficulty=hard), 0).std() for hard in (0.0, 0.5, 1.0)]
    assert spread[0] == 0
    assert spread[1] == pytest.approx(12, abs=0.5)
    assert spread[2] == pytest.approx(24, abs=1)


def test_clutter_belongs_to_nothing():
    plan = Plan("detection")
    drawn = [*clutter(plan, 5, Draws(1)), *blobs(plan, 4, Draws(2))]
    assert len(drawn) == 9
    assert {layer.owner for layer in drawn} == {-1}


def test_colours_are_cut_to_their_range():
    assert as_colour([-1.0, 255.9, 1e9]) == (0, 255, 255)
    assert shade((200, 100, 0), 2.0) == (255, 200, 0)
