import numpy as np
import pytest

from saccade.data.scenes.plan import Plan
from saccade.data.scenes.things import PALETTE, class_ids_of, compose_things, layers_of, masks_of


def test_the_easiest_scene_is_one_shape_in_the_middle():
    for index in range(10):
        (thing,) = compose_things(Plan("detection", size=64, difficulty=0.0), index)
        assert thing.shape.centre == (32, 32)
        assert thing.shape.angle == 0
        assert 0.36 * 64 <= thing.shape.radius < 0.38 * 64


@pytest.mark.parametrize("difficulty", [0.25, 0.5, 1.0])
def test_shapes_lie_in_the_picture_and_hide_little_of_each_other(difficulty):
    plan = Plan("detection", size=64, difficulty=difficulty)
    for index in range(60):
        things = compose_things(plan, index)
        assert [thing.class_id for thing in things] == class_ids_of(plan, index)
        masks = masks_of(layers_of(plan, index), 64, len(things))
        for thing, mask in zip(things, masks, strict=True):
            points = thing.shape.points()
            assert points.min() >= 0
            assert points.max() <= 64
            assert mask.sum() > 0.2 * thing.shape.radius**2


def test_there_are_as_many_as_were_asked_for():
    counts = [len(class_ids_of(Plan("detection", shapes=3), index)) for index in range(200)]
    assert set(counts) == {1, 2, 3}


def test_colour_and_place_do_not_tell_the_class():
    plan = Plan("detection", difficulty=0.5)
    things = [thing for index in range(800) for thing in compose_things(plan, index)]
    classes = np.array([thing.class_id for thing in things])
    facts = np.array([[*PALETTE[thing.colour], *thing.shape.centre, thing.shape.radius] for thing in things])
    facts = (facts - facts.mean(0)) / facts.std(0)
    means = np.stack([facts[classes == number].mean(0) for number in range(8)])
    assert np.abs(means).max() < 0.25
