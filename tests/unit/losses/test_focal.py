import math

import pytest
import torch
from torch.nn import functional as F

from saccade.errors import BadConfig, BadLabel, BadShape, UnknownName
from saccade.losses.focal import reduce, sigmoid_focal_loss

LOGITS = torch.tensor([[0.0, 2.0, -3.0]])
TARGETS = torch.tensor([[1.0, 0.0, 0.25]])


def test_one_number_by_hand():
    for target, weight in [(1.0, 0.25), (0.0, 0.75)]:
        loss = sigmoid_focal_loss(torch.zeros(1), torch.tensor([target]), gamma=3)
        assert loss.item() == pytest.approx(weight / 8 * math.log(2))


def test_without_gamma_and_alpha_it_is_binary_cross_entropy():
    plain = F.binary_cross_entropy_with_logits(LOGITS, TARGETS, reduction="none")
    found = sigmoid_focal_loss(LOGITS, TARGETS, alpha=None, gamma=0, reduction="none")
    assert torch.equal(found, plain)


def test_shares_are_weighted_by_what_is_given_to_the_truth():
    probability = LOGITS.double().sigmoid()
    truth = probability * TARGETS + (1 - probability) * (1 - TARGETS)
    plain = F.binary_cross_entropy_with_logits(LOGITS, TARGETS, reduction="none")
    expected = (1 - truth) ** 1.5 * plain * (0.3 * TARGETS + 0.7 * (1 - TARGETS))
    found = sigmoid_focal_loss(LOGITS, TARGETS, alpha=0.3, gamma=1.5, reduction="none")
    torch.testing.assert_close(found.double(), expected)


@pytest.mark.parametrize("gamma", [0.0, 0.5, 1.0, 2.0])
def test_gradients_are_finite_for_the_surest_logits(gamma):
    logits = torch.tensor([1e4, -1e4, 90.0, -90.0, 0.0]).repeat(2).requires_grad_()
    targets = torch.tensor([0.0] * 5 + [1.0] * 5)
    loss = sigmoid_focal_loss(logits, targets, gamma=gamma)
    loss.backward()
    assert loss.isfinite()
    assert logits.grad.isfinite().all()


def test_half_precision_is_computed_in_float32_and_none_is_0():
    assert sigmoid_focal_loss(LOGITS.half(), TARGETS.half()).dtype == torch.float32
    assert sigmoid_focal_loss(torch.zeros(0, 3), torch.zeros(0, 3)).item() == 0
    assert reduce(torch.ones(2, 3), "none").shape == (2, 3)


@pytest.mark.bad_input
def test_what_cannot_be_compared_is_refused():
    with pytest.raises(BadShape, match="one shape"):
        sigmoid_focal_loss(LOGITS, TARGETS[0])
    with pytest.raises(BadLabel, match="targets 2"):
        sigmoid_focal_loss(LOGITS, TARGETS * 2 + 1.5 * (TARGETS == 0.25))
    for settings in ({"alpha": 2.0}, {"gamma": -1.0}):
        with pytest.raises(BadConfig, match="alpha="):
            sigmoid_focal_loss(LOGITS, TARGETS, **settings)
    with pytest.raises(UnknownName, match="mean"):
        sigmoid_focal_loss(LOGITS, TARGETS, reduction="mea")
