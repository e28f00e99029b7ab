import pickle
from collections import Counter

import numpy as np
import pytest

from saccade.data.scenes.outlines import SHAPES, outline
from saccade.data.scenes.shapes import Scenes, SceneSettings, compose, draw_scene, kinds_of
from saccade.errors import BadConfig


def test_a_scene_depends_on_its_seed_and_index_alone():
    settings = SceneSettings(difficulty=0.7)
    backwards = [draw_scene(settings, index) for index in reversed(range(4))][::-1]
    assert all(np.array_equal(draw_scene(settings, index), backwards[index]) for index in range(4))
    assert not np.array_equal(draw_scene(settings, 0), draw_scene(SceneSettings(difficulty=0.7, seed=1), 0))


def test_classes_are_even_in_any_eight():
    settings = SceneSettings()
    assert Counter(kinds_of(settings, index)[0] for index in range(80)) == dict.fromkeys(range(8), 10)
    assert [kinds_of(settings, index) for index in range(8)] != [kinds_of(settings, index + 8) for index in range(8)]


def test_several_shapes_are_different_and_sorted():
    settings = SceneSettings(shapes=4)
    found = [kinds_of(settings, index) for index in range(200)]
    assert {len(kinds) for kinds in found} == {1, 2, 3, 4}
    assert all(list(kinds) == sorted(set(kinds)) for kinds in found)


@pytest.mark.parametrize("difficulty", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("shapes", [1, 3])
def test_shapes_lie_in_the_image_and_apart(difficulty, shapes):
    settings = SceneSettings(size=40, difficulty=difficulty, shapes=shapes)
    for index in range(40):
        composed = compose(settings, index)
        assert tuple(shape.kind for shape in composed) == kinds_of(settings, index)
        for number, shape in enumerate(composed):
            points = shape.points()
            assert points.min() >= 0
            assert points.max() <= 40
            for other in composed[number + 1 :]:
                assert np.hypot(*np.subtract(shape.centre, other.centre)) > 0.9 * max(shape.radius, other.radius)


def test_the_easiest_scene_is_one_bright_shape_in_the_middle():
    settings = SceneSettings(size=32, difficulty=0)
    for index in range(16):
        pixels = draw_scene(settings, index).astype(int)
        assert (pixels[0, 0] == 30).all()
        (shape,) = compose(settings, index)
        assert shape.centre == (16, 16)
        assert shape.angle == 0


@pytest.mark.parametrize("kind", SHAPES)
def test_an_outline_touches_its_circle(kind):
    assert np.linalg.norm(outline(kind), axis=1).max() == pytest.approx(1)


def test_a_square_covers_what_it_should():
    settings = SceneSettings(size=64, difficulty=0)
    index = next(index for index in range(8) if SHAPES[kinds_of(settings, index)[0]] == "square")
    (shape,) = compose(settings, index)
    covered = (draw_scene(settings, index) != 30).any(2).sum()
    side = shape.radius * np.sqrt(2)
    assert abs(covered - side**2) < 4 * side


def test_a_harder_scene_is_harder():
    def accuracy(difficulty):
        """Of naming each scene after the one among 160 others that looks most alike."""
        source = Scenes(SceneSettings(count=240, size=16, difficulty=difficulty), range(240))
        images = np.stack([source.read(index).image.mean(2).ravel() for index in range(240)])
        images = (images - images.mean(1, keepdims=True)) / images.std(1, keepdims=True)
        labels = np.array([source.target(index) for index in range(240)])
        nearest = ((images[160:, None] - images[None, :160]) ** 2).sum(2).argmin(1)
        return (labels[nearest] == labels[160:]).mean()

    easy, middle, hard = (accuracy(difficulty) for difficulty in (0.0, 0.3, 1.0))
    assert easy == 1
    assert easy > middle > hard
    assert hard < 0.4


def test_colour_does_not_tell_the_class():
    settings = SceneSettings(difficulty=0)
    colours = np.array([compose(settings, index)[0].colour for index in range(800)], float)
    kinds = np.array([kinds_of(settings, index)[0] for index in range(800)])
    means = np.stack([colours[kinds == kind].mean(0) for kind in range(8)])
    assert (np.abs(means - colours.mean(0)) < 20).all()


def test_a_source_of_scenes_pickles_small_and_keeps_its_fingerprint():
    source = Scenes(SceneSettings(count=10_000), range(10_000))
    assert len(pickle.dumps(source)) < 1000
    assert pickle.loads(pickle.dumps(source)).fingerprint() == source.fingerprint()
    assert Scenes(SceneSettings(count=10_000, seed=1), range(10_000)).fingerprint() != source.fingerprint()
    picked = source.pick([5, 3])
    assert (picked.key(1), len(picked)) == ("synthetic[3]", 2)
    assert picked.fingerprint() != source.fingerprint()


@pytest.mark.bad_input
def test_wrong_settings_are_all_listed():
    with pytest.raises(BadConfig, match=r"count=0; taken is 1 .*size=4; taken is 8.*shapes=9; taken is 1 to 8"):
        SceneSettings(count=0, size=4, shapes=9)
