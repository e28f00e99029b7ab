import errno
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from saccade.api.filters.filters import filter_image, picture_suffix
from saccade.data.reading import read_image
from saccade.errors import BadConfig, BadImage, BadShape, StorageFull, UnknownName
from saccade.ops.kernels import named_kernel

STEP = np.repeat(np.uint8([[255, 255, 255, 0, 0, 0]]), 6, axis=0)


@pytest.fixture
def photo(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)
    Image.fromarray(pixels).resize((64, 48)).save(tmp_path / "photo.jpg", quality=95)
    return tmp_path / "photo.jpg"


def test_a_response_can_be_read_as_numbers():
    done = filter_image(STEP, "vertical_edge")
    assert done.view == "signed"
    assert done.response[3, :, 0] == pytest.approx([0, 0, 3, 3, 0, 0])
    assert done.magnitude()[3, :, 0] == pytest.approx([0, 0, 3, 3, 0, 0])
    assert done.orientation()[3, 2:4, 0].tolist() == [0, 0]
    assert done.full_colour == pytest.approx(3.0)
    assert done.picture[3, 2].tolist() == [178, 24, 43]
    assert "view='signed'" in repr(done)


def test_an_angle_turns_named_and_written_kernels():
    for kernel in ("vertical_edge", "1 0 -1; 1 0 -1; 1 0 -1", [[1, 0, -1]] * 3):
        assert filter_image(STEP.T.copy(), kernel, angle=90).response[:, 3, 0] == pytest.approx([0, 0, 3, 3, 0, 0])


def test_a_blur_gives_a_picture_of_the_same_kind():
    colours = np.random.default_rng(0).integers(0, 65536, (9, 9, 3), dtype=np.uint16)
    done = filter_image(colours, "box")
    assert (done.view, done.picture.dtype, done.picture.shape) == ("plain", np.uint16, (9, 9, 3))
    assert done.picture[4, 4] == pytest.approx(colours[3:6, 3:6].mean((0, 1)), abs=0.51)


def test_a_response_is_looked_at_in_other_ways(photo):
    done = filter_image(photo, "sobel")
    assert done.as_view("magnitude").picture.shape == (48, 64, 1)
    assert done.as_view("orientation").picture.shape == (48, 64, 3)
    assert done.picture.shape == (48, 64, 3)


def test_the_luma_of_a_jpeg_is_nearly_that_of_its_colours(photo):
    stored, computed = filter_image(photo, "sobel"), filter_image(read_image(photo), "sobel")
    assert stored.image.shape == (48, 64, 1)
    assert np.abs(stored.response - computed.response).max() < 8 * 2 / 255


@pytest.mark.parametrize("view", ["signed", "magnitude", "orientation", "plain"])
@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp"])
def test_what_is_saved_is_what_is_shown(photo, tmp_path, view, suffix):
    done = filter_image(photo, "sobel", view=view, out=tmp_path / f"out{suffix}")
    shown = read_image(tmp_path / f"out{suffix}")
    if view == "signed" and suffix == ".png":
        with Image.open(tmp_path / "out.png") as picture:
            assert picture.mode == "P"
    assert np.array_equal(shown, done.picture)


@pytest.mark.parametrize("suffix", [".jpg", ".jpeg", ".webp"])
def test_lossy_formats_come_near(photo, tmp_path, suffix):
    done = filter_image(photo, "gaussian", out=tmp_path / f"out{suffix}")
    assert np.abs(read_image(tmp_path / f"out{suffix}").astype(int) - done.picture).mean() < 8


def test_sixteen_bits_and_floats_stay_fine_where_the_format_can(tmp_path):
    colours = np.random.default_rng(0).integers(0, 65536, (9, 9, 3), dtype=np.uint16)
    done = filter_image(colours, "box", out=tmp_path / "a.png")
    assert np.array_equal(read_image(tmp_path / "a.png"), done.picture)
    done.save(tmp_path / "a.bmp")
    assert np.array_equal(read_image(tmp_path / "a.bmp"), done.picture >> 8)
    floats = filter_image(colours.astype(np.float32) / 65535, "box", out=tmp_path / "b.png")
    assert np.abs(read_image(tmp_path / "b.png") / 65535 - floats.picture).max() < 1e-5


def test_many_channels_are_filtered_and_the_first_are_drawn(tmp_path):
    done = filter_image(np.random.default_rng(0).random((6, 7, 5)), "box", out=tmp_path / "a.png")
    assert done.response.shape == (6, 7, 5)
    assert read_image(tmp_path / "a.png").shape == (6, 7, 3)


def test_a_camera_that_was_turned_is_turned_back(tmp_path):
    exif = Image.Exif()
    exif[274] = 6
    Image.fromarray(np.repeat(STEP, 2, axis=1)).save(tmp_path / "a.jpg", exif=exif)
    assert filter_image(tmp_path / "a.jpg", "sobel").picture.shape == (12, 6, 3)


def test_a_notebook_shows_the_picture():
    assert filter_image(STEP, "sobel")._repr_png_().startswith(b"\x89PNG")
    assert filter_image(STEP / 255, "box")._repr_png_().startswith(b"\x89PNG")


def test_a_scale_that_is_given_is_used():
    assert filter_image(STEP, "sobel", scale=8.0).full_colour == 8.0


@pytest.mark.bad_input
def test_a_disk_that_is_full_is_told(photo, tmp_path, monkeypatch):
    done = filter_image(photo, "sobel")

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "no space left on device")

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(StorageFull, match="got disk full"):
        done.save(tmp_path / "a.png")


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("kernel", "settings", "error", "wanted"),
    [
        ("sobl", {}, UnknownName, "did you mean 'sobel'"),
        ("sobel", {"view": "sined"}, UnknownName, "did you mean 'signed'"),
        ("sobel", {"padding": "zero"}, UnknownName, "did you mean 'zeros'"),
        ("sobel", {"scale": 0.0}, BadConfig, "got scale=0.0"),
        ("sobel", {"scale": float("nan")}, BadConfig, "got scale=nan"),
        ("sobel", {"out": "a.xyz"}, BadConfig, "got 'a.xyz' to write a picture to"),
        ("laplacian", {"view": "orientation"}, BadConfig, "kernel of no direction"),
        (torch.ones(7, 7), {"padding": "valid"}, BadShape, "got a picture of 6 × 6 pixels and a kernel of 7 × 7"),
        (named_kernel("box", size=13), {}, BadShape, "use padding 'replicate'"),
    ],
)
def test_a_mistake_is_told_before_anything_is_computed(kernel, settings, error, wanted):
    with pytest.raises(error, match=wanted):
        filter_image(STEP, kernel, **settings)


@pytest.mark.bad_input
def test_a_picture_is_never_written_over_itself(photo):
    before = photo.read_bytes()
    with pytest.raises(BadConfig, match="the picture that is read"):
        filter_image(photo, "sobel", out=photo)
    assert photo.read_bytes() == before


@pytest.mark.bad_input
def test_what_is_no_picture_is_refused_by_name(tmp_path):
    (tmp_path / "a.jpg").write_bytes(b"no picture")
    with pytest.raises(BadImage, match=r"a\.jpg"):
        filter_image(tmp_path / "a.jpg", "sobel")


@pytest.mark.bad_input
def test_a_picture_too_large_for_its_format_is_refused(tmp_path):
    with pytest.raises(BadConfig, match=r"taken is what the format holds; use \.png"):
        filter_image(np.zeros((1, 70000), np.uint8), "1", out=tmp_path / "a.jpg")


def test_a_suffix_may_be_in_capitals():
    assert picture_suffix(Path("a.JPG")) == ".jpg"
