import json

import pytest

import saccade.data.labels.json_items as module
from saccade.data.labels.json_items import json_items
from saccade.errors import BadData

ITEMS = [1, -2.5e3, "a ] , [ é 😀", None, True, [], {}, [[1, 2], {"a": "b]"}], {"id": 7, "regions": [{"x": 1}] * 5}]


@pytest.mark.parametrize("part", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("indent", [None, 2])
def test_items_come_one_by_one_however_the_file_is_cut(tmp_path, monkeypatch, part, indent):
    monkeypatch.setattr(module, "_PART", part)
    (tmp_path / "a.json").write_text(json.dumps(ITEMS, indent=indent), "utf-8")
    assert list(json_items(tmp_path / "a.json")) == ITEMS


@pytest.mark.parametrize("text", ["[]", " [ ] ", "﻿[1]"])
def test_short_lists_are_lists(tmp_path, text):
    (tmp_path / "a.json").write_text(text, "utf-8")
    assert list(json_items(tmp_path / "a.json")) == json.loads(text.strip("﻿"))


@pytest.mark.bad_input
@pytest.mark.parametrize("text", ["", "{}", "[1", "[1 2]", "[1,", "[{]", '["a', "[nope]", "[" * 100_000])
def test_what_is_no_list_is_refused(tmp_path, text):
    (tmp_path / "a.json").write_text(text)
    with pytest.raises(BadData, match="no list in JSON"):
        list(json_items(tmp_path / "a.json"))


@pytest.mark.bad_input
def test_what_is_no_text_or_not_there_is_refused(tmp_path):
    (tmp_path / "a.json").write_bytes(b'["\xff"]')
    with pytest.raises(BadData, match="no list in JSON"):
        list(json_items(tmp_path / "a.json"))
    with pytest.raises(BadData, match="cannot be read"):
        list(json_items(tmp_path / "gone.json"))
