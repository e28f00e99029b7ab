import json

import numpy as np
import pyarrow
import pyarrow.parquet
import pytest

import format_examples
from format_examples import png_bytes
from pictures import write_picture
from saccade import catalog
from saccade.data.format import contents
from saccade.data.opening import open_data
from saccade.errors import BadData, BadImage, BadInput, BadLabel


def put(path, columns, metadata=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    table = pyarrow.table(columns)
    pyarrow.parquet.write_table(table.replace_schema_metadata(metadata), path)
    return path


def pictures(count=20):
    return [png_bytes(row) for row in range(count)]


def test_names_come_from_the_description_in_the_file(tmp_path):
    dataset = open_data(format_examples.parquet(tmp_path / "data"))
    assert (dataset.task, dataset.labels, dataset.name) == ("classification", ("cat", "dog", "owl", "yak"), "some")
    assert dataset.counts() == {"train": 32, "val": 4, "test": 4}


def test_bytes_and_words_are_enough(tmp_path):
    file = put(tmp_path / "a.parquet", {"png": pictures(), "class": ["dog", "cat"] * 10})
    dataset = open_data(file, shares=(1, 0, 0))
    assert dataset.labels == ("cat", "dog")
    assert dataset.splits["train"].read(3).image[0, 1, 0] == 16


def test_paths_lead_to_files_beside_the_table(tmp_path):
    for row in range(12):
        write_picture(tmp_path / "p" / f"{row}.png", shade=row)
    file = put(tmp_path / "a.parquet", {"path": [f"p/{row}.png" for row in range(12)], "label": [0, 1] * 6})
    assert open_data(file).splits["train"].read(0).image.shape == (6, 8, 3)


def test_several_labels_are_a_list(tmp_path):
    file = put(
        tmp_path / "a.parquet", {"image": pictures(), "labels": [[row % 2, 2] if row % 3 else [] for row in range(20)]}
    )
    assert open_data(file).task == "multi_label"


@pytest.mark.parametrize("folder", ["", "data"])
def test_a_folder_of_files_has_the_splits_of_their_names(tmp_path, folder):
    for name in ("train-00000-of-00002", "train-00001-of-00002", "validation-00000-of-00001", "test-00000-of-00001"):
        put(tmp_path / folder / f"{name}.parquet", {"image": pictures(6), "label": [0, 1, 2] * 2})
    dataset = open_data(tmp_path)
    assert dataset.counts() == {"train": 12, "val": 6, "test": 6}
    prefix = f"{folder}/" if folder else ""
    assert dataset.splits["train"].key(6) == f"{prefix}train-00001-of-00002.parquet[0]"
    assert dataset.splits["train"].read(7).image[0, 1, 0] == 6


def test_what_is_written_reads_the_same_and_keeps_the_bytes(tmp_path):
    dataset = open_data(format_examples.parquet(tmp_path / "data"))
    counts = catalog.find("data.formats", "parquet")().write(dataset, tmp_path / "out")
    again = open_data(tmp_path / "out")
    assert counts == contents(dataset) == contents(again)
    assert (again.labels, again.counts()) == (dataset.labels, dataset.counts())
    for split, source in dataset.splits.items():
        for row in range(len(source)):
            assert np.array_equal(source.read(row).image, again.splits[split].read(row).image)
            assert source.target(row) == again.splits[split].target(row)


def test_several_labels_are_written_too(tmp_path):
    images = np.zeros((20, 4, 4), np.uint8)
    dataset = open_data((images, [(row % 2, 2) for row in range(20)]))
    catalog.find("data.formats", "parquet")().write(dataset, tmp_path / "out")
    again = open_data(tmp_path / "out")
    assert (again.task, again.labels, contents(again)) == ("multi_label", ("0", "1", "2"), contents(dataset))


@pytest.mark.bad_input
def test_one_broken_picture_is_named_and_the_others_are_read(tmp_path):
    cells = pictures()
    cells[5] = b"text"
    file = put(tmp_path / "a.parquet", {"image": cells, "label": [0, 1] * 10})
    source = open_data(file, shares=(1, 0, 0)).splits["train"]
    with pytest.raises(BadImage, match=r"a\.parquet\[5\]: got"):
        source.read(5)
    assert source.read(6).image.shape == (6, 8, 1)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("columns", "error"),
    [
        ({"image": [b"x"], "size": [1]}, BadData),
        ({"label": [1], "size": [1]}, BadData),
        ({"image": [b"x", b"y"], "label": [None, 1]}, BadLabel),
        ({"image": [b"x", b"y"], "label": [-1, 1]}, BadLabel),
        ({"image": pyarrow.array([], pyarrow.binary()), "label": pyarrow.array([], pyarrow.int64())}, BadData),
    ],
)
def test_tables_without_what_is_needed_are_refused(tmp_path, columns, error):
    with pytest.raises(error, match="taken"):
        open_data(put(tmp_path / "a.parquet", columns))


@pytest.mark.bad_input
@pytest.mark.parametrize("about", [b"{", b"[]", b'{"info": 7}', b'{"info": {"features": {"label": {"names": [1]}}}}'])
def test_a_description_that_means_nothing_is_no_description(tmp_path, about):
    file = put(tmp_path / "a.parquet", {"image": pictures(), "label": [0, 1] * 10}, {b"huggingface": about})
    assert open_data(file).labels == ("0", "1")
    assert json.dumps(open_data(file).origin)


@pytest.mark.bad_input
def test_broken_files_are_refused_or_read_and_nothing_else(tmp_path):
    path, random = format_examples.parquet(tmp_path / "data"), np.random.default_rng(0)
    content = path.read_bytes()
    for trial in range(60):
        broken = bytearray(content[: random.integers(0, len(content)) if trial % 3 == 0 else len(content)])
        for _ in range(trial % 9 if broken else 0):
            broken[random.integers(len(broken))] = random.integers(256)
        path.write_bytes(bytes(broken))
        try:
            source = open_data(path, shares=(1, 0, 0)).splits["train"]
            for row in range(0, len(source), 5):
                source.read(row)
        except BadInput as error:
            assert "; taken" in str(error)  # noqa: PT017
