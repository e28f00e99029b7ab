import io
import json
import os
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from saccade.api.ensembles import ensembling
from saccade.api.ensembles.views import Views
from saccade.data.opening import open_data
from saccade.tasks.detection import detection
from saccade.types.bad_file import BadFile
from saccade.types.detections import Detections


class FakePrediction:
    """Says cat, for every image."""

    def __init__(self, key):
        self.key = key

    def top(self, count):
        return [("cat", 0.75), ("dog\n", 0.25)][:count]

    def to_dict(self, count=5):
        return {"key": self.key, "top": self.top(count)}


class FakePredictor:
    """Reads nothing; a name with "bad" in it is a bad file."""

    def stream(self, images, *, batch_size=32):
        assert batch_size == 32
        for image in images:
            key = str(image)
            yield BadFile(key, "got 3 bytes") if "bad" in key else FakePrediction(key)


@pytest.fixture(autouse=True)
def loaded(monkeypatch):
    calls = []

    def answering_of(models, views, *, confidence, device, commercial_only):
        calls.append((models, views, device))
        return FakePredictor()

    monkeypatch.setattr(ensembling, "answering_of", answering_of)
    return calls


@pytest.fixture
def stdin(monkeypatch):
    def give(data):
        reading, writing = os.pipe()
        with os.fdopen(writing, "wb") as file:
            file.write(data)
        monkeypatch.setattr(sys, "stdin", os.fdopen(reading))

    yield give
    if not isinstance(sys.stdin, io.StringIO):
        sys.stdin.close()


def test_each_image_has_a_line(saccade_command, loaded):
    done = saccade_command("predict", "runs/a", "a.jpg", "--top", "2", "b c.jpg", "--device", "cpu")
    assert done == (0, " 75.0 %  cat    25.0 %  dog\\n   a.jpg\n 75.0 %  cat    25.0 %  dog\\n   b c.jpg\n", "")
    assert loaded == [(["runs/a"], None, "cpu")]


def test_json_is_an_object_a_line(saccade_command):
    done = saccade_command("predict", "runs/a", "é.jpg", "bad.jpg", "--json")
    first, second = (json.loads(line) for line in done.out.splitlines())
    assert first == {"key": "é.jpg", "top": [["cat", 0.75]]}
    assert second == {"key": "bad.jpg", "error": "got 3 bytes"}


def test_bad_files_are_named_and_counted_and_the_rest_done(saccade_command):
    done = saccade_command("predict", "runs/a", "bad1.jpg", "a.jpg", "bad2.jpg")
    assert done.code == 0
    assert done.out == " 75.0 %  cat   a.jpg\n"
    assert done.err == (
        "saccade: left out bad1.jpg: got 3 bytes\n"
        "saccade: left out bad2.jpg: got 3 bytes\n"
        "saccade: 1 image predicted, 2 files left out\n"
    )


@pytest.mark.bad_input
@pytest.mark.parametrize("words", [["bad.jpg"], ["a.jpg", "bad.jpg", "--strict"]])
def test_nothing_predicted_or_a_bad_file_when_strict_is_a_failure(saccade_command, words):
    assert saccade_command("predict", "runs/a", *words).code == 2


@pytest.mark.parametrize(
    ("data", "words"), [(b"a.jpg\nb c.jpg\n\nd.jpg", ["-"]), (b"a.jpg\0b c.jpg\0d.jpg\0", ["-", "-0"])]
)
def test_paths_come_from_stdin(saccade_command, stdin, data, words):
    stdin(data)
    done = saccade_command("predict", "runs/a", *words)
    assert [line.split("   ")[-1] for line in done.out.splitlines()] == ["a.jpg", "b c.jpg", "d.jpg"]


def test_names_may_hold_anything(saccade_command, stdin):
    stdin(b"-x.jpg\0a\nb.jpg\0\xff.jpg\0")
    done = saccade_command("predict", "runs/a", "-", "-0", "--json", "--", "--json")
    assert [json.loads(line)["key"] for line in done.out.splitlines()] == ["-x.jpg", "a\nb.jpg", "\udcff.jpg", "--json"]


@pytest.mark.bad_input
def test_no_paths_at_all_are_a_failure(saccade_command, stdin):
    stdin(b"")
    done = saccade_command("predict", "runs/a", "-")
    assert (done.code, done.err) == (2, "saccade: 0 images predicted, 0 files left out\n")


def test_folders_are_walked(saccade_command, tmp_path):
    (tmp_path / "deep" / "er").mkdir(parents=True)
    for name in ("z.jpg", "deep/er/a.png", "deep/notes.txt", ".hidden.jpg"):
        (tmp_path / name).touch()
    done = saccade_command("predict", "runs/a", tmp_path, "--json")
    keys = [json.loads(line)["key"] for line in done.out.splitlines()]
    assert [str(Path(key).relative_to(tmp_path)) for key in keys] == ["deep/er/a.png", "z.jpg"]


def test_the_words_before_the_first_image_are_models_of_an_ensemble(saccade_command, loaded, tmp_path):
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "run.json").touch()
    words = [str(tmp_path / "run"), "m.safetensors", "resnet20/cifar10", "a.jpg", "n.safetensors"]
    done = saccade_command("predict", *words, "--ensemble", "--flips")
    assert loaded == [(words[:3], Views(flips=True), "auto")]
    assert [line.split()[-1] for line in done.out.splitlines()] == ["a.jpg", "n.safetensors"]


def test_one_model_may_look_at_a_picture_several_times(saccade_command, loaded):
    saccade_command("predict", "m", "a.jpg", "--crops", "10", "--scales", "1,1.3")
    assert loaded == [(["m"], Views(crops=10, scales=(1.0, 1.3)), "auto")]


@pytest.mark.bad_input
def test_an_ensemble_needs_several_models_and_an_image(saccade_command, loaded):
    for words, count in ((["m", "a.jpg"], "1 models and 1 images"), (["m", "n.safetensors"], "2 models and 0 images")):
        done = saccade_command("predict", *words, "--ensemble")
        assert (done.code, loaded) == (2, [])
        assert f"got --ensemble with {count}" in done.err


class FakeDetector:
    """Finds one cat on every image."""

    shown = detection(["cat"])

    def stream(self, images, *, batch_size=32):
        for image in images:
            yield Detections(str(image), ("cat",), (8, 8), np.array([[1.0, 1, 5, 6]]), np.array([0.75]), np.array([0]))


@pytest.fixture
def detector(monkeypatch):
    asked = []

    def answering_of(models, views, *, confidence, device, commercial_only):
        asked.append(confidence)
        return FakeDetector()

    monkeypatch.setattr(ensembling, "answering_of", answering_of)
    return asked


def test_what_a_detector_finds_is_counted_and_json_says_where(saccade_command, detector):
    code, out, _ = saccade_command("predict", "model", "a.png", "--confidence", "0.4")
    assert (code, out) == (0, "a.png: 1 cat\n")
    assert detector == [0.4]
    code, out, _ = saccade_command("predict", "model", "a.png", "--json")
    assert json.loads(out)["detections"] == [
        {"label": "cat", "class_id": 0, "confidence": 0.75, "box": [1.0, 1.0, 5.0, 6.0]}
    ]
    assert detector == [0.4, None]


def test_pictures_are_drawn_into_a_folder(saccade_command, detector, tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    code, _, _ = saccade_command("predict", "model", tmp_path / "a.png", "--save", tmp_path / "drawn")
    assert code == 0
    assert [path.name for path in (tmp_path / "drawn").iterdir()] == ["a.jpg"]
    code, _, err = saccade_command("predict", "model", tmp_path / "a.png", "--save", tmp_path / "drawn")
    assert code != 0
    assert "taken is a new or empty folder" in err
    _, _, err = saccade_command("predict", "model", tmp_path / "a.png", "--save", tmp_path / "x", "--out", "y")
    assert "got --save with --out" in err


def test_what_was_found_becomes_a_data_set(saccade_command, detector, tmp_path):
    picture = tmp_path / "pictures" / "a.png"
    picture.parent.mkdir()
    Image.new("RGB", (8, 8)).save(picture)
    code, _, err = saccade_command("predict", "model", picture, "--labels", tmp_path / "set", "--format", "yolo")
    assert code == 0, err
    opened = open_data(tmp_path / "set", shares=(1.0, 0.0, 0.0))
    assert (opened.task, opened.labels) == ("detection", ("cat",))
    assert opened.splits["train"].target(0).boxes.coordinates.tolist() == [[1, 1, 5, 6]]
    _, _, err = saccade_command("predict", "model", picture, "--format", "yolo")
    assert "taken is it with --labels FOLDER" in err


@pytest.mark.bad_input
def test_a_kind_of_pictures_is_asked_of_translations_alone(saccade_command, detector, tmp_path):
    Image.new("RGB", (8, 8)).save(tmp_path / "a.png")
    code, _, err = saccade_command("predict", "model", tmp_path / "a.png", "--to", "B")
    assert code != 0
    assert "got to='B'" in err
    _, _, err = saccade_command("predict", "model", tmp_path / "a.png", "--to", "B", "--out", "y")
    assert "got --to with --out" in err
