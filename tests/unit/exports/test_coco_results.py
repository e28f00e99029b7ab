import numpy as np
import pytest

from saccade.errors import BadConfig, BadData
from saccade.exports.coco_results import coco_results
from saccade.types.detections import Detections


def found(key, *boxes):
    rows = np.array([box[:4] for box in boxes], float).reshape(-1, 4)
    sure, ids = np.array([box[4] for box in boxes], float), np.array([box[5] for box in boxes], int)
    return Detections(key, ("cat", "dog"), (30, 40), rows, sure, ids)


FOUND = [
    found("a.jpg", (1, 2, 4, 8, 0.5, 0), (0, 0, 9, 9, 0.25, 1)),
    found("b.jpg"),
    found("c.jpg", (1, 1, 2, 2, 1, 1)),
]


def test_boxes_are_left_top_width_height_with_ids_from_one():
    assert coco_results(FOUND) == [
        {"image_id": 1, "category_id": 1, "bbox": [1, 2, 3, 6], "score": 0.5},
        {"image_id": 1, "category_id": 2, "bbox": [0, 0, 9, 9], "score": 0.25},
        {"image_id": 3, "category_id": 2, "bbox": [1, 1, 1, 1], "score": 1},
    ]


def test_ids_are_those_of_a_file_of_labels_where_they_are_given():
    ids = {"a.jpg": 70, "b.jpg": 71, "c.jpg": 9}
    told = coco_results(FOUND, image_ids=ids, category_ids=[18, 44])
    assert [(one["image_id"], one["category_id"]) for one in told] == [(70, 18), (70, 44), (9, 44)]


@pytest.mark.bad_input
def test_a_picture_or_class_without_an_id_is_refused():
    with pytest.raises(BadData, match=r"'c\.jpg', which has no id"):
        coco_results(FOUND, image_ids={"a.jpg": 1, "b.jpg": 2})
    with pytest.raises(BadConfig, match="1 category_ids for 2 classes"):
        coco_results(FOUND, category_ids=[1])
