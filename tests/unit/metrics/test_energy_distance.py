"""Distances between heaps, by hand and by the definition."""

from __future__ import annotations

import math

import numpy as np
import pytest

from saccade.metrics.energy_distance import EnergyDistance


def distance(first: np.ndarray, second: np.ndarray) -> float:
    return EnergyDistance(first, second)(np.ones((1, len(first))), np.ones((1, len(second))))[0]


def test_two_points_are_twice_their_distance_apart():
    assert distance(np.array([[0.0, 0.0]]), np.array([[3.0, 4.0]])) == pytest.approx(2 * 5 / math.sqrt(2))


def test_the_same_heap_is_nowhere_else():
    heap = np.random.default_rng(0).random((7, 5))
    assert distance(heap, heap[::-1]) == pytest.approx(0, abs=1e-7)


def test_it_is_the_formula():
    rng = np.random.default_rng(1)
    first, second = rng.random((4, 3)), rng.random((6, 3)) + 0.3

    def mean(one: np.ndarray, two: np.ndarray) -> float:
        return float(np.mean([math.sqrt(float(np.mean((x - y) ** 2))) for x in one for y in two]))

    wanted = 2 * mean(first, second) - mean(first, first) - mean(second, second)
    assert distance(first, second) == pytest.approx(wanted, abs=1e-9)


def test_heaps_of_the_same_mean_can_be_apart():
    """As 0 and 1 are from halves: what a comparison of means cannot see."""
    assert distance(np.array([[0.0], [1.0]]), np.array([[0.5], [0.5]])) == pytest.approx(2 * 0.5 - 0.5)


def test_weights_count_members_as_often():
    rng = np.random.default_rng(2)
    first, second = rng.random((3, 2)), rng.random((3, 2))
    weighed = EnergyDistance(first, second)(np.array([[2.0, 0.0, 1.0]]), np.array([[1.0, 1.0, 1.0]]))[0]
    assert weighed == pytest.approx(distance(first[[0, 0, 2]], second))


def test_an_empty_heap_is_nowhere():
    assert math.isnan(distance(np.zeros((0, 2)), np.ones((3, 2))))
    found = EnergyDistance(np.zeros((2, 2)), np.ones((3, 2)))(np.zeros((1, 2)), np.ones((1, 3)))
    assert math.isnan(found[0])
