"""A camera: only its newest frame is kept, so that what is told of it is never late.

Source: ours, on OpenCV's VideoCapture.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator

import cv2

from saccade.api.films.film import USUAL_RATE, Picture, Shot, quiet_opencv
from saccade.errors import BadConfig
from saccade.types.bad_file import BadFile

_PATIENCE = 2.0  # seconds, for a camera that is to be closed to give its last frame


class Newest:
    """What comes in, taken by a thread of its own as it comes; who asks is given the newest.

    Args:
        read: Waits for the next one and gives it; None when there are no more.
        every: Keep the first, and each so many later.

    Source: ours.
    """

    def __init__(self, read: Callable[[], Picture | None], every: int = 1) -> None:
        self.dropped = self.came = 0
        self._read, self._every = read, every
        self._kept: Shot | None = None
        self._ended = False
        self._news = threading.Condition()
        self._began = time.monotonic()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def take(self) -> Shot | None:
        """Wait for one that was not given yet.

        Returns:
            Its number among all that came, how many seconds after the first was asked for it came, and itself; None
            when there are no more.

        Source: ours.
        """
        with self._news:
            while self._kept is None and not self._ended:
                self._news.wait()
            taken, self._kept = self._kept, None
            return taken

    def close(self) -> bool:
        """Ask for no more, and wait a little for what is being read; tell whether that has come to its end."""
        with self._news:
            self._ended = True
            self._news.notify_all()
        self._thread.join(_PATIENCE)
        return not self._thread.is_alive()

    def _run(self) -> None:
        try:
            while not self._ended and (picture := self._read()) is not None:
                self._keep(picture)
        finally:
            with self._news:
                self._ended = True
                self._news.notify_all()

    def _keep(self, picture: Picture) -> None:
        with self._news:
            if self.came % self._every == 0:
                self.dropped += self._kept is not None
                self._kept = self.came, time.monotonic() - self._began, picture
                self._news.notify_all()
            self.came += 1


class Camera:
    """A camera that is open; to be closed.

    Args:
        number: Of the camera, from 0.

    Raises:
        BadConfig: If it cannot be opened.

    Source: ours.
    """

    live = True

    def __init__(self, number: int) -> None:
        self.name = f"camera:{number}"
        with quiet_opencv():
            self._capture = cv2.VideoCapture(number)
        if not self._capture.isOpened():
            raise BadConfig(
                f"got {self.name}, which cannot be opened; taken are the numbers of this machine's cameras, from 0; "
                "see that it is plugged in, free, and yours to use"
            )
        self._capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
        sides = (cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FRAME_WIDTH)
        height, width = (int(self._capture.get(side)) for side in sides)
        self.size = (height, width)
        rate = self._capture.get(cv2.CAP_PROP_FPS)
        self.rate = rate if 1 <= rate <= 240 else USUAL_RATE
        self._newest: Newest | None = None
        self._closed = False

    @property
    def dropped(self) -> int:
        """How many frames gave way to newer ones."""
        return self._newest.dropped if self._newest else 0

    def frames(self, every: int = 1) -> Iterator[Shot]:
        """Give the newest frame, whenever one is asked for.

        Args:
            every: Look at the first frame, and at each so many later.

        Returns:
            The number of each among all that came, from 0; the seconds since the first was asked for; its picture.

        Source: ours.
        """
        self._newest = Newest(self._picture, every)
        while (taken := self._newest.take()) is not None:
            yield taken

    def bad(self) -> list[BadFile]:
        """Say that the camera gives no more frames, which only happens by accident.

        Returns:
            One entry; none if it was closed.

        Source: ours.
        """
        if self._closed or self._newest is None:
            return []
        reason = f"got no more frames after {self._newest.came:,}; taken are cameras that go on; plug it in again"
        return [BadFile(self.name, reason)]

    def close(self) -> None:
        """Let go of the camera."""
        self._closed = True
        if self._newest is None or self._newest.close():  # else a frame is still awaited, from what must stay open
            self._capture.release()

    def _picture(self) -> Picture | None:
        try:
            whole, picture = self._capture.read()
        except cv2.error:
            return None
        return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB, dst=picture) if whole else None
