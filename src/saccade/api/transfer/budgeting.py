"""The best model that some minutes allow: the speed of this machine, measured, decides network, size and views.

Source: ours.
"""

from __future__ import annotations

import math
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from statistics import median
from typing import Any

import numpy as np
import torch

from saccade import catalog
from saccade.api.building import is_line, network_kind
from saccade.api.transfer.transferring import OWN_MODEL
from saccade.data.preprocess import preprocess, to_images
from saccade.errors import BadConfig, BadData, BadImage, MissingExtra
from saccade.layers.pooled import Pooled
from saccade.training.execution import resolve
from saccade.training.settings import TrainingSettings
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import DataSet, Source
from saccade.weights.fetching import is_here
from saccade.weights.ledger import Entry, entries

_SMALL = Preprocessing((64, 64), 3, (0.0,) * 3, (1.0,) * 3)
_SIDES = (224, 192, 160, 128, 96, 64, 48, 32)
_LOOKED_AT, _SEEN_AT_ONCE = 24, 16
_MOST_VIEWS = 4
_LEAST_EPOCHS, _MOST_EPOCHS, _BATCH, _RATE = 8, 30, 32, 1e-3
_LEARNT = 0.88  # of the time that is left, for learning by epochs
_STEP = 3.5  # a step of training takes so many times as long as a look
_SAVED = 0.2  # seconds to judge an epoch and to save it, however few pictures there are
_FIRST_VIEW, _ALL_VIEWS = 0.45, 0.6  # of the time that is left: for one view of each picture, and for all of them
_REPORT_SECONDS = 4.0  # the drawing of the card; it hardly depends on the data
_FIT_BEGUN = 2.0  # seconds to load what fits a layer, and to fit one to few pictures
_FIT_SECONDS = 1.5e-6  # for each picture, feature and class, at a thousand features and ten classes: measured
_TESTED = 0.0015  # seconds a picture for the intervals of its figures


@dataclass(frozen=True)
class _Candidate:
    model: str
    entry: Entry

    @property
    def rank(self) -> float:
        """Published accuracy; our own weights come last."""
        return self.entry.top1 or 0.0


@dataclass(frozen=True)
class _Room:
    """The pictures of each split; seconds to read one, to run the network on one, to fit a layer; and what is left."""

    counts: Mapping[str, int]
    reading: float
    seeing: float
    fitting: float
    seconds: float

    @property
    def train(self) -> int:
        return self.counts["train"]

    @property
    def val(self) -> int:
        return self.counts.get("val", 0)

    @property
    def once(self) -> float:
        """Seconds to read every picture and look at it."""
        return (self.train + self.val + self.counts.get("test", 0)) * (self.reading + self.seeing)


def seconds_of(budget: str) -> float:
    """Read a time.

    Args:
        budget: A number with s, m or h behind it; without one it means seconds.

    Returns:
        Seconds.

    Raises:
        BadConfig: If it is no time above zero.

    Source: ours.

    Example:
        >>> seconds_of("60s"), seconds_of("1.5m"), seconds_of("2h")
        (60.0, 90.0, 7200.0)
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([smh]?)\s*", budget)
    seconds = float(match[1]) * {"": 1, "s": 1, "m": 60, "h": 3600}[match[2]] if match else 0.0
    if not seconds:
        raise BadConfig(f"got budget={budget!r}; taken is a time such as 60s, 10m or 1h; write one")
    return seconds


def refuse_budget(model: Any, settings: TrainingSettings, task: str = "classification") -> None:
    """Refuse a budget where it cannot be kept.

    Args:
        model: A name, a line, a module, or None.
        settings: `budget` and `transfer`.
        task: Its name.

    Raises:
        BadConfig: If it is no time; or the model is no architecture by name; or something else than features is asked.

    Source: ours.
    """
    seconds_of(settings.budget)
    if task not in ("classification", "multi_label"):
        raise BadConfig(
            f"got budget={settings.budget!r} for {task}; taken is it for classes of whole images; set epochs instead"
        )
    if model is not None and (not isinstance(model, str) or is_line(model)):
        raise BadConfig(
            f"got budget={settings.budget!r} for a model of your own; taken is it for architectures by name, of which "
            "there are weights; name one, or leave the model out"
        )
    if settings.transfer not in ("none", "auto", "features"):
        raise BadConfig(
            f"got budget={settings.budget!r} with transfer={settings.transfer!r}; taken with it is "
            "transfer='features'; leave one of them out"
        )


def within_budget(
    model: str | None, dataset: DataSet, settings: TrainingSettings, seconds: float
) -> tuple[str, TrainingSettings, list[str]]:
    """Plan training, evaluation and report so that they are done in time.

    Args:
        model: A name; None: the best of which weights are on this machine and which is fast enough.
        dataset: What it shall learn from.
        settings: `budget`, and what else the user has set.
        seconds: That are left.

    Returns:
        The name, the settings with everything chosen, and the plan in words, a line for each choice.

    Raises:
        BadConfig: If there is not enough time to look at each picture once; it says how much would be.
        BadData: If no picture can be read.

    Source: ours.
    """
    started = time.monotonic()
    counts = {split: len(source) for split, source in dataset.splits.items()}
    reading, sides, image = _read(dataset.splits["train"])
    after = _REPORT_SECONDS + _TESTED * counts.get("test", counts.get("val", 0))
    least = float("inf")
    for candidate in _candidates(model, settings):
        seeing, width = _seeing(candidate.model, image, settings), _width(candidate.model)
        fitting = _FIT_SECONDS * counts["train"] * width / 1000 * max(1.0, len(dataset.labels) / 10)
        gone = time.monotonic() - started
        for side in _sides(settings, sides, candidate.entry.preprocessing):
            room = _Room(counts, reading, seeing * (side / 64) ** 2, fitting, seconds - gone - after)
            least = min(least, gone + after + (room.once + fitting) / _FIRST_VIEW)
            if room.once + fitting > _FIRST_VIEW * room.seconds:
                continue
            sized = replace(settings, weights=settings.weights or candidate.entry.tag, height=side, width=side)
            chosen, told, expected = _by_epochs(candidate, sized, room) or _by_features(sized, room)
            return candidate.model, chosen, [
                f"budget: {settings.budget}, of which {gone:.0f} s went into measuring this machine",
                f"network: {candidate.entry.name} at {side} × {side} pixels: "
                f"{1000 * (reading + room.seeing):.1f} ms to look at a picture here",
                told,
                f"expected: {expected:.0f} s for training, {after:.0f} s for evaluation and report",
            ]  # fmt: skip
    raise BadConfig(
        f"got budget={settings.budget!r} for {sum(counts.values()):,} images; taken is {math.ceil(least)}s or more on "
        "this machine; give it more, or fewer images"
    )


def _by_epochs(
    candidate: _Candidate, settings: TrainingSettings, room: _Room
) -> tuple[TrainingSettings, str, float] | None:
    """Let all of our own network learn, which has seen no photographs, where there is time enough for that."""
    epoch = room.train * _STEP * room.seeing + room.val * room.seeing + _SAVED
    epochs = min(_MOST_EPOCHS, int((_LEARNT * room.seconds - room.once) / epoch))
    if not candidate.entry.packaged or settings.transfer != "none" or epochs < _LEAST_EPOCHS:
        return None
    chosen = replace(settings, transfer="all", epochs=epochs, batch_size=_BATCH, learning_rate=_RATE)
    told = f"method: all of the network learns, for {epochs} epochs, since its weights know no photographs"
    return chosen, told, room.once + epochs * epoch


def _by_features(settings: TrainingSettings, room: _Room) -> tuple[TrainingSettings, str, float]:
    """Leave the network as it is, and look at each picture as often as there is time for."""
    another = room.train * (room.reading + room.seeing) + room.fitting
    spare = _ALL_VIEWS * room.seconds - room.once - room.fitting - _FIT_BEGUN
    views = settings.views if settings.views > 1 else min(_MOST_VIEWS, 1 + max(0, int(spare / another)))
    chosen = replace(settings, transfer="features", views=views)
    times = "once" if views == 1 else f"{views} times"
    told = f"method: logistic regression on what the frozen network sees, which looks at each picture {times}"
    return chosen, told, room.once + _FIT_BEGUN + room.fitting + (views - 1) * another


def _candidates(model: str | None, settings: TrainingSettings) -> list[_Candidate]:
    """Networks with weights that are here, the most accurate first."""
    if model is not None and settings.weights:
        like = next(iter(entries(model).values()), next(iter(entries(OWN_MODEL).values())))
        return [_Candidate(model, entries(model).get(f"{model}/{settings.weights}", like))]
    known = {
        name: entry
        for name, entry in (entries(model) if model is not None else entries()).items()
        if network_kind(entry.architecture) == "classification"
    }
    found = [
        _Candidate(entry.architecture, entry)
        for entry in known.values()
        if is_here(entry) and (entry.cleared or not settings.commercial_only)
        and (not settings.weights or entry.tag == settings.weights) and entry.preprocessing.size[0] >= 64
    ]  # fmt: skip
    if not found:
        raise BadConfig(
            f"got budget={settings.budget!r} for {model}, of which no weights are on this machine; taken are networks "
            f"with weights; leave the model out, or fetch some: saccade fetch {model}/imagenet"
        )
    return sorted(found, key=lambda one: one.rank, reverse=True)


def _read(source: Source) -> tuple[float, list[int], np.ndarray]:
    """Seconds to read a picture and make it small, the shorter sides, and one picture."""
    rows = np.linspace(0, len(source) - 1, min(_LOOKED_AT, len(source))).round().astype(int).tolist()
    times, sides, image = list[float](), list[int](), None
    for row in rows:
        begun = time.perf_counter()
        try:
            image = source.read(row).image
            preprocess(image, _SMALL)  # to make a large picture small takes as long as to decode it
        except (BadImage, MissingExtra):
            continue
        times.append(time.perf_counter() - begun)
        sides.append(min(image.shape[:2]))
    if image is None:
        raise BadData(
            "got no readable picture among those looked at; taken are sets with pictures; see saccade data check"
        )
    return float(np.mean(times)), sides, image


def _seeing(model: str, image: np.ndarray, settings: TrainingSettings) -> float:
    """Seconds a picture of 64 × 64 pixels takes."""
    network = _bare(model)
    execution = resolve(settings, network)
    channels = network.in_channels
    seen = Preprocessing((64, 64), channels, (0.0,) * channels, (1.0,) * channels)
    images = to_images([preprocess(image, seen)] * _SEEN_AT_ONCE)
    network = execution.placed(network.eval())
    images = images.to(execution.device, memory_format=execution.torch_memory_format)
    times = []
    with execution.applied(), torch.inference_mode(), execution.autocast():
        for _ in range(3):
            begun = time.perf_counter()
            network.features(images)
            times.append((time.perf_counter() - begun) / len(images))
    return min(times)


def _bare(model: str) -> Pooled:
    return Pooled(catalog.find("architectures", model)(num_classes=1), num_classes=1)


def _width(model: str) -> int:
    with torch.device("meta"):
        return _bare(model).width


def _sides(settings: TrainingSettings, sides: list[int], seen: Preprocessing) -> list[int]:
    """Sizes to try, the largest first: none much larger than the pictures are, nor than the weights have seen."""
    if settings.height or settings.width:
        return [settings.height or settings.width]
    most = min(seen.size[0], max(64, 2 * int(median(sides))))
    return [side for side in _SIDES if side <= most]
