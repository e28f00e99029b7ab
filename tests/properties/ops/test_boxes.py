"""What holds for all boxes: symmetry, bounds, and that suppressing twice changes nothing."""

from __future__ import annotations

import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from saccade.ops.boxes import area, iou
from saccade.ops.nms import nms

sides = st.integers(0, 12)
ends = st.tuples(sides, sides).map(sorted)
corners = st.tuples(ends, ends).map(lambda pair: [pair[0][0], pair[1][0], pair[0][1], pair[1][1]])
boxes = st.lists(corners, min_size=1, max_size=12).map(lambda rows: torch.tensor(rows, dtype=torch.float64))
shares = st.sampled_from([0.0, 0.25, 1 / 3, 0.5, 0.75, 1.0])


def slow_nms(rows: Tensor, sure: Tensor, iou_threshold: float, confidence_threshold: float) -> list[int]:
    """The notes' words, one comparison at a time, areas counted in pixels."""

    def cells(row: list[float]) -> set[tuple[int, int]]:
        x1, y1, x2, y2 = map(int, row)
        return {(x, y) for x in range(x1, x2) for y in range(y1, y2)}

    covered = [cells(row) for row in rows.tolist()]
    left = sorted((n for n in range(len(rows)) if sure[n] >= confidence_threshold), key=lambda n: (-sure[n], n))
    kept = []
    while left:
        best = left.pop(0)
        kept.append(best)
        left = [
            n for n in left
            if len(covered[best] & covered[n]) <= iou_threshold * max(len(covered[best] | covered[n]), 1)
        ]  # fmt: skip
    return kept


@given(boxes)
def test_iou_is_symmetric_and_one_for_a_box_with_itself(rows: Tensor) -> None:
    shared = iou(rows, rows)
    assert torch.equal(shared, shared.T)
    assert ((shared >= 0) & (shared <= 1)).all()
    assert torch.equal(shared.diagonal(), (area(rows) > 0).double())


@given(boxes, st.integers(-5, 5), st.sampled_from([0.5, 2.0, 4.0]))
def test_iou_does_not_change_when_the_image_moves_or_grows(rows: Tensor, shift: int, scale: float) -> None:
    torch.testing.assert_close(iou(rows, rows), iou(rows * scale + shift, rows * scale + shift))


@given(boxes, st.data(), shares)
def test_nms_is_the_slow_one_and_twice_is_once(rows: Tensor, data: st.DataObject, threshold: float) -> None:
    levels = st.lists(st.sampled_from([0.0, 0.3, 0.5, 0.9, 1.0]), min_size=len(rows), max_size=len(rows))
    sure = torch.tensor(data.draw(levels), dtype=torch.float64)
    kept = nms(rows, sure, iou_threshold=threshold, confidence_threshold=0.5)
    assert kept.tolist() == slow_nms(rows, sure, threshold, 0.5)
    again = nms(rows[kept], sure[kept], iou_threshold=threshold, confidence_threshold=0.5)
    assert again.tolist() == list(range(len(kept)))
