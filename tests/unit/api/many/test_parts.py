"""Parts of a list: named by what is in them, whole or not there."""

from __future__ import annotations

import json

import pytest

from saccade.api.many.parts import Part, bad_in, hash_of, is_whole, parts_of, write_part
from saccade.errors import StorageFull
from saccade.types.bad_file import BadFile

KEYS = ("a.jpg", "b \udcff.jpg", "c\n.jpg", "d.jpg", "e.jpg")


def test_parts_hold_every_picture_once_and_in_order():
    parts = parts_of(KEYS, 2, "job")
    assert [part.number for part in parts] == [0, 1, 2]
    assert [len(part.keys) for part in parts] == [2, 2, 1]
    assert sum((part.keys for part in parts), ()) == KEYS


def test_the_name_of_a_part_follows_from_place_pictures_and_job():
    part = Part(1, KEYS[:2], "job")
    assert part.file == Part(1, KEYS[:2], "job").file
    others = {Part(1, KEYS[:2], "other").file, Part(2, KEYS[:2], "job").file, Part(1, KEYS[1::-1], "job").file}
    assert len(others | {part.file}) == 4


def test_names_sort_as_the_parts_do():
    files = [Part(number, ("a",), "job").file for number in (0, 9, 10, 99_999_999)]
    assert files == sorted(files)


@pytest.mark.parametrize(("one", "other"), [(["a", "b"], ["ab"]), (["a", ""], ["a"]), (["a", "b"], ["b", "a"])])
def test_lists_that_differ_have_other_hashes(one, other):
    assert hash_of(one) != hash_of(other)


def test_a_part_is_whole_when_it_has_a_line_for_each_picture(tmp_path):
    part = Part(0, KEYS[:3], "job")
    assert not is_whole(tmp_path, part)
    write_part(tmp_path, part, [{"key": key, "label": "cat"} for key in part.keys])
    assert is_whole(tmp_path, part)
    written = (tmp_path / part.file).read_bytes()
    for cut in (b"", written[:-1], written[:-20], written[: written.index(b"\n") + 1], written + b"{}\n"):
        (tmp_path / part.file).write_bytes(cut)
        assert not is_whole(tmp_path, part)


def test_a_row_is_a_line_of_ascii_however_strange_the_name(tmp_path):
    part = Part(0, KEYS[:3], "job")
    write_part(tmp_path, part, [{"key": key} for key in part.keys])
    lines = (tmp_path / part.file).read_text("ascii").splitlines()
    assert tuple(json.loads(line)["key"] for line in lines) == part.keys


def test_a_part_that_cannot_be_written_leaves_nothing(tmp_path, monkeypatch):
    def full(self, target):
        raise OSError(28, "no space left on device")

    monkeypatch.setattr("pathlib.Path.replace", full)
    with pytest.raises(StorageFull):
        write_part(tmp_path, Part(0, ("a",), "job"), [{"key": "a"}])
    assert list(tmp_path.iterdir()) == []


def test_bad_pictures_are_told_from_those_that_only_speak_of_an_error(tmp_path):
    part = Part(0, ('", "error": "', "error", "c"), "job")
    rows = [{"key": part.keys[0], "label": "error"}, {"key": "error", "top": []}, {"key": "c", "error": "got 3 bytes"}]
    write_part(tmp_path, part, rows)
    assert list(bad_in(tmp_path / part.file)) == [BadFile("c", "got 3 bytes")]
