import io
import json
import tarfile

import numpy as np
import pytest
import torch
from PIL import Image

from pictures import hashes, write_class_folders
from saccade.data.formats.web_dataset import web_dataset
from saccade.data.opening import open_data
from saccade.data.shards.index import SUFFIX
from saccade.data.shards.writing import write_shards
from saccade.data.splitting import Splitting
from saccade.errors import BadConfig, BadData, BadImage
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.sample import DataSet, Sample, targets_of


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "cache"))


def jpeg(shade=0, size=(8, 8)):
    file = io.BytesIO()
    Image.new("RGB", size, (shade, shade, shade)).save(file, "JPEG")
    return file.getvalue()


def shard(path, files):
    path.parent.mkdir(parents=True, exist_ok=True)
    with tarfile.open(path, "w") as tar:
        for name, body in files:
            about = tarfile.TarInfo(name)
            about.size = len(body)
            tar.addfile(about, io.BytesIO(body))
    return path


def foreign(folder, label, shards=2, each=10, kind="cls"):
    for number in range(shards):
        files = [
            file
            for row in range(each)
            for file in ((f"{row:04}.jpg", jpeg(10 * row)), (f"{row:04}.{kind}", label(number, row)))
        ]
        shard(folder / f"part-{number:03}.tar", files)
    return folder


def opened(path, shares=(1, 0, 0)):
    return web_dataset().open(str(path), Splitting(shares=shares))


def test_what_is_written_comes_back(tmp_path):
    root = write_class_folders(tmp_path / "photos", {"a": 12, "b": 8}, ".jpg")
    given = open_data(root)
    counts = write_shards(given, tmp_path / "shards", most_bytes=1 << 16)
    assert counts == {"images": 20, "labels": 20}
    again = open_data(tmp_path / "shards")
    assert again.labels == given.labels
    assert again.counts() == given.counts()
    for split, source in given.splits.items():
        for index in range(len(source)):
            np.testing.assert_array_equal(again.splits[split].read(index).image, source.read(index).image)
        assert targets_of(again.splits[split]) == targets_of(source)


def test_files_of_pictures_are_copied_as_they_are(tmp_path):
    root = write_class_folders(tmp_path / "photos", {"a": 3, "b": 3}, ".jpg")
    write_shards(open_data(root, shares=(1, 0, 0)), tmp_path / "shards")
    with tarfile.open(tmp_path / "shards" / "train-000000.tar") as tar:
        bodies = [tar.extractfile(name).read() for name in tar.getnames() if name.endswith(".jpg")]
    assert bodies == [path.read_bytes() for path in sorted(root.rglob("*.jpg"))]


def test_the_same_data_give_the_same_bytes(tmp_path):
    root = write_class_folders(tmp_path / "photos", {"a": 12, "b": 8})
    for name in ("one", "two"):
        write_shards(open_data(root), tmp_path / name)
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")


def test_a_shard_ends_before_it_grows_too_large(tmp_path):
    images = np.random.default_rng(0).integers(0, 256, (20, 64, 64, 3), np.uint8)  # 12 kB each as PNG
    given = open_data({"train": (images, [0, 1] * 10)}, shares=(1, 0, 0))
    write_shards(given, tmp_path, most_bytes=1 << 16)
    sizes = [path.stat().st_size for path in sorted(tmp_path.glob("*.tar"))]
    assert len(sizes) == 5
    assert all(size <= (1 << 16) + 1024 for size in sizes)
    assert len(opened(tmp_path).splits["train"]) == 20
    with pytest.raises(BadConfig, match="taken are at least 65,536"):
        write_shards(given, tmp_path / "other", most_bytes=1000)


class Boxed:
    """Two pictures with boxes that no float of 32 bits holds."""

    def __len__(self):
        return 2

    def read(self, index):
        return Sample(np.full((32, 48, 3), 100 * index, np.uint8), self.target(index), self.key(index))

    def key(self, index):
        return f"some/{index}.png"

    def target(self, index):
        corners = torch.tensor([[0.1, 0.2, 30.3, 20.4]], dtype=torch.float64)[:index]
        return Annotations((32, 48), torch.tensor([1])[:index], Boxes(corners, (32, 48)))

    def fingerprint(self):
        return ""


def test_annotations_come_back_to_the_last_bit(tmp_path):
    given = DataSet("boxed", ("cat", "dog"), {"train": Boxed(), "val": Boxed()}, "detection", keypoint_names=("nose",))
    assert write_shards(given, tmp_path) == {"images": 4, "things": 2, "boxes": 2}
    again = open_data(tmp_path)
    assert (again.task, again.labels, again.keypoint_names) == ("detection", ("cat", "dog"), ("nose",))
    for index in range(2):
        assert again.splits["val"].target(index).digest() == Boxed().target(index).digest()
        assert again.splits["val"].read(index).target.digest() == Boxed().target(index).digest()


@pytest.mark.parametrize(
    ("kind", "label", "labels", "task"),
    [
        ("cls", lambda number, row: str(row % 3).encode(), ("0", "1", "2"), "classification"),
        ("cls", lambda number, row: b"dog\n" if row % 2 else b"cat", ("cat", "dog"), "classification"),
        ("json", lambda number, row: json.dumps({"label": row % 2}).encode(), ("0", "1"), "classification"),
        ("json", lambda number, row: json.dumps({"labels": ["x", "y"][: row % 3]}).encode(), ("x", "y"), "multi_label"),
    ],
)
def test_shards_of_others_are_read(tmp_path, kind, label, labels, task):
    dataset = opened(foreign(tmp_path / "shards", label, kind=kind))
    assert (dataset.labels, dataset.task, dataset.counts()) == (labels, task, {"train": 20})
    source = dataset.splits["train"]
    assert source.key(11) == "part-001.tar/0001.jpg"
    assert source.read(11).image[0, 0].tolist() == [10] * 3


def test_sentences_are_captions(tmp_path):
    dataset = opened(foreign(tmp_path / "shards", lambda number, row: b"a grey square\nof one shade\n", kind="txt"))
    assert dataset.task == "captioning"
    target = dataset.splits["train"].target(3)
    assert (target.size, target.captions) == ((8, 8), ("a grey square", "of one shade"))


def test_names_of_shards_say_their_split(tmp_path):
    for name in ("x-train-00.tar", "x-train-01.tar", "x-validation-00.tar", "x-test.tar"):
        shard(tmp_path / "s" / name, [("1.jpg", jpeg()), ("1.cls", b"0"), ("2.jpg", jpeg()), ("2.cls", b"1")])
    assert opened(tmp_path / "s").counts() == {"train": 4, "val": 2, "test": 2}


def test_a_pattern_and_a_single_archive_are_taken(tmp_path):
    foreign(tmp_path / "shards", lambda number, row: str(row % 2).encode(), shards=4)
    pattern = tmp_path / "shards" / "part-{001..002}.tar"
    assert web_dataset().recognises(pattern)
    assert opened(pattern).splits["train"].names == ("part-001.tar", "part-002.tar")
    assert len(opened(tmp_path / "shards" / "part-003.tar").splits["train"]) == 10
    assert not web_dataset().recognises(tmp_path / "shards" / "part-{007..009}.tar")
    assert not web_dataset().recognises(tmp_path / "shards" / "part-{000..999999999}.tar")


def test_an_index_is_made_once_and_never_beside_the_data(tmp_path, monkeypatch):
    root = foreign(tmp_path / "shards", lambda number, row: str(row % 2).encode())
    before = hashes(root)
    first = opened(root)
    assert hashes(root) == before
    assert len(list((tmp_path / "cache" / "shards").glob(f"*{SUFFIX}"))) == 2
    monkeypatch.setattr("saccade.data.shards.index.members", None)  # no header is read again
    assert opened(root).splits["train"].fingerprint() == first.splits["train"].fingerprint()


@pytest.mark.parametrize("harm", ["bytes", "beyond", "nonsense", "version"])
def test_an_index_that_does_not_fit_is_not_believed(tmp_path, harm):
    root = write_class_folders(tmp_path / "photos", {"a": 3, "b": 3})
    write_shards(open_data(root, shares=(1, 0, 0)), tmp_path / "shards")
    place = tmp_path / "shards" / f"train-000000.tar{SUFFIX}"
    values = json.loads(place.read_bytes())
    if harm == "bytes":
        values["bytes"] += 512
    elif harm == "beyond":
        values["samples"][0][1] = 1 << 40
    elif harm == "version":
        values["version"] = 99
    place.write_text("[" * 10_000 if harm == "nonsense" else json.dumps(values))
    source = opened(tmp_path / "shards").splits["train"]
    assert [source.read(index).target for index in range(6)] == [0, 0, 0, 1, 1, 1]


def test_hostile_members_are_named_and_left_out(tmp_path):
    path = tmp_path / "s" / "a.tar"
    good = [(name, jpeg()) for name in ("../1.jpg", "2.jpg", "4.jpg", "6.jpg")]
    labels = [("../1.cls", b"0"), ("2.cls", b"0"), ("3.cls", b"1"), ("5.cls", b"1"), ("6.cls", b"")]
    shard(path, sorted([*good, *labels, ("5.jpg", b"no picture")]))
    dataset = opened(tmp_path / "s")
    codes = sorted((finding.code, finding.key or finding.message.split(":")[0]) for finding in dataset.findings)
    assert codes == [
        ("missing-image", "got 3.cls"),
        ("missing-label", "a.tar/4.jpg"),
        ("path-outside", "got ../1.cls"),
        ("path-outside", "got ../1.jpg"),
        ("wrong-class", "a.tar/6.jpg"),
    ]
    source = dataset.splits["train"]
    assert [source.key(index) for index in range(len(source))] == ["a.tar/2.jpg", "a.tar/5.jpg"]
    with pytest.raises(BadImage, match=r"a\.tar/5\.jpg: got text"):
        source.read(1)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cache", "s"]


def test_a_picture_can_be_reduced_while_it_is_decoded(tmp_path):
    shard(tmp_path / "s" / "a.tar", [("1.jpg", jpeg(9, (64, 32))), ("1.cls", b"0")])
    source = opened(tmp_path / "s").splits["train"]
    assert source.read(0, (4, 8)).image.shape == (4, 8, 3)
    assert source.stamp(0) != ""


def test_a_part_of_a_source_is_a_source(tmp_path):
    source = opened(foreign(tmp_path / "s", lambda number, row: str(row % 2).encode())).splits["train"]
    part = source.pick([13, 2])
    assert [part.key(0), part.key(1)] == ["part-001.tar/0003.jpg", "part-000.tar/0002.jpg"]
    assert [part.classes(0), part.target(1)] == [(1,), 0]
    assert part.fingerprint() != source.fingerprint()


@pytest.mark.bad_input
def test_shards_without_labels_say_what_is_missing(tmp_path):
    shard(tmp_path / "s" / "a.tar", [("1.jpg", jpeg()), ("2.jpg", jpeg())])
    with pytest.raises(BadData, match=r"without a sample that has a picture and a label.*missing-label"):
        opened(tmp_path / "s")


@pytest.mark.bad_input
def test_an_archive_that_vanishes_is_a_broken_picture(tmp_path):
    source = opened(foreign(tmp_path / "s", lambda number, row: str(row % 2).encode())).splits["train"]
    (tmp_path / "s" / "part-000.tar").unlink()
    with pytest.raises(BadImage, match="cannot be read"):
        source.read(0)
    assert source.stamp(0) == ""
