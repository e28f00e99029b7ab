"""Films written: of the same size and rate, whole, under a free name."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from PIL import Image

from saccade.api.films import writing
from saccade.api.films.film import Film
from saccade.api.films.writing import FilmWriter, film_form
from saccade.errors import BadConfig


def flat(level: int, size: tuple[int, int] = (64, 48)) -> Image.Image:
    return Image.new("RGB", size, (level, 0, 0))


def levels(path) -> list[int]:
    film = Film(path)
    found = [round(float(picture[:, :, 0].mean()) / 10) * 10 for _, _, picture in film.frames()]
    film.close()
    return found


def test_a_film_is_read_back_as_it_was_written(tmp_path):
    with FilmWriter(tmp_path / "new", "a film", 12.5) as film:
        for level in (50, 100, 200):
            film.add(flat(level))
        assert [path.name.startswith(".a film.") for path in (tmp_path / "new").iterdir()] == [True]
    (path,) = (tmp_path / "new").iterdir()
    assert path.name == "a film.mp4"
    assert levels(path) == [50, 100, 200]
    read = Film(path)
    assert (read.size, read.rate, read.said) == ((48, 64), 12.5, 3)
    read.close()


def test_a_taken_name_gets_a_number_and_a_film_without_frames_is_none(tmp_path):
    (tmp_path / "a.mp4").write_bytes(b"mine")
    for _ in range(2):
        with FilmWriter(tmp_path, "a", 25) as film:
            film.add(flat(0))
    with FilmWriter(tmp_path, "b", 25) as film:
        pass
    assert film.close() is None
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a-2.mp4", "a-3.mp4", "a.mp4"]
    assert (tmp_path / "a.mp4").read_bytes() == b"mine"


def test_what_an_error_ends_is_whole_up_to_there(tmp_path):
    def broken():
        yield flat(100)
        raise KeyError

    with pytest.raises(KeyError), FilmWriter(tmp_path, "a", 25) as film:
        list(map(film.add, broken()))
    assert levels(tmp_path / "a.mp4") == [100]


def test_frames_that_come_irregularly_keep_their_time(tmp_path):
    with FilmWriter(tmp_path, "a", 10, filled=True) as film:
        for level, seconds in ((50, 7.0), (100, 7.1), (150, 7.101), (200, 7.4)):
            film.add(flat(level), seconds)
    assert levels(tmp_path / "a.mp4") == [50, 150, 150, 150, 200]


def test_frames_of_another_size_are_put_on_paper(tmp_path):
    with FilmWriter(tmp_path, "a", 10) as film:
        film.add(flat(0))
        film.add(flat(0, (32, 96)))
    film = Film(tmp_path / "a.mp4")
    _, (_, _, picture) = film.frames()
    film.close()
    assert (picture[:, :28] < 60).all()
    assert (picture[:, 36:] > 200).all()


@pytest.mark.parametrize("size", [(1, 1), (47, 63), (2, 500)])
def test_any_size_has_a_form(tmp_path, size):
    with FilmWriter(tmp_path, "a", 25) as film:
        film.add(flat(0, size[::-1]))
    film = Film(next(tmp_path.iterdir()))
    assert all(side - 1 <= found <= side for found, side in zip(film.size, size, strict=True))
    film.close()


@pytest.mark.bad_input
def test_what_cannot_be_written_is_refused(tmp_path, monkeypatch):
    strange = tmp_path / os.fsdecode(b"\xff")
    with pytest.raises(BadConfig, match=r"got frames of 64 × 48 pixels for a film in"):
        FilmWriter(strange, "a", 25).add(flat(0))
    monkeypatch.setattr(writing, "_FORMS", ())
    assert film_form((48, 64), 25) is None
    with pytest.raises(BadConfig, match=r"taken are sizes and names that OpenCV can write here"):
        FilmWriter(tmp_path, "a", 25).add(flat(0))


FULL = """
import resource, sys
import numpy as np
from PIL import Image
from saccade.api.films.writing import FilmWriter
from saccade.errors import StorageFull
noise = np.random.default_rng(0)
try:
    with FilmWriter(sys.argv[1], "a", 25) as film:
        film.add(Image.new("RGB", (64, 48)))
        resource.setrlimit(resource.RLIMIT_FSIZE, (30_000, 30_000))
        for _ in range(60):
            film.add(Image.fromarray(noise.integers(0, 255, (48, 64, 3), np.uint8)))
except StorageFull as error:
    print(error)
"""


def test_a_full_disk_is_told_and_nothing_half_made_is_left(tmp_path):
    done = subprocess.run([sys.executable, "-c", FULL, str(tmp_path)], capture_output=True, text=True, check=True)
    assert "while writing a film to" in done.stdout
    assert list(tmp_path.iterdir()) == []
