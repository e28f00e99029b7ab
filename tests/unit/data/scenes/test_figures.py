import numpy as np
import pytest

from saccade.data.randomness import Draws
from saccade.data.scenes.body import JOINTS, SKELETON, SWAPS, convex, pose
from saccade.data.scenes.figures import compose_figures, figure_masks, joints_of
from saccade.data.scenes.plan import Plan


def test_the_easiest_figure_stands_and_faces_us():
    found = joints_of(Plan("keypoints", size=96, difficulty=0.0), 0)
    points, visible = found.keypoints.points[0], found.keypoints.visibility[0]
    named = dict(zip(JOINTS, points.tolist(), strict=True))
    assert len(found) == 1
    assert visible.tolist() == [2] * 17
    assert named["nose"][0] == pytest.approx(48, abs=0.5)
    for name in ("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle"):
        left, right = named[f"left {name}"], named[f"right {name}"]
        assert left[0] > 48 > right[0], name  # its left is on our right
        assert left[0] - 48 == pytest.approx(48 - right[0], abs=0.5)
        assert left[1] == pytest.approx(right[1], abs=0.5)
    heights = [named[name][1] for name in ("nose", "left shoulder", "left hip", "left knee", "left ankle")]
    assert heights == sorted(heights)


def test_swaps_pair_left_with_right_and_the_skeleton_is_whole():
    for left, right in SWAPS:
        assert JOINTS[left].replace("left", "right") == JOINTS[right]
    assert {joint for bone in SKELETON for joint in bone} == set(range(17))


@pytest.mark.parametrize("difficulty", [0.3, 1.0])
def test_joints_lie_on_their_figure(difficulty):
    """What is seen is on the figure's own pixels, or within a pixel of them."""
    plan = Plan("keypoints", size=128, difficulty=difficulty, shapes=3)
    seen = hidden = 0
    for index in range(25):
        found, masks = joints_of(plan, index), figure_masks(plan, index).pixels.numpy()
        points, visibility = found.keypoints.points.numpy(), found.keypoints.visibility.numpy()
        assert points.min() >= 0
        assert points.max() <= 128
        for number in range(len(found)):
            rows, columns = np.nonzero(masks[number])
            for (x, y), state in zip(points[number], visibility[number], strict=True):
                distance = np.hypot(columns + 0.5 - x, rows + 0.5 - y).min()
                assert state == 1 or distance <= 1.5
                seen, hidden = seen + (state == 2), hidden + (state == 1)
    assert hidden > 0.05 * seen


def test_a_figure_that_looks_away_hides_its_face():
    bodies = [pose(Draws(7, number), 1.0) for number in range(60)]
    faces = [body.turned[:3] for body in bodies]
    assert (True, True, True) in faces
    assert (False, False, False) in faces


def test_boxes_are_tight_around_what_can_be_seen():
    plan = Plan("keypoints", size=96, difficulty=0.8, shapes=3)
    for index in range(15):
        found, masks = joints_of(plan, index), figure_masks(plan, index)
        assert found.boxes.coordinates.float().equal(masks.boxes().coordinates)


def test_limbs_keep_their_length():
    for number in range(20):
        joints = pose(Draws(3, number), 1.0).joints
        assert np.linalg.norm(joints[7] - joints[5]) == pytest.approx(0.155, rel=0.35)
        assert np.linalg.norm(joints[15] - joints[13]) <= 0.23


def test_figures_are_as_many_as_were_asked_for():
    counts = {len(compose_figures(Plan("keypoints", size=32, shapes=3), index)) for index in range(40)}
    assert counts == {1, 2, 3}


def test_a_hull_holds_every_point():
    points = np.random.default_rng(0).normal(size=(50, 2))
    hull = convex(points)
    following = np.roll(hull, -1, 0) - hull
    side = following[:, 0, None] * (points[:, 1] - hull[:, 1, None]) - following[:, 1, None] * (
        points[:, 0] - hull[:, 0, None]
    )
    assert (side >= -1e-12).all() or (side <= 1e-12).all()
