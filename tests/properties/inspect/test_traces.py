"""What a trace computes step by step is what `ops` compute at once, for any small numbers."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from saccade.inspect.traces.conv import conv
from saccade.inspect.traces.nms import nms
from saccade.inspect.traces.transposed import transposed
from saccade.ops.convolution import convolve, cross_correlate, transposed_convolve
from saccade.ops.nms import nms as computed_nms

whole = st.integers(-20, 20).map(float)
quick = settings(max_examples=40)


@st.composite
def matrices(draw: st.DrawFn, least: int = 1, most: int = 6) -> list[list[float]]:
    rows, columns = draw(st.integers(least, most)), draw(st.integers(least, most))
    return draw(st.lists(st.lists(whole, min_size=columns, max_size=columns), min_size=rows, max_size=rows))


def as_batch(matrix: list[list[float]]) -> torch.Tensor:
    return torch.tensor([[matrix]], dtype=torch.float64)


@quick
@given(matrices(3), matrices(1, 3), st.integers(1, 3), st.sampled_from(["valid", "same", "full", 0, 1]), st.booleans())
def test_a_traced_convolution_is_the_one_of_ops(
    matrix: list[list[float]], kernel: list[list[float]], stride: int, padding: int | str, flip: bool
) -> None:
    operation = convolve if flip else cross_correlate
    expected = operation(as_batch(matrix), as_batch(kernel), stride=stride, padding=padding)[0, 0].tolist()
    assert conv(matrix, kernel=kernel, stride=stride, padding=padding, flip=flip).result == expected


@quick
@given(matrices(1, 4), matrices(1, 3), st.integers(1, 3))
def test_a_traced_transposed_convolution_is_the_one_of_ops(
    matrix: list[list[float]], kernel: list[list[float]], stride: int
) -> None:
    expected = transposed_convolve(as_batch(matrix), as_batch(kernel), stride=stride)[0, 0].tolist()
    assert transposed(matrix, kernel=kernel, stride=stride).result == expected


sides = st.tuples(st.integers(0, 9), st.integers(0, 9)).map(sorted)
confidences = st.sampled_from([0.3, 0.6, 0.75, 0.9])
rows = st.tuples(sides, sides, confidences).map(lambda row: [row[0][0], row[1][0], row[0][1], row[1][1], row[2]])


@quick
@given(st.lists(rows, min_size=1, max_size=10), st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_a_traced_suppression_is_the_one_of_ops(boxes: list[list[float]], threshold: float) -> None:
    tensor = torch.tensor(boxes, dtype=torch.float64)
    expected = computed_nms(tensor[:, :4], tensor[:, 4], iou_threshold=threshold)
    assert nms(boxes, iou_threshold=threshold).result == expected.tolist()
