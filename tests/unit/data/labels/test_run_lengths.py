import numpy as np
import pytest

from saccade.data.labels.run_lengths import RunLengths, packed, run_lengths, unpacked
from saccade.errors import BadLabel


def test_runs_go_down_the_columns_and_begin_with_what_is_off():
    mask = np.array([[False, True, True], [False, False, True]])
    assert RunLengths.of(mask).counts().tolist() == [2, 1, 1, 2]
    assert RunLengths.of(~mask).counts().tolist() == [0, 2, 1, 1, 2]
    assert (RunLengths.of(mask).pixels() == mask).all()


def test_area_and_box_are_those_of_the_pixels():
    mask = np.zeros((6, 9), bool)
    mask[2:4, 3:8] = True
    assert RunLengths.of(mask).area() == 10
    assert RunLengths.of(mask).box() == (3, 2, 8, 4)
    assert RunLengths.of(np.zeros((2, 2), bool)).box() == (0, 0, 0, 0)


def test_a_letter_holds_five_bits_and_a_sign():
    assert packed([15]) == b"?"  # 48 + 15
    assert packed([16]) == b"`0"  # 48 + 32 + 16, then 48 + 0, since bit 16 alone would read as −16
    assert packed([9, 9, 9, 8]) == b"999O"  # the fourth is written as 8 − 9 = −1
    assert unpacked(b"999O").tolist() == [9, 9, 9, 8]


def test_plain_counts_and_letters_are_the_same_mask():
    plain = run_lengths({"size": [2, 3], "counts": [2, 1, 3]})
    assert plain == run_lengths({"size": [2, 3], "counts": "213"})
    assert plain.pixels().tolist() == [[False, True, False], [False, False, False]]


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "given",
    [
        None,
        {"size": [2, 3]},
        {"size": [2, 3], "counts": [1, 1]},
        {"size": [2, 3], "counts": [7]},
        {"size": [2, 3], "counts": [8, -2]},
        {"size": [2, 3], "counts": [6.0]},
        {"size": [2, 3], "counts": ["6"]},
        {"size": [2, 3], "counts": [10**30]},
        {"size": [2, 3], "counts": "2"},
        {"size": [2, 3], "counts": "`"},
        {"size": [2, 3], "counts": "é"},
        {"size": [2, 3], "counts": "o" * 50},
        {"size": [2, 3], "counts": ""},
        {"size": [0, 3], "counts": []},
        {"size": ["2", 3], "counts": "6"},
        {"size": [2, 3, 4], "counts": "6"},
        {"size": [10**9, 10**9], "counts": "6"},
    ],
)
def test_what_is_no_mask_is_refused(given):
    with pytest.raises(BadLabel, match=r"taken (is|are)"):
        run_lengths(given)
