"""Samples, sources and data sets."""

from __future__ import annotations

import dataclasses
import pickle

import numpy as np
import pytest

from saccade.types.sample import DataSet, Sample, Source, targets_of


class Three:
    """A source of three grey pictures, of which the targets are known without a look."""

    def __len__(self) -> int:
        return 3

    def read(self, index: int) -> Sample:
        raise AssertionError("nobody may decode a picture here")

    def key(self, index: int) -> str:
        return f"three[{index}]"

    def target(self, index: int) -> int:
        return index * 10

    def fingerprint(self) -> str:
        return "3"


def test_a_sample_cannot_be_changed_but_copied_with_changes() -> None:
    sample = Sample(np.zeros((2, 3, 1), np.uint8), 4, "a.png")
    with pytest.raises(dataclasses.FrozenInstanceError):
        sample.key = "b.png"  # pyright: ignore[reportAttributeAccessIssue]
    assert dataclasses.replace(sample, target=5).target == 5
    assert pickle.loads(pickle.dumps(sample)).key == "a.png"


def test_targets_are_listed_without_decoding() -> None:
    source = Three()
    assert isinstance(source, Source)
    assert list(targets_of(source)) == [0, 10, 20]


def test_a_data_set_counts_its_splits() -> None:
    assert DataSet("threes", ("a", "b"), {"train": Three(), "val": Three()}).counts() == {"train": 3, "val": 3}
