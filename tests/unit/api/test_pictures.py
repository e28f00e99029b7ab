"""Pictures in any form: one or many, and what they are called."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from saccade.api.pictures import each_of, image_of, is_one, name_of, pictures_in
from saccade.errors import BadData, BadImage


@pytest.mark.parametrize(
    "thing",
    ["a.jpg", Path("a.jpg"), b"...", bytearray(b"..."), memoryview(b"..."), io.BytesIO(), np.zeros((2, 2)),
     np.zeros((2, 2, 3)), torch.zeros(3, 2, 2), Image.new("L", (1, 1)), None, 5],
)  # fmt: skip
def test_one_picture_is_one(thing):
    assert is_one(thing)
    assert list(each_of(thing)) == [thing]


@pytest.mark.parametrize(
    "things", [["a.jpg"], ("a.jpg",), np.zeros((1, 2, 2, 3)), torch.zeros(1, 3, 2, 2), np.array(["a.jpg"]), iter("a")]
)
def test_what_holds_pictures_is_many(things):
    assert not is_one(things)
    assert len(list(each_of(things))) == 1


def test_a_folder_is_many_and_links_are_followed_once(tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    (tmp_path / "deep" / "er" / "1.jpg").touch()
    (tmp_path / "deep" / "loop").symlink_to(tmp_path)
    assert not is_one(tmp_path)
    assert list(pictures_in(tmp_path)) == [tmp_path / "deep" / "er" / "1.jpg"]


def test_what_has_no_name_is_numbered():
    picture = Image.new("L", (1, 1))
    assert [name_of(thing, 7) for thing in ("a.jpg", picture, b"...", 5)] == ["a.jpg", "image 7", "image 7", "image 7"]


@pytest.mark.bad_input
def test_a_broken_file_is_named_and_broken_bytes_are_not():
    with pytest.raises(BadImage) as caught:
        image_of("nowhere.png", "nowhere.png")
    assert caught.value.path == "nowhere.png"
    with pytest.raises(BadImage) as caught:
        image_of(b"hello", "image 3")
    assert caught.value.path == ""


@pytest.mark.bad_input
def test_a_folder_without_pictures_is_refused(tmp_path):
    (tmp_path / "notes.txt").touch()
    with pytest.raises(BadData, match="without pictures"):
        pictures_in(tmp_path)
