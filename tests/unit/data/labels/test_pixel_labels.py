import numpy as np

from saccade.data.labels.pixel_labels import BoxLabels, PointLabels
from saccade.types.sample import Placeable


def test_boxes_keep_their_attributes_and_phrases_in_order():
    labels = BoxLabels(np.array([[0.0, 1, 2, 3], [4, 5, 6, 7]]), {"blur": np.array([2, 0])}, ("a", "b"))
    found = labels.placed("", (10, 20))
    assert found.boxes.coordinates.tolist() == [[0, 1, 2, 3], [4, 5, 6, 7]]
    assert found.attributes["blur"].tolist() == [2, 0]
    assert (found.phrases, found.size, labels.classes) == (("a", "b"), (10, 20), (0,))


def test_no_boxes_and_no_points_are_background():
    assert BoxLabels(np.zeros((0, 4))).classes == ()
    assert len(BoxLabels(np.zeros((0, 4))).placed("", (3, 3))) == 0
    empty = PointLabels(np.zeros((0, 68, 2)), np.zeros((0, 68), np.int64))
    assert (empty.classes, len(empty.placed("", (3, 3)))) == ((), 0)


def test_points_change_names_in_a_mirror():
    labels = PointLabels(np.array([[[1.0, 2], [7, 2]]]), np.array([[2, 1]]), ((0, 1),))
    turned = labels.placed("", (8, 10)).mirror().keypoints
    assert (turned.points.tolist(), turned.visibility.tolist()) == ([[[3, 2], [9, 2]]], [[1, 2]])


def test_hashes_tell_every_part():
    boxes = np.array([[0.0, 1, 2, 3]])
    several = [
        BoxLabels(boxes),
        BoxLabels(boxes + 1),
        BoxLabels(boxes, {"blur": np.array([1])}),
        BoxLabels(boxes, {}, ("a",)),
        BoxLabels(boxes, {}, ("\ud800",)),
        PointLabels(boxes.reshape(1, 2, 2), np.array([[2, 2]])),
        PointLabels(boxes.reshape(1, 2, 2), np.array([[2, 1]])),
    ]
    assert all(isinstance(one, Placeable) for one in several)
    assert len({one.digest("") for one in several}) == len(several)
