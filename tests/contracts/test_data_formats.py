"""What every format of data keeps to. A new file in `data/formats` needs one line in tests/support/every_format.py."""

from __future__ import annotations

import importlib
import pickle
import shutil
from pathlib import Path

import numpy as np
import pytest

from every_format import EXAMPLES
from pictures import hashes
from saccade import catalog
from saccade.data.format import contents
from saccade.data.opening import open_data, reopen
from saccade.data.splitting import SPLITS, Splitting
from saccade.errors import BadInput
from saccade.types.sample import DataSet, Source, class_lists

NAMES = sorted(catalog.offers("data.formats"))
OWN_SPLITS = ("lfw",)  # their lists say who is in which split, so no seed does
TASKS = ("classification", "multi_label", "detection", "instance_segmentation", "segmentation", "keypoints",
         "captioning", "verification", "translation", "mesh", "style")  # fmt: skip


def _said(target: object) -> object:
    """A target as a value that can be compared: its hash where it has one."""
    digest = getattr(target, "digest", None)
    return digest() if digest else target


@pytest.fixture(params=NAMES)
def name(request) -> str:
    assert request.param in EXAMPLES, f"add an example of {request.param} to EXAMPLES in tests/support/every_format.py"
    return request.param


@pytest.fixture
def example(name, tmp_path) -> str:
    make = EXAMPLES[name]
    return make if isinstance(make, str) else str(make(tmp_path / "example"))


@pytest.fixture
def dataset(example) -> DataSet:
    return open_data(example, seed=1)


@pytest.fixture(scope="module")
def everything(tmp_path_factory) -> dict[str, Path]:
    """An example of every format that lies on disk."""
    root = tmp_path_factory.mktemp("examples")
    made = {name: str(make(root / name)) for name, make in EXAMPLES.items() if not isinstance(make, str)}
    return {name: Path(path.removeprefix(f"{name}:")) for name, path in made.items()}


def test_every_file_offers_formats():
    folder = Path(importlib.import_module("saccade.data.formats").__file__).parent
    files = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert files == {module.rsplit(".", 1)[1] for module in catalog.offers("data.formats").values()}


def test_it_recognises_its_own_and_nothing_else(name, example, everything, tmp_path):
    format_ = catalog.find("data.formats", name)()
    if format_.made:
        assert isinstance(format_.open("", Splitting()), DataSet)
        return
    outright = example.partition(":")[0] == name  # it is taken where it is named, and never by looking
    assert format_.takes(Path(example.partition(":")[2])) if outright else format_.recognises(Path(example))
    (tmp_path / "empty").mkdir()
    (tmp_path / "file.txt").write_text("text")
    assert not any(format_.recognises(tmp_path / other) for other in ("empty", "file.txt", "nowhere"))
    assert [other for other, path in everything.items() if other != name and format_.recognises(path)] == []


def test_it_gives_splits_and_labels(dataset):
    assert list(dataset.splits) in (["train", "val", "test"], ["train", "val"])
    assert all(isinstance(source, Source) and len(source) for source in dataset.splits.values())
    assert len(set(dataset.labels)) == len(dataset.labels)
    assert bool(dataset.labels) == (dataset.task != "style")
    assert dataset.task in TASKS
    found = {one for several in class_lists(dataset.splits["train"]) for one in several}
    assert found <= set(range(len(dataset.labels)))
    if dataset.task == "classification":
        assert found == set(range(len(dataset.labels)))


def test_nothing_is_wrong_with_its_example(dataset):
    assert dataset.findings == ()


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
            assert _said(sample.target) == _said(source.target(index))
            assert sample.key == source.key(index)


def test_reading_twice_gives_the_same_and_a_copy_reads_too(dataset):
    source = dataset.splits["train"]
    again = pickle.loads(pickle.dumps(source))
    for index in (3, 0):
        first, second = source.read(index), again.read(index)
        assert np.array_equal(first.image, second.image)
        assert _said(first.target) == _said(second.target)
    assert again.fingerprint() == source.fingerprint()


def test_fingerprints_tell_splits_apart(dataset):
    assert len({source.fingerprint() for source in dataset.splits.values()}) == len(dataset.splits)


def test_it_opens_again_from_its_origin(dataset):
    again = reopen(dataset.origin)
    assert again.labels == dataset.labels
    for split, source in dataset.splits.items():
        assert again.splits[split].fingerprint() == source.fingerprint()


def test_a_part_is_a_source_too(dataset):
    source = dataset.splits["train"]
    part = source.pick([4, 1])
    assert [part.key(0), part.key(1)] == [source.key(4), source.key(1)]
    assert _said(part.target(0)) == _said(source.target(4))


def test_another_seed_makes_another_split_where_the_data_do_not_say(name, dataset, example):
    other = open_data(example, seed=2)
    assert other.counts() == dataset.counts()
    same = other.splits["train"].fingerprint() == dataset.splits["train"].fingerprint()
    assert same == (name in OWN_SPLITS or len(dataset.splits) < len(SPLITS))


def test_what_it_writes_has_the_same_contents_and_splits(name, dataset, tmp_path):
    format_ = catalog.find("data.formats", name)()
    if format_.write is None:
        return
    told = contents(dataset)
    assert dict(format_.write(dataset, tmp_path / "written")) == told
    places = [tmp_path / "written", *sorted((tmp_path / "written").iterdir())]
    place = next(place for place in places if format_.recognises(place))
    again = format_.open(str(place), Splitting())
    assert contents(again) == told
    assert again.counts() == dataset.counts()
    assert again.task == dataset.task
    assert again.findings == ()


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
