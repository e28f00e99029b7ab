"""The worst mistakes of a detector, drawn; and pictures with all that was found beside all that is there.

Source: ours.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from saccade.metrics.detection.judged import Judged
from saccade.metrics.detection.judgement import DetectionJudgement
from saccade.metrics.detection.matches import match_classes
from saccade.metrics.detection.mistakes import RIGHT, Answers, Mistake, sort_answers
from saccade.reporting.detection.scenes import Marks, Scene, draw_scene
from saccade.reporting.phrases import counted, per_cent
from saccade.reporting.thumbnails import Album

MOST_OF_ONE = 2
_SHOWN, _EXAMPLES, _NEAR = 12, 6, 0.05


@dataclass(frozen=True)
class ShownMistake:
    """A mistake as it is shown.

    Args:
        scene: The picture with its boxes.
        label: What it was taken for, or what was missed.
        sure: How sure the detector was, in per cent; "" for what was missed.
        line: What is wrong with it.
        key: Where the picture comes from.

    Source: ours.
    """

    scene: Scene
    label: str
    sure: str
    line: str
    key: str


@dataclass(frozen=True)
class ShownMistakes:
    """Some mistakes of many.

    Args:
        shown: The worst, at most two of one picture.
        total: How many there are.

    Source: ours.
    """

    shown: tuple[ShownMistake, ...]
    total: int


@dataclass(frozen=True)
class Example:
    """One picture twice: with what was found, and with what is there.

    Args:
        found: The picture with the boxes found.
        there: The picture with the true ones.
        said: What was found, in words.
        true: What is there, in words.
        key: Where the picture comes from.

    Source: ours.
    """

    found: Scene
    there: Scene
    said: str
    true: str
    key: str


def wrong_boxes(judgement: DetectionJudgement, album: Album) -> ShownMistakes:
    """Draw the surest wrong boxes, each with what is there.

    Args:
        judgement: Of a detector.
        album: Gets the thumbnails.

    Returns:
        At most a dozen.

    Source: ours.
    """
    total = sum(one.count for one in judgement.errors if one.kind != "missed")
    return ShownMistakes(tuple(_shown(one, judgement, album) for one in _spread(judgement.wrong)), total)


def missed_things(judgement: DetectionJudgement, album: Album) -> ShownMistakes:
    """Draw the largest things that were missed.

    Args:
        judgement: Of a detector.
        album: Gets the thumbnails.

    Returns:
        At most a dozen.

    Source: ours.
    """
    total = sum(one.count for one in judgement.errors if one.kind == "missed")
    return ShownMistakes(tuple(_shown(one, judgement, album) for one in _spread(judgement.missed)), total)


def examples(judgement: DetectionJudgement, album: Album) -> tuple[Example, ...]:
    """Draw pictures with what was found and what is there, evenly chosen, so that they are neither best nor worst.

    Args:
        judgement: Of a detector.
        album: Gets the thumbnails.

    Returns:
        At most six, in the order of the images; images with nothing on them and nothing found only if all are such.

    Source: ours.
    """
    images = judgement.images
    some = [one for one in images if len(one.boxes) or (one.confidence >= judgement.confidence).any()] or list(images)
    places = np.linspace(0, len(some) - 1, min(_EXAMPLES, len(some))).astype(int).tolist()
    chosen = [some[place] for place in places]
    answers = sort_answers(chosen, match_classes(chosen, len(judgement.labels)), judgement.confidence)
    starts = np.cumsum([0, *(len(one.boxes) for one in chosen)]).tolist()
    return tuple(
        _example(one, place, slice(starts[place], starts[place + 1]), answers, judgement.labels, album)
        for place, one in enumerate(chosen)
    )


def _spread(mistakes: Sequence[Mistake]) -> list[Mistake]:
    """The first dozen, but no more than two of one picture."""
    chosen, times = list[Mistake](), Counter[int]()
    for one in mistakes:
        times[one.index] += 1
        if times[one.index] <= MOST_OF_ONE:
            chosen.append(one)
    return chosen[:_SHOWN]


def _shown(mistake: Mistake, judgement: DetectionJudgement, album: Album) -> ShownMistake:
    image, box = judgement.images[mistake.index], np.array([mistake.box])
    missed = mistake.kind == "missed"
    about = box if mistake.true_box is None else np.concatenate([box, [mistake.true_box]])
    others = image.boxes[~(image.boxes[:, None] == about[-1:]).all(axis=2).any(axis=1)]
    line = _line(mistake)
    words = f"{mistake.label}: {line}, {mistake.key}"
    marks = [Marks("other", others), Marks("there", about[1:] if not missed else about[:0])]
    marks += [Marks("missed" if missed else "wrong", box)]
    scene = draw_scene(mistake.key, marks, words, album, about=about)
    return ShownMistake(scene, mistake.label, "" if missed else per_cent(mistake.confidence), line, mistake.key)


def _line(mistake: Mistake) -> str:
    true, common = mistake.true, f"IoU {mistake.iou:.2f}"
    if mistake.kind == "background":
        return "nothing there"
    if mistake.kind == "missed":
        return f"missed; {common} with the nearest box" if mistake.iou >= _NEAR else "missed; no box is near it"
    return {
        "localisation": f"out of place: {common} with the {true} there",
        "class": f"in truth {true}, {common}",
        "both": f"out of place, and in truth {true}: {common}",
        "duplicate": f"a second box on one {true}, {common}",
    }[mistake.kind]


def _example(
    image: Judged, place: int, things: slice, answers: Answers, labels: tuple[str, ...], album: Album
) -> Example:
    rows = np.flatnonzero(answers.image == place)
    right = answers.number[rows[answers.kind[rows] == RIGHT]]
    wrong = answers.number[rows[answers.kind[rows] != RIGHT]]
    hit, crowd = answers.hit[things], answers.crowd[things]
    said = counted(len(rows), "box", "boxes") + (f": {len(right)} right, {len(wrong)} wrong" if len(rows) else "")
    count = int((~crowd).sum())
    true = counted(count, "thing") + (f": {int(hit.sum())} found, {count - int(hit.sum())} not" if count else "")
    found = [Marks(kind, image.found[which], _sure(image, which, labels))
             for kind, which in (("wrong", wrong), ("right", right))]  # fmt: skip
    there = [Marks(kind, image.boxes[which], [labels[number] for number in image.class_ids[which]])
             for kind, which in (("crowd", crowd), ("there", hit), ("missed", ~hit & ~crowd))]  # fmt: skip
    return Example(
        draw_scene(image.key, found, f"found in {image.key}: {said}", album),
        draw_scene(image.key, there, f"there in {image.key}: {true}", album),
        said,
        true,
        image.key,
    )


def _sure(image: Judged, which: np.ndarray, labels: tuple[str, ...]) -> list[str]:
    """Names with confidences, long names shortened so that the confidence is seen."""
    names = (labels[number] for number in image.found_ids[which])
    short = (name if len(name) <= 16 else f"{name[:15]}…" for name in names)
    return [f"{name} {sure:.2f}" for name, sure in zip(short, image.confidence[which], strict=True)]
