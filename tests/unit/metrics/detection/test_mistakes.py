"""The kinds of mistakes, each made once."""

from __future__ import annotations

import json

import pytest

from made_detections import Box, picture, pictures
from saccade.metrics.detection.judged import Judged
from saccade.metrics.detection.matches import match_classes
from saccade.metrics.detection.mistakes import KINDS, Answers, sort_answers, worst_mistakes

A, B, FAR = (0.0, 0.0, 10.0, 10.0), (20.0, 0.0, 30.0, 10.0), (60.0, 0.0, 70.0, 10.0)
NAMES = ("cat", "dog")


def sorted_out(*images: Judged, confidence: float = 0.0) -> Answers:
    return sort_answers(images, match_classes(images, 2), confidence)


@pytest.mark.parametrize(
    ("box", "class_id", "kind", "true", "iou"),
    [
        ((20, 0, 30, 4), 1, "localisation", "dog", 0.4),
        ((20, 0, 30, 1), 1, "localisation", "dog", 0.1),
        ((20, 0, 30, 5), 0, "class", "dog", 0.5),
        ((20, 0, 30, 4), 0, "both", "dog", 0.4),
        (A, 0, "duplicate", "cat", 1.0),
        (FAR, 0, "background", "", 0.0),
        ((20, 0, 30, 0.5), 1, "background", "", 0.05),
    ],
)
def test_each_kind_by_hand(box: Box, class_id: int, kind: str, true: str, iou: float) -> None:
    image = picture([(A, 0), (B, 1)], [(A, 0, 0.9), (box, class_id, 0.5)])
    answers = sorted_out(image)
    assert answers.kind[0] == -1
    assert answers.iou[0] == 1
    (wrong,), missed = worst_mistakes([image], answers, NAMES)
    assert (wrong.kind, wrong.label, wrong.true) == (kind, NAMES[class_id], true)
    assert (wrong.box, wrong.true_box) == (box, {"cat": A, "dog": B}.get(true))
    assert (wrong.iou, wrong.confidence, wrong.key, wrong.index) == (pytest.approx(iou), 0.5, "a.jpg", 0)
    assert len(missed) == (kind not in ("localisation", "class"))
    assert answers.counts() == {**dict.fromkeys(KINDS, 0), kind: 1, "missed": len(missed)}


def test_a_place_that_is_nearly_right_comes_before_a_class_that_is_wrong() -> None:
    """TIDE asks in this order."""
    image = picture([(A, 0), ((0, 0, 10, 4), 1)], [((0, 0, 10, 4), 0, 0.9)])
    assert sorted_out(image).counts()["localisation"] == 1


def test_only_boxes_from_the_confidence_on_count() -> None:
    image = picture([(A, 0), (B, 1)], [(A, 0, 0.3), (FAR, 0, 0.9)])
    assert sorted_out(image, confidence=0.5).counts() == {**dict.fromkeys(KINDS, 0), "background": 1, "missed": 2}
    assert sorted_out(image).counts() == {**dict.fromkeys(KINDS, 0), "background": 1, "missed": 1}


def test_crowds_are_not_missed_and_boxes_in_them_not_wrong() -> None:
    image = picture([((0, 0, 50, 50), 0)], [(A, 0, 0.9), (A, 1, 0.8)], crowd=[True])
    answers = sorted_out(image)
    assert answers.counts() == {**dict.fromkeys(KINDS, 0), "background": 1}
    assert answers.class_id.tolist() == [1]


def test_the_surest_and_the_largest_come_first() -> None:
    big = (100.0, 100.0, 200.0, 200.0)
    images = [
        picture([(A, 0)], [(FAR, 0, 0.2)], key="a.jpg"),
        picture(key="empty.jpg"),
        picture([(A, 0), (big, 1)], [(FAR, 1, 0.8), (A, 0, 0.1)], key="b.jpg"),
    ]
    wrong, missed = worst_mistakes(images, sorted_out(*images), NAMES)
    assert [(one.index, one.key, one.confidence) for one in wrong] == [(2, "b.jpg", 0.8), (0, "a.jpg", 0.2)]
    assert [(one.key, one.box, one.label, one.true_box) for one in missed] == [
        ("b.jpg", big, "dog", big),
        ("a.jpg", A, "cat", A),
    ]
    assert [len(part) for part in worst_mistakes(images, sorted_out(*images), NAMES, 1)] == [1, 1]


def test_mistakes_are_plain_and_readable() -> None:
    image = picture([(A, 0), (B, 1)], [((20, 0, 30, 5), 0, 0.9)], key="a\n.jpg")
    (wrong,), (missed,) = worst_mistakes([image], sorted_out(image), NAMES)
    assert str(wrong) == r"a\n.jpg: cat (90.0 %), in truth dog; class, IoU 0.50"
    assert str(missed) == r"a\n.jpg: cat missed"
    told = json.loads(json.dumps([wrong.to_dict(), missed.to_dict()], allow_nan=False))
    assert told[0]["true_box"] == [20, 0, 30, 10]
    assert (told[1]["kind"], told[1]["confidence"], told[1]["box"]) == ("missed", None, [0, 0, 10, 10])


def test_every_box_and_thing_has_one_fate() -> None:
    images = pictures(30, 2, ties=True)
    answers = sorted_out(*images)
    counts, right = answers.counts(), int((answers.kind == -1).sum())
    assert right == answers.hit.sum()
    assert right + sum(counts.values()) - counts["missed"] == len(answers.kind)
    assert not (answers.hit & answers.missed).any()
    assert not (answers.crowd & (answers.hit | answers.missed)).any()


def test_nothing_gives_nothing() -> None:
    answers = sorted_out(picture())
    assert not sum(answers.counts().values())
    assert worst_mistakes([picture()], answers, NAMES) == ((), ())
