"""Maps of classes and of depth: they follow their image."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from saccade.errors import BadLabel
from saccade.types.pixel_map import PixelMap
from saccade.types.warp import Warp


def test_classes_leave_out_what_is_outside() -> None:
    assert PixelMap(torch.tensor([[0, 3], [255, 3]], dtype=torch.uint8)).classes == (0, 3)


def test_a_crop_beyond_the_image_is_outside() -> None:
    cropped = PixelMap(torch.tensor([[1, 2], [3, 4]], dtype=torch.uint8)).crop(1, -1, (2, 2))
    assert cropped.values.tolist() == [[255, 3], [255, 255]]
    assert cropped.values.dtype == torch.uint8


def test_depth_beyond_the_image_is_infinite() -> None:
    assert PixelMap(torch.tensor([[1.5]]), outside=float("inf")).crop(0, 0, (1, 2)).values.tolist() == [[1.5, np.inf]]


def test_scale_takes_the_pixel_under_each_centre() -> None:
    assert PixelMap(torch.tensor([[1, 2, 3, 4]])).scale((1, 2)).values.tolist() == [[2, 4]]
    assert PixelMap(torch.tensor([[1, 2]])).scale((2, 4)).values.tolist() == [[1, 1, 2, 2]] * 2


def test_a_warp_by_a_mirror_is_a_mirror() -> None:
    some = PixelMap(torch.arange(6).reshape(2, 3))
    mirror = Warp(np.array([[-1.0, 0, 3], [0, 1, 0], [0, 0, 1]]), (2, 3), (2, 3))
    assert some.warp(mirror).values.tolist() == some.mirror().values.tolist() == [[2, 1, 0], [5, 4, 3]]


@pytest.mark.bad_input
def test_a_map_in_colours_is_refused() -> None:
    with pytest.raises(BadLabel, match="a mask in colours"):
        PixelMap(torch.zeros(4, 4, 3))
