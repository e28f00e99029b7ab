import numpy as np
import pytest

from saccade.data.opening import open_data
from saccade.data.scenes.covering import inside
from saccade.data.scenes.face_layers import FACE, HEAD
from saccade.data.scenes.face_shape import LEFT_EYE, POINTS, RIGHT_EYE, SKELETON, SWAPS, Look, person, points_of
from saccade.data.scenes.faces import compose_face, draw_face, points_in, portrait_layers
from saccade.data.scenes.plan import Plan
from saccade.types.sample import class_lists


def test_the_easiest_face_looks_straight_ahead_from_the_middle():
    found = points_in(Plan("landmarks", size=96, difficulty=0.0), 0)
    points = found.keypoints.points[0]
    assert found.keypoints.visibility.tolist() == [[2] * 68]
    for left, right in SWAPS:
        assert float(points[left, 0] + points[right, 0]) == pytest.approx(96, abs=1e-6)
        assert float(points[left, 1]) == pytest.approx(float(points[right, 1]), abs=1e-6)
    for middle in (8, 27, 30, 33, 51, 57, 62, 66):
        assert float(points[middle, 0]) == pytest.approx(48, abs=1e-6), POINTS[middle]


def test_points_are_named_in_order_and_swapped_once():
    assert len(POINTS) == 68
    assert (POINTS[36], POINTS[45], POINTS[48]) == ("right eye 1", "left eye 4", "outer lip 1")
    swapped = [point for pair in SWAPS for point in pair]
    assert sorted([*swapped, 8, 27, 28, 29, 30, 33, 51, 57, 62, 66]) == list(range(68))
    assert {point for line in SKELETON for point in line} == set(range(68))


def test_a_person_is_the_same_in_every_picture_and_pictures_differ():
    plan = Plan("faces", people=4, difficulty=0.6)
    portraits = [compose_face(plan, index) for index in range(40)]
    for number in range(4):
        mine = [portrait for portrait in portraits if portrait.number == number]
        assert len(mine) == 10
        assert {portrait.who for portrait in mine} == {person(0, number)}
        assert len({portrait.look for portrait in mine}) == 10
        assert len({portrait.light for portrait in mine}) == 10


def test_people_differ_in_their_shape_and_not_only_in_colour():
    shapes = np.stack([points_of(person(0, number), Look()).ravel() for number in range(30)])
    apart = np.abs(shapes[:, None] - shapes[None]).max(2)
    assert apart[~np.eye(30, dtype=bool)].min() > 0.01


@pytest.mark.parametrize("difficulty", [0.3, 1.0])
def test_points_lie_on_the_head(difficulty):
    plan = Plan("landmarks", size=128, difficulty=difficulty)
    for index in range(20):
        layers = portrait_layers(plan, index)[0]
        head = np.zeros((128, 128), bool)
        for layer in layers:
            if layer.owner in (HEAD, FACE):
                head |= inside(layer.points, (128, 128))
        rows, columns = np.nonzero(head)
        found = points_in(plan, index)
        for (x, y), state in zip(
            found.keypoints.points[0].tolist(), found.keypoints.visibility[0].tolist(), strict=True
        ):
            assert state == 1 or np.hypot(columns + 0.5 - x, rows + 0.5 - y).min() <= 1
        box = found.boxes.coordinates[0]
        assert (found.keypoints.points[0] >= box[:2] - 1e-9).all()
        assert (found.keypoints.points[0] <= box[2:] + 1e-9).all()


def test_the_side_that_looks_away_is_hidden():
    hidden = {"right": 0, "left": 0}
    for index in range(60):
        plan = Plan("landmarks", difficulty=1.0)
        look, visible = compose_face(plan, index).look, points_in(plan, index).keypoints.visibility[0]
        jaw = visible[:17] == 1
        if look.yaw > 0.45:
            hidden["left"] += int(jaw[14:].sum())
            assert jaw[13:].sum() >= jaw[:4].sum()
        elif look.yaw < -0.45:
            hidden["right"] += int(jaw[:3].sum())
            assert jaw[:4].sum() >= jaw[13:].sum()
    assert min(hidden.values()) > 0


def test_the_eyes_are_drawn_at_their_points():
    """In the middle of each eye there is the dark of its pupil."""
    plan = Plan("landmarks", size=160, difficulty=0.0)
    for index in range(6):
        pixels, points = draw_face(plan, index), points_in(plan, index).keypoints.points[0]
        for eye in (RIGHT_EYE, LEFT_EYE):
            x, y = points[eye].mean(0).tolist()
            assert pixels[int(y), int(x)].max() < 60


def test_pairs_say_whether_two_pictures_show_the_same_person():
    dataset = open_data("synthetic:task=faces,count=200,people=5,size=32")
    for split, pairs in dataset.pairs.items():
        classes = class_lists(dataset.splits[split])
        assert len(set(pairs)) == len(pairs)
        assert all(pair.first < pair.second for pair in pairs)
        assert all(pair.same == (classes[pair.first] == classes[pair.second]) for pair in pairs)
    same = sum(pair.same for pair in dataset.pairs["train"])
    assert abs(2 * same - len(dataset.pairs["train"])) < 30
    assert dataset.labels[0] == "person 0"
