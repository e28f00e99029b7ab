"""Classifiers learn to a target that only a right implementation reaches; each in seconds on two cores."""

from __future__ import annotations

import pytest

import saccade
from saccade.data.opening import open_data


def learned(tmp_path, data, model, **settings):
    """Train, and give the figures on the held-out test split."""
    run = saccade.train(data, model=model, settings={"threads": 1, **settings}, out=tmp_path / "run", listeners=[])
    return {name: value for name, (value, _, _) in run.evaluate().numbers().items()}


def test_lenet_reads_handwritten_digits(tmp_path):
    figures = learned(tmp_path, "digits", "lenet5", epochs=20, learning_rate=3e-3, mirror=False)
    assert figures["accuracy"] >= 0.98


def test_the_network_of_1998_reads_them_too(tmp_path):
    figures = learned(tmp_path, "digits", "lenet5_paper", epochs=16, learning_rate=3e-3, weight_decay=0.0, mirror=False)
    assert figures["accuracy"] >= 0.95


def test_a_residual_network_tells_shapes_apart(tmp_path):
    figures = learned(tmp_path, "synthetic:count=1200,size=24,difficulty=0.3", "resnet8", epochs=8, learning_rate=5e-3)
    assert figures["accuracy"] >= 0.9


def test_a_line_of_layers_tells_shapes_apart(tmp_path):
    line = "conv 16 3 norm, pool 2, conv 32 3 norm, pool 2, conv 64 3 norm, gap, dense 8"
    figures = learned(tmp_path, "synthetic:count=1200,size=24,difficulty=0.3", line, epochs=12, learning_rate=1e-2)
    assert figures["accuracy"] >= 0.9


def test_labels_that_mean_nothing_cannot_be_learned(tmp_path):
    """The control: with shuffled labels the same training stays at chance on images it never saw."""
    import numpy as np

    digits = open_data("digits")
    rng = np.random.default_rng(0)
    pairs = {}
    for split, source in digits.splits.items():
        images = np.stack([source.read(index).image for index in range(len(source))])
        pairs[split] = (images, rng.integers(0, 10, len(source)).tolist())
    figures = learned(tmp_path, pairs, "lenet5", epochs=3, learning_rate=3e-3, mirror=False)
    assert figures["accuracy"] < 0.25


@pytest.mark.full
def test_lenet_reads_mnist(tmp_path, saccade_data):
    data = saccade_data / "mnist" / "mnist.npz"
    figures = learned(tmp_path, data, "lenet5", epochs=8, learning_rate=3e-3, mirror=False, threads=0)
    assert figures["accuracy"] >= 0.99
