"""What was found beside what is there: one way in, where nothing is silently scored."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from saccade.errors import BadData, BadLabel, BadShape
from saccade.metrics.detection.judged import judged, overlaps
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.detections import Detections
from saccade.types.geometry import unchecked
from saccade.types.polygons import Polygons
from saccade.types.warp import Warp

NAMES = ("cat", "dog")


def found(*boxes: tuple[float, ...], key: str = "a.jpg", size: tuple[int, int] = (20, 40)) -> Detections:
    count = len(boxes)
    rows = np.array(boxes, np.float32).reshape(-1, 4)
    return Detections(key, NAMES, size, rows, np.full(count, 0.5, np.float32), np.zeros(count, np.int64))


def there(*boxes: tuple[float, ...], size: tuple[int, int] = (20, 40), class_id: int = 1, **more) -> Annotations:
    rows = torch.tensor(boxes, dtype=torch.float32).reshape(-1, 4)
    return Annotations(size, torch.full((len(boxes),), class_id), Boxes(rows, size), **more)


def test_what_is_found_and_what_is_there_lie_side_by_side() -> None:
    (one,) = judged([found((1, 2, 5, 8))], [there((1, 2, 5, 9), crowd=torch.tensor([True]))])
    assert (one.key, one.found.tolist(), one.boxes.tolist()) == ("a.jpg", [[1, 2, 5, 8]], [[1, 2, 5, 9]])
    assert (one.confidence.tolist(), one.found_ids.tolist(), one.class_ids.tolist()) == ([0.5], [0], [1])
    assert (one.crowd.tolist(), one.difficult.tolist(), one.area.tolist()) == ([True], [False], [28])


def test_area_and_difficulty_are_what_the_labels_say() -> None:
    boxes = ((0, 0, 4, 4),) * 2
    said = {"area": torch.tensor([9.0, torch.nan]), "difficult": torch.tensor([torch.nan, 1.0])}
    (one,) = judged([found()], [there(*boxes, attributes=said)])
    assert one.area.tolist() == [9, 16]
    assert one.difficult.tolist() == [False, True]


def test_things_with_outlines_alone_have_the_boxes_around_them() -> None:
    outline = Polygons(((torch.tensor([[1.0, 1.0], [5.0, 1.0], [5.0, 4.0]]),),), (20, 40))
    (one,) = judged([found()], [Annotations((20, 40), torch.tensor([0]), polygons=outline)])
    assert one.boxes.tolist() == [[1, 1, 5, 4]]


def test_a_picture_without_things_is_one_without_boxes() -> None:
    (one,) = judged([found()], [Annotations((20, 40))])
    assert (one.boxes.shape, one.found.shape) == ((0, 4), (0, 4))


def test_truth_returns_to_the_pixels_of_the_picture() -> None:
    placed = Warp(np.array([[0.5, 0, 3], [0, 0.25, 1], [0, 0, 1.0]]), (20, 40), (10, 30))
    (one,) = judged([found()], [there((4, 2, 8, 3), size=(10, 30))], [placed])
    assert one.boxes.tolist() == [[2, 4, 10, 8]]
    mirrored = Warp(np.array([[-1.0, 0, 40], [0, 1, 0], [0, 0, 1]]), (20, 40), (20, 40))
    assert judged([found()], [there((4, 2, 8, 3))], [mirrored])[0].boxes.tolist() == [[32, 2, 36, 3]]


def test_a_box_turned_inside_out_has_no_area() -> None:
    (one,) = judged([found((5, 5, 1, 8))], [there()])
    assert one.found.tolist() == [[5, 5, 5, 8]]


def test_overlap_is_over_the_union_but_over_the_box_in_a_crowd() -> None:
    boxes, others = np.array([[0.0, 0, 4, 4]]), np.array([[2.0, 0, 6, 4], [2, 0, 6, 4], [4, 0, 8, 4], [1, 1, 1, 3]])
    assert overlaps(boxes, others, np.array([False, True, False, False])).tolist() == [[8 / 24, 0.5, 0, 0]]
    assert overlaps(boxes[:0], others, np.zeros(4, bool)).shape == (0, 4)


def test_boxes_without_area_have_nothing_in_common_even_with_themselves() -> None:
    point = np.array([[3.0, 3, 3, 3]])
    assert overlaps(point, point, np.array([False])).tolist() == [[0]]
    assert overlaps(point, point, np.array([True])).tolist() == [[0]]


@pytest.mark.bad_input
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_true_box_that_is_not_finite_is_refused_with_its_image(value: float) -> None:
    truth = there((1, 2, 5, 8))
    broken = unchecked(truth.boxes, {"coordinates": torch.tensor([[1.0, value, 5.0, 8.0]])})
    object.__setattr__(truth, "boxes", broken)
    with pytest.raises(BadData, match=r"true box \[1.0, (nan|inf), 5.0, 8.0\] for image 'a.jpg'"):
        judged([found()], [truth])


@pytest.mark.bad_input
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_found_box_or_confidence_that_is_not_finite_is_refused_with_its_image(value: float) -> None:
    with pytest.raises(BadData, match=r"for image 'b\.jpg'"):
        found((1, 2, value, 8), key="b.jpg")
    with pytest.raises(BadData, match=r"for image 'b\.jpg'"):
        Detections("b.jpg", NAMES, (20, 40), np.zeros((1, 4)), np.array([value]), np.array([0]))


@pytest.mark.bad_input
def test_what_does_not_belong_together_is_refused() -> None:
    with pytest.raises(BadShape, match="in 1 images, what is there in 2;"):
        judged([found()], [there(), there()])
    with pytest.raises(BadShape, match="and 2 placements;"):
        judged([found()], [there()], [Warp(np.eye(3), (20, 40), (20, 40))] * 2)
    with pytest.raises(BadData, match=r"found on 20 × 40 .* 10 × 40 for image 'a.jpg'"):
        judged([found()], [there(size=(10, 40))])
    with pytest.raises(BadData, match=r"1 things without boxes for image 'a.jpg'"):
        judged([found()], [Annotations((20, 40), torch.tensor([0]))])
    with pytest.raises(BadLabel, match=r"class 2 in image 'a.jpg'; taken are 0 to 1"):
        judged([found()], [there((1, 2, 5, 8), class_id=2)])


@pytest.mark.bad_input
def test_a_turned_picture_is_refused() -> None:
    turned = Warp(np.array([[0.0, -1, 40], [1, 0, 0], [0, 0, 1]]), (20, 40), (20, 40))
    with pytest.raises(BadData, match=r"placement .* of image 'a.jpg'; taken are those that scale and shift"):
        judged([found()], [there()], [turned])
