import sys

import numpy as np
import pytest

from saccade.errors import BadConfig, BadImage, BadShape, MissingExtra, UnknownName
from saccade.ops.selective_search import cuts_of, segment, selective_search

MODES = pytest.mark.parametrize("mode", ["single", "fast"])


def scene(height=90, width=120):
    """A bright square with a dark one in it, and a coloured bar, on a ground of one colour."""
    image = np.full((height, width, 3), (40, 90, 60), np.uint8)
    image[20:70, 15:65] = (230, 220, 200)
    image[35:55, 30:50] = (30, 20, 90)
    image[10:80, 90:104] = (200, 40, 30)
    return image


TRUTH = np.array([[15, 20, 65, 70], [30, 35, 50, 55], [90, 10, 104, 80]])


def best_overlaps(boxes, truth):
    low, high = np.maximum(boxes[:, None, :2], truth[:, :2]), np.minimum(boxes[:, None, 2:], truth[:, 2:])
    shared = np.prod(np.clip(high - low, 0, None), -1)
    areas = [np.prod(some[:, 2:] - some[:, :2], -1) for some in (boxes, truth)]
    return (shared / (areas[0][:, None] + areas[1] - shared)).max(0)


@MODES
def test_things_and_what_is_in_them_are_found(mode):
    assert best_overlaps(selective_search(scene(), mode=mode), TRUTH).min() > 0.9


@pytest.mark.parametrize("channels", [1, 2, 4])
def test_any_number_of_channels_is_taken(channels):
    image = np.concatenate([scene(), scene()], 2)[..., :channels]
    boxes = selective_search(np.ascontiguousarray(image))
    assert best_overlaps(boxes, TRUTH[:2]).min() > 0.9


def test_noise_does_not_hide_them():
    noisy = scene().astype(int) + np.random.default_rng(0).normal(0, 12, (90, 120, 3))
    assert best_overlaps(selective_search(noisy.clip(0, 255).astype(np.uint8)), TRUTH).min() > 0.75


@MODES
def test_a_seed_gives_the_same_boxes_in_the_same_order(mode):
    one, again, other = (selective_search(scene(), mode=mode, seed=seed) for seed in (0, 0, 1))
    assert np.array_equal(one, again)
    assert {*map(tuple, one.tolist())} == {*map(tuple, other.tolist())}


def test_chance_is_in_the_order():
    noisy = np.random.default_rng(0).integers(0, 256, (12, 16, 3), np.uint8).repeat(12, 0).repeat(12, 1)
    orders = [selective_search(noisy, seed=seed) for seed in (0, 1)]
    assert not np.array_equal(*orders)
    sizes = np.prod(orders[0][:, 2:] - orders[0][:, :2], 1)
    assert sizes[: len(sizes) // 3].mean() > sizes[-len(sizes) // 3 :].mean()


def test_at_most_so_many_and_none_that_is_too_narrow():
    every = selective_search(scene())
    assert np.array_equal(selective_search(scene(), most=3), every[:3])
    wide = selective_search(scene(), smallest=30)
    assert (wide[:, 2:] - wide[:, :2]).min() >= 30
    assert len(wide) < len(every)


@MODES
@pytest.mark.parametrize("size", [(1, 1), (1, 50), (3, 2), (40, 60)])
def test_where_nothing_else_is_found_it_is_the_whole_image(mode, size):
    boxes = selective_search(np.full((*size, 3), 9, np.uint8), mode=mode)
    assert boxes.dtype == np.float32
    assert boxes.tolist() == [[0, 0, size[1], size[0]]]


def test_single_groups_once_and_fast_eight_times():
    assert [len(cut) for cut in cuts_of(scene(), mode="single")] == [1]
    assert [len(cut) for cut in cuts_of(scene(), mode="fast")] == [2, 2, 2, 2]
    assert [len(cut) for cut in cuts_of(scene()[..., :1], mode="fast")] == [2, 2]


def test_a_larger_scale_gives_fewer_segments_of_as_many_pixels_at_least():
    noisy = np.random.default_rng(0).integers(0, 256, (12, 16, 3), np.uint8).repeat(6, 0).repeat(6, 1)
    fine, coarse = segment(noisy, 50), segment(noisy, 200)
    assert coarse.max() < fine.max()
    assert np.bincount(fine.reshape(-1)).min() >= 50
    assert np.bincount(coarse.reshape(-1)).min() >= 200


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("image", "error", "words"),
    [
        (np.zeros((9, 9, 3)), BadImage, "float64"),
        (np.zeros((9, 9)), BadShape, "image[..., None]"),
        (np.zeros((0, 9, 3), np.uint8), BadShape, "(0, 9, 3)"),
        (np.zeros((9, 9, 0), np.uint8), BadShape, "(9, 9, 0)"),
        (np.zeros((1, 3, 9, 9), np.uint8), BadShape, "(height, width, channels)"),
    ],
)
def test_what_is_no_image_is_refused(image, error, words):
    with pytest.raises(error) as caught:
        selective_search(image)
    assert words in str(caught.value)


@pytest.mark.bad_input
def test_settings_that_mean_nothing_are_refused():
    with pytest.raises(BadConfig, match="most=0"):
        selective_search(scene(), most=0)
    with pytest.raises(BadConfig, match="smallest=-1"):
        selective_search(scene(), smallest=-1)
    with pytest.raises(BadConfig, match="smallest=nan"):
        selective_search(scene(), smallest=float("nan"))
    with pytest.raises(UnknownName, match="quality"):
        selective_search(scene(), mode="quality")


def test_without_scikit_image_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "skimage.segmentation", None)
    with pytest.raises(MissingExtra, match=r"saccade\[proposals\]"):
        selective_search(scene())
