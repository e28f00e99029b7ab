import tarfile
import zipfile
from pathlib import Path

import numpy as np
import pytest

from pictures import write_class_folders, write_picture
from saccade.data.opening import open_data, reopen
from saccade.errors import BadConfig, BadData


def keys(source):
    return [source.key(index) for index in range(len(source))]


def test_a_data_set_is_given_back():
    dataset = open_data("digits")
    assert open_data(dataset) is dataset


def test_arrays_are_taken_and_have_no_origin():
    dataset = open_data((np.zeros((20, 4, 4), np.uint8), [0, 1] * 10))
    assert sum(dataset.counts().values()) == 20
    assert dataset.origin is None


def test_the_origin_opens_it_again(tmp_path, monkeypatch):
    write_class_folders(tmp_path / "photos", {"a": 10, "b": 10})
    monkeypatch.chdir(tmp_path)
    dataset = open_data("photos", seed=5, shares=(0.5, 0.25, 0.25))
    assert dataset.origin == {"data": str(tmp_path / "photos"), "seed": 5, "shares": [0.5, 0.25, 0.25]}
    monkeypatch.chdir("/")
    again = reopen(dataset.origin)
    assert [keys(source) for source in again.splits.values()] == [keys(source) for source in dataset.splits.values()]


def test_a_name_means_the_data_set_and_a_path_the_folder(tmp_path, monkeypatch):
    write_class_folders(tmp_path / "digits", {"a": 10, "b": 10})
    monkeypatch.chdir(tmp_path)
    assert len(open_data("digits").labels) == 10
    for path in ("./digits", Path("digits"), "class_folders:digits"):
        assert open_data(path).labels == ("a", "b")


def test_a_home_folder_is_found(tmp_path, monkeypatch):
    write_class_folders(tmp_path / "photos", {"a": 10, "b": 10})
    monkeypatch.setenv("HOME", str(tmp_path))
    assert open_data("~/photos").labels == ("a", "b")


def test_a_format_can_be_named_where_two_fit(tmp_path):
    write_class_folders(tmp_path, {"a": 10, "b": 10})
    np.savez(tmp_path / "d.npz", images=np.zeros((20, 4, 4), np.uint8), labels=np.arange(20) % 2)
    assert open_data(f"npz:{tmp_path}").labels == ("0", "1")
    assert reopen(open_data(f"class_folders:{tmp_path}").origin).labels == ("a", "b")


@pytest.mark.parametrize(
    ("place", "labels", "counts"),
    [
        ("mnist", tuple("0123456789"), {"train": 54_000, "val": 6_000, "test": 10_000}),
        ("fashion_mnist/fashion_mnist.npz", None, {"train": 54_000, "val": 6_000, "test": 10_000}),
        ("cifar10", None, {"train": 3_600, "val": 400, "test": 1_000}),
    ],
)
def test_well_known_sets_open(saccade_data, place, labels, counts):
    dataset = open_data(saccade_data / place)
    assert dataset.counts() == counts
    assert len(dataset.labels) == 10
    assert labels in (None, dataset.labels)


@pytest.mark.bad_input
def test_unlabelled_photographs_are_explained(saccade_data):
    with pytest.raises(BadData, match="a folder with 1000 images and no labels"):
        open_data(saccade_data / "imagenet_sample" / "images")


@pytest.mark.bad_input
def test_two_formats_that_fit_are_offered(tmp_path):
    write_class_folders(tmp_path, {"a": 10, "b": 10})
    np.savez(tmp_path / "d.npz", images=np.zeros((20, 4, 4), np.uint8), labels=np.arange(20) % 2)
    with pytest.raises(BadData, match=r"can be read in 2 ways; taken is one; write class_folders:.* or npz:"):
        open_data(tmp_path)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("data", "message"),
    [
        ("digit", "did you mean 'digits'"),
        ("", "got '', which is neither a path"),
        ("nowhere/at/all", "check the path"),
        ("a\0b", "neither a path"),
        ("new\nline", r"got 'new\\nline'"),
        ("idx", "neither a path that is there nor a name"),
        (3, "got int; taken are a path"),
        (None, "got NoneType"),
        (np.zeros((4, 8, 8)), "got ndarray; .* give one of these"),
        ({}, "got no training images"),
    ],
)
def test_what_is_no_data_set_is_refused(tmp_path, monkeypatch, data, message):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadData, match=message):
        open_data(data)


@pytest.mark.bad_input
def test_a_flat_folder_of_images_is_explained(tmp_path):
    for number in range(3):
        write_picture(tmp_path / f"{number}.png")
    with pytest.raises(
        BadData, match=r"a folder with 3 images and no labels; .* one folder for each class; .* or write a CSV"
    ):
        open_data(tmp_path)


@pytest.mark.bad_input
def test_the_table_in_a_folder_is_pointed_out(tmp_path):
    write_picture(tmp_path / "1.png")
    (tmp_path / "train.csv").touch()
    with pytest.raises(BadData, match=r"a folder with a table; .*; give .*train\.csv"):
        open_data(tmp_path)


@pytest.mark.bad_input
def test_an_archive_is_to_be_unpacked(tmp_path):
    zipfile.ZipFile(tmp_path / "d.zip", "w").close()
    with pytest.raises(BadData, match=r"an archive; .* unpack it first"):
        open_data(tmp_path / "d.zip")


@pytest.mark.bad_input
def test_a_tar_without_samples_says_what_it_should_hold(tmp_path):
    tarfile.open(tmp_path / "d.tar", "w").close()
    with pytest.raises(BadData, match=r"taken are 7\.jpg beside 7\.cls"):
        open_data(tmp_path / "d.tar")


@pytest.mark.bad_input
def test_a_single_image_is_no_data_set(tmp_path):
    with pytest.raises(BadData, match=r"a single image; .* use predict"):
        open_data(write_picture(tmp_path / "1.png"))


@pytest.mark.bad_input
def test_other_kinds_of_files_are_named(tmp_path):
    for name in ("a/1.fits", "a/2.fits", "b/3.fits"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    with pytest.raises(BadData, match=r"\(3 files end in \.fits\); taken are JPEG"):
        open_data(tmp_path)


@pytest.mark.bad_input
def test_an_empty_folder_lists_what_is_taken(tmp_path):
    with pytest.raises(BadData, match=r"no data set that saccade knows; taken are cifar: .*; synthetic: "):
        open_data(tmp_path)


@pytest.mark.bad_input
def test_a_named_format_must_fit(tmp_path):
    with pytest.raises(BadData, match="to be read as idx; taken is a folder with train-images"):
        open_data(f"idx:{tmp_path}")


@pytest.mark.bad_input
def test_wrong_shares_are_refused():
    with pytest.raises(BadConfig, match="add up to 1"):
        open_data("digits", shares=(0.5, 0.5, 0.5))
