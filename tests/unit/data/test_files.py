import os
import pickle
import shutil
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from pictures import hashes, write_class_folders, write_picture
from saccade.data import files
from saccade.data.files import Files, has_picture, list_pictures, read_at, sub_folders, target_at
from saccade.errors import BadData, BadImage
from saccade.types.boxes import Boxes


def test_pictures_are_found_at_any_depth_sorted(tmp_path):
    for name in (
        "b.png",
        "a/deep/er/c.JPG",
        "a/a.webp",
        ".hidden/x.png",
        ".x.png",
        "notes.txt",
        "README",
        "__MACOSX/b.png",
    ):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    ignored = Counter()
    assert list_pictures(tmp_path, ignored) == ["a/a.webp", "a/deep/er/c.JPG", "b.png"]
    assert ignored == {"hidden": 3, ".txt": 1, "no suffix": 1}


def test_links_are_followed_once(tmp_path):
    write_picture(tmp_path / "outside" / "1.png")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "linked").symlink_to(tmp_path / "outside")
    (inside / "again").symlink_to(tmp_path / "outside")
    (inside / "loop").symlink_to(inside)
    (inside / "up").symlink_to(tmp_path)
    assert len(list_pictures(inside, Counter())) == 1


def test_a_link_to_nothing_is_named_when_it_is_read(tmp_path):
    (tmp_path / "gone.png").symlink_to(tmp_path / "nowhere.png")
    assert list_pictures(tmp_path, Counter()) == ["gone.png"]
    with pytest.raises(BadImage, match=r"gone\.png"):
        Files(str(tmp_path), ("gone.png",), (0,)).read(0)


def test_a_folder_that_looks_like_a_picture_is_a_folder(tmp_path):
    write_picture(tmp_path / "folder.png" / "1.png")
    os.mkfifo(tmp_path / "pipe.png")
    assert list_pictures(tmp_path, Counter()) == ["folder.png/1.png"]


def test_a_picture_anywhere_below_is_seen(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    assert not has_picture(tmp_path)
    write_picture(tmp_path / "a" / "b" / "1.png")
    assert has_picture(tmp_path)


def test_sub_folders_are_sorted_without_litter(tmp_path):
    for name in ("b", "a", ".git", "__MACOSX"):
        (tmp_path / name).mkdir()
    assert [folder.name for folder in sub_folders(tmp_path)] == ["a", "b"]


def test_a_sample_is_read_with_its_key_and_target(tmp_path):
    write_picture(tmp_path / "cats" / "1.png", (6, 8))
    sample = Files(str(tmp_path), ("cats/1.png",), (3,)).read(0)
    assert (sample.image.shape, sample.target, sample.key) == ((6, 8, 3), 3, "cats/1.png")


@pytest.mark.parametrize(
    "name", ["-rf.png", " a b.png", "new\nline.png", "Räder-猫-🐈.png", "x" * 251 + ".png", "a;b'\"$(x).png"]
)
def test_any_name_works(tmp_path, name):
    write_picture(tmp_path / "🐕 class" / name)
    source = Files(str(tmp_path), (f"🐕 class/{name}",), (0,))
    assert source.read(0).key == f"🐕 class/{name}"
    assert pickle.loads(pickle.dumps(source)).fingerprint() == source.fingerprint()


def test_a_name_that_is_no_text_works(tmp_path):
    name = os.fsdecode(b"\xff.png")
    try:
        shutil.copy(write_picture(tmp_path / "1.png"), tmp_path / name)
    except OSError:  # a file system that takes only text
        return
    source = Files(str(tmp_path), (name,), (0,))
    assert source.read(0).key == "\\udcff.png"
    assert source.key(0).encode()
    assert len(source.fingerprint()) == 64


def test_a_fingerprint_is_the_same_on_a_copy(tmp_path):
    write_class_folders(tmp_path / "first", {"a": 3, "b": 2})
    shutil.copytree(tmp_path / "first", tmp_path / "second")
    paths = tuple(list_pictures(tmp_path / "first", Counter()))
    first, second = (Files(str(tmp_path / place), paths, (0, 0, 0, 1, 1)) for place in ("first", "second"))
    assert first.fingerprint() == second.fingerprint()


def _fingerprint(folder: Path, targets: tuple[int, ...] = (0, 1)) -> str:
    return Files(str(folder), tuple(list_pictures(folder, Counter())), targets).fingerprint()


def test_a_fingerprint_sees_names_contents_and_targets(tmp_path):
    first, second = write_picture(tmp_path / "a.png", shade=1), write_picture(tmp_path / "b.png", shade=2)
    before = _fingerprint(tmp_path)
    assert _fingerprint(tmp_path, (1, 0)) != before
    content = bytearray(first.read_bytes())
    content[-1] ^= 1
    first.write_bytes(content)
    changed = _fingerprint(tmp_path)
    assert changed != before
    second.rename(tmp_path / "c.png")
    assert _fingerprint(tmp_path) not in (before, changed)


def test_of_a_large_file_both_ends_count(tmp_path):
    prints = set()
    for place in (0, 100_000, 299_999):
        content = bytearray(300_000)
        content[place] = 1
        (tmp_path / "a.png").write_bytes(content)
        prints.add(_fingerprint(tmp_path, (0,)))
    assert len(prints) == 3 - 1 + 1  # the byte in the middle is not read, but differs from both others


def test_a_missing_file_has_a_fingerprint(tmp_path):
    assert len(Files(str(tmp_path), ("gone.png",), (0,)).fingerprint()) == 64


class Late:
    """A box over the middle of a picture, as soon as its size is known."""

    classes = ()

    def placed(self, root, size):
        height, width = size
        return Boxes(torch.tensor([[width / 4, height / 4, width * 3 / 4, height * 3 / 4]]), size)

    def digest(self, root):
        return ""


@pytest.mark.parametrize("late", [True, False])
@pytest.mark.parametrize("suffix", [".jpg", ".png"])
def test_a_target_of_a_picture_that_was_kept_is_the_one_that_was_read(tmp_path, late, suffix):
    write_picture(tmp_path / f"a{suffix}", (64, 98))
    ready = Late().placed("", (64, 98))
    source = Files(str(tmp_path), (f"a{suffix}",), (Late() if late else ready,))
    for least, sides in ((None, (64, 98)), ((16, 20), (16, 25)), ((30, 30), (32, 49))):
        sample = read_at(source, 0, least)
        shown = sample.image.shape[:2]
        assert shown == (sides if suffix == ".jpg" else (64, 98))
        told = target_at(source.pick([0]), 0, shown)
        assert told.size == sample.target.size == shown
        assert torch.equal(told.coordinates, sample.target.coordinates)
        assert told.coordinates.tolist() == [[shown[1] / 4, shown[0] / 4, shown[1] * 3 / 4, shown[0] * 3 / 4]]
    assert source.target(0).size == (64, 98)


def test_sizes_are_read_once_in_a_process(tmp_path, monkeypatch):
    for number in range(3):
        write_picture(tmp_path / f"{number}.png", (6 + number, 8))
    source = Files(str(tmp_path), ("0.png", "1.png", "2.png"), (Late(), Late(), 5))
    source.read(0)
    read, asked = files.read_size, []
    monkeypatch.setattr(files, "read_size", lambda path: (asked.append(path.name), read(path))[1])
    for _ in range(2):
        assert [source.target(0).size, source.target(1).size, source.target(2)] == [(6, 8), (7, 8), 5]
    assert asked == ["1.png"]
    assert source.pick([1]).size(0) == (7, 8)
    assert pickle.loads(pickle.dumps(source)).size(1) == (7, 8)
    assert asked == ["1.png"] * 2  # what is picked asks anew, a copy knows


def test_a_picture_that_is_gone_has_no_size(tmp_path):
    source = Files(str(tmp_path), ("gone.png",), (Late(),))
    for _ in range(2):
        with pytest.raises(BadImage, match="gone"):
            source.target(0)


def test_nothing_is_written(tmp_path):
    write_class_folders(tmp_path, {"a": 2}, ".jpg")
    without_end = tmp_path / "a" / "cut.jpg"
    Image.fromarray(np.zeros((16, 16, 3), np.uint8)).save(without_end)
    without_end.write_bytes(without_end.read_bytes()[:-2])
    before = hashes(tmp_path)
    source = Files(str(tmp_path), tuple(list_pictures(tmp_path, Counter())), (0, 0, 0))
    for index in range(len(source)):
        source.read(index)
    source.fingerprint()
    assert hashes(tmp_path) == before


@pytest.mark.bad_input
def test_a_folder_that_may_not_be_read_is_named(tmp_path):
    with pytest.raises(BadData, match="nowhere, which cannot be read"):
        list_pictures(tmp_path / "nowhere", Counter())
