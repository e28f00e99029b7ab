"""Predictions in files, read one after the other."""

from __future__ import annotations

import json

import pytest

from saccade.api.many.job import RECORD
from saccade.api.many.parts import parts_of, write_part
from saccade.api.many.stored import StoredPredictions
from saccade.errors import BadData
from saccade.types.bad_file import BadFile


@pytest.fixture
def stored(tmp_path):
    (tmp_path / RECORD).write_text(json.dumps({"kind": "predictions", "images": 5}))
    for part in reversed(parts_of(["a", "b", "c", "d", "e"], 2, "job")):
        rows = [{"key": key, **({"error": "got none"} if key == "c" else {"label": "x"})} for key in part.keys]
        write_part(tmp_path, part, rows)
    (tmp_path / ".part-00000000-x.jsonl.1234.tmp").write_text("half a li")
    return StoredPredictions(tmp_path)


def test_rows_come_in_the_order_of_the_pictures(stored):
    assert [row["key"] for row in stored] == ["a", "b", "c", "d", "e"]
    assert len(stored) == 5
    assert len(stored.files) == 3


def test_the_pictures_that_could_not_be_read_are_named(stored):
    assert stored.bad == [BadFile("c", "got none")]


def test_it_says_where_and_how_many(stored, tmp_path):
    assert repr(stored) == f"StoredPredictions({tmp_path}, 5 pictures in 3 files)"


def test_another_folder_is_refused(tmp_path):
    with pytest.raises(BadData, match="saccade predict --out made"):
        StoredPredictions(tmp_path)
