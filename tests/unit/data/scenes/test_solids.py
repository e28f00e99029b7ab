import numpy as np
import pytest

from saccade.data.scenes.covering import holds
from saccade.data.scenes.plan import Plan
from saccade.data.scenes.solids import FOCAL, compose_solid, depth_of, draw_solid, mesh_of
from saccade.data.scenes.surfaces import SOLIDS
from saccade.data.scenes.z_buffer import project


@pytest.mark.parametrize("difficulty", [0.0, 0.7])
def test_the_nearest_point_of_a_sphere_is_its_distance_less_its_radius(difficulty):
    plan = Plan("depth", size=96, difficulty=difficulty, classes=("sphere",))
    solid, found = compose_solid(plan, 0), depth_of(plan, 0)
    x, y = project(np.array([solid.centre]), 96, FOCAL)[0]
    seen = float(found.depth.values[int(y), int(x)])
    assert seen == pytest.approx(solid.centre[2] - solid.radius, rel=0.01)


def test_depth_is_infinite_on_the_ground_and_there_only():
    plan = Plan("depth", size=64, difficulty=0.8)
    for index in range(16):
        found = depth_of(plan, index)
        assert found.depth.values.isfinite().equal(found.masks.pixels[0])
        assert found.boxes.coordinates.float().equal(found.masks.boxes().coordinates)
        near, far = found.depth.values[found.masks.pixels[0]].aminmax()
        distance = compose_solid(plan, index).centre[2]
        assert distance - 1.01 <= float(near) <= float(far) <= distance + 1.01


@pytest.mark.parametrize("kind", SOLIDS)
def test_a_mesh_seen_from_the_camera_covers_the_mask(kind):
    """Triangle after triangle, the slow way: which pixels have their centre in one of them."""
    plan = Plan("mesh", size=32, difficulty=0.6, classes=(kind,))
    mesh, mask = mesh_of(plan, 2), depth_of(plan, 2).masks.pixels[0].numpy()
    flat = project(mesh.vertices, 32, FOCAL)
    rows, columns = np.indices((32, 32))
    centres = np.stack([columns.ravel() + 0.5, rows.ravel() + 0.5], 1)
    covered = np.zeros(32 * 32, bool)
    for face in mesh.faces:
        covered |= holds(flat[face], centres)
    assert np.array_equal(covered.reshape(32, 32), mask)


def test_a_solid_is_wholly_in_the_picture():
    for index in range(40):
        plan = Plan("mesh", size=64, difficulty=1.0)
        flat = project(mesh_of(plan, index).vertices, 64, FOCAL)
        assert flat.min() >= 0
        assert flat.max() <= 64


def test_the_side_to_the_light_is_brighter():
    plan = Plan("mesh", size=64, difficulty=0.0, classes=("sphere",))
    pixels, light = draw_solid(plan, 0).astype(int).sum(2), compose_solid(plan, 0).light
    assert light[0] < 0
    assert light[1] < 0
    assert pixels[24, 24] > pixels[32, 32] > pixels[42, 42]
    assert pixels[0, 0] == 90
