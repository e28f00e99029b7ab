import pytest
import torch

from saccade.errors import BadConfig, BadData, BadShape
from saccade.ops.kernels import KERNELS, named_kernel
from saccade.ops.steering import checked_kernel, direction_of, has_direction, quarter_turned, steered

SLOPE = torch.tensor([[1.0, 0.0, -1.0]])


def test_only_what_half_a_turn_negates_has_a_direction():
    turning = {name for name in KERNELS if has_direction(named_kernel(name))}
    assert turning == {"vertical_edge", "horizontal_edge", "prewitt", "sobel", "scharr", "gaussian_derivative"}
    assert not has_direction(torch.zeros(3, 3))


@pytest.mark.parametrize("angle", [0, 30, 45, 90, 135, 200, 315])
def test_the_direction_is_the_angle_that_a_kernel_was_turned_by(angle):
    assert direction_of(named_kernel("sobel", angle=angle)) == pytest.approx(angle, abs=1e-3)


def test_a_kernel_without_a_first_moment_counts_from_the_left():
    assert direction_of(torch.tensor([[1.0, -2.0, 0.0, 2.0, -1.0]])) == 0.0


def test_a_slope_answers_with_the_cosine_of_the_angle_between():
    """A plane that darkens by 1 a pixel towards 30°, asked at any angle."""
    rows, columns = torch.meshgrid(torch.arange(-1.0, 2), torch.arange(-1.0, 2), indexing="ij")
    towards = torch.deg2rad(torch.tensor(30.0))
    plane = -(columns * towards.cos() + rows * towards.sin())
    for angle in range(0, 360, 15):
        answer = float((steered(named_kernel("sobel"), angle) * plane).sum())
        assert answer == pytest.approx(8 * torch.cos(torch.deg2rad(torch.tensor(angle - 30.0))).item(), abs=1e-4)


def test_a_row_becomes_a_column():
    assert quarter_turned(SLOPE).tolist() == [[1.0], [0.0], [-1.0]]
    assert steered(SLOPE, 90).tolist() == [[0, 1, 0], [0, 0, 0], [0, -1, 0]]


@pytest.mark.bad_input
def test_what_cannot_share_a_middle_is_not_turned():
    with pytest.raises(BadConfig, match="got an angle of 45° with a kernel of 2 × 3; taken are two odd sides"):
        steered(torch.tensor([[1.0, 0.0, -1.0], [1.0, 0.0, -1.0]]), 45)


@pytest.mark.bad_input
def test_a_kernel_has_two_sides_and_finite_numbers():
    for wrong in (torch.zeros(3), torch.zeros(1, 1, 3), torch.zeros(0, 3), torch.zeros(1, 1000)):
        with pytest.raises(BadShape, match="got a kernel of shape"):
            checked_kernel(wrong)
    with pytest.raises(BadData, match="got a kernel with nan in row 1, column 2"):
        checked_kernel(torch.tensor([[1.0, float("nan")]]))
