"""A film that is open: its frames, their numbers and times, and what becomes of broken ones."""

from __future__ import annotations

import os

import pytest

from little_films import little_film, number_of
from saccade.api.films.film import USUAL_RATE, Film
from saccade.errors import BadImage


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setenv("OPENCV_FFMPEG_LOGLEVEL", "-8")


def shots(path, every=1):
    film = Film(path)
    found = [(number, seconds, number_of(picture)) for number, seconds, picture in film.frames(every)]
    bad = film.bad()
    film.close()
    return found, bad


@pytest.mark.parametrize("suffix", [".mp4", ".avi", ".mkv"])
def test_frames_are_numbered_and_timed(tmp_path, suffix):
    found, bad = shots(little_film(tmp_path / f"film{suffix}"))
    assert found == [(number, pytest.approx(number / 10), number) for number in range(12)]
    assert bad == []


def test_every_third_frame_keeps_its_number_and_time(tmp_path):
    found, bad = shots(little_film(tmp_path / "film.mp4"), every=3)
    assert found == [(number, pytest.approx(number / 10), number) for number in (0, 3, 6, 9)]
    assert bad == []


def test_a_film_says_its_size_and_rate(tmp_path):
    film = Film(little_film(tmp_path / "film.mp4", 3, rate=12.5))
    assert (film.size, film.rate, film.said, film.live) == ((48, 64), 12.5, 3, False)
    film.close()
    assert list(film.frames()) == []


def test_the_others_of_a_film_that_is_cut_short_are_given(tmp_path):
    whole = little_film(tmp_path / "whole.avi").read_bytes()
    (tmp_path / "cut.avi").write_bytes(whole[: int(len(whole) * 0.9)])
    found, (bad,) = shots(tmp_path / "cut.avi")
    assert [number for number, _, _ in found] == list(range(len(found)))
    assert 6 <= len(found) < 12
    assert bad.key == str(tmp_path / "cut.avi")
    assert bad.reason.startswith(f"got a film of which {12 - len(found)} of 12 frames cannot be read; taken are whole")


def test_a_film_without_frames_is_named(tmp_path):
    found, (bad,) = shots(little_film(tmp_path / "none.avi", 0))
    assert found == []
    assert bad.reason.startswith("got a film without frames")


@pytest.mark.parametrize(
    "name", ["-ü 日 %02d\n.mp4", "http:a.mp4", os.fsdecode(b"no-\xff-text.mp4"), "x" * 250 + ".mp4"]
)
def test_names_are_only_names(tmp_path, monkeypatch, name):
    monkeypatch.chdir(tmp_path)
    little_film(tmp_path / "film.mp4", 2).rename(name)
    assert len(shots(name)[0]) == 2


def test_a_film_that_does_not_tell_times_has_those_of_its_rate(tmp_path, monkeypatch):
    film = Film(little_film(tmp_path / "film.mp4", 3, rate=4))
    capture = film._capture

    class Timeless:
        grab, retrieve, release = capture.grab, capture.retrieve, capture.release

        def get(self, what):
            del what
            return 0.0

    film._capture = Timeless()
    assert [seconds for _, seconds, _ in film.frames()] == [0, 0.25, 0.5]
    film.close()
    assert USUAL_RATE == 25


@pytest.mark.bad_input
def test_what_is_no_film_is_refused_by_name(tmp_path):
    (tmp_path / "text.mp4").write_text("hello")
    (tmp_path / "list.mp4").write_text("#EXTM3U\n#EXTINF:1,\n/etc/passwd\n")
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "folder.mp4").mkdir()
    os.mkfifo(tmp_path / "pipe.mp4")
    whole = little_film(tmp_path / "whole.mp4").read_bytes()
    (tmp_path / "cut.mp4").write_bytes(whole[: len(whole) // 2])
    for name, said in {
        "text.mp4": r"got a file that is no film \(it begins with 'hello'\); taken are MP4",
        "list.mp4": "got a file that is no film", "empty.mp4": "it is empty", "folder.mp4": "got a folder or a device",
        "pipe.mp4": "got a folder or a device", "cut.mp4": "got a film that cannot be opened; taken are whole films",
        "none.mp4": r"\(no such file or directory\)", "a\0.mp4": "zero byte",
    }.items():  # fmt: skip
        with pytest.raises(BadImage, match=said) as caught:
            Film(tmp_path / name)
        assert caught.value.path == str(tmp_path / name)
