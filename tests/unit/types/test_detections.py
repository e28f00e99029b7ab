"""What a detector found: filtering, words, plain values, drawing."""

from __future__ import annotations

import json
import sys
from types import ModuleType

import numpy as np
import pytest
from PIL import Image

from saccade.errors import BadData, BadShape, MissingExtra
from saccade.types.detections import Detections
from saccade.types.overlay import colour_of


@pytest.fixture
def found():
    boxes = np.array([[2.0, 2, 20, 12], [0, 0, 4, 4], [30, 10, 40, 30]])
    return Detections("a.jpg", ("cat", "dog"), (30, 40), boxes, np.array([0.9, 0.6, 0.2]), np.array([1, 0, 1]))


def test_it_is_filtered_as_arrays_are(found):
    assert found[found.confidence > 0.5].labels == ["dog", "cat"]
    assert found[found.class_id == 1].confidence.tolist() == [0.9, 0.2]
    assert found[found.area < 100].labels == ["cat"]
    assert found[:2].boxes.shape == (2, 4)
    assert found[1].labels == ["cat"]
    assert [one.labels for one in found] == [["dog"], ["cat"], ["dog"]]
    assert len(found[found.confidence > 1]) == 0


def test_it_says_what_it_is(found):
    assert str(found) == "a.jpg: 2 dog, 1 cat"
    assert str(found[:0]) == "a.jpg: nothing"
    told = found.to_dict()
    assert json.loads(json.dumps(told)) == told
    assert told["detections"][0] == {"label": "dog", "class_id": 1, "confidence": 0.9, "box": [2.0, 2.0, 20.0, 12.0]}


def test_boxes_are_drawn_in_the_colour_of_their_class_at_any_scale(found):
    drawn = found.draw(Image.new("L", (400, 300)))
    assert (drawn.size, drawn.mode) == ((400, 300), "RGB")
    assert drawn.getpixel((199, 100)) == colour_of(1)  # the right side of the first
    assert found.draw(np.zeros((30, 40, 1), np.uint8)).size == (40, 30)


def test_a_notebook_shows_names_of_strangers_as_text(found):
    from dataclasses import replace

    strange = replace(found, names=("<b>", "<script>"), picture=np.zeros((30, 40, 3), np.uint8))
    shown = strange._repr_html_()
    assert "<script>" not in shown
    assert "data:image/jpeg" in shown


@pytest.mark.bad_input
def test_what_cannot_be_drawn_is_named(found):
    with pytest.raises(BadData, match="without its picture"):
        found.draw()


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("boxes", [np.nan, 0, 1, 1]),
        ("boxes", [0, 0, np.inf, 1]),
        ("confidence", np.nan),
        ("confidence", 1.5),
        ("confidence", -0.1),
        ("class_id", 2),
        ("class_id", -1),
    ],
)
def test_numbers_that_mean_nothing_are_refused_with_their_image(found, name, value):
    from dataclasses import replace

    wrong = getattr(found, name).copy()
    wrong[1] = value
    with pytest.raises(BadData, match=r"for image 'a\.jpg'"):
        replace(found, **{name: wrong})


@pytest.mark.bad_input
def test_lists_of_different_lengths_are_refused(found):
    from dataclasses import replace

    with pytest.raises(BadShape, match="give as many of each"):
        replace(found, confidence=found.confidence[:2])


def test_supervision_takes_it_where_it_is_installed(found, monkeypatch):
    stand_in = ModuleType("supervision")
    stand_in.Detections = dict  # pyright: ignore[reportAttributeAccessIssue]
    monkeypatch.setitem(sys.modules, "supervision", stand_in)
    given = found.to_supervision()
    assert set(given) == {"xyxy", "confidence", "class_id", "data"}
    assert given["xyxy"].dtype == given["confidence"].dtype == np.float32
    assert given["xyxy"].tolist() == found.boxes.tolist()
    assert given["class_id"].tolist() == [1, 0, 1]
    assert given["data"]["class_name"].tolist() == ["dog", "cat", "dog"]
    assert found[:0].to_supervision()["xyxy"].shape == (0, 4)


@pytest.mark.bad_input
def test_without_supervision_it_says_what_to_install(found, monkeypatch):
    monkeypatch.setitem(sys.modules, "supervision", None)
    with pytest.raises(MissingExtra, match=r'run: pip install "saccade\[supervision\]"'):
        found.to_supervision()
