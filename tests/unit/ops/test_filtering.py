import numpy as np
import pytest
import torch

from saccade.errors import BadConfig, BadData, BadShape, UnknownName
from saccade.ops.filtering import PADDINGS, each_tile, filtered, response_size
from saccade.ops.kernels import named_kernel, parse_kernel

HALF = np.repeat(np.array([10, 10, 10, 0, 0, 0], np.float32)[None, :, None], 6, axis=0)


def line(*numbers):
    return np.array(numbers, np.float32)[None, :, None]


def test_the_half_bright_picture_of_the_notes_gives_0_30_30_0():
    expected = [[0, 30, 30, 0]] * 4
    assert filtered(HALF, named_kernel("vertical_edge"), padding="valid")[..., 0].tolist() == expected
    assert (
        filtered(HALF.transpose(1, 0, 2).copy(), named_kernel("horizontal_edge"), padding="valid")[..., 0].T.tolist()
        == expected
    )


def test_positive_is_light_to_dark_from_left_to_right():
    assert filtered(HALF, named_kernel("sobel"), padding="valid").max() == 40
    assert filtered(HALF[:, ::-1].copy(), named_kernel("sobel"), padding="valid").min() == -40
    assert filtered(HALF, named_kernel("sobel", angle=90)).any() == np.False_


@pytest.mark.parametrize(
    ("padding", "expected"),
    [
        ("reflect", [2 + 1 + 2, 1 + 2 + 3, 2 + 3 + 2]),
        ("replicate", [1 + 1 + 2, 1 + 2 + 3, 2 + 3 + 3]),
        ("circular", [3 + 1 + 2, 1 + 2 + 3, 2 + 3 + 1]),
        ("zeros", [0 + 1 + 2, 1 + 2 + 3, 2 + 3 + 0]),
        ("valid", [1 + 2 + 3]),
    ],
)
def test_what_lies_beyond_the_edge_is_as_it_is_called(padding, expected):
    assert filtered(line(1, 2, 3), torch.ones(1, 3), padding=padding)[0, :, 0].tolist() == expected


def test_the_middle_of_an_even_kernel_is_the_pixel_before():
    assert filtered(line(1, 2, 3), parse_kernel("1 10"), padding="zeros")[0, :, 0].tolist() == [21, 32, 3]


def test_levels_count_as_zero_to_one():
    eight = np.array([[[255], [0]]], np.uint8)
    sixteen = np.array([[[65535], [0]]], np.uint16)
    for picture in (eight, sixteen):
        assert filtered(picture, parse_kernel("1 -1"), padding="valid").tolist() == [[[1.0]]]


def test_each_channel_is_filtered_by_itself():
    picture = np.random.default_rng(0).random((5, 6, 3), dtype=np.float32)
    apart = [filtered(picture[..., [channel]], named_kernel("sobel")) for channel in range(3)]
    assert np.allclose(filtered(picture, named_kernel("sobel")), np.concatenate(apart, axis=2), atol=1e-6)


def test_the_luma_of_colours_and_the_mean_of_other_channels():
    picture = np.zeros((1, 1, 3), np.float32)
    picture[0, 0] = (1.0, 0.5, 0.25)
    assert filtered(picture, torch.ones(1, 1), luma=True).item() == pytest.approx(0.299 + 0.2935 + 0.0285)
    assert filtered(picture[..., :2], torch.ones(1, 1), luma=True).item() == 0.75


def test_a_flat_picture_answers_exactly_zero():
    flat = np.full((40, 40, 3), 77, np.uint8)
    for name in ("sobel", "scharr", "laplacian", "prewitt"):
        assert not filtered(flat, named_kernel(name), luma=True).any()


@pytest.mark.parametrize(
    ("text", "dtype"), [("0 -1 0; -1 5 -1; 0 -1 0", np.int16), ("129 0", np.float32), (".5 1", np.float32)]
)
def test_levels_are_exact_where_whole_numbers_suffice(text, dtype):
    picture, found = np.random.default_rng(0).integers(0, 256, (9, 8, 3), dtype=np.uint8), []
    each_tile(picture, [parse_kernel(text)], lambda place, responses: found.append(responses[0]), take="levels")
    assert found[0].dtype == dtype
    assert np.allclose(found[0], 255 * filtered(picture, parse_kernel(text)), atol=1e-2)


@pytest.mark.parametrize("sign", [1, -1])
def test_the_largest_whole_numbers_do_not_overflow(sign):
    picture, found = np.full((3, 3, 1), 255, np.uint8), []
    kernel = torch.full((2, 64), sign * 1.0)
    each_tile(picture, [kernel], lambda _, both: found.append(both[0]), take="levels", padding="replicate")
    assert found[0].dtype == np.int16
    assert (found[0] == sign * 128 * 255).all()


def test_a_kernel_of_zeros_gives_zeros():
    assert not filtered(HALF, torch.zeros(3, 3)).any()


def test_bands_of_rows_are_the_same_rows():
    picture = np.random.default_rng(0).integers(0, 256, (30, 20, 3), dtype=np.uint8)
    whole, found = filtered(picture, named_kernel("sobel")), {}

    def draw(place, responses):
        found[place[0].start] = responses[0]

    each_tile(picture, [named_kernel("sobel")], draw, rows=[slice(0, 4), slice(20, 23)])
    assert sorted(found) == [0, 20]
    assert np.array_equal(found[20], whole[20:23])


def test_only_tiles_are_held():
    """A response of 64 MB is computed while the memory of numpy grows by less than a sixteenth of that."""
    import tracemalloc

    picture = np.zeros((4000, 4000, 1), np.uint8)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    tracemalloc.start()
    try:
        each_tile(picture, [named_kernel("sobel")], lambda place, responses: None, tile=(64, 2000))
        assert tracemalloc.get_traced_memory()[1] < 4_000_000
    finally:
        tracemalloc.stop()
        torch.set_num_threads(threads)


def test_a_response_is_as_large_as_its_padding_says():
    assert {padding: response_size((6, 7), torch.ones(3, 2), padding=padding) for padding in PADDINGS} == {
        "reflect": (6, 7), "replicate": (6, 7), "circular": (6, 7), "zeros": (6, 7), "valid": (4, 6),
    }  # fmt: skip


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("padding", "kernel", "wanted"),
    [
        ("valid", torch.ones(7, 3), "got a picture of 6 × 6 pixels and a kernel of 7 × 3; taken is a kernel that fits"),
        ("reflect", torch.ones(13, 3), "got a picture of 6 × 6 pixels and a kernel of 13 × 3; taken with padding 'ref"),
        ("circular", torch.ones(15, 3), "got a picture of 6 × 6 pixels and a kernel of 15 × 3; taken with padding 'ci"),
    ],
)
def test_a_picture_that_is_too_small_is_refused(padding, kernel, wanted):
    with pytest.raises(BadShape) as caught:
        filtered(HALF, kernel, padding=padding)
    assert str(caught.value).startswith(wanted)
    assert filtered(HALF, kernel, padding="replicate").shape == (6, 6, 1)


@pytest.mark.bad_input
def test_what_cannot_be_filtered_is_refused():
    with pytest.raises(UnknownName, match="did you mean 'reflect'"):
        filtered(HALF, torch.ones(3, 3), padding="reflct")
    with pytest.raises(BadData, match="got a kernel with inf"):
        filtered(HALF, torch.full((1, 1), float("inf")))
    with pytest.raises(BadConfig, match="got tiles of 0 × 4"):
        filtered(HALF, torch.ones(3, 3), tile=(0, 4))
    with pytest.raises(BadShape, match="taken with padding 'valid' is one size"):
        each_tile(HALF, [torch.ones(1, 3), torch.ones(3, 1)], lambda place, responses: None, padding="valid")
