"""A classifier that is a convolution: it says of each window what it says of that window alone."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from bright_things import BrightThings, BrightWindows
from saccade.api.tiles.convolved import Convolved
from saccade.api.tiles.sliding import Sliding, sliding
from saccade.errors import BadConfig, BadImage
from tiny_predictors import Colour, predictor

NAMES = ("cat", "dog", "background")


def unpadded() -> nn.Module:
    """Takes 12 × 16 pixels; windows lie 4 apart."""
    torch.manual_seed(0)
    network = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 8, 2, stride=2), nn.ReLU(), nn.Flatten(),
        nn.Linear(8 * 2 * 3, 16), nn.ReLU(), nn.Linear(16, 3),
    )  # fmt: skip
    nn.init.normal_(network[-1].weight, std=20)  # it does not say the same of every window
    return network


def model() -> object:
    return predictor(unpadded(), NAMES, size=(12, 16))


def picture(height: int = 44, width: int = 56) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)


def test_each_window_is_named_as_it_is_alone():
    one_by_one = Sliding(model(), [(12, 16)], stride=0.25)
    boxes, probabilities = Convolved(model(), [(12, 16)]).named("x", picture())
    alone = one_by_one.model
    assert len(boxes) == 9 * 11
    for box, row in zip(boxes.astype(int), probabilities, strict=True):
        x1, y1, x2, y2 = box
        assert (x2 - x1, y2 - y1) == (16, 12)
        assert row == pytest.approx(alone(picture()[y1:y2, x1:x2]).probabilities, abs=1e-5)


def test_it_says_whether_padding_makes_a_difference():
    assert Convolved(model(), [(12, 16)]).exact
    padded = nn.Sequential(nn.Conv2d(3, 8, 3, padding=1), nn.ReLU(), nn.Flatten(), nn.Linear(8 * 12 * 16, 3))
    assert not Convolved(predictor(padded, NAMES, size=(12, 16)), [(12, 16)]).exact


def test_where_windows_coincide_it_finds_the_same():
    convolved = Convolved(model(), [(12, 16)], confidence=0.0)
    slow = Sliding(model(), [(12, 16)], stride=0.25, confidence=0.0)
    slow.windows = convolved.windows  # its own steps are a quarter of a side: 3 and 4 pixels
    one, other = convolved(picture()), slow(picture())
    assert len(one) > 3
    assert np.array_equal(one.boxes, other.boxes)
    assert one.confidence == pytest.approx(other.confidence, abs=1e-5)


def test_windows_of_other_sizes_are_seen_on_a_picture_of_another_size():
    convolved = sliding(model(), [(24, 32)], convolutional=True, confidence=0.0)
    boxes = convolved.windows((48, 64))  # seen at 24 × 32: four windows down, five across
    assert boxes.shape == (4 * 5, 4)
    assert boxes[0].tolist() == [0, 0, 32, 24]
    assert boxes[1].tolist() == [8, 0, 40, 24]
    assert boxes[-1].tolist() == [32, 24, 64, 48]
    rows, probabilities = convolved.named("x", picture(48, 64))
    assert np.array_equal(rows, boxes)
    assert probabilities.sum(1) == pytest.approx(1, abs=1e-5)


def test_the_background_is_left_out_and_small_pictures_are_named():
    convolved = Convolved(model(), [(12, 16), (24, 32)], confidence=0.0)
    assert set(convolved(picture()).labels) <= {"cat", "dog"}
    assert len(convolved(picture(13, 17)).boxes) <= 1
    (bad,) = convolved([picture(10, 50)]).bad
    assert "windows of 12 × 16, 24 × 32; taken is a window that fits" in bad.reason


@pytest.mark.bad_input
def test_what_is_no_convolution_is_refused():
    for wrong in (BrightThings(), BrightWindows()):
        with pytest.raises(BadConfig, match="one classifier"):
            sliding(wrong, [12], convolutional=True)
    with pytest.raises(BadConfig, match="Colour"):
        Convolved(predictor(Colour(), NAMES), [12])
    tiny = Convolved(model(), [(2, 2)])
    with pytest.raises(BadImage, match=r"would be made .*; taken are 40,000,000 pixels"):
        tiny(np.zeros((1200, 1200, 3), np.uint8))
