"""Means and deviations of cells."""

from __future__ import annotations

import pytest
import torch

from saccade.ops.cell_statistics import cell_statistics


def test_each_cell_has_its_mean_and_its_deviation():
    image = torch.tensor([[0.0, 1.0, 0.5, 0.5], [1.0, 0.0, 0.5, 0.5]])[None, None]
    two = cell_statistics(image.expand(1, 1, 2, 4), cells=1)[0].tolist()
    assert two == pytest.approx([0.5, 0.125**0.5])


def test_small_images_have_as_many_cells_as_pixels():
    assert cell_statistics(torch.rand(2, 3, 4, 5)).shape == (2, 2 * 3 * 4 * 5)
    assert cell_statistics(torch.rand(2, 3, 40, 50)).shape == (2, 2 * 3 * 8 * 8)
