import numpy as np
import pytest

from saccade.data.scenes.covering import inside
from saccade.data.scenes.tracing import traced


def filled(mask):
    whole = np.zeros_like(mask)
    for ring in traced(mask):
        whole |= inside(ring, mask.shape)
    return whole


def test_one_pixel_is_a_square():
    assert traced(np.array([[False, True]]))[0].tolist() == [[1, 0], [2, 0], [2, 1], [1, 1]]


def test_pieces_have_a_ring_each_and_a_hole_is_part_of_its_ring():
    assert traced(np.zeros((3, 3), bool)) == []
    assert len(traced(np.array([[True, False, True]]))) == 2
    assert len(traced(np.array([[True, False], [False, True]]))) == 2
    frame = np.ones((3, 3), bool)
    frame[1, 1] = False
    assert len(traced(frame)) == 1
    assert np.array_equal(filled(frame), frame)


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8])
def test_outlines_fill_to_the_same_mask(share):
    generator = np.random.default_rng(1)
    for _ in range(60):
        mask = generator.random((8, 9)) < share
        assert np.array_equal(filled(mask), mask)
