"""What AP50 would gain if all mistakes of one kind were mended.

Source: Bolya et al., 2020, "TIDE" (arXiv 2008.08115), section 2.3.
"""

from __future__ import annotations

import numpy as np
from jaxtyping import Bool, Float, Int

from saccade.metrics.detection.matches import RECALLS
from saccade.metrics.detection.mistakes import CLASS, KINDS, LOCALISATION, MISSED, RIGHT, Answers
from saccade.metrics.per_class import macro


def gains(answers: Answers, num_classes: int) -> dict[str, float]:
    """Work out what AP50 would gain from mending each kind of mistake, the others as they are.

    A box in the wrong place is put on its thing, one of the wrong class is given the right one, and then is right if
    it is the surest such box on a thing that has none; otherwise it is taken away, as are boxes of all other kinds.
    Things that were missed no longer count; a class of which no other thing is left has an average precision of 1.

    Args:
        answers: What became of each box, at any confidence.
        num_classes: How many classes there are.

    Returns:
        A difference of shares for each of KINDS; they do not sum to what is missing. NaN when there are no things.

    Source: as the file.
    """
    things = np.bincount(answers.thing_class[~answers.crowd], minlength=num_classes)
    now = _mean_precision(answers.kind == RIGHT, answers.class_id, things, things > 0)
    return {name: _mended(answers, kind, things) - now for kind, name in enumerate(KINDS)}


def _mended(answers: Answers, kind: int, things: Int[np.ndarray, " classes"]) -> float:
    right, class_id, keep = answers.kind == RIGHT, answers.class_id, answers.kind != kind
    there = things > 0
    if kind == MISSED:
        things = things - np.bincount(answers.thing_class[answers.missed], minlength=len(things))
    elif kind in (LOCALISATION, CLASS):
        rows = np.flatnonzero(~keep)
        rows = rows[~answers.hit[answers.thing[rows]]]
        surest = rows[np.unique(answers.thing[rows], return_index=True)[1]]
        right, keep, class_id = right.copy(), keep.copy(), class_id.copy()
        right[surest] = keep[surest] = True
        class_id[surest] = answers.thing_class[answers.thing[surest]]
    return _mean_precision(right, np.where(keep, class_id, -1), things, there)


def _mean_precision(
    right: Bool[np.ndarray, " found"],
    class_id: Int[np.ndarray, " found"],
    things: Int[np.ndarray, " classes"],
    there: Bool[np.ndarray, " classes"],
) -> float:
    """Average the precision at an IoU of 0.5 over the classes that are there."""
    each = [
        _precision(right[class_id == number], int(count)) if there[number] else np.nan
        for number, count in enumerate(things)
    ]
    return float(macro(np.array(each)))


def _precision(right: Bool[np.ndarray, " found"], things: int) -> float:
    if not things:
        return 1.0
    found = right.cumsum()
    precision: Float[np.ndarray, " found"] = found / np.arange(1, len(found) + 1)
    best = np.append(np.maximum.accumulate(precision[::-1])[::-1], 0.0)
    return float(best[np.searchsorted(found / things, RECALLS)].mean())
