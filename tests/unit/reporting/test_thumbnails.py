from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from PIL import Image

from saccade.errors import BadImage
from saccade.reporting.thumbnails import SIDE, Album, Picture, displayable


def decoded(picture: Picture) -> Image.Image:
    kind, _, data = picture.uri.partition(";base64,")
    image = Image.open(io.BytesIO(base64.b64decode(data)))
    assert kind == f"data:image/{(image.format or '').lower()}"
    return image


def test_tiny_picture_keeps_every_pixel() -> None:
    pixels = np.arange(64, dtype=np.uint8).reshape(8, 8, 1)
    album = Album(lambda _: pixels)
    assert album.add("a") == "p1"
    picture = album.pictures[0]
    assert picture.tiny
    np.testing.assert_array_equal(np.asarray(decoded(picture)), pixels[:, :, 0])


def test_large_picture_is_scaled_to_fit_and_keeps_its_shape() -> None:
    album = Album(lambda _: np.full((300, 600, 3), (200, 100, 50), np.uint8))
    album.add("a")
    picture = album.pictures[0]
    assert (picture.width, picture.height, picture.tiny) == (SIDE, SIDE // 2, False)
    image = decoded(picture).convert("RGB")
    assert image.size == (SIDE, SIDE // 2)
    np.testing.assert_allclose(np.asarray(image)[20, 40], (200, 100, 50), atol=4)


def test_picture_of_extreme_shape_keeps_at_least_one_pixel() -> None:
    album = Album(lambda _: np.zeros((1, 5000, 1), np.uint8))
    album.add("a")
    assert (album.pictures[0].width, album.pictures[0].height) == (SIDE, 1)


def test_picture_is_read_once_and_the_album_ends_at_its_limit() -> None:
    read: list[str] = []

    def thumbnail(key: str) -> np.ndarray:
        read.append(key)
        return np.zeros((4, 4, 1), np.uint8)

    album = Album(thumbnail, limit=2)
    assert [album.add(key) for key in "abcab"] == ["p1", "p2", "", "p1", "p2"]
    assert read == ["a", "b"]


def test_unreadable_picture_is_counted_once_and_others_go_on() -> None:
    def thumbnail(key: str) -> np.ndarray:
        if key == "bad":
            raise BadImage("cut short", key)
        return np.zeros((4, 4, 1), np.uint8)

    album = Album(thumbnail)
    assert [album.add(key) for key in ("bad", "good", "bad")] == ["", "p1", ""]
    assert album.unreadable == 1


def test_part_of_a_picture_is_a_picture_of_its_own() -> None:
    pixels = np.arange(100, dtype=np.uint8).reshape(10, 10, 1)
    album = Album(lambda _: pixels)
    assert [album.add("a"), album.add("a", (2, 3, 6, 5)), album.add("a", (2, 3, 6, 5))] == ["p1", "p2", "p2"]
    assert (album.pictures[1].width, album.pictures[1].height) == (4, 2)
    np.testing.assert_array_equal(np.asarray(decoded(album.pictures[1])), pixels[3:5, 2:6, 0])


def test_album_can_hold_larger_thumbnails_and_ends_when_the_page_would_be_too_long() -> None:
    noise = np.random.default_rng(0).integers(0, 256, (300, 300, 3)).astype(np.uint8)
    album = Album(lambda key: noise if key == "noise" else np.zeros((300, 300, 3), np.uint8), side=240, characters=9000)
    assert [album.add(key) for key in ("noise", "black", "noise")] == ["", "p1", ""]
    assert (album.pictures[0].width, album.unreadable) == (240, 0)


def test_size_of_a_picture_is_that_before_it_was_scaled_and_it_is_read_once() -> None:
    read: list[str] = []

    def thumbnail(key: str) -> np.ndarray:
        read.append(key)
        if key == "bad":
            raise BadImage("cut short", key)
        return np.zeros((300, 600, 3), np.uint8)

    album = Album(thumbnail)
    assert (album.size_of("a"), album.add("a"), album.size_of("bad"), album.add("bad")) == ((300, 600), "p1", None, "")
    assert (read, album.unreadable) == (["a", "bad"], 1)


def test_album_without_pictures_shows_none() -> None:
    assert Album(None).add("a") == ""


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (np.full((1, 1, 1), 65535, np.uint16), [255]),
        (np.full((1, 1, 1), 256, np.uint16), [1]),
        (np.full((1, 1, 3), 0.5, np.float32), [127, 127, 127]),
        (np.array([[[np.nan, -1, 2]]], np.float32), [0, 0, 255]),
        (np.array([[[1, 2]]], np.uint8), [1]),
        (np.array([[[1, 2, 3, 4, 5]]], np.uint8), [1, 2, 3]),
    ],
)
def test_any_kind_of_picture_can_be_shown(image: np.ndarray, expected: list[int]) -> None:
    assert displayable(image)[0, 0].tolist() == expected


def test_what_is_drawn_over_a_picture_is_stored_once_beside_it() -> None:
    album = Album(lambda _: np.zeros((4, 4, 1), np.uint8), limit=3)
    drawn = np.full((4, 4, 3), 9, np.uint8)
    assert [album.add("a"), album.put("a", "map", drawn), album.put("a", "map", drawn)] == ["p1", "p2", "p2"]
    assert [album.put("b", "map", drawn), album.put("a", "other", drawn)] == ["p3", ""]
    np.testing.assert_array_equal(np.asarray(decoded(album.pictures[1])), drawn)
    assert Album(None, characters=10).put("a", "map", drawn) == ""
