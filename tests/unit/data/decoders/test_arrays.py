"""Pictures in memory: taken when they are pictures, refused with the cure when they are not."""

import numpy as np
import pytest
import torch
from PIL import Image

from saccade.data.reading import as_image
from saccade.errors import BadImage

LEVELS = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)


def test_arrays_of_levels_are_taken_as_they_are():
    for dtype in (np.uint8, np.uint16):
        array = LEVELS.astype(dtype)
        assert as_image(array) is array
    assert as_image(LEVELS[..., 0]).shape == (6, 8, 1)
    assert as_image(np.zeros((6, 8, 12), np.uint8)).shape == (6, 8, 12)


def test_bits_and_floats_are_taken():
    assert as_image(LEVELS[..., 0] > 100).max() == 255
    for dtype in (np.float16, np.float32, np.float64):
        image = as_image((LEVELS / 255).astype(dtype))
        assert image.dtype == np.float32
        np.testing.assert_allclose(image, LEVELS / 255, atol=1e-3)


def test_tensors_are_taken_channels_first():
    tensor = torch.from_numpy(LEVELS).permute(2, 0, 1)
    np.testing.assert_array_equal(as_image(tensor), LEVELS)
    image = as_image((tensor / 255).requires_grad_())
    assert image.dtype == np.float32
    np.testing.assert_allclose(image, LEVELS / 255, atol=1e-7)
    assert as_image(tensor[0]).shape == (6, 8, 1)
    assert as_image(torch.rand(3, 6, 8, dtype=torch.bfloat16)).dtype == np.float32


def test_a_pillow_image_gives_what_its_file_would():
    np.testing.assert_array_equal(as_image(Image.fromarray(LEVELS)), LEVELS)
    assert as_image(Image.new("RGBA", (3, 2), (0, 0, 0, 0))).min() == 255


def test_a_picture_of_few_rows_is_not_taken_for_channels_first():
    for shape in ((3, 64, 3), (1, 64, 3), (3, 4, 64), (2, 2, 2)):
        assert as_image(np.zeros(shape, np.uint8)).shape == shape


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("thing", "what"),
    [
        (np.zeros((3, 6, 8), np.uint8), r"channels first.*; use array\.transpose\(1, 2, 0\)"),
        (np.zeros((2, 6, 8, 3), np.uint8), "give a list of pictures"),
        (np.zeros(6, np.uint8), "reshape it"),
        (np.zeros((0, 8, 3), np.uint8), r"shape \(0, 8, 3\)"),
        (LEVELS.astype(np.float32), r"floats from 0 to 255;.*; divide by 255|floats from .*; divide by 255"),
        (LEVELS.astype(np.float64) * 257, "divide by 65535"),
        (LEVELS / 127.5 - 1, "before it was normalised"),
        (np.full((6, 8), np.nan), "fill what is not finite"),
        (LEVELS.astype(np.int64), r"type int64.*\.astype\('uint8'\)"),
        (np.array([["a"]]), "type <U1"),
        (np.array([[None]]), "type object"),
        (torch.zeros(6, 8, 3), r"channels last.*; use tensor\.permute\(2, 0, 1\)"),
        (torch.zeros(2, 3, 6, 8), r"tensor\[0\]"),
        (torch.full((3, 6, 8), 200.0), "divide by 255"),
        (torch.zeros(3, 6, 8, dtype=torch.int64), "type int64"),
        (torch.zeros(3, 0, 8), "reshape it"),
    ],
)
def test_what_is_no_picture_is_refused_with_the_cure(thing, what):
    with pytest.raises(BadImage, match=what):
        as_image(thing)


@pytest.mark.bad_input
def test_a_pillow_image_of_a_broken_file_is_refused(tmp_path):
    path = tmp_path / "a.png"
    Image.fromarray(LEVELS.repeat(20, 0)).save(path)
    path.write_bytes(path.read_bytes()[:200])
    with Image.open(path) as image, pytest.raises(BadImage, match="cannot be decoded"):
        as_image(image)
