"""Padding on a line short enough to write out."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from saccade.errors import BadConfig, BadShape, UnknownName
from saccade.ops.arithmetic import output_size
from saccade.ops.padding import PADDING_MODES, fold_back, pad, resolve_padding, source_pixels

LINE = torch.tensor([[[1.0, 2, 3, 4]]])


def test_each_word_is_so_many_pixels_before_and_after() -> None:
    assert resolve_padding("valid", (3, 4)) == ((0, 0), (0, 0))
    assert resolve_padding("same", (3, 4)) == ((1, 1), (1, 2))
    assert resolve_padding("full", (3, 4)) == ((2, 2), (3, 3))
    assert resolve_padding("same", (3, 4), dilation=(2, 3)) == ((2, 2), (4, 5))
    assert resolve_padding("full", (3,), dilation=2) == ((4, 4),)


def test_numbers_are_taken_for_all_axes_for_each_and_for_each_side() -> None:
    assert resolve_padding(2, (3, 3, 3)) == ((2, 2), (2, 2), (2, 2))
    assert resolve_padding((2, 0), (3, 3)) == ((2, 2), (0, 0))
    assert resolve_padding(((0, 1), 2), (3, 3)) == ((0, 1), (2, 2))
    assert resolve_padding(((0, 1),), (3,)) == ((0, 1),)


@pytest.mark.parametrize("kernel", [1, 2, 3, 4])
@pytest.mark.parametrize("dilation", [1, 2, 3])
def test_valid_shrinks_same_keeps_and_full_grows(kernel: int, dilation: int) -> None:
    reach = dilation * (kernel - 1)
    for word, expected in (("valid", 20 - reach), ("same", 20), ("full", 20 + reach)):
        (sides,) = resolve_padding(word, (kernel,), dilation=dilation)
        assert output_size(20, kernel, padding=sides, dilation=dilation) == expected


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("zeros", [0, 0, 1, 2, 3, 4, 0, 0, 0]),
        ("reflect", [3, 2, 1, 2, 3, 4, 3, 2, 1]),
        ("replicate", [1, 1, 1, 2, 3, 4, 4, 4, 4]),
        ("circular", [3, 4, 1, 2, 3, 4, 1, 2, 3]),
    ],
)
def test_a_line_is_padded_as_written_out(mode: str, expected: list[float]) -> None:
    assert pad(LINE, ((2, 3),), mode=mode)[0, 0].tolist() == expected
    if mode != "zeros":
        assert LINE[0, 0, source_pixels(4, 2, 3, mode=mode)].tolist() == expected


def test_the_first_pair_is_for_the_first_axis() -> None:
    padded = pad(torch.ones(1, 1, 1, 1), ((1, 0), (0, 2)))
    assert padded.tolist() == [[[[0, 0, 0], [1, 0, 0]]]]
    assert pad(torch.ones(1, 1, 1, 1, 1), ((1, 0), (0, 2), (3, 1))).shape == (1, 1, 2, 3, 5)


def test_whole_numbers_are_padded_too() -> None:
    assert pad(torch.tensor([[[1, 2]]]), ((1, 1),)).tolist() == [[[0, 1, 2, 0]]]


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("zeros", [3, 4, 5, 6]),
        ("reflect", [3, 4 + 2 + 8, 5 + 1 + 7, 6]),
        ("replicate", [3 + 1 + 2, 4, 5, 6 + 7 + 8]),
        ("circular", [3 + 7, 4 + 8, 5 + 1, 6 + 2]),
    ],
)
def test_what_was_added_folds_back_onto_where_it_came_from(mode: str, expected: list[float]) -> None:
    gradient = torch.arange(1.0, 9)[None, None]
    assert fold_back(gradient, ((2, 2),), mode=mode)[0, 0].tolist() == expected


@pytest.mark.parametrize("mode", PADDING_MODES)
def test_folding_back_is_the_gradient_of_padding(mode: str) -> None:
    sides = ((2, 1), (0, 3), (1, 0))
    inputs = torch.randn(2, 3, 3, 4, 5, dtype=torch.float64, requires_grad=True)
    padded = pad(inputs, sides, mode=mode)
    gradient = torch.randn_like(padded)
    (expected,) = torch.autograd.grad(padded, inputs, gradient)
    torch.testing.assert_close(fold_back(gradient, sides, mode=mode), expected, rtol=0, atol=1e-12)


@pytest.mark.bad_input
def test_a_misspelt_word_is_answered_with_the_nearest() -> None:
    with pytest.raises(UnknownName, match="got padding 'sane'; taken are 3 names; did you mean 'same'"):
        resolve_padding("sane", (3, 3))
    with pytest.raises(UnknownName, match=r"got padding mode 'reflection'.* did you mean 'reflect'"):
        pad(LINE, ((1, 1),), mode="reflection")
    with pytest.raises(UnknownName, match="got padding mode 'wrap'; taken are circular, reflect, replicate, zeros"):
        fold_back(LINE, ((1, 1),), mode="wrap")
    with pytest.raises(UnknownName, match="taken are circular, reflect, replicate; choose"):
        source_pixels(4, 1, 1, mode="zeros")


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "padding", [-1, (1,), (1, 2, 3), ((1, 2, 3), 1), ((0, -1), 1), 1.5, (1, 0.5), True, None, ("same", 1)]
)
def test_what_is_no_padding_of_two_axes_is_refused(padding: Any) -> None:
    with pytest.raises(
        BadConfig, match=r"got padding=.*; taken are valid, same, full, .*; write \(\(before, after\), "
    ):
        resolve_padding(padding, (3, 3))


@pytest.mark.bad_input
def test_one_axis_takes_a_pair_within_a_pair_of_brackets() -> None:
    with pytest.raises(BadConfig, match=r"for each of 1 axes; write \(\(before, after\),\)"):
        resolve_padding((0, 1), (3,))


@pytest.mark.bad_input
def test_a_frame_wider_than_what_there_is_to_copy_is_refused() -> None:
    with pytest.raises(BadShape, match=r"got reflect padding of 0 \+ 4 around 4 pixels; taken are up to 3 on a side"):
        pad(LINE, ((0, 4),), mode="reflect")
    with pytest.raises(BadShape, match=r"got circular padding of 5 \+ 0 around 4 pixels; taken are up to 4 on a side"):
        pad(LINE, ((5, 0),), mode="circular")
    assert pad(LINE, ((4, 4),), mode="circular").shape == (1, 1, 12)
    with pytest.raises(BadShape, match="got reflect padding"):
        fold_back(torch.ones(1, 1, 6), ((2, 2),), mode="reflect")
    with pytest.raises(BadShape, match=r"got a padding of \(\(2, 2\),\) in \(4,\) pixels"):
        fold_back(LINE, ((2, 2),))


@pytest.mark.bad_input
@pytest.mark.parametrize("sides", [((1, 1), (1, 1)), ((-1, 1),), (1,), (), 2])
def test_sides_of_other_axes_are_refused(sides: Any) -> None:
    with pytest.raises(BadShape, match="for 1 axes in space; taken is"):
        pad(LINE, sides)
    with pytest.raises(BadShape, match="for 1 axes in space; taken is"):
        fold_back(LINE, sides)
