import pytest
import torch

from saccade.errors import BadConfig, BadShape
from saccade.ops import box_formats as forms

BOX = torch.tensor([[1.0, 2.0, 4.0, 8.0]])


def test_the_forms_of_a_box():
    assert forms.xyxy_to_xywh(BOX).tolist() == [[1, 2, 3, 6]]
    assert forms.xyxy_to_cxcywh(BOX).tolist() == [[2.5, 5, 3, 6]]
    assert forms.normalise_boxes(BOX, (8, 4)).tolist() == [[0.25, 0.25, 1, 1]]


def test_each_form_leads_back():
    for there, back in [(forms.xyxy_to_xywh, forms.xywh_to_xyxy), (forms.xyxy_to_cxcywh, forms.cxcywh_to_xyxy)]:
        assert torch.equal(back(there(BOX)), BOX)
    assert torch.equal(forms.boxes_in_pixels(forms.normalise_boxes(BOX, (8, 4)), (8, 4)), BOX)


def test_boxes_may_lie_on_many_axes_and_there_may_be_none():
    assert forms.xyxy_to_cxcywh(BOX.expand(2, 3, 4).double()).shape == (2, 3, 4)
    assert forms.xyxy_to_xywh(torch.zeros(0, 4)).shape == (0, 4)
    assert forms.large_boxes(torch.zeros(0, 4), 1).tolist() == []


def test_a_box_outside_is_clipped_to_nothing():
    assert forms.clip_boxes(torch.tensor([[50.0, -9, 60, -1], [-1, 2, 3, 40]]), (10, 20)).tolist() == [
        [20, 0, 20, 0],
        [0, 2, 3, 10],
    ]


@pytest.mark.bad_input
def test_what_is_no_box_and_no_size_is_refused():
    with pytest.raises(BadShape, match=r"boxes_xywh of shape \(2, 5\)"):
        forms.xywh_to_xyxy(torch.zeros(2, 5))
    with pytest.raises(BadConfig, match=r"size=\(0, 4\)"):
        forms.normalise_boxes(BOX, (0, 4))
