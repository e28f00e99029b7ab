import math
from collections import Counter

import numpy as np
import pytest

from saccade.data.scenes.surfaces import SOLIDS, surface


@pytest.mark.parametrize("name", SOLIDS)
def test_a_surface_is_closed_and_turned_outwards(name):
    vertices, faces, normals = surface(name)
    places = {tuple(place): number for number, place in enumerate(np.round(vertices, 9).tolist())}
    welded = np.array([places[tuple(place)] for place in np.round(vertices, 9).tolist()])[faces]
    edges = Counter((int(one[i]), int(one[(i + 1) % 3])) for one in welded for i in range(3))
    assert all(edges[end, start] == count for (start, end), count in edges.items())
    corners = vertices[faces]
    outwards = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert ((outwards * normals[faces].mean(1)).sum(1) > 0).all()
    assert np.linalg.norm(normals, axis=1) == pytest.approx(1)
    assert 0.94 < np.linalg.norm(vertices, axis=1).max() <= 1.0001


@pytest.mark.parametrize(
    ("name", "volume"),
    [
        ("sphere", 4 / 3 * math.pi),
        ("torus", 2 * math.pi**2 * 0.68 * 0.32**2),
        ("box", 8 * 0.58 * 0.58 * 0.57),
        ("cone", math.pi * 0.72**2 * 1.6 / 3),
        ("cylinder", math.pi * 0.62**2 * 1.5),
    ],
)
def test_volumes_are_those_of_the_textbook(name, volume):
    vertices, faces, _ = surface(name)
    one, two, three = vertices[faces].transpose(1, 0, 2)
    assert (one * np.cross(two, three)).sum() / 6 == pytest.approx(volume, rel=0.03)
