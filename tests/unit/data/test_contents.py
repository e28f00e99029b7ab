"""A picture is known by what it is, wherever it lies."""

from __future__ import annotations

import shutil

import numpy as np
from PIL import Image

from pictures import write_picture
from saccade.data.arrays import Arrays
from saccade.data.contents import content_of
from saccade.data.files import Files


def test_a_file_is_the_same_under_another_name_and_another_when_it_changes(tmp_path):
    write_picture(tmp_path / "a.png", shade=1)
    shutil.copy(tmp_path / "a.png", tmp_path / "b.png")
    write_picture(tmp_path / "c.png", shade=2)
    source = Files(str(tmp_path), ("a.png", "b.png", "c.png"), (0, 1, 0))
    first, copied, other = (content_of(source, index) for index in range(3))
    assert first == copied != other
    write_picture(tmp_path / "b.png", shade=3)
    assert content_of(source, 1) != first
    assert content_of(source, 0) == first


def test_a_file_is_hashed_as_it_is_though_it_be_no_picture(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    assert content_of(Files(str(tmp_path), ("a.png",), (0,)), 0).startswith("file ")


def test_a_file_that_is_not_there_is_nothing(tmp_path):
    (tmp_path / "folder.png").mkdir()
    source = Files(str(tmp_path), ("gone.png", "folder.png", "a\0b.png"), (0, 0, 0))
    assert [content_of(source, index) for index in range(3)] == ["", "", ""]


def test_pixels_in_memory_are_known_by_shape_type_and_value():
    def of(image: np.ndarray) -> str:
        return content_of(Arrays(image[None], (0,), "x", np.arange(1)), 0)

    zeros = np.zeros((2, 3, 1), np.uint8)
    assert of(zeros) == of(zeros.copy())
    others = [np.zeros((3, 2, 1), np.uint8), np.zeros((2, 3, 1), np.float32), zeros + np.uint8(1)]
    assert len({of(one) for one in (zeros, *others)}) == 4


def test_it_does_not_depend_on_the_place_in_the_source(tmp_path):
    images = np.arange(4 * 6, dtype=np.uint8).reshape(4, 2, 3, 1)
    source = Arrays(images, tuple(range(4)), "x", np.arange(4))
    assert content_of(source.pick([2, 3]), 0) == content_of(source, 2)
    Image.fromarray(images[0, :, :, 0]).save(tmp_path / "a.png")
    assert content_of(Files(str(tmp_path), ("a.png",), (0,)), 0) != content_of(source, 0)
