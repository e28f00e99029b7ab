"""The data of a run: described, and known again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from saccade.api.origin import changed_splits, described, opened_again
from saccade.api.run import Run
from saccade.data.opening import open_data
from saccade.errors import BadData
from saccade.training.folder import write_description


@pytest.fixture
def run_on(trained, tmp_path):
    """A way to describe a run on other data."""

    def make(dataset) -> Run:
        write_description(tmp_path, {**trained.run.description, "data": described(dataset)})
        return Run(tmp_path)

    return make


def test_data_are_described_in_plain_values(photos):
    values = described(open_data(photos))
    assert (values["name"], values["labels"]) == ("photos", ["blue", "green", "red"])
    assert values["counts"] == {"train": 29, "val": 4, "test": 3}
    assert values["origin"]["data"] == str(photos)
    assert described(open_data(photos))["fingerprints"] == values["fingerprints"]


def test_moved_data_are_known_again_and_remembered(run_on, photos, tmp_path):
    opened = open_data(photos, seed=3)
    moved = shutil.copytree(photos, tmp_path / "moved")
    run = run_on(opened)
    dataset = opened_again(run, str(moved))
    assert dataset.counts() == opened.counts()
    assert Path(run.description["data"]["origin"]["data"]) == moved
    assert run.dataset is dataset


def test_a_split_that_is_gone_or_other_is_named(photos, arrays):
    fingerprints = described(open_data(photos))["fingerprints"]
    assert changed_splits(fingerprints, open_data(photos)) == []
    assert changed_splits({**fingerprints, "extra": "x"}, open_data(photos)) == ["extra"]
    assert changed_splits(fingerprints, open_data(arrays)) == ["train", "val", "test"]


@pytest.mark.bad_input
def test_arrays_that_are_gone_are_asked_for(run_on, arrays):
    with pytest.raises(BadData, match=r"once more as data=\(images, labels\)"):
        opened_again(run_on(open_data(arrays)))
    assert opened_again(run_on(open_data(arrays)), arrays).counts() == {"train": 48, "val": 6, "test": 6}


@pytest.mark.bad_input
def test_data_that_moved_are_asked_for(run_on, photos, tmp_path):
    photos = shutil.copytree(photos, tmp_path / "photos")
    run = run_on(open_data(photos))
    photos.rename(photos.parent / "elsewhere")
    with pytest.raises(
        BadData, match=r"photos, where nothing is now; .*say where they are: saccade train DATA --resume"
    ):
        opened_again(run)
