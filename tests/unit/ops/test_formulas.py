"""Formulas say what is computed: the text, evaluated, is the size."""

from __future__ import annotations

import math
import re

import pytest

from saccade.errors import BadShape, UnknownName
from saccade.ops.arithmetic import output_size
from saccade.ops.formulas import worked_size, worked_transposed_size


def evaluated(formula: str) -> tuple[float, int]:
    """The value of what stands before the last equals sign, and what stands after it."""
    left, _, right = formula.rpartition(" = ")
    left = re.sub(", as the .*", "", left).replace("−", "-").replace("·", "*")
    return eval(left, {"floor": math.floor, "ceil": math.ceil}), int(right)


@pytest.mark.parametrize("padding", ["valid", "same", "full", 1, (0, 2)])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("ceil_mode", [False, True])
def test_the_formula_of_a_convolution_comes_out(padding: str | int, dilation: int, ceil_mode: bool) -> None:
    for size in range(8, 14):
        for kernel, stride in ((1, 3), (3, 2), (4, 3)):
            worked = worked_size(size, kernel, stride=stride, padding=padding, dilation=dilation, ceil_mode=ceil_mode)
            assert evaluated(worked.formula) == (worked.size, worked.size)
            assert worked.size == output_size(
                size, kernel, stride=stride, padding=worked.padding, dilation=dilation, ceil_mode=ceil_mode
            )


@pytest.mark.parametrize("padding", ["valid", "same", (0, 1)])
@pytest.mark.parametrize("dilation", [1, 2])
@pytest.mark.parametrize("output_padding", [0, 1])
def test_the_formula_of_a_transposed_convolution_comes_out(padding: str, dilation: int, output_padding: int) -> None:
    for kernel in (3, 4):
        worked = worked_transposed_size(
            9, kernel, stride=2, padding=padding, dilation=dilation, output_padding=output_padding
        )
        assert evaluated(worked.formula) == (worked.size, worked.size)


def test_formulas_read_as_on_paper() -> None:
    assert worked_size(28, 4, padding="same").formula == "floor((28 + 1 + 2 − 4) / 1) + 1 = 28"
    assert worked_size(9, 3, dilation=2).formula == "floor((9 + 0 − (2·(3 − 1) + 1)) / 1) + 1 = 5"
    assert worked_transposed_size(4, 3, stride=2, padding=1, output_padding=1).formula == "(4 − 1)·2 + 3 − 2·1 + 1 = 8"


def test_a_window_that_would_begin_behind_the_input_is_left_out_aloud() -> None:
    worked = worked_size(5, 1, stride=3, padding=(0, 1), ceil_mode=True)
    assert worked.size == 2
    worked = worked_size(4, 1, stride=4, padding=(0, 1), ceil_mode=True)
    assert worked.formula == "ceil((4 + 0 + 1 − 1) / 4) + 1 − 1, as the last window would begin behind the input = 1"


@pytest.mark.bad_input
def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(BadShape, match="covers 5 pixels on 3"):
        worked_size(3, 5)
    with pytest.raises(UnknownName, match="padding 'half'"):
        worked_transposed_size(3, 5, padding="half")
