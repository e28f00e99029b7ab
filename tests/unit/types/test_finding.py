"""A finding is one line."""

from __future__ import annotations

from saccade.types.finding import Finding


def test_it_says_where_and_what() -> None:
    assert str(Finding("box-empty", "got no area", "a.xml")) == "a.xml: box-empty: got no area"
    assert str(Finding("leak", "got it in test too", key="a.jpg")) == "a.jpg: leak: got it in test too"
    assert str(Finding("class-empty", "got none")) == "class-empty: got none"


def test_json_can_hold_it() -> None:
    assert Finding("leak", "m", line=3).to_dict() == {
        "code": "leak", "message": "m", "file": "", "line": 3, "key": "", "severity": "error",
    }  # fmt: skip
