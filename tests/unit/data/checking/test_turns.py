import numpy as np
import pytest

from saccade.data.checking.perceptual import distances
from saccade.data.checking.turns import OPPOSITE, TURNS, turned, turned_hashes

THUMBNAILS = np.random.default_rng(0).integers(0, 256, (20, 16, 16), dtype=np.uint8)
SMALL = np.array([[[1, 2], [3, 4]]])


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("", [1, 2, 3, 4]),
        ("mirrored left to right", [2, 1, 4, 3]),
        ("mirrored top to bottom", [3, 4, 1, 2]),
        ("turned by 180°", [4, 3, 2, 1]),
        ("turned by 90° clockwise", [3, 1, 4, 2]),
        ("turned by 90° anticlockwise", [2, 4, 1, 3]),
        ("mirrored and turned by 90° clockwise", [4, 2, 3, 1]),
        ("mirrored and turned by 90° anticlockwise", [1, 3, 2, 4]),
    ],
)
def test_a_picture_lies_as_the_words_say(words, expected):
    assert turned(SMALL, TURNS.index(words)).ravel().tolist() == expected


def test_the_eight_ways_differ_and_each_is_undone_by_its_opposite():
    assert len({turned(THUMBNAILS, turn).tobytes() for turn in range(8)}) == 8
    for turn, back in enumerate(OPPOSITE):
        assert np.array_equal(turned(turned(THUMBNAILS, turn), back), THUMBNAILS)


@pytest.mark.parametrize("turn", range(8))
def test_hashes_are_those_of_turned_thumbnails(turn):
    expected = turned_hashes(np.ascontiguousarray(turned(THUMBNAILS, turn)))[0]
    assert distances(turned_hashes(THUMBNAILS)[turn], expected).max() <= 1  # sums in another order may tip one bit


def test_many_pictures_are_hashed_in_parts_with_the_same_bits(monkeypatch):
    whole = turned_hashes(THUMBNAILS)
    monkeypatch.setattr("saccade.data.checking.turns._AT_ONCE", 7)
    assert np.array_equal(turned_hashes(THUMBNAILS), whole)
