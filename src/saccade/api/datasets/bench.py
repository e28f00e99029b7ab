"""How fast pictures come: each part of the way on one core, then all of it with workers, and what to change.

Source: ours.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from jaxtyping import Shaped, UInt8

from saccade.data.arrays import Arrays
from saccade.data.augmentations.recipes import standard
from saccade.data.files import Files
from saccade.data.loading.feeding import Feeding
from saccade.data.loading.loader import Loader
from saccade.data.loading.workers import Workers
from saccade.data.opening import open_data
from saccade.data.preprocess import preprocess
from saccade.data.reading import read_image
from saccade.data.shards.samples import Shards, read_part
from saccade.data.splitting import Divisible
from saccade.errors import BadData, BadImage, printable
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Source

_SECONDS = 1.5
_LARGE_SHRINK = 4.0
_ENOUGH = 1.1
_PARTS = ("reading", "decoding", "resizing", "augmenting", "handing over")


@dataclass(frozen=True)
class Bench:
    """How fast pictures come, in pictures a second.

    Args:
        parts: Each part of the way, on one core: "reading" the bytes of files, "decoding", "resizing" (which is
            preprocessing), "augmenting" and putting together, "handing over" from a worker; 0 for a part that there is
            not.
        workers: All of it, by the number of workers.
        wanted: What training takes, where that is known; else 0.
        shrink: By how much the shorter side is longer than wanted, in the middle of the pictures.
        advice: What is slow, and what to change, in sentences.

    Source: ours.
    """

    parts: dict[str, float]
    workers: dict[int, float]
    wanted: float
    shrink: float
    advice: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return {
            "parts": {name: round(rate, 1) for name, rate in self.parts.items()},
            "workers": {str(count): round(rate, 1) for count, rate in self.workers.items()},
            "wanted": round(self.wanted, 1),
            "shrink": round(self.shrink, 2),
            "advice": list(self.advice),
        }


def bench_data(
    data: Any,
    *,
    size: int = 224,
    batch_size: int = 64,
    step_seconds: float = 0.0,
    workers: Sequence[int] = (0, 1, 2),
    most: int = 256,
) -> Bench:
    """Measure how fast the pictures of a data set can be fed to training.

    Args:
        data: What `train` takes.
        size: Rows and columns that the network gets.
        batch_size: Images in a step.
        step_seconds: How long the network takes for a step; 0: not known.
        workers: With how many workers all of it is measured.
        most: At most so many pictures are looked at.

    Returns:
        What was measured.

    Raises:
        BadData: If no picture can be read.

    Source: ours.
    """
    dataset = open_data(data)
    source = _some(dataset.splits["train"], most)
    taken = Preprocessing((size, size), 3, (0.0,) * 3, (1.0,) * 3)
    with _one_core():
        parts, pictures, shrink = _parts(source, taken)
        parts["augmenting"] = _rate(lambda: _epoch(_held(pictures), taken, batch_size, 0))
        parts["handing over"] = _handed_over(pictures, batch_size)
        whole = {count: _rate(lambda count=count: _epoch(source, taken, batch_size, count)) for count in workers}
    wanted = batch_size / step_seconds if step_seconds > 0 else 0.0
    return Bench(parts, whole, wanted, shrink, advise(parts, whole, wanted, shrink))


def advise(parts: dict[str, float], workers: dict[int, float], wanted: float, shrink: float) -> tuple[str, ...]:
    """Say what is slow, and what to change.

    Args:
        parts: As in `Bench`.
        workers: As in `Bench`.
        wanted: As in `Bench`.
        shrink: As in `Bench`.

    Returns:
        Sentences, the most useful first.

    Source: ours.

    Example:
        >>> advise({"reading": 9000.0, "decoding": 500.0}, {0: 400.0, 2: 800.0}, 700.0, 1.5)[0]
        'Two workers are enough: 800 images/s for the 700 that training takes. Set --workers 2.'
    """
    said = []
    if wanted:
        enough = next((count for count, rate in sorted(workers.items()) if rate >= _ENOUGH * wanted), None)
        if enough == 0:
            said.append(f"Training never waits: {workers[0]:,.0f} images/s without workers, {wanted:,.0f} are taken.")
        elif enough is not None:
            told = {1: "One worker is", 2: "Two workers are"}.get(enough, f"{enough} workers are")
            said.append(
                f"{told} enough: {workers[enough]:,.0f} images/s for the {wanted:,.0f} that training takes. "
                f"Set --workers {enough}."
            )
        else:
            best = max(workers, key=lambda count: workers[count])
            how = "would wait" if workers[best] < wanted else "would wait at times"
            said.append(f"Training {how}: {workers[best]:,.0f} images/s with {best} workers, {wanted:,.0f} are taken.")
    seconds = {name: 1 / rate for name, rate in parts.items() if rate > 0}
    if seconds:
        slow = max(seconds, key=lambda name: seconds[name])
        share = 100 * seconds[slow] / sum(seconds.values())
        said += [f"The slowest part is {slow}, {share:.0f} % of the time on one core.", _cure(slow, shrink)]
    return tuple(said)


def _cure(slow: str, shrink: float) -> str:
    if slow == "reading":
        return "Files come slowly: write them as shards (saccade data shard), or copy them to a local disk."
    if slow == "decoding" and shrink >= _LARGE_SHRINK:
        return (
            f"Pictures are {shrink:.0f} times as large as wanted: store them smaller, once; or keep them on disk as "
            "preprocessing makes them (--cache disk), which pays from the second epoch on."
        )
    if slow == "decoding":
        return 'Decode with more workers, install the extra for speed (pip install "saccade[fast]"), or keep pictures.'
    if slow == "resizing":
        return "Store the pictures nearer to the size that the network gets, or keep them (--cache disk)."
    if slow == "augmenting":
        return "Use more workers, or fewer augmentations."
    return "Batches are large for what is done to them: use fewer workers, or threads."


def _some(source: Source, most: int) -> Source:
    if len(source) <= most or not isinstance(source, Divisible):
        return source
    return source.pick([round(row * (len(source) - 1) / (most - 1)) for row in range(most)])


def _parts(source: Source, taken: Preprocessing) -> tuple[dict[str, float], list[UInt8[np.ndarray, "_ _ _"]], float]:
    """Time reading, decoding and resizing by themselves, over as many pictures as a few seconds allow."""
    spent, ready = dict.fromkeys(_PARTS, 0.0), list[np.ndarray]()
    shrinks, counted, deadline = list[float](), 0, time.perf_counter() + 3 * _SECONDS
    for index in range(len(source)):
        start = time.perf_counter()
        data = _bytes(source, index)
        middle = time.perf_counter()
        try:
            image = source.read(index).image if data is None else read_image(data)
        except BadImage:
            continue
        decoded = time.perf_counter()
        picture = preprocess(image, taken)
        done = time.perf_counter()
        spent["reading"] += middle - start if data is not None else 0.0
        spent["decoding"] += decoded - middle
        spent["resizing"] += done - decoded
        shrinks.append(min(image.shape[:2]) / taken.size[0])
        ready.append(picture if picture.dtype == np.uint8 else (picture * 255).astype(np.uint8))
        counted += 1
        if done > deadline:
            break
    if not counted:
        raise BadData("got no picture that can be read; taken are data sets with some; see saccade data info --check")
    rates = {name: counted / seconds if seconds else 0.0 for name, seconds in spent.items()}
    return rates, ready, sorted(shrinks)[counted // 2]


def _bytes(source: Source, index: int) -> bytes | None:
    try:
        if isinstance(source, Files):
            return Path(source.root, source.paths[index]).read_bytes()
        if isinstance(source, Shards):
            shard, start, size = source.places[index, :3].tolist()
            return read_part(Path(source.root, source.names[shard]), start, size)
    except OSError as error:
        raise BadData(f"got {printable(source.key(index))}, which cannot be read; taken are readable files") from error
    return None


def _held(pictures: Sequence[Shaped[np.ndarray, "_ _ _"]]) -> Arrays:
    return Arrays(np.stack(pictures), (0,) * len(pictures), "held", np.arange(len(pictures)))


def _epoch(source: Source, taken: Preprocessing, batch_size: int, workers: int) -> Iterator[int]:
    """Feed one epoch after the other, and count the pictures of each batch."""
    options: dict[str, Any] = {"batch_size": batch_size, "seed": 0, "augmentations": standard(True, 0.125)}
    with Loader(source, taken, list, workers=Feeding(workers, cache="off"), **options) as loader:
        for epoch in range(1 << 30):
            for batch in loader.epoch(epoch):
                yield len(batch)


def _handed_over(pictures: Sequence[Shaped[np.ndarray, "_ _ _"]], batch_size: int) -> float:
    batch = np.stack([pictures[row % len(pictures)] for row in range(batch_size)])
    workers = Workers(1, _Same(batch), room=batch.nbytes)
    try:
        tasks: Iterable[tuple[int]] = ((number,) for number in range(1 << 30))
        return _rate(lambda: (len(np.array(one)) for one in workers.results(tasks)))
    finally:
        workers.close()


@dataclass(frozen=True, eq=False)
class _Same:
    """Work that gives the same batch for every task."""

    batch: Shaped[np.ndarray, "batch height width channels"]

    def __call__(self, number: int) -> Shaped[np.ndarray, "batch height width channels"]:
        del number
        return self.batch


def _rate(begin: Callable[[], Iterator[int]]) -> float:
    """Pictures a second of something endless, once it is under way."""
    stream = begin()
    try:
        next(stream)
        start, count = time.perf_counter(), 0
        while (passed := time.perf_counter() - start) < _SECONDS:
            count += next(stream)
        return count / passed
    finally:
        stream.close() if hasattr(stream, "close") else None  # pyright: ignore[reportAttributeAccessIssue]


@contextlib.contextmanager
def _one_core() -> Iterator[None]:
    """Let the parts of a picture's way run on one core, as they do in a worker."""
    before = torch.get_num_threads(), cv2.getNumThreads()
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    try:
        yield
    finally:
        torch.set_num_threads(before[0])
        cv2.setNumThreads(before[1])
