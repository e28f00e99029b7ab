"""From any picture to what a network takes: equal to Pillow's own scaling and cutting, and never larger than needed."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from saccade.data.preprocess import normalised, placement, preprocess, to_images
from saccade.errors import BadImage, BadShape
from saccade.types.preprocessing import Preprocessing


def taking(height, width, channels=3, fit="crop"):
    return Preprocessing((height, width), channels, (0.5,) * channels, (0.25,) * channels, fit)


def picture(height, width, channels=3, dtype=np.uint8):
    random = np.random.default_rng(height * width)
    if dtype == np.float32:
        return random.random((height, width, channels), np.float32)
    return random.integers(0, np.iinfo(dtype).max + 1, (height, width, channels)).astype(dtype)


def by_pillow(image, height, width):
    """The field's two steps: scale the shorter side, then cut the middle."""
    picture = Image.fromarray(image)
    if image.shape[0] * width <= image.shape[1] * height:
        scaled = (int(height * image.shape[1] / image.shape[0]), height)
    else:
        scaled = (width, int(width * image.shape[0] / image.shape[1]))
    picture = picture.resize(scaled, Image.Resampling.BILINEAR)
    left, top = round((scaled[0] - width) / 2), round((scaled[1] - height) / 2)
    return np.asarray(picture.crop((left, top, left + width, top + height)))


@pytest.mark.parametrize("source", [(375, 500), (500, 333), (64, 64), (28, 28), (17, 300), (481, 321), (224, 225)])
@pytest.mark.parametrize("size", [(32, 32), (224, 224), (64, 96), (100, 30)])
def test_crop_equals_scaling_all_and_cutting_the_middle(source, size):
    image = picture(*source)
    difference = preprocess(image, taking(*size)).astype(int) - by_pillow(image, *size)
    # one level: Pillow rounds between its two passes, and goes down or across first, as is cheaper
    assert np.abs(difference).max() <= 1
    assert abs(difference.mean()) < 0.1


def test_stretch_equals_pillows_resize():
    image = picture(50, 70)
    expected = np.asarray(Image.fromarray(image).resize((20, 40), Image.Resampling.BILINEAR))
    np.testing.assert_array_equal(preprocess(image, taking(40, 20, fit="stretch")), expected)


def test_pad_keeps_the_whole_picture_and_adds_zeros_around():
    image = np.full((20, 40, 3), 200, np.uint8)
    result = preprocess(image, taking(32, 32, fit="pad"))
    assert (result[8:24] == 200).all()
    assert (result[:8] == 0).all()
    assert (result[24:] == 0).all()
    result = preprocess(image.transpose(1, 0, 2), taking(32, 32, fit="pad"))
    assert (result[:, 8:24] == 200).all()


def test_the_right_size_is_not_copied():
    for dtype in (np.uint8, np.float32):
        for fit in ("crop", "pad", "stretch"):
            image = picture(32, 48, 3, dtype)
            assert preprocess(image, taking(32, 48, fit=fit)) is image


def test_a_network_of_one_channel_gets_the_luma():
    pure = np.array([[[255, 0, 0], [0, 255, 0], [0, 0, 255], [255, 255, 255]]], np.uint8)
    assert preprocess(pure, taking(1, 4, 1))[0, :, 0].tolist() == [76, 150, 29, 255]
    image = picture(8, 8)
    np.testing.assert_array_equal(
        preprocess(image, taking(8, 8, 1))[..., 0], np.asarray(Image.fromarray(image).convert("L"))
    )
    floats = preprocess((pure / 255).astype(np.float32), taking(1, 4, 1))
    np.testing.assert_allclose(floats[0, :, 0], [0.299, 0.587, 0.114, 1], atol=1e-6)
    wide = preprocess(pure.astype(np.uint16) * 257, taking(1, 4, 1))
    np.testing.assert_allclose(wide[0, :, 0], [0.299, 0.587, 0.114, 1], atol=1e-5)


def test_a_network_of_three_channels_gets_grey_three_times():
    grey = picture(20, 30, 1)
    result = preprocess(grey, taking(8, 8))
    assert result.shape == (8, 8, 3)
    np.testing.assert_array_equal(result, np.repeat(preprocess(grey, taking(8, 8, 1)), 3, axis=2))


def test_a_second_or_fourth_channel_that_is_not_taken_is_opacity():
    clear = np.array([[[100, 255], [100, 51], [100, 0]]], np.uint8)
    assert preprocess(clear, taking(1, 3, 1))[0, :, 0].tolist() == [100, 224, 255]
    assert preprocess(clear, taking(1, 3, 3))[0, :, 2].tolist() == [100, 224, 255]
    colour = np.array([[[10, 20, 30, 255], [10, 20, 30, 0]]], np.uint8)
    assert preprocess(colour, taking(1, 2, 3)).tolist() == [[[10, 20, 30], [255, 255, 255]]]
    assert preprocess(colour, taking(1, 2, 1))[0, 1].tolist() == [255]


def test_channels_that_are_taken_are_all_kept():
    for channels in (2, 4, 5, 12):
        image = picture(20, 30, channels)
        result = preprocess(image, taking(8, 9, channels))
        for channel in range(channels):
            one = preprocess(np.ascontiguousarray(image[..., channel : channel + 1]), taking(8, 9, 1))
            np.testing.assert_array_equal(result[..., channel], one[..., 0])


@pytest.mark.bad_input
@pytest.mark.parametrize(("given", "taken"), [(3, 5), (5, 3), (1, 2), (3, 4), (7, 1)])
def test_other_numbers_of_channels_are_refused_with_the_cure(given, taken):
    with pytest.raises(BadImage, match=f"got a picture of {given} channels; this network takes {taken};.*={given}"):
        preprocess(picture(8, 8, given), taking(8, 8, taken))


def test_sixteen_bits_become_floats_and_keep_their_levels():
    ramp = (np.arange(256, dtype=np.uint16) * 257)[None, :, None]
    for size in ((1, 256), (2, 256)):
        result = preprocess(ramp, taking(*size, 1, "stretch"))
        assert result.dtype == np.float32
        np.testing.assert_allclose(result[0, :, 0], np.arange(256) / 255, atol=1e-6)


@pytest.mark.parametrize("dtype", [np.uint16, np.float32])
@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_every_type_is_scaled_alike(dtype, fit):
    image = picture(50, 70)
    floats = (image / 255).astype(np.float32) if dtype == np.float32 else image.astype(np.uint16) * 257
    result = preprocess(floats, taking(20, 20, fit=fit))
    np.testing.assert_allclose(result * 255, preprocess(image, taking(20, 20, fit=fit)), atol=1.01)
    assert 0 <= result.min() <= result.max() <= 1


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
@pytest.mark.parametrize("source", [(1, 1), (1, 3000), (3000, 1), (2, 3)])
def test_the_smallest_and_thinnest_are_brought_to_size(fit, source):
    assert preprocess(picture(*source), taking(32, 16, fit=fit)).shape == (32, 16, 3)


THIN = """
import resource, sys
import numpy as np
from saccade.data.preprocess import preprocess
from saccade.types.preprocessing import Preprocessing
for side in (10, 1_000_000):
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for shape in ((1, side, 3), (side, 1, 3)):
        image = np.zeros(shape, np.uint8)
        for fit in ("crop", "pad", "stretch"):
            preprocess(image, Preprocessing((224, 224), 3, (0.5,) * 3, (0.5,) * 3, fit))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
"""


def test_a_long_thin_picture_makes_no_large_intermediate():
    done = subprocess.run([sys.executable, "-c", THIN], capture_output=True, text=True, check=True, timeout=60)
    assert int(done.stdout) < 50_000


def test_images_are_stacked_between_0_and_1():
    arrays = [picture(4, 5) for _ in range(3)]
    images = to_images(arrays)
    assert images.shape == (3, 3, 4, 5)
    assert images.dtype == torch.float32
    np.testing.assert_array_equal(images[1].permute(1, 2, 0).numpy(), arrays[1] / np.float32(255))


def test_every_type_is_brought_to_the_same_numbers():
    levels = picture(4, 5)
    wide, floats = levels.astype(np.uint16) * 257, (levels / 255).astype(np.float32)
    expected = to_images([levels])
    for arrays in ([wide], [floats], [floats.astype(np.float64)], [levels, wide, floats]):
        for image in to_images(arrays):
            torch.testing.assert_close(image, expected[0], atol=1e-6, rtol=0)


def test_the_arrays_are_left_as_they_were():
    array = picture(4, 5, 3, np.float32)
    before = array.copy()
    to_images([array]).mul_(0)
    np.testing.assert_array_equal(array, before)
    array.setflags(write=False)
    assert to_images([array]).shape == (1, 3, 4, 5)


def test_a_batch_of_small_pictures_takes_far_less_than_a_millisecond():
    import time

    arrays, threads = [picture(32, 32) for _ in range(64)], torch.get_num_threads()
    torch.set_num_threads(1)
    times = []
    for _ in range(50):
        start = time.perf_counter()
        to_images(arrays)
        times.append(time.perf_counter() - start)
    torch.set_num_threads(threads)
    assert min(times) < 1e-3


@pytest.mark.bad_input
def test_pictures_that_do_not_stack_are_refused():
    for arrays in ([], [picture(4, 5), picture(5, 4)], [np.zeros((4, 5), np.uint8)]):
        with pytest.raises(BadShape, match="preprocess them first"):
            to_images(arrays)


# As publishers of weights do it: scale first, then cut the middle.


@pytest.mark.parametrize("resampling", ["bilinear", "bicubic"])
@pytest.mark.parametrize("size", [(300, 500), (500, 300), (256, 341), (97, 135), (224, 224)])
def test_scaling_first_is_what_pillow_does_in_two_steps(size: tuple[int, int], resampling: str) -> None:
    height, width = size
    # no black and no white: what bicubic overshoots is cut between its two passes, whose order Pillow chooses by size
    image = np.random.default_rng(0).integers(90, 166, (*size, 3), dtype=np.uint8)
    taken = Preprocessing((224, 224), 3, (0.0,) * 3, (1.0,) * 3, scaled=(256, 256), resampling=resampling)
    scaled = (256, 256 * height // width) if height >= width else (256 * width // height, 256)
    whole = Image.fromarray(image).resize(scaled, Image.Resampling[resampling.upper()])
    left, top = round((scaled[0] - 224) / 2), round((scaled[1] - 224) / 2)
    wanted = np.asarray(whole.crop((left, top, left + 224, top + 224)), np.int64)
    assert np.abs(preprocess(image, taken) - wanted).max() <= (1 if resampling == "bilinear" else 2)


def test_a_warped_picture_is_cut_in_the_middle() -> None:
    image = np.arange(8, dtype=np.uint8)[None, :, None] * np.ones((4, 1, 1), np.uint8)
    taken = Preprocessing((4, 4), 1, (0.0,), (1.0,), fit="stretch", scaled=(4, 8))
    assert preprocess(image, taken)[0, :, 0].tolist() == [2, 3, 4, 5]


@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
@pytest.mark.parametrize("source", [(100, 160), (160, 100), (64, 64), (50, 70)])
@pytest.mark.parametrize("scaled", [None, (72, 72)])
def test_a_rectangle_is_where_the_matrix_says(fit, source, scaled):
    if fit == "pad" and scaled:
        scaled = None
    plain = Preprocessing((64, 64), 1, (0.0,), (1.0,), fit, scaled)
    height, width = source
    image = np.zeros((*source, 1), np.uint8)
    top, bottom, left, right = height * 3 // 8, height * 5 // 8, width * 3 // 8, width * 5 // 8
    image[top:bottom, left:right] = 255
    (x1, y1), (x2, y2) = (placement(source, plain)[:2] @ (x, y, 1) for x, y in ((left, top), (right, bottom)))
    bright = preprocess(image, plain)[..., 0] / 255
    assert bright.sum() == pytest.approx((x2 - x1) * (y2 - y1), rel=0.05)
    assert np.average(np.arange(64) + 0.5, weights=bright.sum(0)) == pytest.approx((x1 + x2) / 2, abs=0.2)
    assert np.average(np.arange(64) + 0.5, weights=bright.sum(1)) == pytest.approx((y1 + y2) / 2, abs=0.2)


@pytest.mark.parametrize("channels", [1, 3, 5])
def test_normalised_levels_have_the_mean_taken_away(channels):
    image = np.random.default_rng(0).integers(0, 256, (7, 9, channels), dtype=np.uint8)
    plain = Preprocessing((7, 9), channels, (0.4,) * channels, (0.2,) * channels)
    expected = ((image / 255 - 0.4) / 0.2).transpose(2, 0, 1)
    whole, floats = normalised(image, plain), normalised((image / 255).astype(np.float32), plain)
    assert np.abs(whole.numpy() - expected).max() < 1e-6
    assert np.abs(floats.numpy() - expected).max() < 1e-6
    first = whole.clone()
    normalised(255 - image, plain)
    assert (whole == first).all()  # memory that is worked in is never handed out
