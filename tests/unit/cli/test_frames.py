"""The words of predict for films, cameras, tiles and windows."""

from __future__ import annotations

import json
import os
import signal

import pytest
from PIL import Image

from bright_things import BrightThings, BrightWindows, with_things
from little_films import little_film
from saccade.api.ensembles import ensembling
from saccade.api.films import watching
from saccade.api.films.camera import Camera
from saccade.api.films.film import Film


@pytest.fixture(autouse=True)
def model(monkeypatch):
    monkeypatch.setenv("OPENCV_FFMPEG_LOGLEVEL", "-8")
    model = BrightThings()
    monkeypatch.setattr(ensembling, "answering_of", lambda *_, **__: model)
    return model


@pytest.fixture
def film(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    little_film(tmp_path / "film.mp4")
    return "film.mp4"


def test_each_frame_has_a_line(saccade_command, film):
    done = saccade_command("predict", "run", film, "--every", "5")
    assert done == (0, "film.mp4#0: 1 red\nfilm.mp4#5: 1 red\nfilm.mp4#10: 1 red\n", "")


def test_json_tells_the_time(saccade_command, film, model):
    done = saccade_command("predict", "run", film, "--json", "--batch-size", "7")
    rows = [json.loads(line) for line in done.out.splitlines()]
    assert [(row["key"], row["frame"], row["seconds"]) for row in rows] == [
        (f"film.mp4#{number}", number, pytest.approx(number / 10)) for number in range(12)
    ]
    assert model.batches == [7, 5]


def test_pictures_and_films_are_told_in_order(saccade_command, film, tmp_path):
    for name in ("a.png", "b.png"):
        Image.fromarray(with_things((20, 20), (2, 2, 6, 6))).save(tmp_path / name)
    (tmp_path / "bad.mp4").write_text("hello")
    done = saccade_command("predict", "run", "a.png", film, "bad.mp4", "b.png", "--every", "11", "--save", "drawn")
    assert done.code == 0
    assert [line.split(":")[0] for line in done.out.splitlines()] == ["a.png", "film.mp4#0", "film.mp4#11", "b.png"]
    assert "saccade: left out bad.mp4: got a file that is no film (it begins with 'hello'); taken are" in done.err
    assert done.err.endswith("saccade: 4 images predicted, 1 file left out\n")
    assert sorted(path.name for path in (tmp_path / "drawn").iterdir()) == ["a.jpg", "b.jpg", "film.mp4"]


def test_a_film_is_drawn_at_its_size_and_for_as_long(saccade_command, film, tmp_path):
    for every, frames in ((1, 12), (4, 3)):
        assert saccade_command("predict", "run", film, "--every", every, "--save", f"drawn{every}").code == 0
        drawn = Film(tmp_path / f"drawn{every}" / "film.mp4")
        assert (drawn.size, drawn.said, drawn.said / drawn.rate) == ((48, 64), frames, pytest.approx(1.2))
        drawn.close()


def test_a_film_that_cannot_be_read_is_left_out_and_one_that_breaks_off_named(saccade_command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    whole = little_film(tmp_path / "whole.avi").read_bytes()
    (tmp_path / "cut.avi").write_bytes(whole[: int(len(whole) * 0.9)])
    done = saccade_command("predict", "run", "cut.avi", "--json")
    assert done.code == 0
    told = [json.loads(line) for line in done.out.splitlines()]
    assert told[-1]["key"] == "cut.avi"
    assert "frames cannot be read" in told[-1]["error"]
    assert saccade_command("predict", "run", "cut.avi", "--strict").code == 2
    assert saccade_command("predict", "run", "none.mp4").code == 2


class Interrupting(Camera):
    """A camera that is stopped by the keyboard before its third frame."""

    def __init__(self, number):
        self.name, self.size, self.rate, self._newest = f"camera:{number}", (48, 64), 10.0, None

    def frames(self, every=1):
        for number in range(0, 99 * every, every):
            if number == 2 * every:
                os.kill(os.getpid(), signal.SIGINT)
            yield number, number / 10, with_things((48, 64), (0, 0, 10, 10))

    def close(self):
        pass


def test_a_camera_is_told_until_it_is_interrupted_and_its_film_is_whole(saccade_command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(watching, "Camera", Interrupting)
    done = saccade_command("predict", "run", "camera:3", "--save", "drawn")
    assert done.code == 130
    assert done.out.splitlines()[0] == "camera:3#0: 1 red"
    assert 2 <= len(done.out.splitlines()) <= 4
    assert "got signal 2 after" in done.err
    assert "what was drawn is whole" in done.err
    drawn = Film(tmp_path / "drawn" / "camera-3.mp4")
    assert drawn.said == len(done.out.splitlines())
    drawn.close()


def test_large_pictures_are_seen_through_windows(saccade_command, tmp_path, model, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Image.fromarray(with_things((90, 90), (35, 10, 47, 20))).save("large.png")
    done = saccade_command("predict", "run", "large.png", "--tiles", "50", "--overlap", "0.25", "--whole", "--json")
    (told,) = json.loads(done.out)["detections"]
    assert told["box"] == [35, 10, 47, 20]
    assert model.seen == [(90, 90)] + [(50, 50)] * 9
    assert model.batches == [8, 2]


def test_words_that_do_not_go_together_are_refused(saccade_command):
    for words, said in {
        ("a.jpg", "--overlap", "0.5"): "got --overlap without --tiles",
        ("a.jpg", "--whole"): "got --whole without --tiles",
        ("a.jpg", "--tiles", "64", "--out", "x"): "got --tiles with --out",
        ("a.jpg", "--every", "2"): "got --every without a film",
        ("a.mp4", "--out", "x"): "got --out with a.mp4",
        ("camera:0", "--labels", "x"): "got --labels with camera:0",
        ("a.jpg", "--tiles", "0"): "got --tiles",
        ("a.jpg", "--tiles", "64", "--overlap", "1"): "got an overlap of 1.0",
    }.items():
        done = saccade_command("predict", "run", *words)
        assert done.code == 2
        assert said in done.err


def test_a_classifier_slides_in_windows(saccade_command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(ensembling, "answering_of", lambda *_, **__: BrightWindows())
    Image.fromarray(with_things((60, 60), (20, 12, 36, 28))).save("a.png")
    done = saccade_command("predict", "run", "a.png", "--windows", "16,40x24", "--stride", "0.25", "--json")
    (told,) = json.loads(done.out)["detections"]
    assert (told["label"], told["box"], told["confidence"]) == ("red", [20, 12, 36, 28], 1)
    done = saccade_command("predict", "run", "a.png", "--windows", "8", "--confidence", "0.9", "--save", "drawn")
    assert done.out.startswith("a.png: ")
    assert (tmp_path / "drawn").is_dir()
    Image.new("RGB", (9, 9)).save("small.png")
    done = saccade_command("predict", "run", "a.png", "small.png", "--windows", "16")
    assert "left out small.png: got a picture of 9 × 9 pixels and windows of 16 × 16" in done.err


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--windows", "x"), "sides such as 64"),
        (("--stride", "0.5"), "--stride without --windows"),
        (("--windows", "16", "--tiles", "64"), "--windows with --tiles"),
        (("--windows", "16", "--out", "rows"), "--windows with --out"),
        (("--convolutional",), "--convolutional without --windows"),
        (("--windows", "16", "--convolutional", "--stride", "1"), "--stride with --convolutional"),
        (("--windows", "16", "--convolutional"), "one classifier"),
        (("--windows", "16"), "classifiers of one label"),
        (("--windows", "16", "--stride", "2"), "classifiers of one label"),
    ],
)
def test_windows_that_make_no_sense_are_refused(saccade_command, tmp_path, words, told):
    Image.new("RGB", (40, 40)).save(tmp_path / "a.png")
    done = saccade_command("predict", "run", tmp_path / "a.png", *words)
    assert done.code == 2
    assert told in done.err
