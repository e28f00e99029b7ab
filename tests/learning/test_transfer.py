"""What a network learnt on some scenes serves for others: its frozen features beat raw pixels."""

from __future__ import annotations

import numpy as np
import pytest

import saccade
from saccade.data.opening import open_data
from saccade.training import linear_head
from saccade.training.linear_head import LinearHead


def scenes(first: int, last: int, count: int, difficulty: float) -> str:
    """Things of some species, by a name that can be opened."""
    classes = "+".join(f"species{number:03d}" for number in range(first, last))
    return f"synthetic:task=species,count={count},size=32,difficulty={difficulty},classes={classes}"


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Of a network that has learnt to tell sixteen species apart."""
    settings = {"threads": 1, "epochs": 5, "learning_rate": 5e-3, "batch_size": 64}
    out = tmp_path_factory.mktemp("learnt") / "run"
    data = scenes(0, 16, 800, 0.5)
    return saccade.train(data, model="resnet14_half", settings=settings, out=out, listeners=[]).best


@pytest.fixture(scope="module")
def others():
    """Eight species that it has never seen, harder to see: the pictures and classes of each split."""
    sources = open_data(scenes(100, 108, 480, 0.8)).splits
    return {
        split: (
            np.stack([source.read(row).image for row in range(len(source))]),
            [source.target(row) for row in range(len(source))],
        )
        for split, source in sources.items()
    }


@pytest.fixture
def accuracy(others, tmp_path, monkeypatch):
    """The accuracy on pictures that were held out, of a layer on the features of a network with such weights."""
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "cache"))

    def measure(weights):
        settings = {"threads": 1, "transfer": "features", "weights": str(weights)}
        out = tmp_path / "run"
        run = saccade.train(others, model="resnet14_half", settings=settings, out=out, listeners=[])
        return run.evaluate().numbers()["accuracy"][0]

    return measure


TARGET = 0.6


def test_frozen_features_beat_raw_pixels_on_scenes_never_seen(weights, accuracy, others):
    """Chance is 1 in 8; the same layer on raw pixels is the baseline."""
    (known, labels), (new, wanted) = (
        ((images / 255).reshape(len(images), -1).astype(np.float32), np.array(ids))
        for images, ids in (others["train"], others["test"])
    )
    head = linear_head.fit_classes(known, labels, 8)
    on_pixels = ((new @ head.weight.T + head.bias).argmax(1) == wanted).mean()
    assert on_pixels < TARGET - 0.1
    assert accuracy(weights) >= TARGET


def test_a_layer_for_scaled_features_on_plain_ones_misses_it(weights, accuracy, monkeypatch):
    """The control: the scaling must be folded into the layer."""

    def forgotten(weight, bias, mean, deviation, told):
        return LinearHead(weight.astype(np.float32), bias.astype(np.float32), *told)

    monkeypatch.setattr(linear_head, "_unscaled", forgotten)
    assert accuracy(weights) < TARGET
