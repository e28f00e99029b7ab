"""Gradient descent recovers a kernel that it never saw, from noise and from a picture like a photograph."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from saccade.api.filters.learned import learn_filter
from saccade.ops.kernels import KERNELS, named_kernel


def natural(side: int = 128) -> np.ndarray:
    """Noise at every scale, each as strong as the others, as in photographs."""
    generator, picture = np.random.default_rng(0), np.zeros((side, side))
    for size in (2, 4, 8, 16, 32, 64, 128):
        noise = Image.fromarray(generator.standard_normal((size, size)).astype(np.float32))
        picture += np.asarray(noise.resize((side, side), Image.Resampling.BICUBIC))
    return (255 * (picture - picture.min()) / np.ptp(picture)).astype(np.uint8)


def test_sobel_is_recovered_from_noise():
    learned = learn_filter("sobel", steps=40)
    assert learned.error < 1e-3
    assert learned.losses[-1] < 1e-6 * learned.losses[0]


def test_sobel_is_recovered_from_a_picture_whose_neighbours_are_alike():
    learned = learn_filter("sobel", natural(), steps=500)
    assert learned.condition > 100
    assert learned.error < 1e-3


@pytest.mark.parametrize("name", KERNELS)
def test_every_named_kernel_is_recovered(name):
    learned = learn_filter(name, steps=200)
    assert (learned.kernel - named_kernel(name)).abs().max() < 1e-3


def test_a_few_steps_are_not_enough_on_such_a_picture():
    """The control: what is compared is what descent found, not the target handed through."""
    assert learn_filter("sobel", natural(), steps=10).error > 0.1
