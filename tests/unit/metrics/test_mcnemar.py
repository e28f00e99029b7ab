"""McNemar's test: by hand, for many pairs at once, for groups of runs, and how often it finds what is there."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest

from saccade.errors import BadConfig, BadShape
from saccade.metrics.mcnemar import mcnemar, p_values, power, relabelled, smallest_difference


def right(images: int, *wrong: int) -> np.ndarray:
    answers = np.ones(images, bool)
    answers[list(wrong)] = False
    return answers


def test_the_p_of_seven_to_one_by_hand() -> None:
    # eight coins: as uneven as 7 to 1 or more are 1 + 8 + 8 + 1 of 256 ways; exactly so uneven are 16 of them
    found = mcnemar(right(20, 0), right(20, 1, 2, 3, 4, 5, 6, 7))
    assert (found.only_first, found.only_second) == (7, 1)
    assert (found.exact, found.mid) == (18 / 256, (2 + 16 / 2) / 256)
    assert json.loads(json.dumps(found.to_dict())) == {
        "only_first": 7, "only_second": 1, "exact_p": 0.070312, "mid_p": 0.039062,
    }  # fmt: skip


def test_images_on_which_both_agree_count_for_nothing() -> None:
    few = mcnemar(right(8, 0), right(8, 1, 2, 3))
    assert mcnemar(np.append(right(8, 0), [True] * 500), np.append(right(8, 1, 2, 3), [True] * 500)) == few


def test_networks_with_the_same_answers_show_nothing() -> None:
    found = mcnemar(right(50, 3), right(50, 3))
    assert (found.only_first, found.only_second, found.exact, found.mid) == (0, 0, 1.0, 1.0)


def test_an_even_division_has_a_p_of_one() -> None:
    exact, mid = p_values(np.array([1, 5, 40]), np.array([1, 5, 40]))
    assert exact.tolist() == [1.0, 1.0, 1.0]
    assert mid == pytest.approx([1.0, 1.0, 1.0])


def test_two_runs_against_two_by_hand() -> None:
    # one image that both runs of the first group alone have right: 1 of the 6 ways to deal two right answers to them,
    # and 1 of 6 to the others; a second image that all have right changes nothing
    first, second = np.array([[True, True], [True, True]]), np.array([[False, True], [False, True]])
    exact, mid = relabelled(first, second)
    assert (exact, mid) == pytest.approx((2 / 6, 1 / 6))


def test_groups_of_different_size_are_compared_too() -> None:
    # one run against two: of one right answer, a third of the ways give it to the first group
    first, second = np.array([[True]]), np.array([[False], [False]])
    exact, mid = relabelled(first, second)
    assert (exact, mid) == pytest.approx((2 / 3, 1 / 3))


def test_power_by_hand() -> None:
    # five images, all apart and all to the same network: rejected (mid-p 2/64), as is the reverse; nothing else is
    assert power(5, 1.0, 1.0) == pytest.approx(1.0)
    assert power(5, 1.0, 0.0) == pytest.approx(2 / 32)
    assert power(4, 1.0, 1.0) == pytest.approx(0.0)
    assert power(100, 0.0, 0.0) == 0.0


def test_power_grows_with_the_difference_and_with_images() -> None:
    grown = [power(500, 0.1, difference) for difference in (0.0, 0.01, 0.02, 0.04, 0.08)]
    assert grown == sorted(grown)
    assert power(2000, 0.1, 0.02) > power(500, 0.1, 0.02)
    assert power(500, 0.1, 0.02, level=0.01) < power(500, 0.1, 0.02)


def test_the_smallest_difference_is_the_one_whose_power_is_four_fifths() -> None:
    for images, disagreement in ((100, 0.2), (1000, 0.05), (10_000, 0.1)):
        least = smallest_difference(images, disagreement)
        assert power(images, disagreement, least) == pytest.approx(0.8, abs=0.005)


def test_the_smallest_difference_is_near_the_usual_approximation() -> None:
    # Connor, 1987: images × Δ² = (1.96 √ψ + 0.8416 √(ψ − Δ²))²
    least = smallest_difference(2000, 0.1)
    root = 1.959964 * math.sqrt(0.1) + 0.841621 * math.sqrt(0.1 - least**2)
    assert math.sqrt(2000) * least == pytest.approx(root, rel=0.02)


def test_a_handful_of_images_can_show_nothing() -> None:
    assert math.isnan(smallest_difference(4, 0.5))
    assert smallest_difference(5, 0.0) > 0.9


@pytest.mark.bad_input
def test_answers_about_different_images_are_refused() -> None:
    with pytest.raises(BadShape, match="judge both networks on one split"):
        mcnemar(np.ones(3, bool), np.ones(4, bool))
    with pytest.raises(BadShape, match="got answers about 3 and 4 images"):
        relabelled(np.ones((2, 3), bool), np.ones((2, 4), bool))
    with pytest.raises(BadConfig, match=r"difference=1\.5"):
        power(10, 0.5, 1.5)
