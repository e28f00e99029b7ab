import math

import pytest
import torch

from saccade.errors import BadConfig
from saccade.ops.soft_suppression import soft_suppress

BOXES = torch.tensor([[0.0, 0, 10, 10], [0, 0, 10, 8], [0, 0, 10, 4], [30, 0, 40, 10]])
SURE = torch.tensor([1.0, 0.75, 0.5, 0.25])


def test_linear_lowers_what_shares_more_than_the_threshold():
    """0.8 shared: 0.75 · 0.2 = 0.15. 0.4 shared with the first, 0.5 with the second: neither is over one half."""
    kept, lowered = soft_suppress(BOXES, SURE)
    assert kept.tolist() == [0, 2, 3, 1]
    assert lowered.tolist() == pytest.approx([1, 0.5, 0.25, 0.15])


def test_gaussian_lowers_all_that_overlap():
    kept, lowered = soft_suppress(BOXES, SURE, sigma=0.5)
    second = 0.75 * math.exp(-0.64 / 0.5)
    third = 0.5 * math.exp(-0.16 / 0.5)
    assert kept.tolist() == [0, 2, 3, 1]
    assert lowered.tolist() == pytest.approx([1, third, 0.25, second * math.exp(-0.25 / 0.5)])


def test_what_falls_below_the_threshold_is_dropped():
    assert soft_suppress(BOXES, SURE, confidence_threshold=0.2)[0].tolist() == [0, 2, 3]
    assert soft_suppress(BOXES, SURE, confidence_threshold=0.6)[0].tolist() == [0]


def test_equals_go_by_number_and_no_boxes_give_none():
    apart = torch.tensor([[0.0, 0, 1, 1], [5, 5, 6, 6]], dtype=torch.float64)
    assert soft_suppress(apart, torch.tensor([0.5, 0.5]))[0].tolist() == [0, 1]
    kept, lowered = soft_suppress(torch.zeros(0, 4), torch.zeros(0))
    assert (kept.shape, kept.dtype, lowered.shape) == ((0,), torch.int64, (0,))


def test_the_given_confidences_stay_as_they_are():
    given = SURE.clone()
    soft_suppress(BOXES, given)
    assert torch.equal(given, SURE)


@pytest.mark.bad_input
def test_settings_out_of_range_are_refused():
    with pytest.raises(BadConfig, match="sigma=0"):
        soft_suppress(BOXES, SURE, sigma=0)
    with pytest.raises(BadConfig, match="confidences from -1"):
        soft_suppress(BOXES, -SURE)
