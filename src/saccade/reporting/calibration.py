"""Whether the model's confidence can be believed.

Source: ours, after Guo et al. 2017, "On Calibration of Modern Neural Networks" (arXiv 1706.04599).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from saccade.metrics.calibration import ReliabilityCurve
from saccade.reporting.figures import draw_confidences, draw_reliability
from saccade.reporting.phrases import per_cent


@dataclass(frozen=True)
class Calibration:
    """The section on calibration: a verdict in a sentence, two drawings, and the rows behind them.

    Args:
        sentence: How confidence compares with being right.
        reliability: A drawing of how often it was right against how sure it was.
        confidences: A drawing of how many answers were given with how much confidence.
        rows: (from, to, mean confidence, share right, count) of each bin that is not empty.

    Source: ours.
    """

    sentence: str
    reliability: str
    confidences: str
    rows: tuple[tuple[str, str, str, str, str], ...]


def calibration_section(curve: ReliabilityCurve, *, by_label: bool = False) -> Calibration:
    """Lay out how far confidence can be believed.

    Args:
        curve: Confidence against accuracy, with at least one answer in it.
        by_label: Whether an answer is the probability of one label of an image, not that of its likeliest class.

    Returns:
        The section.

    Source: ours.
    """
    filled = np.flatnonzero(curve.count)
    weights = curve.count[filled] / curve.count.sum()
    sure, right = (float((of[filled] * weights).sum()) for of in (curve.confidence, curve.accuracy))
    rows = tuple(
        (
            per_cent(float(curve.edges[at])),
            per_cent(float(curve.edges[at + 1])),
            per_cent(float(curve.confidence[at])),
            per_cent(float(curve.accuracy[at])),
            f"{int(curve.count[at]):,}",
        )
        for at in filled.tolist()
    )
    sentence = (_labels_sentence if by_label else _answers_sentence)(sure, right, curve.error())
    return Calibration(
        sentence,
        draw_reliability(curve, "reliability", f"How often it was right against how sure it was. {sentence}"),
        draw_confidences(curve, "confidences", "How many answers were given with how much confidence."),
        rows,
    )


def _answers_sentence(sure: float, right: float, error: float) -> str:
    gap = f"{abs(sure - right) * 100:.1f} points"
    if abs(sure - right) < 0.005:
        verdict = "neither over- nor under-confident on the whole"
    else:
        verdict = f"over-confident by {gap}" if sure > right else f"under-confident by {gap}"
    return (
        f"On average the model was {per_cent(sure)} sure of its answer and right in {per_cent(right)} of cases: it is "
        f"{verdict}. Bin by bin, the two differ by {per_cent(error)} (expected calibration error)."
    )


def _labels_sentence(sure: float, right: float, error: float) -> str:
    return (
        f"On average the model gave a label a probability of {per_cent(sure)}, and {per_cent(right)} of the labels "
        f"were there. Bin by bin, the two differ by {per_cent(error)} (expected calibration error)."
    )
