"""Where data lie, and that nothing is written there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from saccade.data.opening import open_data
from saccade.data.place import lies_at, lies_in, refuse_inside
from saccade.errors import BadConfig


@pytest.fixture
def photos(tmp_path):
    for name in ("ant", "bee"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(6):
            pixels = np.full((4, 4, 3), 20 * number, np.uint8)
            Image.fromarray(pixels).save(tmp_path / "photos" / name / f"{number}.png")
    return tmp_path / "photos"


def test_where_data_lie_is_known_of_folders_only(photos):
    assert lies_in(open_data(photos)) == photos
    assert lies_in(open_data(f"class_folders:{photos}")) == photos
    arrays = (np.zeros((40, 4, 4), np.uint8), np.arange(40) % 2)
    for data in ("digits", "synthetic:count=40,size=16", arrays):
        assert lies_in(open_data(data)) is None


def test_a_place_is_read_from_what_opened_the_data():
    assert lies_at({"data": "/photos"}) == lies_at({"data": "class_folders:/photos"}) == Path("/photos")
    assert lies_at({"data": "digits"}) is None


@pytest.mark.bad_input
def test_a_folder_among_the_data_is_refused(photos, tmp_path):
    dataset = open_data(photos)
    refuse_inside(tmp_path / "runs", dataset)
    for folder in (photos, photos / "runs", photos / "ant" / ".." / "runs"):
        with pytest.raises(BadConfig, match="inside the folder of the data; taken is a place outside it"):
            refuse_inside(folder, dataset)
