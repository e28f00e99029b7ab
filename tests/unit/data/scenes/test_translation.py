import numpy as np

from saccade.data.scenes.detection import draw_things, instances_of
from saccade.data.scenes.plan import Plan
from saccade.data.scenes.translation import draw_hatched, translation


def test_half_of_the_pictures_are_in_each_style():
    source = translation().source(Plan("translation", size=32), range(20))
    styles = [source.target(index) for index in range(20)]
    assert styles.count(0) == styles.count(1) == 10
    bright = [source.read(index).image[[0, 0, -1, -1], [0, -1, 0, -1]].min() > 170 for index in range(20)]
    assert sum(bright[index] for index in range(20) if styles[index] == 1) >= 8


def test_a_pair_shows_the_same_scene():
    plan = Plan("translation", size=64, paired=1)
    source = translation().source(plan, range(4))
    for index in range(4):
        sample = source.read(index)
        assert np.array_equal(sample.image, draw_things(plan, index))
        assert np.array_equal(sample.target.pixels, draw_hatched(plan, index))
        assert sample.target.digest() == source.target(index).digest()


def test_hatching_lies_where_the_shapes_are():
    plan = Plan("translation", size=96, difficulty=0.0)
    for index in range(8):
        ink = np.abs(draw_hatched(plan, index).astype(int) - (243, 234, 214)).max(2) > 40
        mask = instances_of(plan, index).masks.pixels[0].numpy()
        grown = np.zeros_like(mask)
        for down in range(-3, 4):
            for right in range(-3, 4):
                grown |= np.roll(mask, (down, right), (0, 1))
        assert not (ink & ~grown).any()
        assert ink[mask].mean() > 0.15
