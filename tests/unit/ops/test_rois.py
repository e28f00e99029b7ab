import pytest
import torch

from saccade.errors import BadConfig, BadShape
from saccade.ops.rois import as_regions, as_table, check_output_size, levels_of_boxes, stack_rois

MAPS = torch.zeros(2, 3, 4, 5)


def test_boxes_of_all_images_become_one_list():
    rois, images = stack_rois([torch.ones(2, 4), torch.zeros(1, 4)], MAPS)
    assert rois.tolist() == [[1] * 4, [1] * 4, [0] * 4]
    assert images.tolist() == [0, 0, 1]
    assert stack_rois([torch.zeros(0, 4)] * 2, MAPS)[0].shape == (0, 4)


def test_coordinates_are_never_in_half_precision():
    assert stack_rois([torch.zeros(0, 4)] * 2, MAPS.half())[0].dtype == torch.float32
    assert stack_rois([torch.zeros(0, 4)] * 2, MAPS.double())[0].dtype == torch.float64


def test_levels_double_in_size_and_end_at_the_ends():
    sides = torch.tensor([0.0, 56, 111.9, 112, 223.9, 224, 448, 5000])
    boxes = torch.stack([torch.zeros(8), torch.zeros(8), sides, sides], 1)
    assert levels_of_boxes(boxes).tolist() == [2, 2, 2, 3, 3, 4, 5, 5]
    assert levels_of_boxes(boxes, lowest=3, highest=4).tolist() == [3, 3, 3, 3, 3, 4, 4, 4]


def test_tables_have_a_row_for_each_place():
    maps = torch.arange(24.0).reshape(1, 2, 3, 4)
    assert as_table(maps)[5].tolist() == [5, 17]
    assert torch.equal(as_regions(as_table(maps), (3, 4)), maps)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("boxes", "maps", "words"),
    [
        (torch.zeros(3, 4), MAPS, "boxes of shape (3, 4) for 2 images"),
        ([torch.zeros(3, 4)], MAPS, "1 lists of boxes for 2 images"),
        ([torch.zeros(3, 5)] * 2, MAPS, "boxes of shape (3, 5)"),
        ([torch.full((1, 4), float("nan"))] * 2, MAPS, "not finite"),
        ([torch.zeros(3, 4)] * 2, MAPS.long(), "torch.int64"),
        ([torch.zeros(3, 4)] * 2, MAPS[..., :0], "(2, 3, 4, 0)"),
    ],
)
def test_maps_and_boxes_that_do_not_belong_together_are_refused(boxes, maps, words):
    with pytest.raises(BadShape) as caught:
        stack_rois(boxes, maps)
    assert words in str(caught.value)


@pytest.mark.bad_input
def test_sizes_and_scales_out_of_range_are_refused():
    for size, scale in [(0, 1.0), ((7, 7, 7), 1.0), ((7, 0.5), 1.0), (7, 0.0)]:
        with pytest.raises(BadConfig, match="output_size"):
            check_output_size(size, scale)
