"""Little films, written by OpenCV, in which each frame says its number by how wide its red patch is."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

SIZE = (48, 64)


def little_film(path: Path, frames: int = 12, rate: float = 10.0, size: tuple[int, int] = SIZE) -> Path:
    """Write a film; of frame n the first 4 (n + 1) columns of the middle rows are red."""
    code = "MJPG" if path.suffix == ".avi" else "mp4v"
    writer = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*code), rate, (size[1], size[0]))
    assert writer.isOpened()
    for number in range(frames):
        frame = np.zeros((*size, 3), np.uint8)
        frame[16:32, : 4 * (number + 1), 2] = 255  # blue comes first
        writer.write(frame)
    writer.release()
    return path


def number_of(picture: np.ndarray) -> int:
    """Read the number of a frame off its pixels."""
    return round(float((picture[24, :, 0] > 128).sum()) / 4) - 1
