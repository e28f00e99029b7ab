"""Binary cross-entropy against its formula, written out beside each test."""

from __future__ import annotations

from math import exp, log

import pytest
import torch

from saccade.errors import BadConfig, BadLabel, BadShape
from saccade.losses.binary_cross_entropy import binary_cross_entropy

LOGITS = torch.tensor([[0.0, 2.0], [-1.0, 3.0]], dtype=torch.float64)
TARGETS = torch.tensor([[1.0, 0.0], [0.0, 1.0]])


def by_hand(smoothing: float, weights: list[float]) -> float:
    """The mean of −w y log p − (1 − y) log(1 − p), y moved towards a half, with plain loops."""
    total = 0.0
    for logits, targets in zip(LOGITS.tolist(), TARGETS.tolist(), strict=True):
        for logit, target, weight in zip(logits, targets, weights, strict=True):
            probability, smoothed = 1 / (1 + exp(-logit)), target * (1 - smoothing) + smoothing / 2
            total -= weight * smoothed * log(probability) + (1 - smoothed) * log(1 - probability)
    return total / 4


def test_being_unsure_costs_log_two() -> None:
    assert binary_cross_entropy(torch.zeros(1, 2), TARGETS[:1]).item() == pytest.approx(log(2))


@pytest.mark.parametrize("smoothing", [0.0, 0.2, 1.0])
@pytest.mark.parametrize("weights", [[1.0, 1.0], [5.0, 0.5], [0.0, 0.0]])
def test_it_equals_the_formula_with_plain_loops(smoothing: float, weights: list[float]) -> None:
    loss = binary_cross_entropy(LOGITS, TARGETS, label_smoothing=smoothing, positive_weights=torch.tensor(weights))
    assert loss.item() == pytest.approx(by_hand(smoothing, weights))


def test_half_precision_is_computed_in_single() -> None:
    assert binary_cross_entropy(LOGITS.bfloat16(), TARGETS).dtype == torch.float32


def test_huge_logits_stay_finite() -> None:
    assert binary_cross_entropy(torch.tensor([[1e30, -1e30]]), TARGETS[:1]).item() == 0


@pytest.mark.bad_input
def test_targets_outside_zero_and_one_are_listed() -> None:
    with pytest.raises(BadLabel, match=r"got targets -1, 2, nan \(3 of 4\); taken are numbers from 0 to 1"):
        binary_cross_entropy(torch.zeros(2, 2), torch.tensor([[2.0, 1.0], [-1.0, float("nan")]]))


@pytest.mark.bad_input
def test_sizes_that_do_not_fit_are_refused() -> None:
    with pytest.raises(BadShape, match=r"taken are two of \(batch, classes\)"):
        binary_cross_entropy(torch.zeros(2, 3), torch.zeros(2, 2))
    with pytest.raises(BadShape, match=r"got class weights of shape \(3,\) for 2 classes"):
        binary_cross_entropy(LOGITS, TARGETS, positive_weights=torch.ones(3))
    with pytest.raises(BadConfig, match=r"got label_smoothing=-1"):
        binary_cross_entropy(LOGITS, TARGETS, label_smoothing=-1)
