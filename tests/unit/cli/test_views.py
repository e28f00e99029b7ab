"""The words for several views: the same on every verb that takes them."""

from __future__ import annotations

import pytest

from saccade.api.ensembles.views import Views
from saccade.cli._parser import Parser
from saccade.cli._views import add_views, views_of
from saccade.errors import BadConfig


def said(*words: str) -> Views | None:
    parser = Parser()
    add_views(parser)
    return views_of(parser.parse_args(words))


def test_no_word_means_one_view() -> None:
    assert said() is said("--crops", "1") is said("--scales", "1") is None


def test_words_become_views() -> None:
    assert said("--crops", "10") == Views(crops=10)
    assert said("--flips", "--crops", "5", "--scales", "1,1.15,1.3") == Views(5, True, (1.0, 1.15, 1.3))


@pytest.mark.bad_input
def test_wrong_words_are_answered_with_what_is_taken() -> None:
    with pytest.raises(BadConfig, match="got --crops '7'; taken are"):
        said("--crops", "7")
    with pytest.raises(BadConfig, match="got --scales '1,'; taken are numbers with commas"):
        said("--scales", "1,")
    with pytest.raises(BadConfig, match=r"got scales=\(9\.0,\)"):
        said("--scales", "9")
