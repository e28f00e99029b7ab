"""Few of many matches, with a share of objects that is never surpassed."""

from __future__ import annotations

import pytest
import torch

from saccade.errors import BadConfig
from saccade.ops.match_sampling import sample_matches

MATCHES = torch.tensor([0, -1, -1, 3, -2, -1, -1, 1, -1, 0])  # 4 objects, 5 of background, 1 neither


def test_background_fills_up_what_objects_leave():
    objects, background = sample_matches(MATCHES, 6, 0.5)
    assert (len(objects), len(background)) == (3, 3)
    assert (MATCHES[objects] >= 0).all()
    assert (MATCHES[background] == -1).all()
    few = sample_matches(MATCHES, 8, 0.75)
    assert (sorted(few[0].tolist()), len(few[1])) == ([0, 3, 7, 9], 4)


def test_all_are_taken_where_there_are_too_few():
    objects, background = sample_matches(MATCHES, 100, 0.25)
    assert (objects.tolist(), background.tolist()) == ([0, 3, 7, 9], [1, 2, 5, 6, 8])
    assert [len(one) for one in sample_matches(MATCHES[:0], 4, 0.5)] == [0, 0]


def test_no_row_is_chosen_twice_and_chance_is_all_of_the_generator():
    matches = torch.full((100,), -1)
    once, twice = (sample_matches(matches, 50, 0.5, generator=torch.Generator().manual_seed(4))[1] for _ in range(2))
    assert len(set(once.tolist())) == 50
    assert torch.equal(once, twice)
    torch.manual_seed(4)
    assert torch.equal(sample_matches(matches, 50, 0.5)[1], once)
    assert not torch.equal(sample_matches(matches, 50, 0.5)[1], once)


def test_every_row_is_as_likely():
    draws = torch.Generator().manual_seed(0)
    counts = torch.zeros(10)
    for _ in range(2000):
        counts[sample_matches(torch.full((10,), -1), 3, 0.5, generator=draws)[1]] += 1
    assert (counts / 2000 - 0.3).abs().max() < 0.05


@pytest.mark.bad_input
@pytest.mark.parametrize(("count", "share"), [(0, 0.5), (4, 1.5), (4, -0.1)])
def test_counts_and_shares_that_are_none_are_refused(count, share):
    with pytest.raises(BadConfig, match=f"got count={count} and share={share}; taken are"):
        sample_matches(MATCHES, count, share)
