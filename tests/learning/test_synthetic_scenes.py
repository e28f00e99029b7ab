"""Scenes have no shortcut: what looks at single pixels or at colours stays near chance where a small network learns."""

from __future__ import annotations

import numpy as np
import pytest

import saccade
from saccade.data.opening import open_data

LINE = "conv 16 3 norm, pool 2, conv 32 3 norm, pool 2, conv 64 3 norm, gap, dense 8"
SHAPES = "synthetic:count=1800,size=24,difficulty=0.7"
TEXTURES = "synthetic:task=textures,count=640,size=24,difficulty=0.5"


def drawn(data):
    """The pictures and classes of a data set, for learning and for judging."""
    sources = open_data(data, shares=(0.75, 0.0, 0.25)).splits
    return {
        split: (
            np.stack([source.read(row).image for row in range(len(source))]),
            [source.target(row) for row in range(len(source))],
        )
        for split, source in sources.items()
    }


@pytest.fixture(scope="module")
def shapes():
    return drawn(SHAPES)


def best_linear(pictures, features):
    """The accuracy of the best of some ridge regressions onto the classes, chosen on the test split itself."""
    (known, labels), (new, wanted) = (
        (np.c_[features(images / 255 - 0.5), np.ones(len(images))], np.array(classes))
        for images, classes in (pictures["train"], pictures["test"])
    )
    products, targets = known.T @ known, known.T @ np.eye(labels.max() + 1)[labels]
    found = [np.linalg.solve(products + ridge * np.eye(len(products)), targets) for ridge in (1, 10, 100, 1000)]
    return max(((new @ weights).argmax(1) == wanted).mean() for weights in found)


def raw(images):
    return images.reshape(len(images), -1)


def colour(images):
    return images.mean((1, 2))


def test_no_shortcut_tells_a_shape_that_a_small_network_learns(tmp_path, shapes):
    """Chance is 1 in 8."""
    assert best_linear(shapes, colour) < 0.2
    assert best_linear(shapes, raw) < 0.35
    settings = {"threads": 1, "workers": 1, "epochs": 10, "learning_rate": 1e-2}
    run = saccade.train(shapes, model=LINE, settings=settings, out=tmp_path / "run", listeners=[])
    assert run.evaluate().numbers()["accuracy"][0] >= 0.5


def test_no_shortcut_tells_a_texture():
    pictures = drawn(TEXTURES)
    assert best_linear(pictures, colour) < 0.25
    assert best_linear(pictures, raw) < 0.25


@pytest.mark.full
def test_a_small_network_learns_textures(tmp_path):
    settings = {"threads": 0, "epochs": 16, "learning_rate": 1e-2}
    data = "synthetic:task=textures,count=4000,size=32,difficulty=0.5"
    run = saccade.train(data, model=LINE, settings=settings, out=tmp_path / "run", listeners=[])
    assert run.evaluate().numbers()["accuracy"][0] >= 0.75
