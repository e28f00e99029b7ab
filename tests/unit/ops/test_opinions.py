"""The mean of several answers: probabilities are averaged, exactly, in any order."""

from __future__ import annotations

import math

import pytest
import torch

from saccade.ops.opinions import mean_choice, mean_presence


def test_two_that_disagree_are_met_halfway() -> None:
    answers = torch.tensor([[[0.9, 0.1]], [[0.4, 0.6]]]).log()
    assert mean_choice(answers).exp().tolist()[0] == pytest.approx([0.65, 0.35], abs=1e-7)
    present = torch.tensor([[[0.9, 0.5]], [[0.4, 0.7]]]).logit()
    assert mean_presence(present).sigmoid().tolist()[0] == pytest.approx([0.65, 0.6], abs=1e-7)


def test_it_is_probabilities_that_are_averaged_and_not_logits() -> None:
    """One that is sure and one that does not know: the mean of logits would give 0.9526, not 0.7488."""
    answers = torch.tensor([[[6.0, 0.0]], [[0.0, 0.0]]])
    assert mean_choice(answers).exp()[0, 0].item() == pytest.approx((1 / (1 + math.exp(-6)) + 0.5) / 2, abs=1e-9)


@pytest.mark.parametrize("mean", [mean_choice, mean_presence])
def test_the_order_of_answers_changes_no_bit(mean) -> None:
    answers = torch.randn(7, 5, 4, generator=torch.Generator().manual_seed(0)) * 9
    for order in ([6, 5, 4, 3, 2, 1, 0], [3, 0, 6, 1, 5, 2, 4]):
        assert torch.equal(mean(answers), mean(answers[order]))


def test_the_mean_of_equal_answers_is_that_answer() -> None:
    logits = torch.randn(1, 5, 4, generator=torch.Generator().manual_seed(0))
    three = logits.expand(3, 5, 4)
    torch.testing.assert_close(mean_choice(three), logits[0].double().log_softmax(1), rtol=0, atol=1e-12)
    torch.testing.assert_close(mean_presence(three), logits[0].double(), rtol=0, atol=1e-12)


def test_what_is_nearly_certain_stays_short_of_certain() -> None:
    """In float32 the sigmoid of 20 is 1 and its logit infinite."""
    (mean,) = mean_presence(torch.tensor([[[20.0]], [[21.0]]])).tolist()[0]
    assert 20 < mean < 21
    assert mean_choice(torch.tensor([[[500.0, 0.0]], [[400.0, 0.0]]]))[0, 1].item() == pytest.approx(-400 - math.log(2))
