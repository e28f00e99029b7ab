import pytest

from saccade.errors import BadConfig, BadShape
from saccade.inspect.tracing.windows import extent, pad, sides_of, slide, so_far

SIX = [[0.0] * 6] * 6


@pytest.mark.parametrize(
    ("arguments", "outputs"),
    [({}, (4, 4)), ({"stride": 2}, (2, 2)), ({"padding": "same"}, (6, 6)), ({"padding": "full"}, (8, 8)),
     ({"padding": 2, "stride": 3}, (3, 3)), ({"dilation": 2}, (2, 2))],
)  # fmt: skip
def test_windows_lie_where_arithmetic_puts_them(arguments, outputs):
    assert slide(SIX, (3, 3), **arguments).outputs == outputs


def test_a_dilated_window_leaves_cells_out():
    assert slide(SIX, (2, 2), dilation=2, stride=3).cells(1, 0) == (((3, 0), (3, 2)), ((5, 0), (5, 2)))


def test_padding_goes_around_and_is_known():
    windows = slide([[5.0, 6.0]], (1, 3), padding="same")
    assert pad([[5.0, 6.0]], windows) == ([[0.0, 5.0, 6.0, 0.0]], ((0, 0), (0, 3)))


def test_an_even_kernel_has_the_larger_half_after():
    assert sides_of("same", 4) == (1, 2)
    assert sides_of("same", 3, 2) == (2, 2)


def test_what_is_to_come_is_none():
    assert so_far({(0, 1): 2.0}, slide([[1.0, 2.0]], (1, 1))) == ((None, 2.0),)


def test_rows_are_counted_from_one():
    assert (extent(0, 2), extent(1, 2, 3), extent(3, 1)) == ("1 to 2", "2, 5", "4")


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [({"stride": 0}, BadConfig, "stride=0"), ({"padding": "sam"}, BadConfig, "did you mean 'same'"),
     ({"padding": "x"}, BadConfig, "choose one"), ({"padding": -1}, BadConfig, "padding=-1"),
     ({"dilation": 9}, BadShape, "covers 19 pixels"), ({"padding": 7}, BadShape, "20 × 20")],
)  # fmt: skip
def test_windows_that_do_not_fit_are_refused(arguments, error, words):
    with pytest.raises(error) as caught:
        slide(SIX, (3, 3), **arguments)
    assert words in str(caught.value)
