import pickle

import numpy as np
import pytest

from saccade.data.opening import open_data
from saccade.errors import BadData


def records(count, labels=1, seed=0):
    content = np.random.default_rng(seed).integers(0, 256, (count, labels + 3072), np.uint8)
    content[:, :labels] = np.arange(count)[:, None] % 10
    return content


def write_ten(folder):
    for number in range(1, 4):
        (folder / f"data_batch_{number}.bin").write_bytes(records(20, seed=number).tobytes())
    (folder / "test_batch.bin").write_bytes(records(10).tobytes())
    (folder / "batches.meta.txt").write_text("\n".join(f"class {number}" for number in range(10)) + "\n\n")
    return folder


def test_cifar_10_is_read(tmp_path):
    dataset = open_data(write_ten(tmp_path))
    assert dataset.counts() == {"train": 54, "val": 6, "test": 10}
    assert dataset.labels[9] == "class 9"
    sample = dataset.splits["test"].read(4)
    planes = records(10)[4, 1:].reshape(3, 32, 32)
    assert np.array_equal(sample.image[..., 2], planes[2])
    assert sample.target == 4


def test_of_cifar_100_the_fine_labels_are_read(tmp_path):
    for name, count in (("train", 40), ("test", 10)):
        content = records(count, 2)
        content[:, 0] = 19
        (tmp_path / f"{name}.bin").write_bytes(content.tobytes())
    (tmp_path / "fine_label_names.txt").write_text("\n".join(f"fine {number}" for number in range(100)))
    dataset = open_data(tmp_path)
    assert dataset.name == "cifar100"
    assert dataset.splits["test"].target(7) == 7
    assert dataset.labels[7] == "fine 7"


@pytest.mark.bad_input
@pytest.mark.parametrize("names", [("data_batch_1", "batches.meta"), ("train", "test", "meta")])
def test_the_python_version_is_never_unpickled(tmp_path, names):
    for name in names:
        (tmp_path / name).write_bytes(pickle.dumps({"data": 1}))
    with pytest.raises(BadData, match=r"python version of CIFAR.* can run code .* cifar-10-binary\.tar\.gz"):
        open_data(tmp_path)


@pytest.mark.bad_input
def test_a_cut_file_is_named(tmp_path):
    write_ten(tmp_path)
    path = tmp_path / "data_batch_2.bin"
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(BadData, match=r"data_batch_2\.bin with 61,459 bytes; taken are records of 3,073"):
        open_data(tmp_path)
