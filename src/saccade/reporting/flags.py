"""What to read with care.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence

from saccade.errors import printable
from saccade.metrics.detection.judgement import DetectionJudgement
from saccade.metrics.judgement import ClassRow
from saccade.reporting.curves import Training
from saccade.reporting.facts import SPLITS, CardFacts, Judged
from saccade.reporting.phrases import counted, per_cent

_FLATTERING = {
    "val": (
        "Judged on validation images.",
        "They also chose which weights were kept, so these figures flatter the model.",
    ),
    "train": ("Judged on its own training images.", "These figures say nothing about images it has not seen."),
}
_FEW_IMAGES, _FEW_OF_A_CLASS = 500, 10


def flags(facts: CardFacts, training: Training | None) -> tuple[tuple[str, str], ...]:
    """Say what makes the figures less sure than they look.

    Args:
        facts: Of the card.
        training: How training went.

    Returns:
        (in a few words, in a sentence) of each reason for care.

    Source: ours.
    """
    found = []
    if facts.judgement is None:
        found.append(("Not judged.", "No evaluation was made; make one before you believe in this model."))
    elif facts.split in _FLATTERING:
        found.append(_FLATTERING[facts.split])
    split = SPLITS.get(facts.split, facts.split)
    if isinstance(facts.judgement, Judged):
        found += _flags_of_size(facts.judgement, split)
    elif isinstance(facts.judgement, DetectionJudgement):
        found += _flags_of_things(facts.judgement, split)
    if training and training.overfitting:
        found.append(("Signs of overfitting.", f"In training, {training.overfitting}."))
    if training and training.stopped:
        found.append(("Training was stopped early.", f"The reason: {printable(training.stopped)}."))
    return tuple(found)


def _flags_of_size(judgement: Judged, split: str) -> list[tuple[str, str]]:
    found = _few_images(len(judgement.keys), split)
    few = _rare(judgement.per_class)
    if few:
        classes = counted(len(few), "class", "classes")
        short = f"{classes} with fewer than {_FEW_OF_A_CLASS} {split} images."
        found.append((short, f"What is said of {_listed(few)} rests on very little."))
    if judgement.absent:
        short = f"{counted(len(judgement.absent), 'class', 'classes')} without {split} images."
        found.append((short, f"Nothing is known of {_listed(judgement.absent)}; averages leave them out."))
    return found


def _flags_of_things(judgement: DetectionJudgement, split: str) -> list[tuple[str, str]]:
    found = _few_images(len(judgement.keys), split)
    if not any(row.support for row in judgement.per_class):
        long = f"No {split} image has a thing on it, so nothing can be said of how well things are found."
        return [*found, ("Nothing to find.", long)]
    few = _rare(judgement.per_class)
    if few:
        short = (
            f"{counted(len(few), 'class', 'classes')} with fewer than {_FEW_OF_A_CLASS} things in the {split} images."
        )
        found.append((short, f"What is said of {_listed(few)} rests on very little."))
    if judgement.absent:
        short = f"{counted(len(judgement.absent), 'class', 'classes')} without things in the {split} images."
        found.append((short, f"Nothing is known of {_listed(judgement.absent)}; averages leave them out."))
    if not judgement.curve.best[1]:
        found.append(("No box is right.", "There is no confidence to choose, so every box counts, however unsure."))
    return found


def _few_images(images: int, split: str) -> list[tuple[str, str]]:
    if images >= _FEW_IMAGES:
        return []
    weight = f"There are {images:,}: a single one weighs {per_cent(1 / images)}, and the intervals are as wide as that."
    return [(f"Few {split} images.", weight)]


def _rare(rows: Sequence[ClassRow]) -> list[str]:
    return [row.label for row in rows if 0 < row.support < _FEW_OF_A_CLASS]


def _listed(names: Sequence[str], most: int = 6) -> str:
    shown = ", ".join(printable(name) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
