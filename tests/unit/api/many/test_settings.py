"""How a great many pictures are predicted: what is out of range is listed, all at once."""

from __future__ import annotations

import pytest

from saccade.api.many.settings import Cluster, ManySettings
from saccade.errors import BadConfig


def test_a_part_has_32_batches_unless_said_otherwise():
    assert ManySettings(batch_size=5).images_in_part == 160
    assert ManySettings(batch_size=5, part_size=10).images_in_part == 10


@pytest.mark.bad_input
def test_all_numbers_that_are_out_of_range_are_listed():
    with pytest.raises(BadConfig, match=r"(?s)batch_size=0.*top=0.*threads=-1.*device='gpu'"):
        ManySettings(batch_size=0, top=0, threads=-1, device="gpu")


@pytest.mark.bad_input
@pytest.mark.parametrize(("given", "near"), [(100, 96), (7, 32)])
def test_a_part_that_ends_within_a_batch_is_refused_and_one_near_it_named(given, near):
    with pytest.raises(BadConfig, match=f"got part_size={given} with batch_size=32; .*; use {near}$"):
        ManySettings(part_size=given)


@pytest.mark.bad_input
def test_a_cluster_is_entered_from_within_and_has_workers():
    with pytest.raises(BadConfig, match=r"(?s)workers=0.*'ray://there:10001'.*ray job submit"):
        Cluster("ray://there:10001", 0)
