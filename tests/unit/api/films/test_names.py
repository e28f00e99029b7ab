"""What is a film, by name and by its first bytes."""

from __future__ import annotations

import pytest

from little_films import little_film
from saccade.api.films.names import ENOUGH, camera_number, is_film_name, is_film_start, is_watched


def test_names_of_films_are_known_in_any_case(tmp_path):
    assert is_film_name("a/b c.MkV")
    assert not is_film_name("film.mp4.jpg")
    (tmp_path / "folder.mp4").mkdir()
    assert not is_watched(str(tmp_path / "folder.mp4"))
    assert is_watched(str(tmp_path / "not there.mp4"))


def test_a_camera_is_a_number_unless_a_file_has_that_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert camera_number("camera:12") == 12
    assert [camera_number(word) for word in ("camera:", "camera:-1", "camera:1x", "camera:12345", "cam:0")] == [
        None
    ] * 5
    (tmp_path / "camera:12").touch()
    assert camera_number("camera:12") is None


@pytest.mark.parametrize("name", ["a.mp4", "a.avi", "a.mkv", "a.mov", "a.mpg", "a.ts"])
def test_films_begin_as_films_do(tmp_path, name):
    assert is_film_start(little_film(tmp_path / name, 2, rate=25).read_bytes()[:ENOUGH])


def test_lists_that_name_other_files_are_no_films():
    for start in (
        b"",
        b"#EXTM3U\n/etc/passwd",
        b"ffconcat version 1.0\nfile x",
        b"RIFF1234WAVE",
        b"\x89PNG",
        b"G" * 20,
    ):
        assert not is_film_start(start)
