"""A file set aside says which and why."""

from __future__ import annotations

from saccade.types.bad_file import BadFile


def test_it_gives_plain_values() -> None:
    assert BadFile("a.jpg", "empty").to_dict() == {"key": "a.jpg", "reason": "empty"}
