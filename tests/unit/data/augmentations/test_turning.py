import numpy as np
import pytest
import torch

from saccade.data.augmentations.bending import Elastic
from saccade.data.augmentations.cropping import RandomResizedCrop
from saccade.data.augmentations.turning import Perspective, Rotation, Scale, Shear, Translation
from saccade.data.augmenting.augmenter import Augmenter, augment
from saccade.data.randomness import Draws
from saccade.errors import BadConfig
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Sample
from saccade.types.warp import Warp

MOVES = [Rotation(40.0), Shear(20.0, 10.0), Scale(), Translation(), Perspective(0.2)]


def at(matrix, x, y):
    u, v, w = matrix @ (x, y, 1)
    return round(u / w, 6), round(v / w, 6)


def test_a_rotation_keeps_the_middle_and_lengths():
    for word in range(50):
        matrix = Rotation(180.0).matrix((4, 6), Draws(word))
        assert at(matrix, 3, 2) == (3, 2)
        assert np.allclose(matrix[:2, :2] @ matrix[:2, :2].T, np.eye(2))
        assert np.linalg.det(matrix) == pytest.approx(1)


def test_angles_fill_their_range():
    angles = [
        np.degrees(np.arctan2(matrix[1, 0], matrix[0, 0]))
        for matrix in (Rotation(30.0).matrix((4, 6), Draws(word)) for word in range(500))
    ]
    assert -30 <= min(angles) < -28
    assert 28 < max(angles) <= 30


def test_a_shear_leans_and_keeps_the_area():
    matrix = Shear(45.0, 0.0).matrix((4, 6), Draws(3))
    assert matrix[1].tolist() == [0, 1, 0]
    assert at(matrix, 3, 2) == (3, 2)
    assert np.linalg.det(Shear(20.0, 20.0).matrix((4, 6), Draws(3))) == pytest.approx(1)


def test_a_scale_of_two_doubles_distances_from_the_middle():
    matrix = Scale(2.0, 2.0).matrix((4, 6), Draws(0))
    assert at(matrix, 3, 2) == (3, 2)
    assert at(matrix, 4, 1) == (5, 0)


def test_half_is_as_likely_as_twice():
    factors = [Scale(0.5, 2.0).matrix((2, 2), Draws(word))[0, 0] for word in range(1000)]
    assert 450 < sum(factor < 1 for factor in factors) < 550


def test_a_translation_stays_within_its_share():
    shifts = np.array([Translation(0.5, 0.25).matrix((4, 10), Draws(word))[:2, 2] for word in range(300)])
    assert np.abs(shifts).max(0).tolist() == pytest.approx([5, 1], rel=0.02)


def test_perspective_moves_each_corner_within_its_share():
    for word in range(50):
        matrix = Perspective(0.2).matrix((10, 20), Draws(word))
        for x, y in ((0, 0), (20, 0), (0, 10), (20, 10)):
            u, v = at(matrix, x, y)
            assert abs(u - x) <= 4
            assert abs(v - y) <= 2
        (right, below, _), *_ = (matrix[2],)
        assert right or below


@pytest.mark.parametrize("move", MOVES, ids=lambda move: type(move).__name__)
def test_at_rate_zero_nothing_moves(move):
    image = np.ones((4, 6, 1), np.uint8)
    still = type(move)(rate=0.0)
    assert augment(Sample(image), [still], Draws(0)).image is image


def test_an_elastic_warp_never_folds():
    for word in range(30):
        field = Elastic(0.24, knots=4).field((40, 60), Draws(word))
        assert field.shape == (4, 4, 2)
        where = Warp(np.eye(3), (40, 60), (40, 60), field).origins()
        assert (np.diff(where[..., 0], axis=1) > 0).all()
        assert (np.diff(where[..., 1], axis=0) > 0).all()


def test_a_random_window_has_an_area_and_proportions_within_its_ranges():
    for word in range(300):
        x1, y1, x2, y2 = RandomResizedCrop(0.2, 0.8).window((300, 400), (224, 224), Draws(word))
        assert 0 <= x1 < x2 <= 400
        assert 0 <= y1 < y2 <= 300
        assert 0.19 < (x2 - x1) * (y2 - y1) / 120_000 < 0.81
        assert 0.74 < (x2 - x1) / (y2 - y1) < 1.35


def test_of_a_very_long_picture_the_middle_is_taken():
    assert RandomResizedCrop(1.0, 1.0).window((10, 1000), (8, 8), Draws(0)) == (493, 0, 506, 10)


def test_a_random_window_at_rate_zero_is_the_usual_place():
    image = np.arange(8 * 16, dtype=np.uint8).reshape(8, 16, 1)
    plain = Preprocessing((8, 8), 1, (0.0,), (1.0,))
    placed = Augmenter([RandomResizedCrop(rate=0.0)]).placed(Sample(image), plain, Draws(0)).image
    assert np.array_equal(placed, image[:, 4:12])


def test_what_has_left_the_picture_is_dropped():
    boxes = Boxes(torch.tensor([[0.0, 0.0, 4.0, 4.0], [0.0, 6.0, 10.0, 10.0], [9.0, 0.0, 10.0, 10.0]]), (10, 10))
    target = Annotations((10, 10), torch.tensor([1, 2, 3]), boxes)
    shown = Augmenter([Scale(2.0, 2.0)]).changed(Sample(np.zeros((10, 10, 1), np.uint8), target), Draws(0)).target
    assert shown.class_ids.tolist() == [1, 2]  # of 1 a sixteenth, of 2 three eighths: see below
    assert shown.boxes.coordinates.tolist() == [[0, 0, 3, 3], [0, 7, 10, 10]]


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "make",
    [
        lambda: Rotation(181), lambda: Shear(90.0), lambda: Scale(0.0), lambda: Scale(2.0, 1.0),
        lambda: Translation(1.1), lambda: Perspective(0.5), lambda: Elastic(0.3), lambda: Elastic(knots=1),
        lambda: RandomResizedCrop(0.0), lambda: RandomResizedCrop(0.9, 0.1), lambda: RandomResizedCrop(stretch=0.5),
        lambda: Rotation(rate=float("nan")), lambda: Augmenter([Elastic(), Elastic()]),
    ],
)  # fmt: skip
def test_strengths_out_of_range_are_refused(make):
    with pytest.raises(BadConfig, match="; taken is "):
        make()
