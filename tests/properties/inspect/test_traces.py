"""What a trace computes step by step is what `ops` compute at once, for any small numbers."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from saccade.inspect.traces.anchor_assignment import anchor_assignment
from saccade.inspect.traces.conv import conv
from saccade.inspect.traces.iou import iou
from saccade.inspect.traces.nms import nms
from saccade.inspect.traces.roi_align import roi_align
from saccade.inspect.traces.transposed import transposed
from saccade.ops.boxes import iou as computed_iou
from saccade.ops.convolution import convolve, cross_correlate, transposed_convolve
from saccade.ops.matching import match_anchors
from saccade.ops.nms import nms as computed_nms
from saccade.ops.roi_align import roi_align as computed_roi_align
from saccade.ops.suppression import suppress_by_class

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
corners = st.tuples(sides, sides).map(lambda two: [two[0][0], two[1][0], two[0][1], two[1][1]])
rows = st.tuples(corners, confidences).map(lambda row: [*row[0], row[1]])


@quick
@given(st.lists(rows, min_size=1, max_size=10), st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_a_traced_suppression_is_the_one_of_ops(boxes: list[list[float]], threshold: float) -> None:
    tensor = torch.tensor(boxes, dtype=torch.float64)
    expected = computed_nms(tensor[:, :4], tensor[:, 4], iou_threshold=threshold)
    assert nms(boxes, iou_threshold=threshold).result == expected.tolist()


@quick
@given(st.lists(st.tuples(rows, st.integers(0, 2)), min_size=1, max_size=10), st.sampled_from([0.0, 0.25, 0.5, 1.0]))
def test_a_traced_suppression_by_class_is_the_one_of_ops(
    boxes: list[tuple[list[float], int]], threshold: float
) -> None:
    tensor, classes = torch.tensor([row for row, _ in boxes], dtype=torch.float64), torch.tensor([c for _, c in boxes])
    sure = (tensor[:, 4] >= 0.6).nonzero()[:, 0]
    kept = suppress_by_class(tensor[sure, :4], tensor[sure, 4], classes[sure], threshold)
    shown = nms([[*row, number] for row, number in boxes], iou_threshold=threshold)
    assert shown.result == sure[kept].tolist()


@quick
@given(corners, corners)
def test_a_traced_overlap_is_the_one_of_ops(one: list[float], other: list[float]) -> None:
    first, second = (torch.tensor([box], dtype=torch.float64) for box in (one, other))
    assert iou([one, other]).result == computed_iou(first, second).item()


@quick
@given(
    st.lists(corners, min_size=1, max_size=8),
    st.lists(corners, min_size=1, max_size=4),
    st.sampled_from([(0.0, 0.0), (0.1, 0.3), (0.3, 0.7), (0.5, 0.5)]),
    st.booleans(),
)
def test_a_traced_assignment_is_the_one_of_ops(
    anchors: list[list[float]], objects: list[list[float]], thresholds: tuple[float, float], only: bool
) -> None:
    low, high = thresholds
    overlaps = computed_iou(*(torch.tensor(boxes, dtype=torch.float64) for boxes in (objects, anchors)))
    expected = match_anchors(overlaps, background_below=low, object_from=high, allow_low_quality=not only)
    shown = anchor_assignment(anchors, objects=objects, background_below=low, object_from=high, thresholds_only=only)
    assert shown.result == expected.tolist()


@quick
@given(
    matrices(1, 6),
    st.tuples(corners, st.integers(-4, 4)),
    st.integers(1, 3),
    st.sampled_from([1, 2, 3, None]),
    st.booleans(),
)
def test_a_traced_region_is_the_one_of_ops(
    matrix: list[list[float]], place: tuple[list[float], int], bins: int, ratio: int | None, aligned: bool
) -> None:
    box = [side + place[1] for side in place[0]]
    options = {"output_size": bins, "scale": 0.5, "sampling_ratio": ratio, "aligned": aligned}
    expected = computed_roi_align(as_batch(matrix), [torch.tensor([box], dtype=torch.float64)], **options)[0, 0]
    shown = torch.tensor(roi_align(matrix, box=[box], **options).result, dtype=torch.float64)
    torch.testing.assert_close(shown, expected, rtol=0, atol=1e-9)
