"""What a model says of frames: all of them in order, in batches of a film and one by one of a camera."""

from __future__ import annotations

import numpy as np
import pytest

import saccade
from bright_things import BrightThings
from little_films import SIZE, little_film, number_of
from saccade.api.films import watching
from saccade.api.films.camera import Camera
from saccade.api.films.film import Film
from saccade.api.films.watching import Watching, opened_source, watch
from saccade.api.tiles.tiled import Tiled
from saccade.errors import BadConfig, BadImage
from saccade.types.bad_file import BadFile


@pytest.fixture(autouse=True)
def quiet(monkeypatch):
    monkeypatch.setenv("OPENCV_FFMPEG_LOGLEVEL", "-8")


@pytest.fixture
def film(tmp_path):
    return little_film(tmp_path / "film.mp4")


def test_each_frame_is_told_with_its_number_time_and_picture(film):
    seen = watch(BrightThings(), film)
    assert (seen.name, seen.size, seen.rate, seen.live, seen.dropped) == (str(film), SIZE, 10.0, False, 0)
    frames = list(seen)
    assert [frame.number for frame in frames] == list(range(12))
    assert [frame.seconds for frame in frames] == pytest.approx([number / 10 for number in range(12)])
    assert [number_of(frame.picture) for frame in frames] == list(range(12))
    assert frames[3].prediction.key == f"{film}#3"
    assert frames[3].prediction.boxes[0] == pytest.approx([0, 16, 16, 32], abs=1)
    assert seen.bad == []
    assert list(seen) == []


def test_frames_go_through_in_batches(film):
    model = BrightThings()
    assert [frame.number for frame in watch(model, film, batch_size=5)] == list(range(12))
    assert model.batches == [5, 5, 2]


def test_every_fifth_frame_is_told_at_a_fifth_of_the_rate(film):
    seen = watch(BrightThings(), film, every=5)
    assert seen.rate == 2.0
    assert [(frame.number, number_of(frame.picture)) for frame in seen] == [(0, 0), (5, 5), (10, 10)]


def test_frames_as_plain_values(film):
    with watch(BrightThings(), film) as seen:
        told = next(seen).to_dict()
    assert (told["key"], told["frame"], told["seconds"]) == (f"{film}#0", 0, 0.0)
    assert told["detections"][0]["label"] == "red"
    assert list(seen) == []  # closed


def test_what_is_said_of_a_frame_is_drawn_on_it(film):
    with watch(BrightThings(), film) as seen:
        frame = next(seen)
        assert seen.draw(frame).size == (64, 48)
    assert repr(frame) == f"<Frame 0 at 0.000 s: <Detections in {film}#0: 1 red>>"


def test_a_film_that_breaks_off_is_told_as_far_as_it_goes(tmp_path):
    whole = little_film(tmp_path / "whole.avi").read_bytes()
    (tmp_path / "cut.avi").write_bytes(whole[: int(len(whole) * 0.9)])
    seen = watch(BrightThings(), tmp_path / "cut.avi")
    count = len(list(seen))
    assert 6 <= count < 12
    assert seen.bad[0].reason.startswith(f"got a film of which {12 - count} of 12 frames cannot be read")


def test_a_classifier_watches_too(trained, film):
    frames = list(watch(trained.run, film, every=6))
    assert [frame.number for frame in frames] == [0, 6]
    assert set(frames[0].to_dict(top=2)) == {*frames[0].prediction.to_dict(2), "frame", "seconds"}
    alone = trained.predictor(frames[1].picture)
    assert np.allclose(frames[1].prediction.probabilities, alone.probabilities, atol=1e-6)


def test_frames_can_be_looked_at_through_windows(film):
    frames = list(watch(Tiled(BrightThings(), 40, overlap=0.5), film, every=4))
    assert [len(frame.prediction) for frame in frames] == [1, 1, 1]


class MadeUp(Camera):
    """A camera of three frames."""

    dropped = 5

    def __init__(self, number):
        self.name, self.size, self.rate, self.closed = f"camera:{number}", (4, 6), 30.0, False

    def frames(self, every=1):
        for number in range(0, 3 * every, every):
            yield number, number / 10, np.zeros((4, 6, 3), np.uint8)

    def bad(self):
        return [BadFile(self.name, "got no more frames")]

    def close(self):
        self.closed = True


def test_a_camera_is_told_frame_by_frame(monkeypatch):
    monkeypatch.setattr(watching, "Camera", MadeUp)
    model = BrightThings()
    for source in (0, "camera:0"):
        seen = watch(model, source, every=2)
        assert [frame.prediction.key for frame in seen] == ["camera:0#0", "camera:0#2", "camera:0#4"]
        assert (seen.rate, seen.dropped, seen.live) == (30.0, 5, True)
        assert [file.key for file in seen.bad] == ["camera:0"]
        assert seen._source.closed
    assert model.batches == [1] * 6


def test_the_next_frames_are_decoded_while_these_go_through(film):
    """When the first frame is told, those of the next batch are being read, but no more than those."""
    opened = Film(film)
    seen = Watching(opened, BrightThings(), batch_size=3)
    next(seen)
    assert 3 <= opened.read <= 6
    seen.close()
    assert opened.read == 6


@pytest.mark.bad_input
def test_what_cannot_be_watched_is_refused(film, tmp_path):
    with pytest.raises(BadConfig, match=r"got every=0; taken is 1 or more") as caught:
        watch(BrightThings(), film, every=0, batch_size=-1)
    assert "got batch_size=-1" in str(caught.value)
    (tmp_path / "text.mp4").write_text("hello")
    with pytest.raises(BadImage, match=r"text.mp4: got a file that is no film"):
        watch(BrightThings(), tmp_path / "text.mp4")
    with pytest.raises(BadConfig, match=r"got camera:9876, which cannot be opened"):
        opened_source(9876)
    with pytest.raises(saccade.errors.BadCheckpoint):
        watch(tmp_path / "no model", film)
