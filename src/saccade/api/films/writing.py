"""Films written: frames with what was found drawn on them, in a form that this machine can read back.

A film grows under another name and gets its own when it is whole; stopped early, it is whole up to there.

Source: ours, on OpenCV's VideoWriter.
"""

from __future__ import annotations

import os
import secrets
import shutil
import tempfile
from pathlib import Path

import cv2
import numpy as np
from jaxtyping import UInt8
from PIL import Image

from saccade.api.films.film import quiet_opencv
from saccade.errors import BadConfig, StorageFull, printable
from saccade.training.folder import safe_name
from saccade.types.drawing import PAPER

_FORMS = ((".mp4", "mp4v"), (".avi", "MJPG"))
_FULL = 1 << 20  # a disk with less room than this is full


class FilmWriter:
    """A film that is being written; to be closed, best by a `with`.

    Args:
        folder: Where it goes; it is made.
        name: What to call it, without a suffix; a number is added where that is taken.
        rate: Frames a second.
        filled: Show each frame until the next one's time has come, so that frames which come irregularly keep theirs;
            else each frame is shown for the same time.

    Source: ours.
    """

    def __init__(self, folder: str | Path, name: str, rate: float, *, filled: bool = False) -> None:
        self.folder, self.rate, self._filled = Path(folder).expanduser(), rate, filled
        self._name = safe_name(name) or "film"
        self._writer: cv2.VideoWriter | None = None
        self._temporary, self._suffix = Path(), ""
        self._size = (0, 0)
        self._written, self._began = 0, 0.0
        self._last: UInt8[np.ndarray, "height width 3"] | None = None

    def add(self, picture: Image.Image, seconds: float = 0.0) -> None:
        """Write a frame.

        Args:
            picture: With what was found drawn on it; one of another size than the first is cut, or put on paper.
            seconds: When it is shown; only used where the film is filled.

        Raises:
            BadConfig: If no film of that size can be written here.

        Source: ours.
        """
        if self._writer is None:
            self._size = (picture.height, picture.width)
            self._open()
        pixels = cv2.cvtColor(np.asarray(self._fitted(picture)), cv2.COLOR_RGB2BGR)
        if not self._filled:
            self._write(pixels)
            return
        if self._last is None:
            self._began = seconds
        else:
            self._hold(round((seconds - self._began) * self.rate))
        self._last = pixels

    def close(self) -> Path | None:
        """End the film and give it its name.

        Returns:
            The file; None if there were no frames.

        Raises:
            StorageFull: If it is not all there; what there is of it is removed.

        Source: ours.
        """
        if self._writer is None:
            return None
        if self._filled:
            self._hold(self._written + 1)
        self._writer.release()
        self._writer = None
        if _frames_in(self._temporary) != self._written:
            room = shutil.disk_usage(self.folder).free
            self._temporary.unlink(missing_ok=True)
            why = "disk full" if room < _FULL else "trouble"
            raise StorageFull(
                f"got {why} while writing a film to {printable(str(self.folder))}; taken is a disk with room for it; "
                "free some space and begin again"
            )
        return self._named()

    def __enter__(self) -> FilmWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _hold(self, until: int) -> None:
        """Show the last frame until there are so many."""
        assert self._last is not None
        while self._written < until:
            self._write(self._last)

    def _write(self, pixels: UInt8[np.ndarray, "height width 3"]) -> None:
        assert self._writer is not None
        self._writer.write(pixels)
        self._written += 1

    def _open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        form = film_form(self._size, self.rate)
        try:
            str(self.folder.resolve()).encode()
        except UnicodeEncodeError:  # OpenCV would crash on such a name
            form = None
        if form is None:
            raise BadConfig(
                f"got frames of {self._size[1]} × {self._size[0]} pixels for a film in {printable(str(self.folder))}; "
                "taken are sizes and names that OpenCV can write here; leave --save out, or name another folder"
            )
        self._suffix, code = form
        self._temporary = self.folder / f".{self._name[:40]}.{secrets.token_hex(4)}.tmp{self._suffix}"
        self._writer = _writer(self._temporary, code, self._size, self.rate)

    def _fitted(self, picture: Image.Image) -> Image.Image:
        height, width = self._size
        if picture.size == (width, height):
            return picture.convert("RGB")
        canvas = Image.new("RGB", (width, height), PAPER)
        canvas.paste(picture, (0, 0))
        return canvas

    def _named(self) -> Path:
        number, path = 1, self.folder / f"{self._name}{self._suffix}"
        while os.path.lexists(path):
            number += 1
            path = self.folder / f"{self._name}-{number}{self._suffix}"
        self._temporary.rename(path)
        return path


def film_form(size: tuple[int, int], rate: float) -> tuple[str, str] | None:
    """Choose a form in which films can be written and read back on this machine: MP4, else AVI.

    Args:
        size: (height, width) of the frames. Forms halve colours, so an odd last row or column may be left out.
        rate: Frames a second.

    Returns:
        The suffix and the four letters of the codec; None if there is none.

    Source: ours.

    Example:
        >>> film_form((48, 64), 25.0) in ((".mp4", "mp4v"), (".avi", "MJPG"))
        True
    """
    frame = np.zeros((*size, 3), np.uint8)
    with tempfile.TemporaryDirectory() as folder:
        for suffix, code in _FORMS:
            path = Path(folder) / f"probe{suffix}"
            writer = _writer(path, code, size, rate)
            writer.write(frame)
            writer.release()
            if _frames_in(path) == 1:
                return suffix, code
    return None


def _writer(path: Path, code: str, size: tuple[int, int], rate: float) -> cv2.VideoWriter:
    with quiet_opencv():
        return cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), rate, (size[1], size[0]))


def _frames_in(path: Path) -> int:
    """Count the frames that a film says it has; 0 if the first of them cannot be read."""
    with quiet_opencv():
        capture = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
        count = int(capture.get(cv2.CAP_PROP_FRAME_COUNT)) if capture.grab() else 0
        capture.release()
    return count
