import numpy as np
import torch

from saccade.data.scenes.covering import holds, inside, owners
from saccade.data.scenes.painting import GROUND, Layer
from saccade.types.polygons import Polygons


def box(left, top, right, bottom):
    return np.array([[left, top], [right, top], [right, bottom], [left, bottom]], float)


def test_a_pixel_is_inside_when_its_centre_is():
    assert inside(box(0.6, 0, 2.4, 1), (1, 4)).tolist() == [[False, True, False, False]]
    assert inside(box(0.4, 0, 2.6, 1), (1, 4)).tolist() == [[True, True, True, False]]
    assert not inside(box(-9, -9, -1, -1), (4, 4)).any()
    assert inside(box(-9, -9, 99, 99), (4, 4)).all()


def test_it_fills_as_polygons_do():
    generator = np.random.default_rng(0)
    for number in range(200):
        points = generator.uniform(-3, 14, (generator.integers(3, 9), 2))
        points = np.round(points * 2) / 2 if number % 3 == 0 else points
        wanted = Polygons(((torch.from_numpy(points),),), (9, 11)).masks().pixels[0].numpy()
        assert np.array_equal(inside(points, (9, 11)), wanted)


def test_places_are_held_as_pixels_are():
    points = np.array([[1.2, 0.7], [8.1, 3.3], [4.4, 8.8], [3.0, 4.0]])
    rows, columns = np.indices((10, 10))
    centres = np.stack([columns.ravel() + 0.5, rows.ravel() + 0.5], 1)
    assert np.array_equal(holds(points, centres).reshape(10, 10), inside(points, (10, 10)))


def test_the_foremost_layer_owns_a_pixel():
    red = (255, 0, 0)
    layers = [Layer(box(0, 0, 3, 3), red, 0), Layer(box(1, 1, 4, 4), red, 1), Layer(box(2, 2, 3, 3), red, GROUND)]
    assert owners(layers, 4).tolist() == [[0, 0, 0, -1], [0, 1, 1, 1], [0, 1, -1, 1], [-1, 1, 1, 1]]
