"""The kinds of mistakes of a detector: what is wrong with each wrong box, and what was missed.

With an IoU of 0.5 for right and of 0.1 for background, a wrong box is, of these, the first that it can be:

* `localisation`: from 0.1 to below 0.5 on a thing of its class;
* `class`: at 0.5 or above on a thing of another class;
* `duplicate`: at 0.5 or above on a thing of its class that a surer box has taken;
* `background`: below 0.1 on everything;
* `both`: what is left, from 0.1 to below 0.5 on a thing of another class.

A thing is `missed` when no box is on it, nor is one of the first two mistakes about it.

Source: Bolya et al., 2020, "TIDE: a general toolbox for identifying object detection errors" (arXiv 2008.08115).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Int

from saccade.errors import printable
from saccade.metrics.detection.judged import Judged, overlaps
from saccade.metrics.detection.matches import ClassMatches
from saccade.metrics.judgement import plain

KINDS = ("localisation", "class", "both", "duplicate", "background", "missed")
LOCALISATION, CLASS, BOTH, DUPLICATE, BACKGROUND, MISSED = range(len(KINDS))
RIGHT = -1
_RIGHT_FROM, _BACKGROUND_BELOW = 0.5, 0.1


@dataclass(frozen=True)
class Mistake:
    """One wrong box, or one missed thing.

    Args:
        index: The image's place among those judged.
        key: Where the image comes from.
        kind: One of KINDS.
        box: (x1, y1, x2, y2) of the wrong box, or of the thing that was missed.
        label: The class that the box was taken for, or that the missed thing is of.
        true: The class of the thing that the box has most to do with, "" for the background.
        true_box: The box of that thing.
        confidence: Of the wrong box; NaN for a missed thing.
        iou: With that thing; of a missed thing the most that a box of any class has.

    Source: ours.
    """

    index: int
    key: str
    kind: str
    box: tuple[float, float, float, float]
    label: str
    true: str
    true_box: tuple[float, float, float, float] | None
    confidence: float
    iou: float

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        boxes = {"box": [round(side, 3) for side in self.box]}
        boxes |= {"true_box": None if self.true_box is None else [round(side, 3) for side in self.true_box]}
        told = {"key": self.key, "kind": self.kind, "label": self.label, "true": self.true or None}
        return {**told, **boxes, "confidence": plain(self.confidence), "iou": plain(self.iou)}

    def __str__(self) -> str:
        if self.kind == "missed":
            return printable(f"{self.key}: {self.label} missed")
        true = f", in truth {self.true}" if self.true else ""
        told = f"{self.key}: {self.label} ({100 * self.confidence:.1f} %){true}; {self.kind}, IoU {self.iou:.2f}"
        return printable(told)


@dataclass(frozen=True, eq=False)
class Answers:
    """What became of each box and of each thing, all images in one row.

    Args:
        image: Of each box, the surest first.
        number: Its place among what was found in its image.
        class_id: What it was taken for.
        confidence: Of each box.
        kind: A number into KINDS, or −1 for right.
        thing: The thing that it is about, numbered through all images; −1 for the background.
        iou: With that thing, or the most with any.
        thing_image: Of each thing.
        thing_class: Of each thing.
        hit: Whether a box is on each thing.
        missed: Whether each thing is missed.
        crowd: Whether each thing is a crowd, which is never missed.

    Source: as the file.
    """

    image: Int[np.ndarray, " found"]
    number: Int[np.ndarray, " found"]
    class_id: Int[np.ndarray, " found"]
    confidence: Float[np.ndarray, " found"]
    kind: Int[np.ndarray, " found"]
    thing: Int[np.ndarray, " found"]
    iou: Float[np.ndarray, " found"]
    thing_image: Int[np.ndarray, " things"]
    thing_class: Int[np.ndarray, " things"]
    hit: Bool[np.ndarray, " things"]
    missed: Bool[np.ndarray, " things"]
    crowd: Bool[np.ndarray, " things"]

    def counts(self) -> dict[str, int]:
        """Count the mistakes of each kind."""
        told = {name: int((self.kind == number).sum()) for number, name in enumerate(KINDS)}
        return {**told, "missed": int(self.missed.sum())}


def sort_answers(images: Sequence[Judged], matches: Sequence[ClassMatches], confidence: float = 0.0) -> Answers:
    """Say what became of each box and of each thing.

    Args:
        images: What was found beside what is there.
        matches: Of each class, from `match_classes`.
        confidence: From which confidence on boxes count.

    Returns:
        The answers; boxes in crowds, and crowds, are left out.

    Source: as the file.
    """
    chosen = [~one.ignored[0, 0] & (one.confidence >= confidence) for one in matches]
    columns = [
        (one.image[which], one.number[which], np.full(which.sum(), class_id), one.confidence[which], one.thing[which])
        for class_id, (one, which) in enumerate(zip(matches, chosen, strict=True))
    ]
    image, number, class_id, sure, thing = (np.concatenate(parts) for parts in zip(*columns, strict=True))
    order = np.argsort(-sure, kind="stable")
    image, number, class_id, sure, thing = (part[order] for part in (image, number, class_id, sure, thing))
    sizes = np.array([len(one.class_ids) for one in images])
    starts = sizes.cumsum() - sizes
    thing = np.where(thing >= 0, thing + starts[image], -1)
    hit = np.zeros(sizes.sum(), bool)
    hit[thing[thing >= 0]] = True
    kind, iou = np.full(len(image), RIGHT), np.ones(len(image))
    by_image = np.split(np.argsort(image, kind="stable"), np.bincount(image, minlength=len(images)).cumsum()[:-1])
    for one, start, rows in zip(images, starts.tolist(), by_image, strict=True):
        kind[rows], about, iou[rows] = _kinds(one, number[rows], thing[rows] - start, thing[rows] >= 0)
        thing[rows] = np.where(about >= 0, about + start, -1)
    seen = hit.copy()
    seen[thing[(kind == LOCALISATION) | (kind == CLASS)]] = True
    crowd = np.concatenate([one.crowd for one in images])
    return Answers(
        *(image, number, class_id, sure, kind, thing, iou),
        thing_image=np.repeat(np.arange(len(images)), sizes),
        thing_class=np.concatenate([one.class_ids for one in images]),
        hit=hit,
        missed=~(seen | crowd),
        crowd=crowd,
    )


def worst_mistakes(
    images: Sequence[Judged], answers: Answers, names: tuple[str, ...], count: int = 50
) -> tuple[tuple[Mistake, ...], tuple[Mistake, ...]]:
    """List the worst mistakes.

    Args:
        images: What was found beside what is there.
        answers: What became of each box.
        names: Of the classes.
        count: At most so many of each.

    Returns:
        The surest wrong boxes, and the largest things that were missed.

    Source: ours.
    """
    starts = np.searchsorted(answers.thing_image, np.arange(len(images)))
    wrong = np.flatnonzero(answers.kind >= 0)[:count]
    area = np.concatenate([one.area for one in images])
    missed = np.flatnonzero(answers.missed)
    missed = missed[np.argsort(-area[missed], kind="stable")][:count]
    return (
        tuple(_wrong(images, answers, names, row, starts) for row in wrong.tolist()),
        tuple(_missed(images, answers, names, row, starts) for row in missed.tolist()),
    )


def _kinds(
    image: Judged, numbers: Int[np.ndarray, " some"], taken: Int[np.ndarray, " some"], right: Bool[np.ndarray, " some"]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Of some boxes in one image: the kind, the thing it is about or −1, and the IoU with it."""
    there = np.flatnonzero(~image.crowd)
    boxes, found_ids = image.found[numbers], image.found_ids[numbers]
    common = overlaps(boxes, image.boxes[there], np.zeros(len(there), bool))
    rows = np.arange(len(numbers))
    if not len(there):
        return np.full(len(rows), BACKGROUND), np.full(len(rows), -1), np.zeros(len(rows))
    same = found_ids[:, None] == image.class_ids[there]
    of_class, of_others = np.where(same, common, -1.0), np.where(same, -1.0, common)
    best_same, best_other, best = of_class.max(axis=1), of_others.max(axis=1), common.max(axis=1)
    tests = [
        right,
        (best_same >= _BACKGROUND_BELOW) & (best_same < _RIGHT_FROM),
        best_other >= _RIGHT_FROM,
        best_same >= _RIGHT_FROM,
        best < _BACKGROUND_BELOW,
    ]
    kind = np.select(tests, [RIGHT, LOCALISATION, CLASS, DUPLICATE, BACKGROUND], BOTH)
    nearest = np.where(np.isin(kind, (LOCALISATION, DUPLICATE)), of_class.argmax(axis=1), of_others.argmax(axis=1))
    about = np.where(kind == RIGHT, taken, np.where(kind == BACKGROUND, -1, there[nearest]))
    iou = np.where(kind == BACKGROUND, best, common[rows, nearest])
    if right.any():
        iou[right] = common[rows[right], np.searchsorted(there, taken[right])]
    return kind, about, iou


def _wrong(images: Sequence[Judged], answers: Answers, names: tuple[str, ...], row: int, starts: np.ndarray) -> Mistake:
    index, thing = int(answers.image[row]), int(answers.thing[row])
    image = images[index]
    return Mistake(
        index=index,
        key=image.key,
        kind=KINDS[answers.kind[row]],
        box=_plain_box(image.found[answers.number[row]]),
        label=names[answers.class_id[row]],
        true="" if thing < 0 else names[answers.thing_class[thing]],
        true_box=None if thing < 0 else _plain_box(image.boxes[thing - starts[index]]),
        confidence=float(answers.confidence[row]),
        iou=float(answers.iou[row]),
    )


def _missed(
    images: Sequence[Judged], answers: Answers, names: tuple[str, ...], row: int, starts: np.ndarray
) -> Mistake:
    index, label = int(answers.thing_image[row]), names[answers.thing_class[row]]
    image = images[index]
    box = image.boxes[row - starts[index]]
    found = image.found[answers.number[answers.image == index]]
    iou = overlaps(found, box[None], np.zeros(1, bool)).max(initial=0)
    here = _plain_box(box)
    return Mistake(index, image.key, "missed", here, label, label, here, float("nan"), float(iou))


def _plain_box(box: Float[np.ndarray, " 4"]) -> tuple[float, float, float, float]:
    x1, y1, x2, y2 = box.tolist()
    return x1, y1, x2, y2
