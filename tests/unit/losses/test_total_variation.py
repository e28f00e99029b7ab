"""How rough a picture is, by hand."""

import math

import pytest
import torch

from saccade.losses.total_variation import total_variation


def drawn(*shape: int) -> torch.Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def transcribed(images: torch.Tensor) -> float:
    """The mean of √((I_{y,x+1} − I_{y,x})² + (I_{y+1,x} − I_{y,x})²), one pixel at a time."""
    lengths = [
        math.hypot(rows[y][x + 1] - rows[y][x], rows[y + 1][x] - rows[y][x])
        for channels in images.tolist()
        for rows in channels
        for y in range(len(rows) - 1)
        for x in range(len(rows[0]) - 1)
    ]
    return sum(lengths) / len(lengths)


def test_it_is_its_formula() -> None:
    images = drawn(2, 3, 5, 7)
    assert total_variation(images).item() == pytest.approx(transcribed(images), rel=1e-5)


def test_a_ramp_has_its_slope_however_long() -> None:
    for length in (4, 40):
        ramp = (0.25 * torch.arange(length)).expand(1, 1, 3, length)
        assert total_variation(ramp).item() == pytest.approx(0.25, rel=1e-6)
        assert total_variation(ramp.mT.contiguous()).item() == pytest.approx(0.25, rel=1e-6)


def test_one_colour_has_next_to_none_and_a_gradient_of_nothing() -> None:
    flat = torch.full((1, 3, 4, 4), 0.3, requires_grad=True)
    rough = total_variation(flat)
    assert rough.item() == pytest.approx(1e-4)
    assert torch.autograd.grad(rough, flat)[0].abs().max().item() == 0


def test_its_gradient_is_that_of_finite_differences() -> None:
    assert torch.autograd.gradcheck(total_variation, drawn(1, 2, 4, 4).requires_grad_())
