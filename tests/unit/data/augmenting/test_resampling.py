import math

import numpy as np
import pytest

from saccade.data.augmenting.resampling import resample
from saccade.types.warp import Warp


def warp(a, b, x, y, source, size):
    return Warp(np.array([[a, 0.0, x], [0.0, b, y], [0.0, 0.0, 1.0]]), source, size)


def turned(degrees, factor, source, size):
    angle = math.radians(degrees)
    linear = factor * np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    matrix = np.eye(3)
    matrix[:2, :2] = linear
    matrix[:2, 2] = np.array(size[::-1]) / 2 - linear @ (np.array(source[::-1]) / 2)
    return Warp(matrix, source, size)


TWO = np.array([[[10], [20]], [[30], [40]]], np.uint8)


def test_where_nothing_moves_the_picture_is_itself():
    assert np.shares_memory(resample(TWO, warp(1, 1, 0, 0, (2, 2), (2, 2))), TWO)


@pytest.mark.parametrize(
    ("where", "expected"),
    [
        (warp(-1, 1, 2, 0, (2, 2), (2, 2)), [[20, 10], [40, 30]]),
        (warp(1, -1, 0, 2, (2, 2), (2, 2)), [[30, 40], [10, 20]]),
        (warp(-1, -1, 2, 2, (2, 2), (2, 2)), [[40, 30], [20, 10]]),
        (warp(1, 1, 1, 0, (2, 2), (2, 2)), [[0, 10], [0, 30]]),
        (warp(1, 1, -1, -1, (2, 2), (2, 2)), [[40, 0], [0, 0]]),
        (warp(1, 1, 5, 0, (2, 2), (2, 2)), [[0, 0], [0, 0]]),
        (warp(1, 1, 0, 0, (2, 2), (1, 3)), [[10, 20, 0]]),
        (warp(0.5, 0.5, 0, 0, (2, 2), (1, 1)), [[25]]),
        (warp(1, 0.5, 0, 0, (2, 2), (1, 2)), [[20, 30]]),
        (warp(0.5, 0.5, 1, 0, (2, 2), (1, 2)), [[0, 25]]),
        (warp(1, 1, 0.5, 0, (2, 2), (2, 2)), [[5, 15], [15, 35]]),  # half a pixel: each is the mean of two
    ],
)
def test_a_picture_of_two_by_two(where, expected):
    assert resample(TWO, where)[..., 0].tolist() == expected


def test_a_quarter_turn_moves_whole_pixels():
    image = np.arange(1, 7, dtype=np.uint8).reshape(2, 3, 1)
    quarter = Warp(np.array([[0.0, -1.0, 2.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), (2, 3), (3, 2))
    assert resample(image, quarter)[..., 0].tolist() == [[4, 1], [5, 2], [6, 3]]


@pytest.mark.parametrize("channels", [1, 2, 3, 4, 5, 9])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize("kind", ["straight", "turned", "shrunk", "tiny", "seen from the side", "bent"])
def test_each_channel_moves_alike(channels, dtype, kind):
    image = (np.random.default_rng(0).random((40, 60, channels)) * (255 if dtype == np.uint8 else 1)).astype(dtype)
    side = np.array([[1.0, 0.1, 0.0], [0.05, 0.9, 1.0], [0.004, 0.002, 1.0]])
    where = {
        "straight": warp(0.4, 0.4, 0, 0, (40, 60), (16, 24)),
        "turned": turned(20, 1.0, (40, 60), (30, 30)),
        "shrunk": turned(20, 0.45, (40, 60), (16, 24)),
        "tiny": turned(20, 0.1, (40, 60), (4, 6)),
        "seen from the side": Warp(side, (40, 60), (40, 50)),
        "bent": Warp(np.eye(3), (40, 60), (40, 60), np.random.default_rng(1).uniform(-3, 3, (4, 4, 2))),
    }[kind]
    result = resample(image, where)
    assert (result.shape, result.dtype) == ((*where.size, channels), dtype)
    for channel in range(channels):  # OpenCV has other arithmetic for other numbers of channels
        alone = resample(image[..., channel : channel + 1], where)[..., 0]
        assert np.abs(result[..., channel].astype(float) - alone).max() <= (1 if dtype == np.uint8 else 1e-5)


@pytest.mark.parametrize("factor", [0.9, 0.6, 0.45, 0.3, 0.2, 0.12, 0.05])
@pytest.mark.parametrize("degrees", [0, 30])
def test_fine_stripes_become_their_mean(factor, degrees):
    """Stripes of one pixel cannot be seen once a picture shrinks by two or more; what takes one of them, flickers."""
    stripes = np.zeros((400, 400, 1), np.uint8)
    stripes[:, ::2] = 255
    side = round(400 * factor / 2)
    spread = resample(stripes, turned(degrees, factor, (400, 400), (side, side))).astype(float).std()
    assert spread < 127.5 * (0.25 if factor <= 0.5 else 0.65)  # the stripes themselves have a spread of 127.5


def test_the_middle_of_a_flat_picture_stays_flat():
    flat = np.full((50, 70, 3), 131, np.uint8)
    for degrees, factor in ((10, 1.0), (33, 0.3), (80, 0.1), (5, 3.0)):
        side = max(2, int(25 * factor))
        assert (resample(flat, turned(degrees, factor, (50, 70), (side, side))) == 131).all()


def test_edges_reach_to_the_edge_where_all_of_the_result_is_picture():
    flat = np.full((50, 70, 1), 131, np.uint8)
    assert (resample(flat, warp(0.77, 0.77, -0.3, -0.2, (50, 70), (38, 53))) == 131).all()


def test_beyond_the_picture_is_black():
    result = resample(np.full((20, 20, 1), 255, np.uint8), turned(45, 1.0, (20, 20), (28, 28)))
    assert result[0, 0] == result[-1, -1] == 0
    assert result[14, 14] == 255
    assert result.astype(float).sum() / 255 == pytest.approx(400, rel=0.02)  # its area stays


def test_bicubic_is_sharper_where_a_picture_grows():
    edge = np.zeros((8, 8, 1), np.uint8)
    edge[:, 4:] = 200
    for where in (warp(4, 4, 0, 0, (8, 8), (32, 32)), turned(0.001, 4, (8, 8), (32, 32))):
        linear, cubic = (
            np.diff(resample(edge, where, way)[16, :, 0].astype(int)).max() for way in ("bilinear", "bicubic")
        )
        assert cubic > linear


def test_what_is_given_stays_as_it_is():
    image = np.random.default_rng(0).integers(0, 256, (30, 40, 3), dtype=np.uint8)
    before = image.copy()
    image.setflags(write=False)
    for where in (
        turned(0, 0.3, (30, 40), (9, 12)),
        turned(30, 0.4, (30, 40), (9, 12)),
        warp(-1, 1, 40, 0, (30, 40), (30, 40)),
    ):
        first = resample(image, where)
        kept = first.copy()
        resample(255 - image, where)
        assert np.array_equal(first, kept)  # the memory that is worked in is never handed out
    assert np.array_equal(image, before)
