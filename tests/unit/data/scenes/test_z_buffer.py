import numpy as np
import pytest

from saccade.data.scenes.z_buffer import project, see

SQUARE = np.array([[-1.0, -1.0, 0.0], [1.0, -1.0, 0.0], [1.0, 1.0, 0.0], [-1.0, 1.0, 0.0]])
FACES = np.array([[0, 2, 1], [0, 3, 2]])


def moved(points, away):
    return points + np.array([0, 0, away])


def test_points_appear_where_a_pinhole_puts_them():
    assert project(np.array([[0.0, 0.0, 3.0], [1.0, -1.0, 2.0]]), 100, 1.5).tolist() == [[50, 50], [125, -25]]


def test_a_square_before_the_camera_is_seen_at_its_distance():
    found = see(moved(SQUARE, 4), FACES, size=16, focal=1.0)
    assert (found.face >= 0).sum() == 8 * 8
    assert found.depth[4:12, 4:12] == pytest.approx(4)
    assert np.isinf(found.depth[:4]).all()
    assert found.weights[5, 5].sum() == pytest.approx(1)


def test_what_faces_away_is_not_seen():
    assert (see(moved(SQUARE, 4), FACES[:, ::-1], size=16, focal=1.0).face < 0).all()


def test_the_nearer_of_two_hides_the_other():
    near = moved(SQUARE * 0.5, 3)
    both = np.concatenate([near, moved(SQUARE, 4)])
    for faces in (np.concatenate([FACES, FACES + 4]), np.concatenate([FACES + 4, FACES])):
        found = see(both, faces, size=24, focal=1.0)
        assert found.depth[12, 12] == pytest.approx(3)
        assert found.depth[7, 7] == pytest.approx(4)


def test_depth_between_corners_is_true_to_perspective():
    slanted = SQUARE.copy()
    slanted[[1, 2], 2] = 2.0  # its right side is further away
    found = see(moved(slanted, 4), FACES, size=64, focal=1.0)
    x = (20 + 0.5 - 32) / 64
    assert found.depth[32, 20] == pytest.approx(5 / (1 - x))  # z = 5 + x, and x = z × (place in the picture)
