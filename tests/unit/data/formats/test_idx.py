import gzip
import struct

import numpy as np
import pytest

from saccade import catalog
from saccade.data.format import contents
from saccade.data.formats.idx import read_idx
from saccade.data.opening import open_data
from saccade.errors import BadData

IMAGES, LABELS = np.arange(20 * 3 * 4, dtype=np.uint8).reshape(20, 3, 4), np.arange(20, dtype=np.uint8) % 4


def as_idx(array, kind=0x08):
    return bytes((0, 0, kind, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def write_mnist(folder, prefix="", zipped=False, separator="-"):
    folder.mkdir(exist_ok=True)
    for split in ("train", "t10k"):
        for what, array, dimensions in (("images", IMAGES, 3), ("labels", LABELS, 1)):
            name = f"{prefix}{split}-{what}{separator}idx{dimensions}-ubyte"
            content = as_idx(array)
            (folder / (f"{name}.gz" if zipped else name)).write_bytes(gzip.compress(content) if zipped else content)
    return folder


@pytest.mark.parametrize("zipped", [False, True])
def test_mnist_is_read(tmp_path, zipped):
    dataset = open_data(write_mnist(tmp_path / "MNIST", zipped=zipped))
    assert dataset.counts() == {"train": 18, "val": 2, "test": 20}
    assert dataset.labels == ("0", "1", "2", "3")
    assert dataset.name == "MNIST"
    sample = dataset.splits["test"].read(7)
    assert np.array_equal(sample.image[..., 0], IMAGES[7])
    assert sample.target == 3


def test_names_with_a_dot_are_known(tmp_path):
    assert open_data(write_mnist(tmp_path / "x", separator=".")).counts()["test"] == 20


def test_one_of_several_sets_is_chosen_by_a_file(tmp_path):
    write_mnist(tmp_path, "emnist-letters-")
    write_mnist(tmp_path, "emnist-digits-")
    assert open_data(tmp_path / "emnist-letters-train-images-idx3-ubyte").name == "emnist-letters"


def test_other_types_are_read_in_their_byte_order(tmp_path):
    (tmp_path / "a").write_bytes(as_idx(np.array([[1, -2], [300, 4]], ">i4"), 0x0C))
    assert read_idx(tmp_path / "a").tolist() == [[1, -2], [300, 4]]
    (tmp_path / "b").write_bytes(as_idx(np.array([0.5, 1.5], ">f4"), 0x0D))
    assert read_idx(tmp_path / "b").tolist() == [0.5, 1.5]


@pytest.mark.bad_input
def test_several_sets_in_one_folder_are_refused(tmp_path):
    write_mnist(tmp_path, "emnist-letters-")
    write_mnist(tmp_path, "emnist-digits-")
    with pytest.raises(BadData, match=r"got 2 data sets in one folder .*emnist-digits-t10k-images"):
        open_data(tmp_path)


@pytest.mark.bad_input
def test_images_without_labels_are_refused(tmp_path):
    write_mnist(tmp_path)
    (tmp_path / "train-labels-idx1-ubyte").unlink()
    with pytest.raises(BadData, match="without its labels; taken is train-labels-idx1-ubyte"):
        open_data(tmp_path)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "it begins with nothing"),
        (b"\x89PNG\r\n", "it begins with 89 50 4e 47"),
        (as_idx(LABELS)[:6], "it ends within its header"),
        (as_idx(LABELS)[:-1], "its header says 20 bytes of values, there are only 19"),
        (as_idx(LABELS) + b"x", "there are more"),
        (b"\0\0\x08\x03" + b"\xff" * 12, "it claims the shape"),
        (gzip.compress(as_idx(LABELS), mtime=0)[:-12], "cannot be read"),
    ],
)
def test_broken_files_are_refused(tmp_path, content, message):
    path = tmp_path / ("a.gz" if content[:2] == b"\x1f\x8b" else "a")
    path.write_bytes(content)
    with pytest.raises(BadData, match=message):
        read_idx(path)


@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_written_reads_the_same(tmp_path, channels):
    images = np.random.default_rng(0).integers(0, 256, (40, 5, 6, channels), np.uint8)
    dataset = open_data((images, [row % 4 for row in range(40)]))
    counts = catalog.find("data.formats", "idx")().write(dataset, tmp_path / "out")
    again = open_data(tmp_path / "out")
    assert dict(counts) == contents(dataset) == contents(again)
    for split, source in dataset.splits.items():
        for row in range(len(source)):
            assert np.array_equal(source.read(row).image, again.splits[split].read(row).image)
            assert source.target(row) == again.splits[split].target(row)


@pytest.mark.bad_input
def test_pictures_of_several_sizes_or_types_cannot_be_written(tmp_path):
    labels = [row % 2 for row in range(20)]
    several = open_data(([np.zeros((4 + row % 2, 4), np.uint8) for row in range(20)], labels))
    floats = open_data((np.zeros((20, 4, 4), np.float32), labels))
    for dataset in (several, floats):
        with pytest.raises(BadData, match="holds pictures of one size and 8 bits"):
            catalog.find("data.formats", "idx")().write(dataset, tmp_path / "out")
    assert not (tmp_path / "out").exists()
