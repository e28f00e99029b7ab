"""Views against a slow and obvious version, pixel by pixel, and against single predictions of cut-out pictures."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

import saccade
from saccade.api.ensembles.views import Views
from saccade.data.preprocess import preprocess
from saccade.types.preprocessing import Preprocessing
from tiny_predictors import predictor


class Places(nn.Module):
    """Every pixel counts with a weight of its own, so that no two views of a picture give the same answer."""

    def forward(self, images):
        weights = torch.rand(3, *images.shape[1:], generator=torch.Generator().manual_seed(0)) - 0.5
        return torch.einsum("nchw,kchw->nk", images, weights)


def slow_views(image: np.ndarray, own: Preprocessing, crops: int, flips: bool) -> list[np.ndarray]:
    """Make the picture 8/7 larger, cut, mirror: every pixel by its own assignment."""
    (height, width), larger = own.size, tuple(-(-side * 8 // 7) for side in own.size)
    whole = preprocess(image, Preprocessing(larger, own.channels, own.mean, own.std, fit=own.fit))
    tops, lefts = (0, larger[0] - height), (0, larger[1] - width)
    middle = round((larger[0] - height) / 2), round((larger[1] - width) / 2)
    corners = [(top, left) for top in tops for left in lefts] + [middle]
    views = []
    for mirrored in (False, True) if flips or crops == 10 else (False,):
        for top, left in corners:
            view = np.zeros((height, width, own.channels), np.uint8)
            for row in range(height):
                for column in range(width):
                    source = width - 1 - column if mirrored else column
                    view[row, column] = whole[top + row, left + source]
            views.append(view)
    return views


@pytest.mark.parametrize("shape", [(40, 60), (61, 23), (32, 28)])
@pytest.mark.parametrize(("crops", "flips"), [(5, False), (5, True), (10, False)])
@pytest.mark.parametrize("fit", ["crop", "pad", "stretch"])
def test_crops_are_those_of_the_slow_version(shape, crops, flips, fit) -> None:
    image = np.random.default_rng(0).integers(0, 256, (*shape, 3), dtype=np.uint8)
    own = Preprocessing((32, 28), 3, (0.0,) * 3, (1.0,) * 3, fit=fit)
    (look,) = Views(crops=crops, flips=flips).looks(own)
    whole = torch.from_numpy(preprocess(image, look.preprocessing)).permute(2, 0, 1)[None].float()
    parts = [part[0].permute(1, 2, 0).numpy() for part in look.parts(whole)]
    wanted = slow_views(image, own, crops, flips)
    assert len(parts) == len(wanted)
    for part, view in zip(parts, wanted, strict=True):
        np.testing.assert_array_equal(part, view)


@pytest.mark.parametrize("count", [1, 3])
def test_an_ensemble_of_views_is_the_mean_of_single_predictions(count) -> None:
    """Cut out by hand and predicted one by one; the network sees pictures of just its size, unchanged."""
    images = np.random.default_rng(1).integers(0, 256, (count, 21, 30, 3), dtype=np.uint8)
    model = predictor(Places(), size=(14, 14))
    together = saccade.predict(model, images, views=Views(crops=10))
    for image, prediction in zip(images, together, strict=True):
        views = slow_views(image, model.description.preprocessing, 10, False)
        singles = [model(view).probabilities for view in views]
        assert np.std(singles, axis=0).max() > 1e-3
        np.testing.assert_allclose(prediction.probabilities, np.mean(singles, axis=0), atol=1e-6)


def test_the_centre_crop_is_what_published_preprocessing_cuts_out() -> None:
    image = np.random.default_rng(2).integers(0, 256, (50, 70, 3), dtype=np.uint8)
    own = Preprocessing((28, 28), 3, (0.0,) * 3, (1.0,) * 3, scaled=(32, 32))
    (look,) = Views(crops=5).looks(own)
    whole = torch.from_numpy(preprocess(image, look.preprocessing)).permute(2, 0, 1)[None].float()
    centre = list(look.parts(whole))[4][0].permute(1, 2, 0).numpy()
    assert np.abs(centre.astype(int) - preprocess(image, own)).max() <= 1  # resampled once, from other corners
