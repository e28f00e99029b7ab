import numpy as np
import pytest

from saccade.errors import BadLabel
from saccade.types.mesh import Mesh

SQUARE = np.array([[0.0, 0, 0], [2, 0, 0], [2, 2, 0], [0, 2, 0]])
FACES = np.array([[0, 1, 2], [0, 2, 3]])


def test_a_square_of_side_2_has_area_4():
    mesh = Mesh(SQUARE, FACES)
    assert len(mesh) == 2
    assert mesh.area() == pytest.approx(4)


def test_its_class_is_told_where_it_is_known():
    assert Mesh(SQUARE, FACES).classes == ()
    assert Mesh(SQUARE, FACES, 3).classes == (3,)


def test_the_hash_tells_every_part():
    other = SQUARE.copy()
    other[0, 0] = 1e-9
    found = {
        Mesh(SQUARE, FACES).digest(),
        Mesh(other, FACES).digest(),
        Mesh(SQUARE, FACES[::-1]).digest(),
        Mesh(SQUARE, FACES, 1).digest(),
        Mesh(SQUARE, FACES, view=(1.0, 2.0, 0.0, 1.0, 25.0)).digest(),
    }
    assert len(found) == 5
    assert Mesh(SQUARE, FACES.astype(np.int32)).digest() == Mesh(SQUARE, FACES).digest()


@pytest.mark.bad_input
def test_a_coordinate_that_is_not_finite_is_named():
    wrong = SQUARE.copy()
    wrong[2, 1] = np.nan
    with pytest.raises(BadLabel, match="got vertex 2 ="):
        Mesh(wrong, FACES)


@pytest.mark.bad_input
@pytest.mark.parametrize("corner", [4, -1])
def test_a_corner_that_is_not_there_is_named(corner):
    with pytest.raises(BadLabel, match="got face 1 ="):
        Mesh(SQUARE, np.array([[0, 1, 2], [0, 2, corner]]))


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("vertices", "faces"),
    [(SQUARE[:, :2], FACES), (SQUARE, FACES[:, :2]), (SQUARE, FACES.astype(float)), (FACES, FACES)],
)
def test_other_shapes_and_types_are_refused(vertices, faces):
    with pytest.raises(BadLabel, match="taken are floats"):
        Mesh(vertices, faces)
