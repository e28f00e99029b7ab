import shutil

import numpy as np
import pytest

import format_examples
from pictures import write_picture
from saccade import catalog
from saccade.data.format import contents
from saccade.data.opening import open_data
from saccade.data.reading import read_image
from saccade.data.splitting import Splitting
from saccade.errors import BadData, BadImage, BadLabel
from saccade.types.paired_image import PairedImage


@pytest.fixture
def root(tmp_path):
    return format_examples.paired_folders(tmp_path / "maps")


def outright(path):
    """Open a path as paired folders, as "paired_folders:path" does."""
    return catalog.find("data.formats", "paired_folders")().open(str(path), Splitting(shares=(1, 0, 0)))


def test_each_picture_has_its_partner(root):
    dataset = open_data(root)
    assert (dataset.task, dataset.labels) == ("translation", ("A", "B"))
    for source in dataset.splits.values():
        for row in range(len(source)):
            sample = source.read(row)
            partner = root / source.key(row).replace("trainA", "trainB").replace(".jpg", ".png")
            assert isinstance(sample.target, PairedImage)
            assert np.array_equal(sample.target.pixels, read_image(partner))


def test_splits_are_kept(root):
    for split in ("val", "test"):
        for domain in "AB":
            write_picture(root / f"{split}{domain}" / "1.png")
    assert open_data(root).counts() == {"train": 20, "val": 1, "test": 1}


def test_one_picture_without_a_partner_makes_unpaired_folders(root):
    (root / "trainB" / "3.png").unlink()
    dataset = open_data(root)
    assert dataset.splits["train"].target(0) in (0, 1)


def test_plain_folders_are_pairs_only_where_asked(tmp_path):
    for index in range(12):
        write_picture(tmp_path / "A" / f"{index}.png")
        write_picture(tmp_path / "B" / f"{index}.png", shade=9)
    assert open_data(tmp_path).task == "classification"
    assert isinstance(outright(tmp_path).splits["train"].target(0), PairedImage)


def test_two_side_by_side_are_cut_in_the_middle(tmp_path):
    for index in range(3):
        write_picture(tmp_path / "train" / f"{index}.png", (4, 12), shade=index)
    source = outright(tmp_path).splits["train"]
    sample, whole = source.read(1), read_image(tmp_path / "train" / "1.png")
    assert np.array_equal(np.concatenate([sample.image, sample.target.pixels], 1), whole)
    assert sample.target.digest() == source.target(1).digest()
    assert source.pick([2]).key(0) == "train/2.png"


def test_what_is_written_is_a_copy_of_both(root, tmp_path):
    dataset = open_data(root)
    counts = catalog.find("data.formats", "paired_folders")().write(dataset, tmp_path / "out")
    again = open_data(tmp_path / "out")
    assert counts == contents(dataset) == contents(again)
    for split, source in dataset.splits.items():
        for row in range(len(source)):
            name = source.key(row).split("/")[1]
            for domain, file in (("A", name), ("B", name.replace(".jpg", ".png"))):
                copied = tmp_path / "out" / f"{split}{domain}" / file
                assert copied.read_bytes() == (root / f"train{domain}" / file).read_bytes()


def test_halves_are_written_as_two_folders(tmp_path):
    for index in range(3):
        write_picture(tmp_path / "in" / f"{index}.png", (4, 12), shade=index)
    dataset = outright(tmp_path / "in")
    catalog.find("data.formats", "paired_folders")().write(dataset, tmp_path / "out")
    again = open_data(tmp_path / "out", shares=(1, 0, 0))
    for row in range(3):
        first, second = dataset.splits["train"].read(row), again.splits["train"].read(row)
        assert np.array_equal(first.image, second.image)
        assert first.target.digest() == second.target.digest()


@pytest.mark.bad_input
def test_a_partner_of_another_size_is_refused_when_it_is_read(root):
    write_picture(root / "trainB" / "0.png", (5, 5))
    source = open_data(root, shares=(1, 0, 0)).splits["train"]
    row = [source.key(row) for row in range(20)].index("trainA/0.jpg")
    with pytest.raises(BadLabel, match="taken are partners of one size"):
        source.read(row)


@pytest.mark.bad_input
def test_what_is_neither_is_refused(tmp_path):
    write_picture(tmp_path / "1.png", (4, 5))
    with pytest.raises(BadData, match="taken are trainA and trainB"):
        outright(tmp_path)
    write_picture(tmp_path / "2.png", (4, 6))
    source = outright(tmp_path).splits["train"]
    with pytest.raises(BadImage, match="5 pixels wide"):
        source.read(0)
    shutil.rmtree(tmp_path)
