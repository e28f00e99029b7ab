"""The verb watch: what a model says of the frames of a film or a camera, one after the other.

Of a film, frames are decoded and prepared while the network computes, and go through it in batches. Of a camera, the
newest frame goes through alone, so that nothing is told late; those that come meanwhile give way and are counted.
Memory holds two batches of frames, however long it goes on.

Source: ours.
"""

from __future__ import annotations

import itertools
from collections.abc import Generator, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saccade.api.ensembles.answering import Answering, Prepared
from saccade.api.ensembles.ensembling import answering_of
from saccade.api.ensembles.views import Views
from saccade.api.films.camera import Camera
from saccade.api.films.film import Film, Picture, Shot
from saccade.api.films.names import camera_number
from saccade.api.predictions import plain
from saccade.api.run import Run
from saccade.errors import BadConfig
from saccade.types.bad_file import BadFile
from saccade.types.sample import Sample

BATCH = 8


@dataclass(frozen=True, eq=False, repr=False)
class Frame:
    """What a model says of one frame.

    Args:
        number: Of the frame, from 0; of a camera, among all that came.
        seconds: When it is shown, from the beginning of the film; of a camera, when it came.
        picture: The frame itself, red first.
        prediction: What is said of it; its `key` is the name of the film and the number.

    Source: ours.
    """

    number: int
    seconds: float
    picture: Picture
    prediction: Any

    def to_dict(self, top: int = 5) -> dict[str, Any]:
        """Give everything but the picture as plain values that JSON can hold.

        Args:
            top: How many of the likeliest classes are told, where it is about classes.

        Returns:
            What the prediction gives, with "frame" and "seconds".

        Source: ours.
        """
        return {**plain(self.prediction, top), "frame": self.number, "seconds": round(self.seconds, 6)}

    def __repr__(self) -> str:
        return f"<Frame {self.number} at {self.seconds:.3f} s: {self.prediction!r}>"


class Watching(Iterator[Frame]):
    """The frames of a film or a camera, with what is said of each, once; closed by a `with`, or when they end.

    Args:
        source: What is looked at; it is closed in the end.
        answering: What says something of each frame.
        every: Look at the first frame, and at each so many later.
        batch_size: Frames of a film that go through the network together.

    Raises:
        BadConfig: If every or batch_size is below 1.

    `bad` names, once all frames are told, what could not be read.

    Source: ours.
    """

    def __init__(self, source: Film | Camera, answering: Answering, *, every: int = 1, batch_size: int = BATCH) -> None:
        self.bad: list[BadFile] = []
        self._source, self._answering = source, answering
        wrong = [
            f"got {name}={value}; taken is 1 or more; leave it out for {usual}"
            for name, value, usual in (("every", every, 1), ("batch_size", batch_size, BATCH))
            if value < 1
        ]
        if wrong:
            raise BadConfig("\n".join(wrong))
        self._frames = self._one_by_one(every) if source.live else self._in_batches(every, batch_size)
        self._rate = source.rate if source.live else source.rate / every

    @property
    def name(self) -> str:
        """The path of the film, or "camera:0"."""
        return self._source.name

    @property
    def live(self) -> bool:
        """Whether it is a camera."""
        return self._source.live

    @property
    def size(self) -> tuple[int, int]:
        """(height, width) of the frames, as the film says."""
        return self._source.size

    @property
    def rate(self) -> float:
        """Frames a second that are looked at; of a camera, that it says it gives."""
        return self._rate

    @property
    def dropped(self) -> int:
        """How many frames of a camera gave way to newer ones."""
        return self._source.dropped

    def draw(self, frame: Frame) -> Any:
        """Draw what is said of a frame on it.

        Args:
            frame: One of these.

        Returns:
            A Pillow image; a detector's has the size of the frame.

        Source: ours.
        """
        return self._answering.shown.draw(Sample(frame.picture, None, frame.prediction.key), frame.prediction)

    def close(self) -> None:
        """Let go of the film or the camera; there are no more frames then."""
        self._frames.close()
        self._source.close()

    def __next__(self) -> Frame:
        return next(self._frames)

    def __enter__(self) -> Watching:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _one_by_one(self, every: int) -> Generator[Frame]:
        for shot in self._source.frames(every):
            yield from self._told([self._ready(shot)])
        self._end()

    def _in_batches(self, every: int, batch_size: int) -> Generator[Frame]:
        shots = self._source.frames(every)
        with ThreadPoolExecutor(max_workers=1) as pool:
            waiting = pool.submit(self._some, shots, batch_size)
            while batch := waiting.result():
                waiting = pool.submit(self._some, shots, batch_size)  # decoded while this one goes through the network
                yield from self._told(batch)
        self._end()

    def _some(self, shots: Iterator[Shot], count: int) -> list[tuple[Shot, tuple[str, Prepared]]]:
        return [self._ready(shot) for shot in itertools.islice(shots, count)]

    def _ready(self, shot: Shot) -> tuple[Shot, tuple[str, Prepared]]:
        return shot, (f"{self._source.name}#{shot[0]}", self._answering.prepared(shot[2]))

    def _told(self, batch: Sequence[tuple[Shot, tuple[str, Prepared]]]) -> Iterator[Frame]:
        predictions = self._answering.answers([item for _, item in batch])
        for (shot, _), prediction in zip(batch, predictions, strict=True):
            yield Frame(*shot, prediction)

    def _end(self) -> None:
        self.bad += self._source.bad()
        self._source.close()


def watch(
    model: str | Path | Run | Answering | Sequence[Any],
    source: str | Path | int,
    *,
    every: int = 1,
    confidence: float | None = None,
    views: Views | None = None,
    device: str = "auto",
    batch_size: int = BATCH,
) -> Watching:
    """Look at a film, or through a camera.

    Args:
        model: What `saccade.predict` takes, or what `tiled` gives; of any task.
        source: A film, or the number of a camera, such as 0 or "camera:0".
        every: Look at the first frame, and at each so many later.
        confidence: Of a detector: from which confidence on boxes are shown, from 0 to 1; None: 0.25.
        views: How often each frame is looked at; None: once.
        device: "auto", "cpu", "cuda" or "mps".
        batch_size: Frames of a film that go through the network together.

    Returns:
        An iterator of `Frame`, each with `number`, `seconds`, `picture` and `prediction`. What could not be read of a
        film is in its `bad` in the end, how many frames of a camera gave way to newer ones in `dropped`.

    Raises:
        BadImage: If it is no film, or cannot be opened.
        BadConfig: If there is no such camera, a number is out of range, or the models do not go together.
        BadCheckpoint: If there is no model there, or it cannot be trusted.

    Source: ours.
    """
    if isinstance(model, Answering) and confidence is None and views is None:
        answering = model
    else:
        answering = answering_of(model, views, confidence=confidence, device=device)
    opened = opened_source(source)
    try:
        return Watching(opened, answering, every=every, batch_size=batch_size)
    except BadConfig:
        opened.close()
        raise


def opened_source(source: str | Path | int) -> Film | Camera:
    """Open a film or a camera.

    Args:
        source: A path, the number of a camera, or "camera:0".

    Returns:
        What gives frames.

    Raises:
        BadImage: If it is no film, or cannot be opened.
        BadConfig: If there is no such camera.

    Source: ours.
    """
    if isinstance(source, int):
        return Camera(source)
    number = camera_number(source) if isinstance(source, str) else None
    return Film(source) if number is None else Camera(number)
