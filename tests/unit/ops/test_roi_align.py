import pytest
import torch

from saccade.errors import BadConfig, BadShape
from saccade.ops.roi_align import multilevel_roi_align, roi_align

MAP = torch.arange(16.0).reshape(1, 1, 4, 4)  # 4 · line + column
PLACES = torch.tensor([[0.0, 0, 4, 4], [0.5, 1, 3, 2.25], [-2, -2, 9, 9], [2, 2, 2, 2], [3, 3, 1, 1]])


def aligned(boxes, **settings):
    given = {"output_size": 1, "scale": 1.0, "sampling_ratio": 1, "aligned": True} | settings
    return roi_align(MAP, [boxes], **given)[:, 0]


def test_a_point_between_pixels_is_read_bilinearly():
    assert aligned(torch.tensor([[1.0, 1, 2, 2]])).item() == 5  # the middle of a pixel
    assert aligned(torch.tensor([[1.0, 1, 3, 3]])).item() == 7.5  # where four meet


def test_unless_aligned_pixels_lie_at_their_corners_and_regions_are_one_pixel_long():
    assert aligned(torch.tensor([[1.0, 1, 3, 3]]), aligned=False).item() == 10
    assert aligned(torch.tensor([[1.0, 1, 1, 1]]), aligned=False).item() == 7.5


def test_points_up_to_a_pixel_outside_read_the_edge_and_others_count_as_0():
    """The points lie at x = −1.5, −0.5 and 0.5, on y = 1.5."""
    found = aligned(torch.tensor([[-2.0, 1, 1, 2]]), aligned=False, output_size=(1, 3))
    assert found.tolist() == [[[0, 6, 6.5]]]
    mean = aligned(torch.tensor([[-2.0, 1, 1, 2]]), aligned=False, sampling_ratio=3, output_size=1)
    assert mean.item() == pytest.approx((0 + 6 + 6.5) / 3)


def test_as_many_points_as_pixels_average_them():
    assert aligned(torch.tensor([[0.0, 0, 4, 4]]), sampling_ratio=None).item() == 7.5
    assert aligned(torch.tensor([[2.0, 2, 2, 2]]), sampling_ratio=None).item() == 0  # no pixels, no points


def test_matrices_give_what_rows_give(monkeypatch):
    settings = {"output_size": (3, 2), "sampling_ratio": None}
    by_rows = aligned(PLACES.double(), **settings)
    monkeypatch.setattr("saccade.ops.roi_align.MANY", 1)
    torch.testing.assert_close(aligned(PLACES.double(), **settings), by_rows)


def test_bounded_parts_give_what_one_part_gives(monkeypatch):
    whole = aligned(PLACES, sampling_ratio=None, output_size=3)
    monkeypatch.setattr("saccade.ops.roi_align.WEIGHTS", 1)
    torch.testing.assert_close(aligned(PLACES, sampling_ratio=None, output_size=3), whole)


def test_a_region_much_larger_than_the_map_is_read_within_bounds():
    assert aligned(torch.tensor([[-1e5, -1e5, 1e5, 1e5]]), sampling_ratio=None).isfinite().all()


@pytest.mark.parametrize("ratio", [2, None])
def test_the_gradient_is_what_differences_say(ratio):
    features = torch.rand(2, 2, 5, 6, dtype=torch.float64, requires_grad=True)
    boxes = [PLACES[:2], PLACES[2:]]
    assert torch.autograd.gradcheck(
        lambda maps: roi_align(maps, boxes, output_size=2, scale=0.5, sampling_ratio=ratio), features
    )


def test_half_precision_and_no_boxes():
    assert roi_align(MAP.bfloat16(), [PLACES], output_size=2, scale=1.0).dtype == torch.bfloat16
    none = roi_align(MAP, [torch.zeros(0, 4)], output_size=(2, 3), scale=1.0)
    assert none.shape == (0, 1, 2, 3)


def test_each_region_comes_from_its_own_level_in_the_order_of_the_boxes():
    levels = [torch.full((2, 1, 64 // stride, 64 // stride), float(stride)) for stride in (8, 16, 32)]
    boxes = [torch.tensor([[0.0, 0, 500, 500], [0, 0, 9, 9]]), torch.tensor([[0.0, 0, 230, 230]])]
    settings = {"strides": (8, 16, 32), "output_size": 1, "sampling_ratio": None, "canonical_size": 32}
    found = multilevel_roi_align(levels, [rows.clamp(max=64) for rows in boxes], **settings)
    assert found.flatten().tolist() == [32, 8, 32]
    assert multilevel_roi_align(levels, [torch.zeros(0, 4)] * 2, **settings).shape == (0, 1, 1, 1)


@pytest.mark.bad_input
def test_other_ratios_strides_and_levels_are_refused():
    with pytest.raises(BadConfig, match="sampling_ratio=0"):
        aligned(PLACES, sampling_ratio=0)
    for strides in [(), (4,), (4, 12), (8, 4)]:
        with pytest.raises(BadConfig, match="strides"):
            multilevel_roi_align([MAP, MAP], [PLACES], strides=strides)
    with pytest.raises(BadShape, match="levels of shapes"):
        multilevel_roi_align([MAP, MAP.repeat(1, 2, 1, 1)], [PLACES], strides=(4, 8))
