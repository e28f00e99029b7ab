"""The fast decoders: what they give, and that a picture reduced while it is decoded is where its labels say."""

import io

import numpy as np
import pytest
import torch
from PIL import Image

from saccade.data.decoders import fast as decoding
from saccade.data.decoders.fast import factor_for, fast_jpeg, fast_webp
from saccade.data.files import Files, placed, read_at
from saccade.data.reading import read_at_least, read_image, read_size
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes


def jpeg(array, **options):
    file = io.BytesIO()
    Image.fromarray(array).save(file, "JPEG", quality=95, **options)
    return file.getvalue()


def bright(box, size=(64, 96)):
    """A black picture with one white box (left, top, right, bottom)."""
    picture = np.zeros((*size, 3), np.uint8)
    picture[box[1] : box[3], box[0] : box[2]] = 255
    return picture


@pytest.mark.parametrize(
    ("size", "at_least", "factor"),
    [
        ((100, 200), None, 1),
        ((100, 200), (13, 25), 8),  # ⌈100 / 8⌉ = 13 and 200 / 8 = 25
        ((100, 200), (14, 25), 4),
        ((100, 200), (13, 26), 4),
        ((100, 200), (26, 1), 2),
        ((100, 200), (51, 1), 1),
        ((100, 200), (500, 500), 1),
        ((15, 200), (1, 1), 1),
    ],
)
def test_the_factor_is_the_largest_that_leaves_enough(size, at_least, factor):
    assert factor_for(size, at_least) == factor


@pytest.mark.parametrize("factor", [1, 2, 4, 8])
@pytest.mark.parametrize("size", [(64, 96), (61, 93), (16, 19)])
def test_sides_are_divided_and_rounded_up(size, factor):
    enough = (-(-size[0] // factor), -(-size[1] // factor))
    assert read_image(jpeg(bright((2, 2, 5, 5), size)), at_least=enough).shape == (*enough, 3)


def test_colours_are_red_first_whatever_the_factor():
    data = jpeg(np.full((32, 32, 3), (200, 100, 20), np.uint8), subsampling=0)
    for side in (32, 16, 8, 4):
        assert np.abs(read_image(data, at_least=(side, side))[1, 1].astype(int) - (200, 100, 20)).max() <= 2


def test_a_reduced_picture_is_the_mean_of_its_blocks():
    picture = np.kron(np.random.default_rng(0).integers(0, 256, (8, 12)), np.ones((8, 8))).astype(np.uint8)
    reduced = read_image(jpeg(picture), at_least=(8, 12))
    assert reduced.shape == (8, 12, 1)
    assert np.abs(reduced[..., 0] - picture[::8, ::8].astype(int)).max() <= 2


def test_enough_is_meant_of_the_upright_picture():
    turned = Image.Exif()
    turned[274] = 6  # stored lying: 64 × 96 means 96 × 64 upright
    data = jpeg(bright((0, 0, 96, 8)), exif=turned.tobytes())
    assert read_size(data) == (96, 64)
    assert read_image(data, at_least=(24, 16)).shape == (24, 16, 3)
    assert read_image(data, at_least=(24, 17)).shape == (48, 32, 3)
    assert read_image(data, at_least=(12, 8))[6, :, 0].tolist() == [0] * 7 + [255]


def test_what_cannot_be_reduced_comes_whole():
    picture = bright((8, 8, 16, 16))
    file = io.BytesIO()
    Image.fromarray(picture).save(file, "PNG")
    assert read_image(file.getvalue(), at_least=(4, 4)).shape == (64, 96, 3)
    assert read_image(jpeg(picture), at_least=(200, 10)).shape == (64, 96, 3)
    assert read_image(jpeg(picture)[:-2], at_least=(4, 4)).shape == (64, 96, 3)
    four = io.BytesIO()
    Image.fromarray(picture).convert("CMYK").save(four, "JPEG")
    assert read_at_least(four.getvalue(), (4, 4))[0].shape == (64, 96, 3)


def test_the_luma_is_reduced_too():
    data = jpeg(bright((32, 0, 64, 64)))
    assert read_image(data, luma=True, at_least=(8, 12))[4, :, 0].tolist() == [0] * 4 + [255] * 4 + [0] * 4


def test_the_size_in_full_is_told():
    pixels, size = read_at_least(jpeg(bright((0, 0, 8, 8), (61, 93))), (8, 12))
    assert (pixels.shape[:2], size) == ((8, 12), (61, 93))
    assert read_at_least(jpeg(bright((0, 0, 8, 8))), None)[1] == (64, 96)


class Late:
    """A label that must know how large its picture is."""

    classes = (0,)

    def placed(self, root, size):
        return Annotations(size, torch.tensor([0]), Boxes(torch.tensor([[16.0, 8.0, 48.0, 40.0]]), size))

    def digest(self, root):
        return ""


@pytest.mark.parametrize("target", ["late", "ready"])
def test_labels_follow_a_reduced_picture(tmp_path, target):
    (tmp_path / "a.jpg").write_bytes(jpeg(bright((16, 8, 48, 40))))
    late = Late()
    source = Files(str(tmp_path), ("a.jpg",), (late if target == "late" else late.placed("", (64, 96)),))
    whole, reduced = source.read(0), read_at(source, 0, (16, 24))
    assert whole.image.shape == (64, 96, 3)
    assert whole.target.boxes.coordinates.tolist() == [[16, 8, 48, 40]]
    assert reduced.image.shape == (16, 24, 3)
    assert reduced.target.size == (16, 24)
    assert reduced.target.boxes.coordinates.tolist() == [[4, 2, 12, 10]]
    rows, columns = np.nonzero(reduced.image[..., 0] > 127)
    assert [columns.min(), rows.min(), columns.max() + 1, rows.max() + 1] == [4, 2, 12, 10]


def test_a_class_needs_no_place(tmp_path):
    (tmp_path / "a.jpg").write_bytes(jpeg(bright((16, 8, 48, 40))))
    assert read_at(Files(str(tmp_path), ("a.jpg",), (3,)), 0, (16, 24)).target == 3
    assert placed(3, "", (64, 96), (16, 24)) == 3


def test_damage_is_left_to_pillow():
    data = jpeg(bright((16, 8, 48, 40)))
    assert fast_webp(b"no picture") is None
    assert fast_webp(b"") is None
    assert fast_jpeg(b"no picture", (64, 96), grey=False) is None
    assert fast_jpeg(data[: len(data) // 2] + data[-2:], (64, 96), grey=False) is None


def test_without_the_extra_everything_reads_the_same(monkeypatch):
    data = jpeg(np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8))
    before = [read_image(data, at_least=size) for size in (None, (20, 30), (5, 8))]
    monkeypatch.setattr(decoding, "_simplejpeg", lambda: None)
    for size, pixels in zip((None, (20, 30), (5, 8)), before, strict=True):
        np.testing.assert_array_equal(read_image(data, at_least=size), pixels)
