"""What to read with care.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Sequence

from saccade.errors import printable
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
    if isinstance(facts.judgement, Judged):
        found += _flags_of_size(facts.judgement, SPLITS.get(facts.split, facts.split))
    if training and training.overfitting:
        found.append(("Signs of overfitting.", f"In training, {training.overfitting}."))
    if training and training.stopped:
        found.append(("Training was stopped early.", f"The reason: {printable(training.stopped)}."))
    return tuple(found)


def _flags_of_size(judgement: Judged, split: str) -> list[tuple[str, str]]:
    found, images = [], len(judgement.keys)
    if images < _FEW_IMAGES:
        weight = (
            f"There are {images:,}: a single one weighs {per_cent(1 / images)}, and the intervals are as wide as that."
        )
        found.append((f"Few {split} images.", weight))
    few = [row.label for row in judgement.per_class if 0 < row.support < _FEW_OF_A_CLASS]
    if few:
        classes = counted(len(few), "class", "classes")
        short = f"{classes} with fewer than {_FEW_OF_A_CLASS} {split} images."
        found.append((short, f"What is said of {_listed(few)} rests on very little."))
    if judgement.absent:
        short = f"{counted(len(judgement.absent), 'class', 'classes')} without {split} images."
        found.append((short, f"Nothing is known of {_listed(judgement.absent)}; averages leave them out."))
    return found


def _listed(names: Sequence[str], most: int = 6) -> str:
    shown = ", ".join(printable(name) for name in names[:most])
    return f"{shown} and {len(names) - most} more" if len(names) > most else shown
