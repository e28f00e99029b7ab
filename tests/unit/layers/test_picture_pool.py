"""The pool of old pictures: everything goes through at first, then half is exchanged."""

from __future__ import annotations

import pytest
import torch

from saccade.errors import BadConfig
from saccade.layers.picture_pool import PicturePool


def numbered(*levels: int) -> torch.Tensor:
    return torch.tensor(levels, dtype=torch.float32)[:, None, None, None]


def test_until_it_is_full_each_picture_is_given_back():
    pool = PicturePool(5)
    assert pool(numbered(1, 2, 3)).flatten().tolist() == [1, 2, 3]
    assert pool(numbered(4, 5)).flatten().tolist() == [4, 5]
    assert pool.pictures.flatten().tolist() == [1, 2, 3, 4, 5]


def test_then_half_of_the_pictures_give_way_to_an_old_one_and_nothing_is_lost():
    torch.manual_seed(0)
    pool, given = PicturePool(50), []
    for number in range(1000):
        given += pool(numbered(number)).flatten().tolist()
    fresh = sum(one == number for number, one in enumerate(given[50:], 50))
    assert fresh == pytest.approx(475, abs=45)  # three deviations of 950 tosses
    assert set(range(1000)) == {int(one) for one in given} | {int(one) for one in pool.pictures.flatten().tolist()}


def test_the_seed_says_which():
    def run() -> list[float]:
        torch.manual_seed(3)
        pool = PicturePool(4)
        return [pool(numbered(number)).item() for number in range(40)]

    assert run() == run()


def test_it_is_no_part_of_the_state_dict_but_of_the_buffers():
    pool = PicturePool(2)
    pool(numbered(1))
    assert pool.state_dict() == {}
    assert dict(pool.named_buffers())["pictures"].shape == (2, 1, 1, 1)


def test_pictures_of_another_size_begin_anew():
    pool = PicturePool(2)
    pool(numbered(1, 2))
    assert pool(torch.zeros(1, 1, 2, 2)).shape == (1, 1, 2, 2)
    assert int(pool.count) == 1


def test_without_room_and_in_evaluation_mode_nothing_is_kept():
    for pool in (PicturePool(0), PicturePool(3).eval()):
        assert pool(numbered(1, 2)).flatten().tolist() == [1, 2]
        assert int(pool.count) == 0


@pytest.mark.bad_input
@pytest.mark.parametrize("wrong", [-1, 2.5, True, "50"])
def test_no_capacity_is_refused(wrong):
    with pytest.raises(BadConfig, match=f"got capacity={wrong!r}; PicturePool takes"):
        PicturePool(wrong)
