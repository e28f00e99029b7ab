"""A film, opened: its size and rate, and its frames one after the other, never more than one in memory.

A stranger's bytes reach the decoder only where they begin as a film does: the decoder also takes lists that name other
files and addresses, and those are not let through. Its name is never read as an address or a pattern.

Source: ours, on OpenCV's VideoCapture with FFmpeg.
"""

from __future__ import annotations

import contextlib
import math
import os
import stat
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8

from saccade.api.films.names import ENOUGH, is_film_start
from saccade.data.reading import MAX_PIXELS
from saccade.errors import BadImage, printable
from saccade.types.bad_file import BadFile

USUAL_RATE = 25.0  # frames a second, where a film or a camera does not say
_HIGHEST_RATE = 1000.0
_UNSURE = 100  # one frame in so many may be missing before it is told: some formats only estimate how many there are

Picture = UInt8[np.ndarray, "height width 3"]
Shot = tuple[int, float, Picture]


class Film:
    """A film that is open; to be closed, best by a `with`.

    Args:
        path: The file.

    Raises:
        BadImage: If it cannot be read, is no film, is broken at its beginning, or its pictures are too large.

    Source: ours.
    """

    live = False
    dropped = 0

    def __init__(self, path: str | Path) -> None:
        self.name = os.fsdecode(path)
        self._capture = _opened(self.name)
        self.size = self._size()
        rate, said = self._capture.get(cv2.CAP_PROP_FPS), self._capture.get(cv2.CAP_PROP_FRAME_COUNT)
        self.rate = rate if 0 < rate <= _HIGHEST_RATE else USUAL_RATE
        self.said = int(said) if 0 < said < 2**53 else 0
        self.read = self.unread = 0
        self._last = 0.0

    def frames(self, every: int = 1) -> Iterator[Shot]:
        """Give the frames.

        Args:
            every: Look at the first frame, and at each so many later.

        Returns:
            The number of each, from 0; its time in seconds; its picture, red first.

        Source: ours.
        """
        while self._capture.grab():
            number, seconds = self.read, self._seconds()
            self.read += 1
            if number % every == 0:
                picture = self._picture()
                if picture is None:
                    self.unread += 1
                else:
                    yield number, seconds, picture

    def bad(self) -> list[BadFile]:
        """Name what could not be read, once all frames were asked for.

        Returns:
            At most one entry: for a film without frames, that breaks off, or with frames that cannot be read.

        Source: ours.
        """
        if not self.read:
            return [BadFile(self.name, "got a film without frames; taken are films with one or more; copy it again")]
        missing = self.unread + max(0, self.said - self.read)
        if missing <= self.said // _UNSURE:
            return []
        reason = f"got a film of which {missing:,} of {max(self.said, self.read):,} frames cannot be read"
        return [BadFile(self.name, f"{reason}; taken are whole films; copy it again (the others are told)")]

    def close(self) -> None:
        """Let go of the file."""
        self._capture.release()

    def _size(self) -> tuple[int, int]:
        sides = (cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FRAME_WIDTH)
        height, width = (int(self._capture.get(side)) for side in sides)
        if not self._capture.isOpened() or min(height, width) < 1:
            raise BadImage(
                "got a film that cannot be opened; taken are whole films, in a form that OpenCV can decode; copy it "
                "again, or convert it",
                self.name,
            )
        if height * width > MAX_PIXELS:
            raise BadImage(
                f"got a film of {width:,} × {height:,} pixels; taken are at most {MAX_PIXELS:,}; make it smaller",
                self.name,
            )
        return height, width

    def _seconds(self) -> float:
        """The time of the frame just taken; by its number, where the film has no times or they do not go on."""
        told = self._capture.get(cv2.CAP_PROP_POS_MSEC) / 1000
        if self.read and not (math.isfinite(told) and told > self._last):
            told = self.read / self.rate
        self._last = max(self._last, told)
        return told

    def _picture(self) -> Picture | None:
        try:
            whole, picture = self._capture.retrieve()
        except cv2.error:
            return None
        return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB, dst=picture) if whole else None


@contextlib.contextmanager
def quiet_opencv() -> Iterator[None]:
    """Let OpenCV say nothing on the terminal for a while: what goes wrong is told in the house's words.

    Source: ours.
    """
    log = cv2.utils.logging
    before = log.getLogLevel()
    log.setLogLevel(log.LOG_LEVEL_SILENT)
    try:
        yield
    finally:
        log.setLogLevel(before)


def _opened(name: str) -> cv2.VideoCapture:
    """Open a file, if it begins as a film does."""
    try:
        if not stat.S_ISREG(os.stat(name).st_mode):  # noqa: PTH116 - a name that is not UTF-8 must pass too
            raise BadImage("got a folder or a device; taken are files; give the path of a film", name)
        with open(name, "rb") as file:  # noqa: PTH123
            _check_start(file.read(ENOUGH), name)
            return _capture(name, file.fileno())
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        told = f"got a film that cannot be opened ({reason}); taken are readable files; check the path"
        raise BadImage(told, name) from error
    except ValueError as error:
        if isinstance(error, BadImage):
            raise
        raise BadImage("got a path with a zero byte; taken are names of files; check the path", name) from error


def _check_start(start: bytes, name: str) -> None:
    if not is_film_start(start):
        shown = f"it begins with {printable(start[:12].decode('latin-1'))!r}" if start else "it is empty"
        raise BadImage(
            f"got a file that is no film ({shown}); taken are MP4, QuickTime, AVI, Matroska, WebM, MPEG, WMV, FLV and "
            "Ogg; convert it",
            name,
        )


def _capture(name: str, handle: int) -> cv2.VideoCapture:
    path = os.path.abspath(name)  # noqa: PTH100 - never "http:…", and never a dash in front
    try:
        path.encode()
    except UnicodeEncodeError:  # OpenCV would crash on such a name
        path = f"/dev/fd/{handle}"
    with quiet_opencv():
        return cv2.VideoCapture(path, cv2.CAP_FFMPEG)
