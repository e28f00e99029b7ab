import json

import numpy as np
import pytest
from PIL import Image

from saccade.data.reading import read_image


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """photo.jpg, and photos/ with two more of one name."""
    monkeypatch.chdir(tmp_path)
    generator = np.random.default_rng(0)
    for name in ("photo.jpg", "photos/a/one.png", "photos/b/one.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(generator.integers(0, 256, (12, 16, 3), dtype=np.uint8)).save(tmp_path / name)
    return tmp_path


def test_without_words_the_kernels_are_listed(saccade_command):
    done = saccade_command("filter")
    assert done.code == 0
    assert done.out.splitlines()[0].split() == ["name", "numbers", "flags", "for"]
    rows = {line.split()[0]: line for line in done.out.splitlines()}
    assert "1 0 -1; 2 0 -2; 1 0 -1" in rows["sobel"]
    assert "--angle" in rows["sobel"]
    assert "--size --sigma" in rows["gaussian"]
    assert json.loads(saccade_command("filter", "--list", "--json").out)["sobel"]["flags"] == ["--angle"]


def test_a_kernel_alone_is_printed(saccade_command):
    assert saccade_command("filter", "sobel", "--angle", "90").out.splitlines() == [
        " 1   2   1",
        " 0   0   0",
        "-1  -2  -1",
    ]
    assert json.loads(saccade_command("filter", "-1 0 1", "--json").out) == [[-1, 0, 1]]


def test_a_photo_is_filtered_beside_itself(saccade_command, folder):
    done = saccade_command("filter", "sobel", "photo.jpg")
    assert done.code == 0
    assert done.out.startswith("photo-sobel.png   signed, full colour at ±")
    assert read_image(folder / "photo-sobel.png").shape == (12, 16, 3)


def test_a_kernel_is_given_as_numbers(saccade_command, folder):
    done = saccade_command("filter", "0 -1 0; -1 5 -1; 0 -1 0", "photo.jpg", "--out", "sharp.png")
    assert done.out == "sharp.png   plain\n"
    saccade_command("filter", "sharpen", "photo.jpg")
    assert np.array_equal(read_image(folder / "sharp.png"), read_image(folder / "photo-sharpen.png"))


def test_all_views_are_drawn(saccade_command, folder):
    done = saccade_command("filter", "sobel", "photo.jpg", "--view", "all", "--angle", "45", "--out", "edges")
    names = [f"edges/photo-sobel-45-{view}.png" for view in ("signed", "magnitude", "orientation")]
    assert [line.split()[0] for line in done.out.splitlines()] == names
    assert all((folder / name).exists() for name in names)
    assert len(saccade_command("filter", "laplacian", "photo.jpg", "--view", "all").out.splitlines()) == 2


def test_a_folder_is_filtered_and_no_two_pictures_share_a_file(saccade_command, folder):
    done = saccade_command("filter", "gaussian", "photos", "photo.jpg", "--sigma", "0.8", "--out", "soft")
    assert [line.split()[0] for line in done.out.splitlines()] == [
        "soft/one-gaussian.png", "soft/one-gaussian-2.png", "soft/photo-gaussian.png",
    ]  # fmt: skip


def test_what_is_read_is_never_written_over(saccade_command, folder):
    (folder / "photo-box.png").write_bytes((folder / "photos/a/one.png").read_bytes())
    before = (folder / "photo-box.png").read_bytes()
    done = saccade_command("filter", "box", "photo.jpg", "photo-box.png")
    assert [line.split()[0] for line in done.out.splitlines()] == ["photo-box-2.png", "photo-box-box.png"]
    assert (folder / "photo-box.png").read_bytes() == before


def test_json_has_the_numbers(saccade_command, folder):
    values = json.loads(saccade_command("filter", "laplacian", "photo.jpg", "--scale", "2", "--json").out)
    assert values == {
        "key": "photo.jpg", "out": "photo-laplacian.png", "view": "signed", "full_colour": 2.0,
        "kernel": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    }  # fmt: skip


@pytest.mark.bad_input
def test_a_bad_file_among_good_ones_is_named_counted_and_left_out(saccade_command, folder):
    (folder / "photos" / "bad.jpg").write_bytes(b"no picture")
    done = saccade_command("filter", "sobel", "photos", "--out", "edges")
    assert done.code == 0
    assert len(done.out.splitlines()) == 2
    assert done.err.startswith("saccade: left out photos/bad.jpg: got ")
    assert done.err.endswith("saccade: 2 filtered, 1 left out\n")
    assert saccade_command("filter", "box", "photos", "--size", "101", "--out", "edges").code == 2


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["sobl", "photo.jpg"], "did you mean 'sobel'?"),
        (["sobel", "nothing.jpg"], "nothing.jpg: got a file that cannot be opened"),
        (["sobel", "photo.jpg", "--view", "sined"], "did you mean 'signed'?"),
        (["sobel", "photo.jpg", "--angle", "x"], "got --angle 'x'"),
        (["sobel", "photo.jpg", "--angle", "nan"], "got an angle of nan"),
        (["sobel", "photo.jpg", "--size", "5"], "got size=5 with sobel"),
        (["sobel", "photo.jpg", "--scale", "-1"], "got scale=-1.0"),
        (["sobel", "photo.jpg", "--out", "photo.jpg"], "the picture that is read"),
        (["sobel", "photo.jpg", "--out", "a.xyz"], "taken are names that end in .png"),
        (["sobel", "photos", "--out", "a.png"], "got --out a.png for several pictures"),
        (["sobel", "photo.jpg", "--view", "all", "--out", "a.png"], "got --out a.png for several pictures"),
        (["laplacian", "photo.jpg", "--view", "orientation"], "kernel of no direction"),
        (["1 nan", "photo.jpg"], "got 'nan' in a kernel"),
        (["1 2; 3", "photo.jpg"], "got a kernel with rows of 2, 1 numbers"),
        (["box", "photo.jpg", "--size", "13", "--padding", "valid"], "taken is a kernel that fits inside"),
        (["box", "photo.jpg", "--size", "25"], "use padding 'replicate'"),
    ],
)
def test_a_mistake_is_told(saccade_command, folder, words, wanted):
    before = (folder / "photo.jpg").read_bytes()
    done = saccade_command("filter", *words)
    assert (done.code, done.out) == (2, "")
    assert wanted in done.err
    assert (folder / "photo.jpg").read_bytes() == before
