import shutil

import pytest

import format_examples
from saccade import catalog
from saccade.data.format import contents
from saccade.data.labels.domains import missing_domain
from saccade.data.opening import open_data
from saccade.errors import BadData


@pytest.fixture
def root(tmp_path):
    return format_examples.unpaired_folders(tmp_path / "horses")


def test_the_target_is_the_kind(root):
    dataset = open_data(root)
    assert (dataset.task, dataset.labels) == ("translation", ("A", "B"))
    for source in dataset.splits.values():
        assert all(source.target(row) == "AB".index(source.key(row)[5]) for row in range(len(source)))
        assert {source.target(row) for row in range(len(source))} == {0, 1}


def test_what_is_written_reads_the_same(root, tmp_path):
    dataset = open_data(root)
    counts = catalog.find("data.formats", "unpaired_folders")().write(dataset, tmp_path / "out")
    again = open_data(tmp_path / "out")
    assert counts == contents(dataset) == contents(again) == {"images": 34, "labels": 34}
    assert again.counts() == dataset.counts()


@pytest.mark.bad_input
def test_folders_that_do_not_come_in_twos_are_refused(root):
    (root / "testA").mkdir()
    from saccade.data.splitting import Splitting

    with pytest.raises(BadData, match="taken are trainA and trainB"):
        catalog.find("data.formats", "unpaired_folders")().open(str(root), Splitting())


@pytest.mark.bad_input
def test_half_of_the_layout_is_no_folder_of_classes_and_what_lacks_is_named(root):
    shutil.rmtree(root / "trainB")
    with pytest.raises(BadData, match="with no pictures in trainB; taken are trainA and trainB"):
        open_data(root)
    (root / "trainB").mkdir()
    (root / "trainB" / "notes.txt").write_text("no picture")
    with pytest.raises(BadData, match="with no pictures in trainB; "):
        open_data(root)


def test_folders_that_are_called_otherwise_lack_nothing(tmp_path):
    assert missing_domain(tmp_path) == missing_domain(tmp_path / "nowhere") == ""
    for name in ("llama", "zebra"):  # they end in a, and are no splits
        (tmp_path / name).mkdir()
    assert missing_domain(tmp_path) == ""
