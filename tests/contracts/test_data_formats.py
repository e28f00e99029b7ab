"""What every format of data keeps to. A new file in `data/formats` needs one line here: an example of its own."""

from __future__ import annotations

import gzip
import importlib
import pickle
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest

from pictures import hashes, write_class_folders
from saccade import catalog
from saccade.data.opening import open_data, reopen
from saccade.data.splitting import Splitting
from saccade.errors import BadInput
from saccade.types.sample import DataSet, Source, targets_of

NAMES = sorted(catalog.offers("data.formats"))
PIXELS = np.random.default_rng(0).integers(0, 256, (40, 6, 5), np.uint8)
LABELS = (np.arange(40) % 4).astype(np.uint8)


def _idx(array: np.ndarray) -> bytes:
    return bytes((0, 0, 8, array.ndim)) + struct.pack(f">{array.ndim}I", *array.shape) + array.tobytes()


def _mnist(place: Path) -> Path:
    place.mkdir()
    (place / "train-images-idx3-ubyte.gz").write_bytes(gzip.compress(_idx(PIXELS)))
    (place / "train-labels-idx1-ubyte").write_bytes(_idx(LABELS))
    return place


def _cifar(place: Path) -> Path:
    place.mkdir()
    records = np.random.default_rng(0).integers(0, 256, (40, 3073), np.uint8)
    records[:, 0] = LABELS
    (place / "data_batch_1.bin").write_bytes(records.tobytes())
    return place


def _npz(place: Path) -> Path:
    place.mkdir()
    np.savez(place / "some.npz", x_train=PIXELS, y_train=LABELS)
    return place / "some.npz"


def _manifest(place: Path) -> Path:
    write_class_folders(place, {"a": 20, "b": 20})
    rows = [f"{folder}/{index}.png,{folder}{index % 2}" for folder in "ab" for index in range(20)]
    (place / "labels.csv").write_text("path,label\n" + "\n".join(rows))
    return place / "labels.csv"


EXAMPLES = {
    "cifar": _cifar,
    "class_folders": lambda place: write_class_folders(place, dict.fromkeys("abcd", 10)),
    "digits": "digits",
    "idx": _mnist,
    "manifest": _manifest,
    "npz": _npz,
    "synthetic": "synthetic:count=40,size=16",
}


@pytest.fixture(params=NAMES)
def name(request) -> str:
    assert request.param in EXAMPLES, f"add an example of {request.param} to EXAMPLES"
    return request.param


@pytest.fixture
def example(name, tmp_path) -> str:
    make = EXAMPLES[name]
    return make if isinstance(make, str) else str(make(tmp_path / "example"))


@pytest.fixture
def dataset(example) -> DataSet:
    return open_data(example, seed=1)


def test_every_file_offers_formats():
    folder = Path(importlib.import_module("saccade.data.formats").__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert files == {module.rsplit(".", 1)[1] for module in catalog.offers("data.formats").values()}


def test_it_recognises_its_own_and_nothing_else(name, example, tmp_path):
    format_ = catalog.find("data.formats", name)()
    if format_.made:
        assert isinstance(format_.open("", Splitting()), DataSet)
        return
    assert format_.recognises(Path(example))
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("text")
    assert not any(format_.recognises(tmp_path / other) for other in ("empty", "file.txt", "nowhere"))
    for other, make in EXAMPLES.items():
        if other != name and not isinstance(make, str):
            assert not format_.recognises(make(tmp_path / other)), other


def test_it_gives_every_split_and_labels(dataset):
    assert list(dataset.splits) == ["train", "val", "test"]
    assert all(isinstance(source, Source) and len(source) for source in dataset.splits.values())
    assert set(targets_of(dataset.splits["train"])) == set(range(len(dataset.labels)))
    assert len(set(dataset.labels)) == len(dataset.labels)
    assert dataset.task == "classification"


def test_keys_are_unique_text(dataset):
    keys = [source.key(index) for source in dataset.splits.values() for index in range(len(source))]
    assert len(set(keys)) == len(keys)
    assert all(key.encode() for key in keys)


def test_every_sample_is_a_picture_with_its_target_and_key(dataset):
    for source in dataset.splits.values():
        for index in (0, len(source) - 1):
            sample = source.read(index)
            assert sample.image.ndim == 3
            assert sample.image.dtype in (np.uint8, np.uint16, np.float32)
            assert sample.target == source.target(index)
            assert sample.key == source.key(index)


def test_reading_twice_gives_the_same_and_a_copy_reads_too(dataset):
    source = dataset.splits["train"]
    again = pickle.loads(pickle.dumps(source))
    for index in (3, 0):
        assert np.array_equal(source.read(index).image, again.read(index).image)
    assert again.fingerprint() == source.fingerprint()


def test_fingerprints_tell_splits_apart(dataset):
    assert len({source.fingerprint() for source in dataset.splits.values()}) == 3


def test_it_opens_again_from_its_origin(dataset):
    again = reopen(dataset.origin)
    assert again.labels == dataset.labels
    for split, source in dataset.splits.items():
        assert again.splits[split].fingerprint() == source.fingerprint()


def test_a_part_is_a_source_too(dataset):
    source = dataset.splits["train"]
    part = source.pick([4, 1])
    assert [part.key(0), part.key(1)] == [source.key(4), source.key(1)]
    assert part.target(0) == source.target(4)


def test_another_seed_makes_another_split(dataset, example):
    other = open_data(example, seed=2)
    assert other.counts() == dataset.counts()
    assert other.splits["train"].fingerprint() != dataset.splits["train"].fingerprint()


def test_a_copy_elsewhere_is_the_same_and_nothing_is_written(example, tmp_path):
    if not Path(example).exists():
        return
    before = hashes(tmp_path / "example")
    shutil.copytree(tmp_path / "example", tmp_path / "elsewhere" / "example")
    first = open_data(example)
    second = open_data(tmp_path / "elsewhere" / Path(example).relative_to(tmp_path))
    for split, source in first.splits.items():
        assert source.fingerprint() == second.splits[split].fingerprint()
        source.read(0)
    assert hashes(tmp_path / "example") == before


@pytest.mark.bad_input
def test_a_file_cut_short_is_an_error_of_ours_or_set_aside(example):
    """Wherever a file ends too early, opening and reading give a data set or a BadInput, never anything else."""
    if not Path(example).exists():
        return
    folder = Path(example) if Path(example).is_dir() else Path(example).parent
    victim = max((path for path in folder.rglob("*") if path.is_file()), key=lambda path: path.stat().st_size)
    content = victim.read_bytes()
    for tenth in range(10):
        victim.write_bytes(content[: len(content) * tenth // 10])
        try:
            for source in open_data(example).splits.values():
                for index in range(len(source)):
                    source.read(index)
        except BadInput as error:
            assert str(error)  # noqa: PT017
