import math

import pytest
import torch

from saccade.errors import BadConfig, BadShape
from saccade.ops.box_coding import decode_boxes, decode_distances, encode_boxes, encode_distances

ANCHOR = torch.tensor([[0.0, 0, 10, 20]])


def test_codes_by_hand():
    box = torch.tensor([[5.0, 0, 25, 20]])  # centre (15, 10), size (20, 20)
    codes = encode_boxes(box, ANCHOR, weights=(10, 10, 5, 5))
    torch.testing.assert_close(codes, torch.tensor([[10.0, 0, 5 * math.log(2), 0]]))
    torch.testing.assert_close(decode_boxes(codes, ANCHOR, weights=(10, 10, 5, 5)), box)


def test_growth_is_cut_off():
    codes = torch.tensor([[0.0, 0, 100, 0]])
    assert decode_boxes(codes, ANCHOR)[0, [0, 2]].tolist() == pytest.approx([5 - 312.5, 5 + 312.5])
    assert decode_boxes(codes, ANCHOR, largest_log=0).tolist() == ANCHOR.tolist()
    assert decode_boxes(codes, ANCHOR, largest_log=math.inf)[0, 2] == math.inf


def test_every_class_may_have_its_own_codes():
    codes = torch.zeros(1, 3, 4)
    codes[0, 2, 0] = 1
    assert decode_boxes(codes, ANCHOR)[0].tolist() == [[0, 0, 10, 20], [0, 0, 10, 20], [10, 0, 20, 20]]


def test_distances_and_no_boxes():
    points, boxes = torch.tensor([[3.0, 4.0]]), torch.tensor([[1.0, 1, 10, 6]])
    assert encode_distances(points, boxes).tolist() == [[2, 3, 7, 2]]
    assert torch.equal(decode_distances(points, encode_distances(points, boxes)[None])[0], boxes)
    assert encode_boxes(torch.zeros(0, 4), torch.zeros(0, 4)).shape == (0, 4)
    assert decode_boxes(torch.zeros(0, 5, 4), torch.zeros(0, 4)).shape == (0, 5, 4)
    assert decode_distances(torch.zeros(0, 2), torch.zeros(2, 0, 4)).shape == (2, 0, 4)


@pytest.mark.bad_input
def test_what_does_not_belong_together_is_refused():
    with pytest.raises(BadShape, match="1 boxes and 2 anchors"):
        encode_boxes(ANCHOR, ANCHOR.repeat(2, 1))
    with pytest.raises(BadShape, match="reshape"):
        decode_boxes(torch.zeros(2, 4), ANCHOR)
    with pytest.raises(BadConfig, match="weights"):
        encode_boxes(ANCHOR, ANCHOR, weights=(0, 1, 1, 1))
    with pytest.raises(BadShape, match=r"points of shape \(2, 2\) for 1 rows"):
        encode_distances(torch.zeros(2, 2), ANCHOR)
