"""Resampling against the slow obvious version: sixteen by sixteen points in each pixel, looked up one by one."""

import math

import numpy as np
import pytest

from saccade.data.augmenting.resampling import resample
from saccade.types.warp import Warp

POINTS = 16


def looked_up(image, where):
    """The mean of what the points of each pixel show, each between the four pixels around it; beyond the edge is 0."""
    height, width = where.size
    y, x = np.mgrid[: height * POINTS, : width * POINTS]
    points = np.stack([x + 0.5, y + 0.5, np.full(x.shape, POINTS, float)], -1) / POINTS
    if where.field is not None:
        points[..., :2] += where._shift(points[..., :2].reshape(-1, 2)).reshape(*x.shape, 2)
    there = points @ np.linalg.inv(where.matrix).T
    at = there[..., :2] / there[..., 2:] - 0.5
    padded = np.pad(image.astype(float), ((1, 1), (1, 1), (0, 0)))
    at = np.clip(at + 1, 0, np.array(padded.shape[1::-1]) - 1.001)
    left, top = np.floor(at).astype(int).transpose(2, 0, 1)
    fx, fy = (at - np.floor(at)).transpose(2, 0, 1)[..., None]
    upper = padded[top, left] * (1 - fx) + padded[top, left + 1] * fx
    lower = padded[top + 1, left] * (1 - fx) + padded[top + 1, left + 1] * fx
    shown = upper * (1 - fy) + lower * fy
    return shown.reshape(height, POINTS, width, POINTS, -1).mean((1, 3))


def photograph(height=60, width=80):
    """Smooth shapes and edges, as in a photograph."""
    y, x = np.mgrid[:height, :width]
    waves = [128 + 100 * np.sin(x / a + y / b) for a, b in ((5, 9), (-7, 4), (11, 13))]
    image = np.stack(waves, 2)
    image[20:40, 30:50] = (230, 40, 90)
    return np.clip(np.rint(image), 0, 255).astype(np.uint8)


def similar(degrees, factor, size, source=(60, 80)):
    angle, matrix = math.radians(degrees), np.eye(3)
    matrix[:2, :2] = factor * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    matrix[:2, 2] = np.array(size[::-1]) / 2 - matrix[:2, :2] @ (np.array(source[::-1]) / 2)
    return Warp(matrix, source, size)


SIDE = Warp(np.array([[0.5, 0.05, 0.0], [0.02, 0.45, 1.0], [0.002, 0.001, 1.0]]), (60, 80), (24, 30))
BENT = Warp(np.diag([0.5, 0.5, 1.0]), (60, 80), (30, 40), np.random.default_rng(0).uniform(-2, 2, (4, 5, 2)))


@pytest.mark.parametrize(
    ("where", "least"),
    [
        (similar(0, 0.75, (45, 60)), 35), (similar(0, 0.5, (30, 40)), 40), (similar(0, 0.25, (15, 20)), 40),
        (similar(25, 0.9, (40, 40)), 33), (similar(25, 0.5, (20, 20)), 38), (similar(70, 0.3, (12, 12)), 38),
        (similar(10, 0.1, (6, 8)), 30), (SIDE, 36), (BENT, 36),
    ],
)  # fmt: skip
def test_it_is_near_to_an_average_over_each_pixel(where, least):
    image = photograph()
    error = resample(image, where) - looked_up(image, where)
    inside = np.s_[2:-2, 2:-2] if min(where.size) > 8 else np.s_[1:-1, 1:-1]
    assert 10 * math.log10(255**2 / np.mean(error[inside] ** 2)) > least


def test_bent_pictures_follow_the_origins_that_the_warp_names():
    """A ramp shows for each pixel of the result where it comes from."""
    ramp = np.stack(np.broadcast_arrays(np.arange(80) + 0.5, (np.arange(60) + 0.5)[:, None]), 2).astype(np.float32)
    for where in (
        Warp(np.eye(3), (60, 80), (60, 80), np.random.default_rng(0).uniform(-3, 3, (4, 5, 2))),
        Warp(SIDE.matrix, (60, 80), (24, 30), np.random.default_rng(1).uniform(-1, 1, (3, 3, 2))),
        similar(20, 0.9, (40, 40)), SIDE,
    ):  # fmt: skip
        shown, origins = resample(ramp, where), where.origins()
        inside = ((origins > 2) & (origins < [78, 58])).all(-1)
        assert inside.sum() > 100
        assert np.abs(shown - origins)[inside].max() < 0.1
