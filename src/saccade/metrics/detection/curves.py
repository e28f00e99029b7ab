"""Precision, recall and F1 against confidence, at an IoU of 0.5."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from saccade.metrics.detection.matches import ClassMatches
from saccade.metrics.judgement import plain

_POINTS = 101


@dataclass(frozen=True, eq=False)
class Curve:
    """How precision and recall change as ever less sure boxes are taken in; boxes of equal confidence enter together.

    Args:
        label: The class, or "" for all together.
        confidence: From which confidence on boxes are taken in, from high to low.
        precision: The share of those boxes that are right.
        recall: The share of all things that are found; NaN when there are none.

    Source: van Rijsbergen, 1979, "Information Retrieval".
    """

    label: str
    confidence: Float[np.ndarray, " points"]
    precision: Float[np.ndarray, " points"]
    recall: Float[np.ndarray, " points"]

    @property
    def f1(self) -> Float[np.ndarray, " points"]:
        """The harmonic mean of the two; 0 where nothing is right."""
        total = self.precision + self.recall
        return 2 * self.precision * self.recall / np.where(total == 0, 1, total)

    @property
    def best(self) -> tuple[float, float]:
        """The confidence with the best F1, the highest such, and that F1; (0, 0) when nothing is right."""
        if not np.nanmax(self.f1, initial=0):
            return 0.0, 0.0
        at = int(np.nanargmax(self.f1))
        return float(self.confidence[at]), float(self.f1[at])

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold; of a long curve a hundred and one points."""
        count = len(self.confidence)
        chosen = np.linspace(0, max(count - 1, 0), min(count, _POINTS)).round().astype(int)
        columns = {"confidence": self.confidence, "precision": self.precision, "recall": self.recall, "f1": self.f1}
        told = {name: [plain(value) for value in values[chosen].tolist()] for name, values in columns.items()}
        confidence, f1 = self.best
        return {"label": self.label, **told, "best_confidence": plain(confidence), "best_f1": plain(f1)}


def curve(matches: Sequence[ClassMatches], label: str = "") -> Curve:
    """Draw the curve of one class, or of several together.

    Args:
        matches: Of each class that counts.
        label: What to call it.

    Returns:
        A point for each different confidence; boxes in a crowd are left out.

    Source: ours.

    Example:
        >>> nothing, no = np.zeros(0, int), np.zeros((10, 4, 0), bool)
        >>> missed = ClassMatches(nothing, nothing, nothing, np.zeros(0), no, no, nothing, np.ones((4, 1), int))
        >>> curve([missed]).best
        (0.0, 0.0)
    """
    counted = [~one.ignored[0, 0] for one in matches]
    confidence = np.concatenate([one.confidence[which] for one, which in zip(matches, counted, strict=True)])
    hits = np.concatenate([one.hit[0, 0, which] for one, which in zip(matches, counted, strict=True)])
    things = sum(int(one.things[0].sum()) for one in matches)
    order = np.argsort(-confidence, kind="stable")
    confidence, right = confidence[order], hits[order].cumsum()
    ends = np.flatnonzero(np.append(confidence[1:] != confidence[:-1], True)) if len(order) else order
    recall = right[ends] / things if things else np.full(len(ends), np.nan)
    return Curve(label, confidence[ends], right[ends] / (ends + 1), recall)
