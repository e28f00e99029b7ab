import numpy as np
import pytest
import torch

from saccade.errors import BadConfig, UnknownName
from saccade.ops.filter_views import (
    VIEWS,
    default_view,
    draw_response,
    measured_scale,
    orientation_of,
    signed_colours,
    view_kernels,
)
from saccade.ops.filtering import filtered
from saccade.ops.kernels import named_kernel, parse_kernel

SOBEL = named_kernel("sobel")
RED, BLUE, WHITE = [178, 24, 43], [33, 102, 172], [255, 255, 255]
RNG = np.random.default_rng(0)
NOISE = RNG.integers(0, 256, (90, 70, 3), dtype=np.uint8)


def disc(side=41, radius=12.0):
    rows, columns = np.mgrid[:side, :side] - side // 2
    return (np.hypot(rows, columns) < radius).astype(np.float32)[..., None]


def test_light_to_dark_is_red_and_dark_to_light_is_blue():
    step = np.repeat(np.uint8([[255, 255, 0, 0, 255, 255]])[..., None], 6, axis=0)
    row = draw_response(step, SOBEL, view="signed", scale=4.0)[2].tolist()
    assert row == [WHITE, RED, RED, BLUE, BLUE, WHITE]
    assert draw_response(step, SOBEL, view="signed", scale=4.0, form="bgr")[2, 1].tolist() == RED[::-1]
    assert draw_response(step, SOBEL, view="signed", scale=4.0, form="levels")[2, :, 0].tolist() == [
        128, 255, 255, 1, 1, 128,
    ]  # fmt: skip


def test_half_of_the_scale_is_half_of_the_colour():
    step = np.repeat(np.uint8([[255, 255, 0, 0]])[..., None], 4, axis=0)
    middle = draw_response(step, SOBEL, view="signed", scale=8.0)[2, 1]
    assert np.allclose(middle, (np.array(RED) + 255) / 2, atol=1)


def test_beyond_the_scale_the_colour_stays_full():
    step = np.repeat(np.uint8([[255, 255, 0, 0]])[..., None], 4, axis=0)
    assert draw_response(step, SOBEL, view="signed", scale=0.1)[2, 1].tolist() == RED
    assert draw_response(step, SOBEL, view="magnitude", scale=0.1)[2, 1].tolist() == [255]


def test_the_levels_of_the_palette_are_those_of_the_colours():
    levels = draw_response(NOISE, SOBEL, view="signed", scale=2.0, form="levels")
    coloured = draw_response(NOISE, SOBEL, view="signed", scale=2.0)
    assert np.array_equal(signed_colours()[levels[..., 0], 0], coloured)


def test_magnitude_is_the_same_in_every_direction():
    tall = draw_response(disc(), SOBEL, view="magnitude", scale=4.0)
    assert np.array_equal(tall, tall.transpose(1, 0, 2))
    turned = draw_response(disc(), named_kernel("sobel", angle=37), view="magnitude", scale=4.0)
    assert np.abs(turned.astype(int) - tall).max() <= 1


def test_magnitude_of_a_kernel_without_direction_is_its_absolute_value():
    laplacian = named_kernel("laplacian")
    assert len(view_kernels(laplacian, "magnitude")) == 1
    response = filtered(disc(), laplacian)
    assert np.array_equal(
        draw_response(disc(), laplacian, view="magnitude", scale=4.0)[..., 0] > 0, response[..., 0] != 0
    )


@pytest.mark.parametrize("angle", [0, 45, 250])
def test_the_orientation_of_a_disc_is_the_direction_from_its_middle(angle):
    kernel = named_kernel("sobel", angle=angle)
    picture = disc()
    degrees = orientation_of([filtered(picture, one) for one in view_kernels(kernel, "orientation")], kernel)[..., 0]
    for row, column, expected in ((20, 31, 0), (31, 20, 90), (20, 8, 180), (8, 20, 270)):
        assert abs((degrees[row, column] - expected + 180) % 360 - 180) < 8


def test_hues_go_clockwise_from_red_on_the_right():
    drawn = draw_response(disc(), SOBEL, view="orientation", scale=4.0)
    right, below, left = drawn[20, 31], drawn[31, 20], drawn[8, 20]
    assert right.argmax() == 0
    assert below.argmax() == 1  # green, a little yellow
    assert left.argmax() == 2
    assert not drawn[0, 0].any()


def test_plain_is_a_picture_of_the_same_kind():
    assert np.array_equal(draw_response(NOISE, named_kernel("identity"), view="plain"), NOISE)
    assert np.array_equal(draw_response(NOISE, named_kernel("identity"), view="plain", form="bgr"), NOISE[..., ::-1])
    wide = (NOISE[..., :1].astype(np.uint16) << 8) + 7
    assert np.array_equal(draw_response(wide, named_kernel("identity"), view="plain"), wide)
    floats = NOISE.astype(np.float32) / 255
    assert np.array_equal(draw_response(floats, named_kernel("identity"), view="plain"), floats)
    assert np.array_equal(draw_response(NOISE, parse_kernel("9"), view="plain").max(), 255)
    assert not draw_response(NOISE, parse_kernel("-1"), view="plain").any()


@pytest.mark.parametrize("view", VIEWS)
def test_a_drawing_does_not_depend_on_its_tiles(view):
    scale = 1.0 if view == "plain" else measured_scale(NOISE, SOBEL, view=view)
    whole = draw_response(NOISE, SOBEL, view=view, scale=scale, tile=(90, 70))
    assert np.array_equal(draw_response(NOISE, SOBEL, view=view, scale=scale, tile=(7, 13)), whole)


def test_the_scale_is_what_all_but_a_few_stay_below():
    strength = np.abs(filtered(NOISE, SOBEL, luma=True))
    assert (strength <= measured_scale(NOISE, SOBEL)).mean() == pytest.approx(0.995, abs=1e-3)


def test_a_lone_edge_in_a_large_picture_is_found_though_the_sample_misses_it():
    large = np.zeros((3000, 800, 1), np.uint8)
    large[1234:] = 255
    assert measured_scale(large, named_kernel("sobel", angle=90)) == pytest.approx(4.0)


def test_a_flat_picture_has_the_scale_of_the_largest_response_there_could_be():
    assert measured_scale(np.zeros((9, 9, 1), np.uint8), SOBEL) == 4.0
    assert measured_scale(np.zeros((9, 9, 1), np.uint8), torch.zeros(3, 3)) == 1.0


def test_the_default_view_is_signed_for_what_sums_to_zero():
    assert [default_view(named_kernel(name)) for name in ("sobel", "laplacian_of_gaussian", "gaussian", "emboss")] == [
        "signed", "signed", "plain", "plain",
    ]  # fmt: skip


@pytest.mark.bad_input
def test_a_view_that_does_not_exist_or_has_nothing_to_show_is_refused():
    with pytest.raises(UnknownName, match="did you mean 'magnitude'"):
        view_kernels(SOBEL, "magnitud")
    with pytest.raises(BadConfig, match="got the view orientation with a kernel of no direction"):
        draw_response(NOISE, named_kernel("laplacian"), view="orientation")
