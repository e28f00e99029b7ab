import numpy as np
import pytest
import torch

from saccade.errors import BadConfig, BadShape
from saccade.inspect.tracing.inputs import check_readable, frozen, maps_of, matrix_of, whole

EDGE = [[1.0, 0.0, -1.0], [2.0, 0.0, -2.0]]


@pytest.mark.parametrize(
    "value",
    ["1 0 -1; 2 0 -2", "1,0,-1\n2,0,-2\n", "[[1, 0, -1], [2, 0, -2]]", EDGE, torch.tensor(EDGE), np.array(EDGE), [EDGE],
     "2/2 0/5 -1; 2 0 -4/2;"],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_a_matrix_is_read_from_whatever_holds_rows(value):
    assert matrix_of(value, "kernel") == EDGE


def test_channels_stand_between_bars_or_are_a_third_level():
    assert maps_of("1 2 | 3 4", "matrix") == maps_of([[[1, 2]], [[3, 4]]], "matrix") == [[[1.0, 2.0]], [[3.0, 4.0]]]


def test_a_frozen_matrix_stays_as_it_was():
    rows = [[1.0]]
    kept = frozen(rows)
    rows[0][0] = 2.0
    assert kept == ((1.0,),)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("value", "error", "words"),
    [
        ("1 2; 3", BadShape, "rows of [1, 2] numbers"),
        ("", BadShape, "got m ''"),
        ([], BadShape, "got m []"),
        ([[]], BadShape, "numbers"),
        ([1, 2], BadShape, "taken are rows of numbers"),
        (torch.zeros(2), BadShape, "of shape (2,)"),
        ([[[1]], [2]], BadShape, "channels of rows"),
        ("1 | 2 3", BadShape, "rows of [1, 2] numbers"),
        ("1 x", BadConfig, "got 'x' in m"),
        ("1 nan", BadConfig, "got 'nan' in m"),
        ("1/0", BadConfig, "got '1/0' in m"),
        ("1e13", BadConfig, "up to 1e+12"),
        ([[1, None]], BadConfig, "got None in m"),
        ([[float("inf")]], BadConfig, "got inf in m"),
        ("[[1, 2", BadConfig, "no JSON"),
        (7, BadShape, "got m 7"),
    ],
)
def test_what_is_no_matrix_is_refused_in_three_clauses(value, error, words):
    with pytest.raises(error) as caught:
        matrix_of(value, "m")
    assert words in str(caught.value)
    assert str(caught.value).count("; ") >= 2


@pytest.mark.bad_input
def test_several_channels_are_no_matrix():
    with pytest.raises(BadShape, match="2 channels"):
        matrix_of("1 | 2", "m")


@pytest.mark.bad_input
@pytest.mark.parametrize("value", [0, -1, 1.0, True, "2"])
def test_a_stride_is_a_whole_number(value):
    with pytest.raises(BadConfig, match="stride="):
        whole(value, "stride")


@pytest.mark.bad_input
def test_what_nobody_can_follow_is_refused():
    check_readable("input", 18, 18, 256)
    with pytest.raises(BadShape, match="18 × 18"):
        check_readable("input", 19, 2)
    with pytest.raises(BadShape, match="257 steps"):
        check_readable("input", 2, 2, 257)
