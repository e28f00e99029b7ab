"""What holds for all boxes: suppression is the slow greedy one, codes and forms lead back, regions equal slow loops."""

from __future__ import annotations

import itertools
import math

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from saccade.ops import box_formats as forms
from saccade.ops import suppression
from saccade.ops.anchor_shapes import cluster_shapes, shape_fit
from saccade.ops.box_coding import decode_boxes, decode_distances, encode_boxes, encode_distances
from saccade.ops.box_overlaps import ciou, diou, giou
from saccade.ops.boxes import iou
from saccade.ops.matching import match_anchors
from saccade.ops.nms import nms
from saccade.ops.roi_align import roi_align
from saccade.ops.roi_pooling import roi_pool
from saccade.ops.suppression import suppress, suppress_by_class

sides = st.integers(0, 12)
ends = st.tuples(sides, sides).map(sorted)
corners = st.tuples(ends, ends).map(lambda pair: [pair[0][0], pair[1][0], pair[0][1], pair[1][1]])
types = st.sampled_from([torch.float32, torch.float64])
crowds = st.tuples(st.lists(corners, max_size=40), types).map(
    lambda pair: torch.tensor(pair[0], dtype=pair[1]).reshape(-1, 4)
)
few = st.lists(corners, max_size=4).map(lambda rows: torch.tensor(rows, dtype=torch.float64).reshape(-1, 4))
thresholds = st.sampled_from([0.0, 0.1, 0.25, 0.3, 1 / 3, 0.5, 0.6, 2 / 3, 0.75, 1.0])


def confidences(data: st.DataObject, number: int) -> Tensor:
    levels = st.lists(st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0]), min_size=number, max_size=number)
    return torch.tensor(data.draw(levels), dtype=torch.float32)


def slow_suppress(boxes: Tensor, sure: Tensor, threshold: float) -> list[int]:
    """One comparison at a time; the quotient and the threshold are rounded to the type of the boxes."""
    limit, kept = torch.tensor(threshold, dtype=boxes.dtype), []
    for number in sorted(range(len(boxes)), key=lambda n: (-sure[n], n)):
        x1, y1, x2, y2 = boxes[number].tolist()
        for other in kept:
            left, top, right, bottom = boxes[other].tolist()
            shared = max(min(x2, right) - max(x1, left), 0) * max(min(y2, bottom) - max(y1, top), 0)
            union = (x2 - x1) * (y2 - y1) + (right - left) * (bottom - top) - shared
            if shared and torch.tensor(shared, dtype=boxes.dtype) / torch.tensor(union, dtype=boxes.dtype) > limit:
                break
        else:
            kept.append(number)
    return kept


@given(crowds, st.data(), thresholds, st.integers(1, 9), st.integers(1, 60))
def test_fast_suppression_is_the_slow_greedy_one_however_the_work_is_cut(
    boxes: Tensor, data: st.DataObject, threshold: float, first: int, pairs: int
) -> None:
    """With whole numbers ties and overlaps equal to the threshold abound."""
    sure = confidences(data, len(boxes))
    expected = slow_suppress(boxes, sure, threshold)
    assert suppress(boxes, sure, threshold).tolist() == expected
    assert nms(boxes, sure, iou_threshold=threshold, confidence_threshold=0).tolist() == expected
    before = suppression.FIRST, suppression.LARGEST, suppression.PAIRS
    try:
        suppression.FIRST, suppression.LARGEST, suppression.PAIRS = first, 2 * first, pairs
        assert suppress(boxes, sure, threshold).tolist() == expected
    finally:
        suppression.FIRST, suppression.LARGEST, suppression.PAIRS = before


@given(crowds, st.data(), thresholds)
def test_suppression_by_class_is_that_of_each_class_alone(boxes: Tensor, data: st.DataObject, threshold: float) -> None:
    sure = confidences(data, len(boxes))
    names = st.lists(st.sampled_from([-5, 0, 1, 2**40]), min_size=len(boxes), max_size=len(boxes))
    classes = torch.tensor(data.draw(names), dtype=torch.int64)
    kept = []
    for name in classes.unique().tolist():
        numbers = (classes == name).nonzero()[:, 0]
        kept += [int(numbers[place]) for place in slow_suppress(boxes[numbers], sure[numbers], threshold)]
    expected = sorted(kept, key=lambda n: (-sure[n], n))
    assert suppress_by_class(boxes, sure, classes, threshold).tolist() == expected


@given(few, few)
def test_overlaps_are_symmetric_in_order_and_within_their_bounds(boxes: Tensor, others: Tensor) -> None:
    plain = iou(boxes, others)
    for measure, lowest in ((giou, -1), (diou, -1), (ciou, -2)):
        values = measure(boxes, others)
        torch.testing.assert_close(values, measure(others, boxes).T)
        assert ((values <= plain + 1e-12) & (values >= lowest)).all()
    assert (ciou(boxes, others) <= diou(boxes, others)).all()


@given(few, st.integers(1, 500), st.integers(1, 500))
def test_every_form_leads_back_exactly(boxes: Tensor, height: int, width: int) -> None:
    assert torch.equal(forms.xywh_to_xyxy(forms.xyxy_to_xywh(boxes)), boxes)
    assert torch.equal(forms.cxcywh_to_xyxy(forms.xyxy_to_cxcywh(boxes)), boxes)
    shares = forms.normalise_boxes(boxes, (height, width))
    torch.testing.assert_close(forms.boxes_in_pixels(shares, (height, width)), boxes)


@given(few.filter(len), st.data(), st.sampled_from([(1.0, 1.0, 1.0, 1.0), (10.0, 10.0, 5.0, 5.0)]))
def test_codes_lead_back(boxes: Tensor, data: st.DataObject, weights: tuple[float, float, float, float]) -> None:
    anchors = data.draw(st.permutations(range(len(boxes))).map(lambda order: boxes[list(order)]))
    boxes, anchors = (rows + torch.tensor([0, 0, 0.5, 0.25]).double() for rows in (boxes, anchors))
    codes = encode_boxes(boxes, anchors, weights=weights)
    torch.testing.assert_close(decode_boxes(codes, anchors, weights=weights, largest_log=math.inf), boxes)
    again = encode_boxes(decode_boxes(codes, anchors, weights=weights), anchors, weights=weights)
    torch.testing.assert_close(again, codes)
    points = anchors[:, :2]
    assert torch.equal(decode_distances(points, encode_distances(points, boxes)), boxes)


@given(few, few, st.booleans())
def test_a_match_reaches_its_threshold_or_is_the_best_of_some_object(boxes: Tensor, anchors: Tensor, low: bool) -> None:
    overlaps = iou(boxes, anchors)
    matches = match_anchors(overlaps, background_below=0.3, object_from=0.6, allow_low_quality=low)
    for anchor, match in enumerate(matches.tolist()):
        column = overlaps[:, anchor].tolist()
        best = max(column, default=0.0)
        rescued = low and any(0 < value == overlaps[row].max() for row, value in enumerate(column))
        if best >= 0.6 or rescued:
            assert column[match] == best
        else:
            assert match == (-1 if best < 0.3 else -2)


@given(st.lists(st.tuples(st.integers(1, 9), st.integers(1, 9)), min_size=1, max_size=30), st.integers(1, 4), st.data())
def test_shapes_lie_among_the_sizes_and_one_for_each_size_fits_wholly(
    pairs: list, clusters: int, data: st.DataObject
) -> None:
    sizes = torch.tensor(pairs, dtype=torch.float64)
    clusters = min(clusters, len(set(pairs)))
    shapes = cluster_shapes(sizes, clusters, seed=data.draw(st.integers(0, 99)))
    assert shapes.shape == (clusters, 2)
    assert ((shapes >= sizes.amin(0)) & (shapes <= sizes.amax(0))).all()
    assert shapes.prod(1).tolist() == sorted(shapes.prod(1).tolist())
    if clusters == len(set(pairs)):
        assert shape_fit(sizes, shapes) == 1


def slow_roi_pool(features: Tensor, box: list[float], size: tuple[int, int], scale: float) -> Tensor:
    def away(value: float) -> int:
        return int(math.copysign(math.floor(abs(value) + 0.5), value))

    bounds = []
    for axis, bins in enumerate(size):
        start, end = away(box[1 - axis] * scale), away(box[3 - axis] * scale)
        length, pixels = max(end - start + 1, 1), features.shape[1 + axis]
        bounds.append(
            [
                [min(max(start + edge, 0), pixels) for edge in (p * length // bins, -(-(p + 1) * length // bins))]
                for p in range(bins)
            ]
        )
    pooled = torch.zeros(len(features), *size, dtype=features.dtype)
    for (line, (top, bottom)), (column, (left, right)) in itertools.product(*map(enumerate, bounds)):
        if top < bottom and left < right:
            pooled[:, line, column] = features[:, top:bottom, left:right].amax((1, 2))
    return pooled


def slow_roi_align(features: Tensor, box: list[float], size: tuple[int, int], settings: tuple) -> Tensor:
    scale, ratio, aligned = settings
    _, height, width = features.shape

    def read(y: float, x: float) -> Tensor:
        if not (-1 <= y <= height and -1 <= x <= width):
            return torch.zeros(len(features), dtype=features.dtype)
        y, x = min(max(y, 0), height - 1), min(max(x, 0), width - 1)
        top, left = math.floor(y), math.floor(x)
        bottom, right = min(top + 1, height - 1), min(left + 1, width - 1)
        upper = features[:, top, left] * (1 - x + left) + features[:, top, right] * (x - left)
        lower = features[:, bottom, left] * (1 - x + left) + features[:, bottom, right] * (x - left)
        return upper * (1 - y + top) + lower * (y - top)

    x1, y1, x2, y2 = (value * scale - 0.5 * aligned for value in box)
    lengths = [y2 - y1, x2 - x1] if aligned else [max(y2 - y1, 1), max(x2 - x1, 1)]
    steps = [length / bins for length, bins in zip(lengths, size, strict=True)]
    high, wide = (ratio or math.ceil(step) for step in steps)
    pooled = torch.zeros(len(features), *size, dtype=features.dtype)
    for line, column in itertools.product(*map(range, size)):
        for i, j in itertools.product(range(high), range(wide)):
            y = y1 + (line + (i + 0.5) / high) * steps[0]
            pooled[:, line, column] += read(y, x1 + (column + (j + 0.5) / wide) * steps[1]) / (high * wide)
    return pooled


bins = st.tuples(st.integers(1, 3), st.integers(1, 3))


@settings(max_examples=40)
@given(few, few, bins, st.sampled_from([1.0, 0.5, 0.25]))
def test_pooled_regions_equal_slow_loops(first: Tensor, second: Tensor, size: tuple[int, int], scale: float) -> None:
    features = torch.rand(2, 2, 5, 7, dtype=torch.float64) - 0.5
    boxes = [first * 2 - 4, second * 2 - 4]
    told = [slow_roi_pool(features[image], row, size, scale) for image in (0, 1) for row in boxes[image].tolist()]
    found = roi_pool(features, boxes, output_size=size, scale=scale)
    assert torch.equal(found, torch.stack(told) if told else found)


@settings(max_examples=40)
@given(few, bins, st.tuples(st.sampled_from([1.0, 0.5, 0.25]), st.sampled_from([None, 1, 2, 3]), st.booleans()))
def test_aligned_regions_equal_slow_loops(rows: Tensor, size: tuple[int, int], given_: tuple) -> None:
    features = torch.rand(1, 2, 5, 7, dtype=torch.float64) - 0.5
    scale, ratio, aligned = given_
    told = [slow_roi_align(features[0], row, size, given_) for row in (rows * 2 - 4).tolist()]
    found = roi_align(features, [rows * 2 - 4], output_size=size, scale=scale, sampling_ratio=ratio, aligned=aligned)
    torch.testing.assert_close(found, torch.stack(told) if told else found)
