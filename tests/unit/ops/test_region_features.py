import numpy as np
import pytest

from saccade.errors import BadShape
from saccade.ops.region_features import binned_gradients, describe_regions, likeness

# Two regions of one colour each, with a third of half of either: 0 | 2 above, 0 | 1 below.
LABELS = np.array([[0, 0, 2, 2], [0, 0, 1, 1]])
IMAGE = np.array([[10, 10, 10, 250], [10, 10, 250, 250]], np.uint8)[..., None]


def test_sizes_boxes_and_neighbours():
    regions = describe_regions(LABELS, IMAGE)
    assert regions.sizes.tolist() == [4, 2, 2]
    assert regions.boxes.tolist() == [[0, 0, 2, 2], [2, 1, 4, 2], [2, 0, 4, 1]]
    assert regions.neighbours.tolist() == [[0, 1], [0, 2], [1, 2]]
    assert regions.area == 8


def test_a_bin_of_colour_is_a_25th_of_the_range():
    shades = np.array([[0, 10, 11, 250, 255]], np.uint8)[..., None]
    (histogram,) = describe_regions(np.zeros((1, 5), np.intp), shades).colours
    assert np.flatnonzero(histogram).tolist() == [0, 1, 24]
    assert histogram[[0, 1, 24]].tolist() == pytest.approx([2 / 5, 1 / 5, 2 / 5])


def test_colour_is_what_the_histograms_share():
    regions = describe_regions(LABELS, IMAGE)
    assert likeness(regions, 0, np.array([1, 2]))[:, 0].tolist() == [0, 0.5]
    assert likeness(regions, 1, np.array([2, 1]))[:, 0].tolist() == [0.5, 1]


def test_each_channel_counts_as_much_as_any_other():
    two = np.concatenate([IMAGE, np.zeros_like(IMAGE)], 2)
    regions = describe_regions(LABELS, two)
    assert regions.colours.shape == (3, 50)
    assert regions.textures.shape == (3, 2 * 8 * 10)
    assert likeness(regions, 0, np.array([1, 2]))[:, 0].tolist() == [0.5, 0.75]


def test_size_and_fill_are_shares_of_the_image():
    regions = describe_regions(LABELS, IMAGE)
    both = likeness(regions, 0, np.array([1, 2]))
    assert both[:, 2].tolist() == [1 - 6 / 8] * 2
    assert both[:, 3].tolist() == [1 - (8 - 6) / 8] * 2
    assert likeness(regions, 1, np.array([2]))[0, 2:].tolist() == [1 - 4 / 8, 1]


def test_a_stripe_and_a_ramp_differ_in_texture_alone():
    stripes = np.tile(np.array([0, 0, 120, 120], np.uint8), (8, 6))
    image = np.concatenate([stripes, np.sort(stripes, 1)], 0)[..., None]
    labels = np.repeat([0, 1], 8)[:, None].repeat(24, 1)
    colour, texture, *_ = likeness(describe_regions(labels, image), 0, np.array([1]))[0]
    assert colour == 1
    assert texture < 0.9


def test_the_likeness_to_oneself_is_one_in_colour_and_texture():
    image = np.random.default_rng(0).integers(0, 256, (6, 7, 3), np.uint8)
    regions = describe_regions(np.arange(42).reshape(6, 7) // 5, image)
    each = np.arange(len(regions.sizes))
    assert likeness(regions, each, each)[:, :2] == pytest.approx(1, abs=1e-6)


def test_a_slope_rises_one_way_and_falls_the_other():
    ramp = np.arange(0, 200, 10, dtype=np.uint8)[None, :, None].repeat(9, 0)
    right, left, slant, back, down, up, other, away = binned_gradients(ramp)[4, 10, 0].tolist()
    assert (right, left, down, up) == (9, 0, 0, 0)
    assert slant == away == 7  # the root of a half, of ten bins
    assert back == other == 0


def test_an_image_of_one_colour_has_no_slopes():
    assert not binned_gradients(np.full((5, 6, 3), 77, np.uint8)).any()


@pytest.mark.bad_input
def test_labels_that_do_not_fit_are_refused():
    with pytest.raises(BadShape, match="a label for each pixel"):
        describe_regions(LABELS[:1], IMAGE)
    with pytest.raises(BadShape, match="a label for each pixel"):
        describe_regions(LABELS[:0], IMAGE[:0])
    with pytest.raises(BadShape, match="without gaps"):
        describe_regions(2 * LABELS, IMAGE)
    with pytest.raises(BadShape, match="without gaps"):
        describe_regions(LABELS - 1, IMAGE)
