import pytest
import torch

from saccade.errors import BadConfig, UnknownName
from saccade.ops.kernels import KERNELS, kernel_text, named_kernel, parse_kernel, read_kernel

MATRICES = {
    "vertical_edge": [[1, 0, -1], [1, 0, -1], [1, 0, -1]],
    "horizontal_edge": [[1, 1, 1], [0, 0, 0], [-1, -1, -1]],
    "prewitt": [[1, 0, -1], [1, 0, -1], [1, 0, -1]],
    "sobel": [[1, 0, -1], [2, 0, -2], [1, 0, -1]],
    "scharr": [[3, 0, -3], [10, 0, -10], [3, 0, -3]],
    "laplacian": [[0, 1, 0], [1, -4, 1], [0, 1, 0]],
    "laplacian8": [[1, 1, 1], [1, -8, 1], [1, 1, 1]],
    "sharpen": [[0, -1, 0], [-1, 5, -1], [0, -1, 0]],
    "emboss": [[-1, 0, 1], [-1, 1, 1], [-1, 0, 1]],
    "identity": [[0, 0, 0], [0, 1, 0], [0, 0, 0]],
}


@pytest.mark.parametrize("name", MATRICES)
def test_a_kernel_has_the_numbers_that_its_name_stands_for(name):
    assert named_kernel(name).tolist() == MATRICES[name]


@pytest.mark.parametrize("name", KERNELS)
def test_derivatives_sum_to_zero_and_everything_else_to_one(name):
    derivative = "edge" in name or "laplacian" in name or name in ("prewitt", "sobel", "scharr", "gaussian_derivative")
    assert float(named_kernel(name).sum()) == pytest.approx(0.0 if derivative else 1.0, abs=1e-6)


def test_a_quarter_turn_asks_for_light_above_dark():
    assert named_kernel("vertical_edge", angle=90).equal(named_kernel("horizontal_edge"))
    assert named_kernel("sobel", angle=90).tolist() == [[1, 2, 1], [0, 0, 0], [-1, -2, -1]]
    assert named_kernel("sobel", angle=180).equal(-named_kernel("sobel"))
    assert named_kernel("sobel", angle=270).equal(-named_kernel("sobel", angle=90))
    assert named_kernel("sobel", angle=360).equal(named_kernel("sobel"))


def test_sobel_at_45_degrees_asks_along_the_diagonal():
    half = 2**-0.5
    expected = half * torch.tensor([[2.0, 2.0, 0.0], [2.0, 0.0, -2.0], [0.0, -2.0, -2.0]])
    assert torch.allclose(named_kernel("sobel", angle=45), expected)


def test_emboss_is_turned_around_the_picture_that_it_keeps():
    assert named_kernel("emboss", angle=90).tolist() == [[-1, -1, -1], [0, 1, 0], [1, 1, 1]]


def test_a_blur_is_as_wide_as_it_is_asked_to_be():
    assert named_kernel("box", size=5).tolist() == [[pytest.approx(1 / 25)] * 5] * 5
    assert named_kernel("gaussian").shape == (7, 7)
    assert named_kernel("gaussian", sigma=2.0).shape == (13, 13)
    assert named_kernel("gaussian", sigma=2.0, size=3).shape == (3, 3)
    middle = named_kernel("gaussian", sigma=1.0)[3]
    assert float(middle[4] / middle[3]) == pytest.approx(0.60653066)  # e^(-1/2)


def test_a_gaussian_derivative_answers_one_to_a_slope_of_one():
    kernel = named_kernel("gaussian_derivative", sigma=1.5)
    slope = -torch.arange(kernel.shape[1]).float().expand_as(kernel)
    assert float((kernel * slope).sum()) == pytest.approx(1.0, abs=1e-5)


def test_unsharp_is_twice_the_picture_less_its_blur():
    blur = named_kernel("gaussian", sigma=1.0)
    blur[3, 3] -= 2.0
    assert torch.allclose(named_kernel("unsharp", sigma=1.0), -blur)


def test_a_name_may_be_written_with_dashes_and_capitals():
    assert named_kernel(" Vertical-Edge ").equal(named_kernel("vertical_edge"))


@pytest.mark.parametrize("text", ["1 0 -1; 2 0 -2; 1 0 -1", "1,0,-1;2,0,-2;1,0,-1;", "1 0 -1\n2 0 -2\n1 0 -1\n"])
def test_a_text_is_rows_of_numbers(text):
    assert parse_kernel(text).equal(named_kernel("sobel"))


def test_fractions_and_decimals_are_numbers():
    assert parse_kernel("1/4 -.5 2e-1").tolist() == [[0.25, -0.5, pytest.approx(0.2)]]


@pytest.mark.parametrize("name", [name for name in KERNELS if "gaussian" not in name and name != "unsharp"])
def test_what_is_written_can_be_read(name):
    kernel = named_kernel(name)
    assert torch.allclose(parse_kernel(kernel_text(kernel)), kernel)


def test_a_word_is_a_name_and_anything_else_a_text():
    assert read_kernel("sobel", angle=90).equal(read_kernel("1 0 -1; 2 0 -2; 1 0 -1", angle=90))
    assert read_kernel("5").tolist() == [[5.0]]


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("", "got a kernel without numbers, ''"),
        (" ; ;", "got a kernel without numbers"),
        ("1 0 -1; 1 0", "got a kernel with rows of 3, 2 numbers"),
        ("1 nan", "got 'nan' in a kernel"),
        ("1 inf", "got 'inf' in a kernel"),
        ("1/0 1", "got '1/0' in a kernel"),
        ("1e999 1", "got '1e999' in a kernel"),
        ("1_0 1", "got '1_0' in a kernel"),
        ("1 two", "got 'two' in a kernel"),
        ("1e39 1", "got a kernel with inf in row 1, column 1"),
    ],
)
def test_a_text_that_is_no_kernel_is_refused(text, wanted):
    with pytest.raises(ValueError, match="; taken ") as caught:
        read_kernel(text)
    assert str(caught.value).startswith(wanted)


@pytest.mark.bad_input
def test_an_unknown_name_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="did you mean 'sobel'"):
        read_kernel("sobl")


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("word", "settings", "wanted"),
    [
        ("box", {"angle": 30}, "got an angle of 30° with box"),
        ("sobel", {"size": 5}, "got size=5 with sobel"),
        ("box", {"sigma": 1.0}, "got sigma=1.0 with box"),
        ("gaussian", {"size": 4}, "got size=4; taken are odd numbers"),
        ("gaussian", {"size": 1001}, "got size=1001"),
        ("gaussian", {"sigma": 0.0}, "got sigma=0.0"),
        ("gaussian", {"sigma": float("nan")}, "got sigma=nan"),
        ("gaussian", {"sigma": 1e9}, "got sigma=1000000000.0"),
        ("sobel", {"angle": float("inf")}, "got an angle of inf"),
        ("1 2 3", {"angle": 30}, "got an angle of 30° with a kernel of no direction"),
        ("1 2 3", {"size": 3}, "got size=3 with a kernel as numbers"),
    ],
)
def test_a_setting_that_is_not_for_this_kernel_is_refused(word, settings, wanted):
    with pytest.raises(BadConfig, match="; taken ") as caught:
        read_kernel(word, **settings)
    assert str(caught.value).startswith(wanted)
