"""Watching a picture as it is made: how far it is, a preview that is renewed, the frames of a film, a wish to stop.

Source: ours.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from saccade.api.films.writing import FilmWriter
from saccade.api.watching.words import duration
from saccade.errors import BadConfig, printable
from saccade.training.interrupts import StopRequest
from saccade.types.drawing import as_picture
from saccade.weights.files import write_whole

PICTURES = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
"""How each kind of picture that is written is called by its library."""
_FILMS = (".mp4", ".avi")
_REDRAWN, _RENEWED, _RATE = 0.2, 1.0, 25.0


class Onlooker:
    """Somebody who watches a picture being made; to be used in a `with`.

    Args:
        preview: A picture file that is renewed every second, for a viewer that follows it.
        frames: A folder for numbered pictures, or a film that ends in .mp4 or .avi.
        every: Steps from one frame to the next.
        shown: Whether progress is shown on stderr.

    Raises:
        BadConfig: If the preview is no picture file, or `every` is below 1.

    Source: ours.
    """

    def __init__(
        self,
        *,
        preview: str | Path | None = None,
        frames: str | Path | None = None,
        every: int = 10,
        shown: bool = True,
    ) -> None:
        if every < 1:
            raise BadConfig(f"got every={every}; taken is 1 or more; change it")
        self.preview = None if preview is None else Path(preview).expanduser()
        if self.preview is not None and self.preview.suffix.lower() not in PICTURES:
            told = printable(str(preview))
            raise BadConfig(f"got the preview {told}; taken are names that end in {', '.join(PICTURES)}; change it")
        self._frames = None if frames is None else Path(frames).expanduser()
        self._every, self._shown = every, shown
        self._stop, self._film = StopRequest(), None
        self._began = self._drawn = self._renewed = time.monotonic()
        self._count, self._first = 0, 0

    @property
    def signal_number(self) -> int:
        """The signal that asked to stop; 0 if none did."""
        return self._stop.signal_number

    def __enter__(self) -> Onlooker:
        self._stop.__enter__()
        self._began = self._drawn = self._renewed = time.monotonic()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.__exit__()
        if self._film is not None:
            self._film.close()
        self._say("")

    def __call__(self, step: int, of: int, value: float, picture: Float[Tensor, "1 channels height width"]) -> bool:
        """Hear of a step.

        Args:
            step: Its number, from 1.
            of: How many there are.
            value: Of what is raised or lowered.
            picture: As it is by now.

        Returns:
            Whether to stop here.

        Raises:
            StorageFull: If there is no room for the preview or a frame.

        Source: ours.
        """
        now = time.monotonic()
        if not self._first:  # what goes on does not begin with the first step, nor with the first frame
            self._first, self._count = step, (step - 1) // self._every
        if self._frames is not None and (step % self._every == 0 or step == of):
            self.add(as_pixels(picture))
        if self.preview is not None and (now - self._renewed >= _RENEWED or step in (1, of)):
            self._renewed = now
            write_picture(self.preview, as_picture(as_pixels(picture)))
        if now - self._drawn >= _REDRAWN:
            self._drawn = now
            left = (now - self._began) / max(1, step - self._first + 1) * (of - step)
            self._say(f"{step}/{of} steps, {value:.4g}, {duration(left)} left")
        return bool(self._stop.signal_number)

    def add(self, pixels: Float[np.ndarray, "height width channels"]) -> None:
        """Take one picture more into the film, or the folder of frames.

        Args:
            pixels: In [0, 1].

        Raises:
            BadConfig: If no film of that size can be written here.
            StorageFull: If there is no room for it.

        Source: ours.
        """
        assert self._frames is not None
        self._count += 1
        if self._frames.suffix.lower() not in _FILMS:
            self._frames.mkdir(parents=True, exist_ok=True)
            write_picture(self._frames / f"{self._count:05d}.png", as_picture(pixels))
            return
        if self._film is None:
            self._film = FilmWriter(self._frames.parent, self._frames.stem, _RATE)
        self._film.add(as_picture(pixels).convert("RGB"))

    def _say(self, words: str) -> None:
        """Write over the line of progress, on a terminal alone."""
        if self._shown and sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{words}")
            sys.stderr.flush()


def as_pixels(picture: Float[Tensor, "1 channels height width"]) -> Float[np.ndarray, "height width channels"]:
    """Turn an image of a network into pixels.

    Args:
        picture: In [0, 1].

    Returns:
        The same, channels last.

    Source: ours.

    Example:
        >>> import torch
        >>> as_pixels(torch.zeros(1, 3, 2, 4)).shape
        (2, 4, 3)
    """
    return picture[0].detach().float().clamp(0, 1).permute(1, 2, 0).cpu().numpy()


def write_picture(path: Path, picture: Image.Image, described: PngInfo | None = None) -> None:
    """Write a picture, whole or not at all.

    Args:
        path: A file that ends in .png, .jpg or .jpeg.
        picture: What it shows.
        described: What a PNG file says of itself beside.

    Raises:
        BadConfig: If its name ends in something else.
        StorageFull: If the disk is full; nothing half-written is left.

    Source: ours.
    """
    kind = path.suffix.lower()
    if kind not in PICTURES:
        raise BadConfig(f"got {printable(str(path))}; taken are names that end in {', '.join(PICTURES)}; change it")
    more = {"pnginfo": described} if kind == ".png" else {"quality": 95}
    write_whole(path, lambda file: picture.save(file, PICTURES[kind], **more))


def write_film(path: str | Path, frames: Sequence[Float[np.ndarray, "height width channels"]]) -> Path:
    """Write pictures as a film.

    Args:
        path: A file that ends in .mp4 or .avi; where that is taken, a number is added.
        frames: In [0, 1].

    Returns:
        The film; .avi where this machine cannot write .mp4.

    Raises:
        BadConfig: If there are no frames, or no film of that size can be written here.
        StorageFull: If there is no room for it.

    Source: ours.
    """
    place = Path(path).expanduser()
    with FilmWriter(place.parent, place.stem, _RATE) as film:
        for frame in frames:
            film.add(as_picture(frame).convert("RGB"))
        written = film.close()
    if written is None:
        raise BadConfig("got no pictures for a film; taken is one or more; let there be some")
    return written
