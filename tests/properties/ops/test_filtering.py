"""What holds of every filter: it is linear, it knows no tiles, and it moves and turns with the picture."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from saccade.ops.filtering import PADDINGS, filtered
from saccade.ops.kernels import kernel_text, named_kernel, parse_kernel

sides, seeds, paddings = st.integers(5, 14), st.integers(0, 2**16), st.sampled_from(PADDINGS)
kernel_sides = st.tuples(st.integers(1, 5), st.integers(1, 5))


def drawn(seed: int, size: tuple[int, int], kernel_size: tuple[int, int]) -> tuple[np.ndarray, torch.Tensor]:
    generator = np.random.default_rng(seed)
    kernel = generator.integers(-4, 5, kernel_size).astype(np.float32)
    return generator.integers(0, 256, (*size, 2), dtype=np.uint8), torch.from_numpy(kernel)


@given(seeds, st.tuples(sides, sides), kernel_sides, paddings, st.tuples(st.integers(1, 20), st.integers(1, 20)))
def test_the_size_of_the_tiles_does_not_matter(
    seed: int, size: tuple[int, int], kernel_size: tuple[int, int], padding: str, tile: tuple[int, int]
) -> None:
    image, kernel = drawn(seed, size, kernel_size)
    for luma in (False, True):
        whole = filtered(image, kernel, padding=padding, luma=luma)
        assert np.array_equal(filtered(image, kernel, padding=padding, luma=luma, tile=tile), whole)


@given(seeds, st.tuples(sides, sides), kernel_sides, paddings)
def test_a_filter_is_linear_in_picture_and_kernel(
    seed: int, size: tuple[int, int], kernel_size: tuple[int, int], padding: str
) -> None:
    image, kernel = drawn(seed, size, kernel_size)
    other_image, other_kernel = drawn(seed + 1, size, kernel_size)
    first, second = image.astype(np.float32), other_image.astype(np.float32)

    def apart(pictures: tuple[np.ndarray, ...], kernels: tuple[torch.Tensor, ...]) -> np.ndarray:
        return sum((filtered(one, by, padding=padding) for one in pictures for by in kernels), np.float32(0))

    assert np.allclose(filtered(first + 2 * second, kernel, padding=padding), apart((first, 2 * second), (kernel,)))
    both = filtered(first, kernel + other_kernel, padding=padding)
    assert np.allclose(both, apart((first,), (kernel, other_kernel)))


@given(seeds, st.tuples(sides, sides), paddings, st.sampled_from(["sobel", "laplacian8", "emboss", "sharpen"]))
def test_flipping_picture_and_kernel_flips_the_response(
    seed: int, size: tuple[int, int], padding: str, name: str
) -> None:
    image, kernel = drawn(seed, size, (1, 1))[0], named_kernel(name)
    for axis in (0, 1):
        flipped = filtered(np.flip(image, axis).copy(), kernel.flip(axis), padding=padding)
        assert np.allclose(np.flip(flipped, axis), filtered(image, kernel, padding=padding), atol=1e-5)


@given(seeds, st.tuples(sides, sides), kernel_sides, st.tuples(st.integers(0, 13), st.integers(0, 13)))
def test_shifting_around_a_circle_shifts_the_response(
    seed: int, size: tuple[int, int], kernel_size: tuple[int, int], shift: tuple[int, int]
) -> None:
    image, kernel = drawn(seed, size, kernel_size)
    shifted = filtered(np.roll(image, shift, (0, 1)), kernel, padding="circular")
    assert np.array_equal(shifted, np.roll(filtered(image, kernel, padding="circular"), shift, (0, 1)))


@given(seeds, st.tuples(sides, sides), paddings, st.integers(-400, 400))
def test_steering_the_kernel_is_steering_the_response(
    seed: int, size: tuple[int, int], padding: str, angle: int
) -> None:
    image = drawn(seed, size, (1, 1))[0]
    across, down = (filtered(image, named_kernel("scharr", angle=turn), padding=padding) for turn in (0, 90))
    turned = np.cos(np.deg2rad(angle)) * across + np.sin(np.deg2rad(angle)) * down
    assert np.allclose(filtered(image, named_kernel("scharr", angle=angle), padding=padding), turned, atol=1e-4)


@given(st.lists(st.lists(st.integers(-99, 99), min_size=3, max_size=3), min_size=1, max_size=4), st.integers(1, 90))
def test_a_kernel_that_is_written_is_read_again(rows: list[list[int]], below: int) -> None:
    kernel = torch.tensor(rows).float() / below
    assert torch.allclose(parse_kernel(kernel_text(kernel)), kernel)
