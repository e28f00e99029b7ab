import zipfile

import numpy as np
import pytest

from saccade.data.opening import open_data
from saccade.errors import BadData

IMAGES, LABELS = np.arange(20 * 4 * 4, dtype=np.uint8).reshape(20, 4, 4), np.arange(20) % 2


@pytest.mark.parametrize(
    "names",
    [("x_train", "y_train"), ("train_images", "train_labels"), ("images", "labels"), ("X", "y"), ("data", "target")],
)
def test_the_usual_names_are_known(tmp_path, names):
    np.savez(tmp_path / "d.npz", **dict(zip(names, (IMAGES, LABELS), strict=True)))
    dataset = open_data(tmp_path / "d.npz")
    assert dataset.counts() == {"train": 16, "val": 2, "test": 2}
    assert dataset.name == "d"


def test_splits_and_names_are_kept(tmp_path):
    np.savez(
        tmp_path / "d.npz", x_train=IMAGES, y_train=LABELS, x_val=IMAGES[:2], y_val=LABELS[:2],
        x_test=IMAGES[:3], y_test=LABELS[:3], classes=np.array(["no", "yes"]),
    )  # fmt: skip
    dataset = open_data(tmp_path)  # a folder with one such file is as good as the file
    assert dataset.counts() == {"train": 20, "val": 2, "test": 3}
    assert dataset.labels == ("no", "yes")
    assert np.array_equal(dataset.splits["test"].read(2).image[..., 0], IMAGES[2])


def test_compressed_files_are_read(tmp_path):
    np.savez_compressed(tmp_path / "d.npz", images=IMAGES, labels=LABELS)
    assert sum(open_data(tmp_path / "d.npz").counts().values()) == 20


@pytest.mark.bad_input
def test_pickled_objects_are_never_opened(tmp_path):
    canary = tmp_path / "canary"

    class Bomb:
        def __reduce__(self):
            return open, (str(canary), "w")

    np.savez(tmp_path / "d.npz", images=np.array([Bomb()] * 4, object), labels=LABELS[:4])
    with pytest.raises(BadData, match=r"cannot be read .* never pickled objects"):
        open_data(tmp_path / "d.npz")
    assert not canary.exists()


@pytest.mark.bad_input
@pytest.mark.parametrize("content", [b"", b"not a zip", b"PK\x03\x04 cut"])
def test_a_broken_file_is_named(tmp_path, content):
    (tmp_path / "d.npz").write_bytes(content)
    with pytest.raises(BadData, match=r"d\.npz, which cannot be read"):
        open_data(tmp_path / "d.npz")


@pytest.mark.bad_input
def test_a_file_cut_anywhere_is_refused(tmp_path):
    np.savez_compressed(tmp_path / "d.npz", images=IMAGES, labels=LABELS)
    content = (tmp_path / "d.npz").read_bytes()
    for end in range(0, len(content) - 1, max(1, len(content) // 20)):
        (tmp_path / "d.npz").write_bytes(content[:end])
        with pytest.raises(BadData):
            open_data(tmp_path / "d.npz")


@pytest.mark.bad_input
def test_a_header_that_claims_too_much_is_refused(tmp_path):
    with zipfile.ZipFile(tmp_path / "d.npz", "w") as file:
        header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000, 1000000, 3), }".ljust(117) + b"\n"
        file.writestr("images.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
        file.writestr("labels.npy", b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header)
    with pytest.raises(BadData, match="cannot be read"):
        open_data(tmp_path / "d.npz")


@pytest.mark.bad_input
def test_other_names_are_listed(tmp_path):
    np.savez(tmp_path / "d.npz", pictures=IMAGES, answers=LABELS)
    with pytest.raises(BadData, match="got arrays pictures, answers; taken are pairs such as x_train and y_train"):
        open_data(tmp_path / "d.npz")
