"""A film and a large picture on the command line: from a data set to a model to a film with boxes drawn on it."""

from __future__ import annotations

import json
import signal
import time
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

import saccade
from command_server import CommandServer
from little_films import little_film

SMALL = {"epochs": 1, "unmixed_epochs": 0, "batch_size": 6, "backbone": "resnet8", "threads": 1}


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A detector that has learnt next to nothing, a film, one that breaks off, a long one and a large picture."""
    place = tmp_path_factory.mktemp("films")
    data = "synthetic:task=detection,count=12,size=48,shapes=2"
    saccade.train(data, settings=SMALL, out=place / "run", listeners=[])
    whole = little_film(place / "film.avi", 20).read_bytes()
    (place / "cut.avi").write_bytes(whole[: int(len(whole) * 0.9)])
    little_film(place / "long.mp4", 6000)
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (120, 150, 3), np.uint8)).save(place / "large.png")
    return place


def frames_in(path: Path) -> int:
    capture = cv2.VideoCapture(str(path))
    count = 0
    while capture.grab():
        count += 1
    capture.release()
    return count


def test_a_film_is_told_and_drawn(place: Path, server: CommandServer) -> None:
    words = ("predict", "run", "film.avi", "--every", "2", "--json", "--confidence", "0", "--save", "drawn")
    code, out, err = server.run(place, *words)
    assert (code, err) == (0, "")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [(row["frame"], row["seconds"]) for row in rows] == [(n, pytest.approx(n / 10)) for n in range(0, 20, 2)]
    assert all(row["size"] == [48, 64] and row["detections"] for row in rows)
    assert frames_in(place / "drawn" / "film.mp4") == 10


def test_of_a_film_that_breaks_off_the_beginning_is_told_and_the_rest_named(place: Path, server: CommandServer) -> None:
    code, out, err = server.run(place, "predict", "run", "cut.avi", "film.avi")
    assert code == 0
    told = len(out.splitlines()) - 20
    assert 10 <= told < 20
    assert f"saccade: left out cut.avi: got a film of which {20 - told} of 20 frames cannot be read" in err
    assert "mjpeg" not in err


def test_a_film_that_is_stopped_is_whole_as_far_as_it_was_told(place: Path, server: CommandServer) -> None:
    started = server.start(place, "predict", "run", "long.mp4", "--save", "stopped")
    limit = time.monotonic() + 120
    while "#20:" not in started.prints():
        assert time.monotonic() < limit, started.complaints()
        time.sleep(0.05)
    started.signal(signal.SIGINT)
    assert started.wait() == 130
    told = started.prints().splitlines()
    assert 20 < len(told) < 6000
    assert f"got signal 2 after {len(told):,} frames of long.mp4" in started.complaints()
    assert "Traceback" not in started.complaints()
    assert [path.name for path in (place / "stopped").iterdir()] == ["long.mp4"]
    assert frames_in(place / "stopped" / "long.mp4") == len(told)


def test_a_large_picture_is_seen_through_windows(place: Path, server: CommandServer) -> None:
    words = ("predict", "run", "large.png", "--tiles", "64", "--confidence", "0", "--json")
    code, out, err = server.run(place, *words)
    assert (code, err) == (0, "")
    row = json.loads(out)
    assert row["size"] == [120, 150]
    boxes = np.array([one["box"] for one in row["detections"]])
    assert (boxes[:, 2] > 128).any()  # beyond the first two windows of a row
    assert (boxes.max(0) <= [150, 120, 150, 120]).all()
