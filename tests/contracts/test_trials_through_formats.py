"""The trials 1 to 15 through every format that lists pictures: what the bare reader reads is read, the rest is named.

The pictures of each format's example are replaced, byte for byte, by those of the trials.
"""

from __future__ import annotations

import csv
import io
import json
import tarfile
import warnings
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch

from every_format import EXAMPLES
from pictures import hashes
from saccade.data.checking.engine import check
from saccade.data.loading.loader import Loader
from saccade.data.opening import open_data
from saccade.data.reading import ImageWarning, read_image
from saccade.errors import BadImage
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import DataSet, Source
from trial_pictures import BROKEN, WARNED, trial_pictures

MADE = ("cifar", "digits", "idx", "npz", "synthetic")  # of these no picture is a file of its own
FORMATS = sorted(EXAMPLES.keys() - set(MADE))
PLAIN = Preprocessing((12, 12), 3, (0.0,) * 3, (1.0,) * 3)


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path):
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "cache"))


@pytest.fixture(params=FORMATS)
def name(request) -> str:
    return request.param


def opened(place: Path) -> tuple[DataSet, Source]:
    dataset = open_data(str(place), seed=1)
    return dataset, dataset.splits["train"]


def said(target: object) -> object:
    """A target as a value that can be compared."""
    digest = getattr(target, "digest", None)
    return digest() if digest else target


def plant(name: str, place: Path, source: Source, contents: Mapping[int, bytes]) -> None:
    """Replace the pictures of some samples."""
    if name == "parquet":
        plant_in_parquet(place, {source.rows[index, 1]: content for index, content in contents.items()})
    elif name == "web_dataset":
        plant_in_shards(place, {source.key(index): content for index, content in contents.items()})
    else:
        for index, content in contents.items():
            Path(source.root, source.paths[index]).write_bytes(content)


def plant_in_parquet(place: Path, contents: Mapping[int, bytes]) -> None:
    import pyarrow.parquet

    table = pyarrow.parquet.read_table(place)
    cells = table.column("image").to_pylist()
    for row, content in contents.items():
        cells[row]["bytes"] = content
    column = pyarrow.array(cells, table.schema.field("image").type)
    pyarrow.parquet.write_table(table.set_column(0, "image", column), place, row_group_size=7)


def plant_in_shards(place: Path, contents: Mapping[str, bytes]) -> None:
    for path in place.glob("*.tar"):
        with tarfile.open(path) as archive:
            members = [(one.name, archive.extractfile(one).read()) for one in archive.getmembers()]
        with tarfile.open(path, "w") as archive:
            for member, content in members:
                about = tarfile.TarInfo(member)
                put = contents.get(f"{path.name}/{member}", content)
                about.size = len(put)
                archive.addfile(about, io.BytesIO(put))
        path.with_name(f"{path.name}.index.json").unlink(missing_ok=True)


def planted(name: str, root: Path) -> Iterator[tuple[DataSet, dict[int, tuple[str, bytes]], list[object]]]:
    """The example with so many trials at a time as it has pictures to learn from, until all have been there.

    With them come the labels that the pictures had before.
    """
    place = EXAMPLES[name](root / "example")
    source = opened(place)[1]
    contents = trial_pictures(source.read(0).image.shape[:2])
    trials, good = list(contents.items()), contents["a BMP"]
    keys = [source.key(index) for index in range(len(source))]
    labels = [said(source.target(index)) for index in range(len(source))]
    for start in range(0, len(trials), len(source) - 1):
        given = dict(enumerate(trials[start : start + len(source) - 1], 1))  # the first picture stays a good one
        files = dict.fromkeys(range(1, len(source)), good) | {index: content for index, (_, content) in given.items()}
        plant(name, place, source, files)
        dataset, source = opened(place)
        assert [source.key(index) for index in range(len(source))] == keys
        yield dataset, given, labels


@pytest.mark.bad_input
def test_the_trials_are_what_they_are_called():
    for what, content in trial_pictures((30, 40)).items():
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            if what in BROKEN:
                with pytest.raises(BadImage):
                    read_image(content)
            else:
                assert read_image(content).shape[:2] == (30, 40)
        assert bool(caught) == (what in WARNED), what


@pytest.mark.bad_input
def test_each_trial_is_read_as_the_bare_reader_reads_it_or_named(name, tmp_path):
    seen = set()
    for dataset, given, labels in planted(name, tmp_path):
        before = hashes(tmp_path / "example")
        source = dataset.splits["train"]
        for index, (what, content) in given.items():
            seen.add(what)
            if what in BROKEN:
                with pytest.raises(BadImage) as caught:
                    source.read(index)
                assert source.key(index) in caught.value.path, what
                continue
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", ImageWarning)
                sample, image = source.read(index), read_image(content)
            assert np.array_equal(sample.image, image), what
            assert said(sample.target) == labels[index], what
        assert hashes(tmp_path / "example") == before
    assert len(seen) == len(trial_pictures((6, 8)))


@pytest.mark.bad_input
def test_a_loader_sets_the_broken_ones_aside_and_the_check_names_them(name, tmp_path):
    for dataset, given, _ in planted(name, tmp_path):
        source = dataset.splits["train"]
        broken = [source.key(index) for index, (what, _) in given.items() if what in BROKEN]
        with warnings.catch_warnings(), Loader(source, PLAIN, len, batch_size=64) as loader:
            warnings.simplefilter("ignore", ImageWarning)
            (batch,) = loader.epoch(0)
        assert [key for key, _ in batch.set_aside] == broken
        assert all(reason for _, reason in batch.set_aside)
        assert list(batch.keys) == [
            source.key(index) for index in range(len(source)) if source.key(index) not in broken
        ]
        assert torch.isfinite(batch.images).all()
        findings = [one for one in check(dataset).findings if one.code in ("image-broken", "image-warning")]
        warned = [source.key(index) for index, (what, _) in given.items() if what in WARNED]
        assert sorted((one.code, one.key) for one in findings) == sorted(
            [*(("image-broken", key) for key in broken), *(("image-warning", key) for key in warned)]
        )


@pytest.mark.bad_input
@pytest.mark.parametrize(("name", "folder"), [("mask_folders", "masks"), ("paired_folders", "trainB")])
def test_a_broken_mask_or_partner_is_set_aside_with_its_picture(name, folder, tmp_path):
    place = EXAMPLES[name](tmp_path / "example")
    source = opened(place)[1]
    contents = trial_pictures((6, 8))
    partners = []
    for index, what in enumerate(sorted(BROKEN), 1):
        (partner,) = (place / folder).glob(f"{Path(source.paths[index]).stem}.*")
        partner.write_bytes(contents[what])
        partners.append(f"{folder}/{partner.name}")
    dataset, _ = opened(place)
    told = [one.file for one in dataset.findings if one.severity == "error"]
    for source in dataset.splits.values():
        with Loader(source, PLAIN, len, batch_size=64) as loader:
            (batch,) = loader.epoch(0)
        told += [reason.partition(":")[0] for _, reason in batch.set_aside]
        assert len(batch.keys) == len(source) - len(batch.set_aside)
    assert sorted(told) == sorted(partners)


NAMES = ("Größe ü", "日本 📷", "two  spaces ", "-rf", "x" * 240, "'quote', comma; #1 %41", "new\nline", "a.b.c")
BY_NAME = ("class_folders", "coco", "landmarks", "manifest", "mask_folders", "paired_folders", "unpaired_folders",
           "voc", "yolo")  # fmt: skip


@pytest.mark.parametrize("name", BY_NAME)
def test_names_of_every_kind_keep_their_labels(name, tmp_path):
    place = EXAMPLES[name](tmp_path / "📷 new\nfolder" / "-example")
    root = place if place.is_dir() else place.parent
    _, source = opened(place)
    old = {new: source.paths[index] for index, new in enumerate(NAMES)}
    expected = {new: (source.read(row).image, source.classes(row)) for row, new in enumerate(NAMES)}
    for new, path in old.items():
        stem = Path(path).stem
        for file in [one for one in root.rglob(f"{stem}.*") if one.stem == stem]:
            if name not in ("class_folders", "manifest") or file == root / path:
                file.rename(file.with_name(new + file.suffix))
    rename_within(root, {path: path.replace(Path(path).stem, new) for new, path in old.items()})
    dataset, _ = opened(place)
    assert dataset.findings == ()
    found = {
        Path(path).stem: (source.read(row).image, source.classes(row))
        for source in dataset.splits.values()
        for row, path in enumerate(source.paths)
    }
    for new, (image, classes) in expected.items():
        assert np.array_equal(found[new][0], image), new
        assert found[new][1] == classes, new


def rename_within(root: Path, renamed: Mapping[str, str]) -> None:
    """Write the new names where a list of labels names the old ones."""
    for file in root.rglob("*.json"):
        values = json.loads(file.read_text())
        for entry in values["images"]:
            entry["file_name"] = Path(renamed.get(f"images/{entry['file_name']}", entry["file_name"])).name
        file.write_text(json.dumps(values))
    for file in root.glob("*.csv"):
        with file.open(newline="") as stream:
            rows = [(renamed.get(path, path), label) for path, label in csv.reader(stream)]
        with file.open("w", newline="") as stream:
            csv.writer(stream).writerows(rows)
