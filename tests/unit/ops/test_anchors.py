import pytest
import torch

from saccade.errors import BadConfig
from saccade.ops.anchors import SSD300, SSD512, anchor_shapes, cell_centres, default_boxes, grid_anchors

SSD300_MAPS = [(38, 38), (19, 19), (10, 10), (5, 5), (3, 3), (1, 1)]
SSD512_MAPS = [(64, 64), (32, 32), (16, 16), (8, 8), (4, 4), (2, 2), (1, 1)]


def test_shapes_keep_their_area_and_have_their_ratio():
    shapes = anchor_shapes([64, 128], [0.25, 1], rounded=False)
    assert shapes.tolist() == [[-64, -16, 64, 16], [-128, -32, 128, 32], [-32, -32, 32, 32], [-64, -64, 64, 64]]


def test_anchors_go_line_by_line_then_shape_by_shape():
    shapes = torch.tensor([[-1.0, -1, 1, 1], [-2, -1, 2, 1]], dtype=torch.float64)
    (anchors,) = grid_anchors([shapes], [(2, 2)], [(8, 16)])
    assert anchors.dtype == torch.float64
    assert anchors[::2, :2].tolist() == [[-1, -1], [15, -1], [-1, 7], [15, 7]]
    assert anchors[1].tolist() == [-2, -1, 2, 1]


def test_centres_lie_in_the_middle_of_cells():
    assert cell_centres((2, 1), (4, 10)).tolist() == [[5, 2], [5, 6]]


def test_ssd_has_as_many_boxes_as_its_paper():
    assert len(default_boxes(SSD300, SSD300_MAPS, (300, 300))) == 8732
    assert len(default_boxes(SSD512, SSD512_MAPS, (512, 512))) == 24564
    assert SSD300.boxes_per_cell() == (4, 6, 6, 6, 4, 4)


def test_default_boxes_by_hand():
    boxes = default_boxes(SSD300, SSD300_MAPS, (300, 300))
    assert boxes[0].tolist() == [4 - 10.5, 4 - 10.5, 4 + 10.5, 4 + 10.5]
    wide = (boxes[-1] - boxes[-2]).tolist()  # the last level's standing box less its lying one
    assert wide[0] > 0 > wide[1]
    assert (boxes[:, 2:] - boxes[:, :2]).max() == 300


@pytest.mark.bad_input
def test_levels_that_do_not_fit_are_refused():
    with pytest.raises(BadConfig, match="for 1 levels, sizes for 2"):
        grid_anchors([anchor_shapes([8])], [(1, 1), (2, 2)], [8])
    with pytest.raises(BadConfig, match="5 maps"):
        default_boxes(SSD300, SSD300_MAPS[:5], (300, 300))
    with pytest.raises(BadConfig, match="ratios"):
        anchor_shapes([8], [-1])
    with pytest.raises(BadConfig, match="stride"):
        cell_centres((1, 1), 0)
