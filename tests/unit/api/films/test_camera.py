"""A camera: the newest frame wins, and those that gave way are counted. The cameras here are made up."""

from __future__ import annotations

import queue

import cv2
import numpy as np
import pytest

from saccade.api.films import camera
from saccade.api.films.camera import Camera, Newest
from saccade.errors import BadConfig


def frame(number: int) -> np.ndarray:
    return np.full((4, 6, 3), number, np.uint8)


class Handed:
    """Gives what is put in, and can wait until all of that was taken."""

    def __init__(self) -> None:
        self.waiting = queue.Queue()

    def read(self):
        self.waiting.task_done()
        return self.waiting.get()

    def put(self, *numbers):
        for number in numbers:
            self.waiting.put(None if number is None else frame(number))
        self.waiting.join()


@pytest.fixture
def handed():
    source = Handed()
    source.waiting.unfinished_tasks = 1  # the first reading ends none
    return source


def test_the_newest_wins_and_the_others_are_counted(handed):
    newest = Newest(handed.read)
    handed.put(0, 1, 2)
    number, seconds, picture = newest.take()
    assert (number, picture[0, 0, 0]) == (2, 2)
    assert seconds >= 0
    assert newest.dropped == 2
    handed.put(3)
    assert newest.take()[0] == 3
    assert newest.dropped == 2
    handed.waiting.put(None)
    assert newest.take() is None
    assert newest.close()
    assert newest.came == 4


def test_only_every_third_is_kept_and_the_others_are_not_counted_as_late(handed):
    newest = Newest(handed.read, every=3)
    handed.put(0, 1, 2)
    assert newest.take()[0] == 0
    handed.put(3, 4, 5, 6)
    assert newest.take()[0] == 6
    assert newest.dropped == 1
    handed.waiting.put(None)
    newest.close()


def test_what_came_before_the_end_is_still_given(handed):
    newest = Newest(handed.read)
    handed.put(0)
    handed.waiting.put(None)
    assert newest.take()[0] == 0
    assert newest.take() is None


class FakeCapture:
    """A camera of three frames; blue comes first, as OpenCV has it."""

    def __init__(self, number):
        self.left, self.opened, self.released = 3, number == 0, False

    def isOpened(self):  # noqa: N802 - OpenCV's own name
        return self.opened

    def set(self, what, value):
        del what, value

    def get(self, what):
        return {cv2.CAP_PROP_FRAME_HEIGHT: 4.0, cv2.CAP_PROP_FRAME_WIDTH: 6.0, cv2.CAP_PROP_FPS: 0.0}[what]

    def read(self):
        self.left -= 1
        return (True, np.full((4, 6, 3), (255, 0, 7), np.uint8)) if self.left >= 0 else (False, None)

    def release(self):
        self.released = True


@pytest.fixture
def one_camera(monkeypatch):
    monkeypatch.setattr(camera.cv2, "VideoCapture", FakeCapture)


@pytest.mark.usefixtures("one_camera")
def test_a_camera_that_stops_by_itself_is_named():
    opened = Camera(0)
    assert (opened.name, opened.size, opened.rate, opened.dropped, opened.bad()) == ("camera:0", (4, 6), 25.0, 0, [])
    seen = list(opened.frames())
    assert seen[-1][0] == 2
    assert seen[-1][2][0, 0].tolist() == [7, 0, 255]
    assert len(seen) + opened.dropped == 3
    assert opened.bad()[0].reason.startswith("got no more frames after 3")
    opened.close()
    assert opened.bad() == []
    assert opened._capture.released


@pytest.mark.bad_input
@pytest.mark.usefixtures("one_camera")
def test_a_camera_that_is_not_there_is_refused():
    with pytest.raises(BadConfig, match=r"got camera:3, which cannot be opened; taken are the numbers"):
        Camera(3)
