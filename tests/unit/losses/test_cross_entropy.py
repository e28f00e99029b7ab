"""Cross-entropy against its formula, written out beside each test."""

from __future__ import annotations

from math import exp, log

import pytest
import torch

from saccade.errors import BadConfig, BadLabel, BadShape
from saccade.losses.cross_entropy import cross_entropy

LOGITS = torch.tensor([[0.0, 0.0, 0.0], [2.0, 1.0, 0.0]], dtype=torch.float64)
# −log p of each class: log 3 three times; log(1 + e + e²) minus the logit
UNSURE = log(3)
SUM = log(1 + exp(1) + exp(2))


def by_hand(labels: list[int], smoothing: float, weights: list[float]) -> float:
    """Σ_i [(1 − ε) w_y (−log p_y) + ε/C Σ_c w_c (−log p_c)] / Σ_i w_y, with plain loops."""
    total = share = 0.0
    for row, label in zip(LOGITS.tolist(), labels, strict=True):
        costs = [log(sum(exp(one) for one in row)) - logit for logit in row]
        spread = sum(weight * cost for weight, cost in zip(weights, costs, strict=True)) / 3
        total += (1 - smoothing) * weights[label] * costs[label] + smoothing * spread
        share += weights[label]
    return total / share


def test_it_is_the_mean_of_minus_log_p() -> None:
    assert cross_entropy(LOGITS, torch.tensor([0, 2])).item() == pytest.approx((UNSURE + SUM) / 2)


def test_smoothing_spreads_a_share_over_all_classes() -> None:
    # ε = 0.3: 0.7 · (SUM − 2) + 0.1 · ((SUM − 2) + (SUM − 1) + SUM) = SUM − 1.7
    loss = cross_entropy(LOGITS[1:], torch.tensor([0]), label_smoothing=0.3)
    assert loss.item() == pytest.approx(SUM - 1.7)


@pytest.mark.parametrize("labels", [[0, 0], [0, 2], [1, 1]])
@pytest.mark.parametrize("smoothing", [0.0, 0.1, 1.0])
@pytest.mark.parametrize("weights", [[1.0, 1.0, 1.0], [0.5, 3.0, 1.0], [0.0, 2.0, 1.0]])
def test_it_equals_the_formula_with_plain_loops(labels: list[int], smoothing: float, weights: list[float]) -> None:
    if sum(weights[label] for label in labels):
        loss = cross_entropy(
            LOGITS, torch.tensor(labels), label_smoothing=smoothing, class_weights=torch.tensor(weights)
        )
        assert loss.item() == pytest.approx(by_hand(labels, smoothing, weights))


def test_a_batch_of_weightless_classes_costs_nothing() -> None:
    logits = LOGITS.clone().requires_grad_()
    loss = cross_entropy(logits, torch.tensor([0, 0]), class_weights=torch.tensor([0.0, 1.0, 1.0]))
    loss.backward()
    assert loss.item() == 0
    assert logits.grad is not None
    assert logits.grad.tolist() == [[0, 0, 0], [0, 0, 0]]


def test_the_gradient_is_p_minus_y() -> None:
    logits = LOGITS[1:].clone().requires_grad_()
    cross_entropy(logits, torch.tensor([1])).backward()
    expected = LOGITS[1].softmax(0) - torch.tensor([0.0, 1.0, 0.0])
    torch.testing.assert_close(logits.grad, expected[None])


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16])
def test_half_precision_is_computed_in_single(kind: torch.dtype) -> None:
    loss = cross_entropy(LOGITS.to(kind), torch.tensor([0, 2], dtype=torch.int32))
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx((UNSURE + SUM) / 2)


def test_huge_logits_stay_finite() -> None:
    assert cross_entropy(torch.tensor([[1e30, -1e30]]), torch.tensor([0])).item() == 0


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("weights", [None, torch.tensor([1.0, 3.0, 0.5])])
def test_whole_shares_cost_what_labels_cost(smoothing: float, weights: torch.Tensor | None) -> None:
    labels, logits = torch.tensor([2, 0, 1]), torch.randn(3, 3, generator=torch.Generator().manual_seed(0))
    one, other = (
        cross_entropy(logits, given, label_smoothing=smoothing, class_weights=weights)
        for given in (labels, torch.eye(3)[labels])
    )
    torch.testing.assert_close(one, other)


def test_a_mixed_image_costs_the_mean_of_its_classes() -> None:
    shares = torch.tensor([[0.25, 0.75, 0.0]])
    first, second = (cross_entropy(LOGITS[:1], torch.tensor([label])).item() for label in (0, 1))
    assert cross_entropy(LOGITS[:1], shares).item() == pytest.approx(0.25 * first + 0.75 * second)


def test_mixed_images_without_weight_cost_nothing() -> None:
    weights = torch.tensor([0.0, 1.0, 1.0])
    assert cross_entropy(LOGITS[:1], torch.tensor([[1.0, 0.0, 0.0]]), class_weights=weights).item() == 0


@pytest.mark.bad_input
def test_labels_that_are_no_class_are_listed() -> None:
    with pytest.raises(BadLabel, match=r"got labels -100, 3, 9 \(4 of 5 images\) for 3 classes; taken are 0 to 2"):
        cross_entropy(torch.zeros(5, 3), torch.tensor([3, 0, 9, -100, 9]))


@pytest.mark.bad_input
def test_labels_that_are_no_whole_numbers_are_refused() -> None:
    with pytest.raises(BadLabel, match=r"got labels of type torch\.float32"):
        cross_entropy(torch.zeros(1, 3), torch.tensor([1.0]))


@pytest.mark.bad_input
@pytest.mark.parametrize(("logits", "labels"), [((2, 3), (3,)), ((2, 3), (2, 3)), ((2, 3, 4), (2,)), ((3,), (3,))])
def test_sizes_that_do_not_fit_are_refused(logits: tuple[int, ...], labels: tuple[int, ...]) -> None:
    with pytest.raises(BadShape, match=r"taken are \(batch, classes\) and \(batch,\)"):
        cross_entropy(torch.zeros(logits), torch.zeros(labels, dtype=torch.int64))


@pytest.mark.bad_input
def test_options_out_of_range_are_refused() -> None:
    with pytest.raises(BadConfig, match=r"got label_smoothing=1\.5"):
        cross_entropy(LOGITS, torch.tensor([0, 1]), label_smoothing=1.5)
    with pytest.raises(BadShape, match=r"got class weights of shape \(2,\) for 3 classes"):
        cross_entropy(LOGITS, torch.tensor([0, 1]), class_weights=torch.ones(2))
