import subprocess
import sys

import numpy as np
import pytest

from saccade.data.randomness import Draws, mix, noise, order, ranks


def test_mixing_is_splitmix64():
    # the first three numbers of splitmix64 from state 0, as published with its reference implementation
    draws = Draws()
    assert [draws.bits() for _ in range(3)] == [0xE220A8397B1DCDAF, 0x6E789E6AA1B965F4, 0x06C45D188009454F]


def test_words_and_their_order_matter():
    assert len({mix(), mix(0), mix(0, 0), mix(1, 2), mix(2, 1), mix(12)}) == 6


def test_draws_are_even():
    draws = Draws(1)
    numbers = np.array([draws.uniform(2, 4) for _ in range(20_000)])
    assert numbers.min() >= 2
    assert numbers.max() < 4
    assert abs(numbers.mean() - 3) < 0.02
    counts = np.bincount([draws.below(7) for _ in range(14_000)], minlength=7)
    assert counts.min() > 1800
    assert counts.max() < 2200


def test_neighbouring_names_are_not_alike():
    first = np.array([Draws(0, 0, index).uniform() for index in range(5000)])
    second = np.array([Draws(0, 1, index).uniform() for index in range(5000)])
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.05
    assert abs(np.corrcoef(first[1:], first[:-1])[0, 1]) < 0.05


def test_normal_draws_are_normal():
    draws = Draws(2)
    numbers = np.array([draws.normal() for _ in range(20_000)])
    assert abs(numbers.mean()) < 0.03
    assert abs(numbers.std() - 1) < 0.03
    assert abs((np.abs(numbers) < 1).mean() - 0.6827) < 0.02


def test_an_order_is_a_permutation_of_its_own():
    assert sorted(order(1000, 0, 1).tolist()) == list(range(1000))
    assert (order(1000, 0, 1) != order(1000, 0, 2)).mean() > 0.99
    assert order(0, 3).shape == (0,)


def test_noise_has_mean_0_and_deviation_1():
    values = noise((100, 100, 3), 5)
    assert values.dtype == np.float32
    assert abs(values.mean()) < 0.02
    assert abs(values.std() - 1) < 0.02


def test_a_name_keeps_its_rank_when_others_come():
    assert ranks(["a", "c"], 0).tolist() == ranks(["a", "b", "c"], 0)[[0, 2]].tolist()
    assert ranks(["a"], 0)[0] != ranks(["a"], 1)[0]


def test_a_name_that_is_no_text_has_a_rank():
    assert ranks(["\udcff.jpg"], 0).shape == (1,)


@pytest.mark.parametrize("hash_seed", ["0", "1"])
def test_another_process_draws_the_same(hash_seed):
    code = "from saccade.data.randomness import *; print(mix(1, 2), order(5, 3).tolist(), ranks(['a'], 0)[0])"
    done = subprocess.run(
        [sys.executable, "-c", code], env={"PYTHONHASHSEED": hash_seed}, capture_output=True, check=True
    )
    assert done.stdout.decode().split(" ", 1)[0] == str(mix(1, 2))
    assert done.stdout.decode().strip().endswith(f"{order(5, 3).tolist()} {ranks(['a'], 0)[0]}")
