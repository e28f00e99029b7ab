"""The task of finding boxes: values a hand can check."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from saccade.errors import BadConfig, BadData, BadLabel, BadShape, UnknownName
from saccade.tasks.detection import detection, surer, truth_of
from saccade.types.annotations import Annotations
from saccade.types.asked import Asked
from saccade.types.batch import Batch
from saccade.types.boxes import Boxes
from saccade.types.warp import Warp

TASK = detection(["cat", "dog"])


def annotations(*things, crowd=None, size=(10, 20)):
    boxes = torch.tensor([box for box, _ in things], dtype=torch.float32).reshape(-1, 4)
    ids = torch.tensor([class_id for _, class_id in things], dtype=torch.int64)
    return Annotations(size, ids, Boxes(boxes, size), crowd=None if crowd is None else torch.tensor(crowd))


def batch(count=1, placements=(), size=(10, 20)):
    return Batch(
        torch.zeros(count, 3, *size), torch.tensor([size] * count), None, tuple("abc"[:count]), placements=placements
    )


def outputs(*candidates):
    """Of one image: (box, score of the cat, score of the dog)."""
    boxes = torch.tensor([[box for box, _, _ in candidates]], dtype=torch.float32)
    return {"boxes": boxes, "scores": torch.tensor([[[cat, dog] for _, cat, dog in candidates]])}


def test_what_can_be_learnt_is_no_crowd_and_has_an_area() -> None:
    there = annotations(
        ((1, 1, 4, 4), 0), ((2, 2, 2, 6), 1), ((0, 0, 9, 9), 1), ((3, 3, 5, 9), 1), crowd=[False, False, True, False]
    )
    assert truth_of(there).boxes.tolist() == [[1, 1, 4, 4], [3, 3, 5, 9]]
    assert truth_of(there).class_ids.tolist() == [0, 1]
    assert len(truth_of(annotations())) == 0


def test_boxes_of_one_class_that_overlap_leave_the_surest_and_classes_do_not_disturb_each_other() -> None:
    one, moved, far = (1.0, 1, 9, 9), (1.0, 1, 9, 8), (12.0, 1, 18, 9)
    (found,) = TASK.decode(outputs((one, 0.6, 0.0), (moved, 0.9, 0.5), (far, 0.0005, 0.3)), batch())
    assert [(label, round(float(sure), 2)) for label, sure in zip(found.labels, found.confidence, strict=True)] == [
        ("cat", 0.9), ("dog", 0.5), ("dog", 0.3),
    ]  # fmt: skip
    assert found.boxes.tolist() == [list(moved), list(moved), list(far)]
    assert found.size == (10, 20)


def test_a_box_for_each_class_is_taken_by_its_class() -> None:
    boxes = torch.tensor([[[[0.0, 0, 4, 4], [5, 5, 9, 9]]]])
    (found,) = TASK.decode({"boxes": boxes, "scores": torch.tensor([[[0.2, 0.8]]])}, batch())
    assert found.boxes.tolist() == [[5, 5, 9, 9], [0, 0, 4, 4]]
    assert found.class_id.tolist() == [1, 0]


def test_boxes_are_brought_back_to_the_picture_and_cut_at_its_edges() -> None:
    half = Warp(np.array([[0.5, 0, 0], [0, 0.5, 2], [0, 0, 1.0]]), (12, 40), (10, 20))
    (found,) = TASK.decode(outputs(((1.0, 3, 4, 5), 0.9, 0.0), ((10.0, 0, 30, 9), 0.5, 0.0)), batch(1, (half,)))
    assert found.size == (12, 40)
    assert found.boxes.tolist() == [[2, 2, 8, 6], [20, 0, 40, 12]]


def test_no_more_boxes_are_given_than_are_asked_for_and_none_less_sure() -> None:
    several = [((4.0 * number, 0, 4.0 * number + 3, 5), 0.1 * (number + 1), 0.0) for number in range(5)]
    (found,) = detection(["cat", "dog"], max_boxes=2).decode(outputs(*several), batch())
    assert found.confidence.tolist() == pytest.approx([0.5, 0.4])
    (found,) = surer(TASK, 0.25).decode(outputs(*several), batch())
    assert found.confidence.tolist() == pytest.approx([0.5, 0.4, 0.3])


def test_the_score_is_that_of_the_surest_candidate_of_the_class_that_is_named() -> None:
    said = outputs(((0.0, 0, 1, 1), 0.1, 0.9), ((0.0, 0, 1, 1), 0.3, 0.2))
    assert TASK.score(said).tolist() == pytest.approx([0.9])
    assert TASK.score(said, "cat").tolist() == pytest.approx([0.3])
    assert TASK.asked(said, "cat") == [Asked(0, "cat", (0, 0, 1, 1))]


def test_a_box_is_found_again_by_class_and_place() -> None:
    asked = [Asked(1, "dog", (0.0, 0, 4, 4))]
    said = outputs(((0.0, 0, 4, 2), 0.0, 0.8), ((0.0, 0, 4, 3), 0.0, 0.6), ((8.0, 8, 9, 9), 0.0, 0.9))
    assert TASK.score(said, asked).tolist() == pytest.approx([0.45])  # 0.8 · 1/2, 0.6 · 3/4, 0.9 · 0
    assert TASK.confidence_in(said, asked).tolist() == pytest.approx([0.45])


def test_a_side_is_that_of_the_candidate_found_again() -> None:
    asked = [Asked(1, "dog", (0.0, 0, 4, 4), "bottom")]
    said = outputs(((0.0, 0, 4, 2), 0.0, 0.8), ((0.0, 0, 4, 3), 0.0, 0.6))
    assert TASK.score(said, asked).tolist() == [3]
    assert TASK.confidence_in(said, asked).tolist() == pytest.approx([0.75])  # a pixel off, of a box of four


@pytest.mark.bad_input
def test_what_cannot_be_asked_for_is_refused() -> None:
    said = outputs(((0.0, 0, 1, 1), 0.1, 0.9))
    with pytest.raises(BadLabel, match="got class 5; taken are 0 to 1"):
        TASK.score(said, 5)
    with pytest.raises(BadShape, match="got 2 questions about 1 images"):
        TASK.score(said, ["cat", "dog"])
    with pytest.raises(UnknownName, match="cat"):
        TASK.score(said, "cot")
    with pytest.raises(BadConfig, match=r"got confidence=2.*\ngot iou_threshold=-1.*\ngot max_boxes=0"):
        detection(["cat"], confidence=2, iou_threshold=-1, max_boxes=0)
    with pytest.raises(BadConfig, match=r"got confidence=1\.5"):
        surer(TASK, 1.5)


@pytest.mark.bad_input
def test_labels_that_mean_nothing_are_listed() -> None:
    bare = Annotations((4, 4), torch.tensor([0]))
    with pytest.raises(BadLabel, match=r"got target 1 of type int.*\ngot target 2 of type Annotations without boxes.*\n"
                       r"got class ids \[0, 7\] in target 3; taken are 0 to 1"):  # fmt: skip
        TASK.targets([annotations(), 3, bare, annotations(((0, 0, 1, 1), 0), ((0, 0, 1, 1), 7))])


@pytest.mark.bad_input
def test_numbers_that_are_none_are_named_with_their_image() -> None:
    for part in ("boxes", "scores"):
        said = outputs(((0.0, 0, 1, 1), 0.1, 0.9))
        said[part][0, 0, 0] = float("nan")
        with pytest.raises(BadData, match="for image 'a'"):
            TASK.decode(said, batch())
