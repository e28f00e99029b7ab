"""Drawings in a folder: one for each prediction, none over another, none over what was there."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from saccade.api.drawings import Drawings
from saccade.errors import BadConfig
from saccade.tasks.detection import detection
from saccade.types.detections import Detections

TASK = detection(["cat"])


def found(key):
    return Detections(str(key), ("cat",), (40, 60), np.array([[10.0, 8, 30, 28]]), np.array([0.9]), np.array([0]))


def picture(path):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.new("RGB", (60, 40), (90, 90, 90)).save(path)
    return path


def test_each_picture_is_drawn_at_its_own_size_with_its_boxes(tmp_path):
    drawings = Drawings(tmp_path / "out" / "deep", TASK)
    drawn = drawings.add(found(picture(tmp_path / "a.png")))
    assert drawn == tmp_path / "out" / "deep" / "a.jpg"
    with Image.open(drawn) as image:
        assert image.size == (60, 40)
        red, green, _ = image.convert("RGB").getpixel((10, 25))
        assert red > 150 > green


def test_pictures_of_one_name_do_not_overwrite_each_other(tmp_path):
    drawings = Drawings(tmp_path / "out", TASK)
    for folder in ("one", "two", "three"):
        drawings.add(found(picture(tmp_path / folder / "A.png")))
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["A-2.jpg", "A-3.jpg", "A.jpg"]


def test_a_picture_that_is_no_file_is_given_beside(tmp_path):
    drawn = Drawings(tmp_path / "out", TASK).add(found("image 3"), np.zeros((40, 60, 3), np.uint8))
    assert drawn.name == "image 3.jpg"


@pytest.mark.bad_input
def test_a_folder_with_something_in_it_is_left_alone(tmp_path):
    for taken in (picture(tmp_path / "full" / "a.png").parent, tmp_path / "full" / "a.png"):
        with pytest.raises(BadConfig, match="where something is already; taken is a new or empty folder"):
            Drawings(taken, TASK)
