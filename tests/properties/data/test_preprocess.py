"""What holds for pictures of every size."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from saccade.data.preprocess import preprocess, to_images
from saccade.types.preprocessing import Preprocessing

sides = st.integers(1, 40)
fits = st.sampled_from(["crop", "pad", "stretch"])
types = st.sampled_from([np.uint8, np.uint16, np.float32])


def levels(dtype):
    return st.floats(0, 1, width=32) if dtype == np.float32 else st.integers(0, np.iinfo(dtype).max)


@st.composite
def pictures(draw, channels=(1, 3)):
    shape = (draw(sides), draw(sides), draw(st.sampled_from(channels)))
    dtype = draw(types)
    return draw(arrays(dtype, shape, elements=levels(dtype), fill=levels(dtype)))


def taking(height, width, channels, fit):
    return Preprocessing((height, width), channels, (0.5,) * channels, (0.5,) * channels, fit)


takings = st.tuples(sides, sides, st.sampled_from((1, 3)), fits)


@given(pictures(channels=(1, 2, 3, 4)), takings)
def test_the_result_is_what_the_network_takes(image, taken):
    preprocessing = taking(*taken)
    result = preprocess(image, preprocessing)
    assert result.shape == (*preprocessing.size, preprocessing.channels)
    assert result.dtype == (np.uint8 if image.dtype == np.uint8 else np.float32)
    images = to_images([result])
    assert images.shape == (1, preprocessing.channels, *preprocessing.size)
    assert 0 <= images.min() <= images.max() <= 1


@given(pictures(), takings)
def test_doing_it_twice_changes_nothing_more(image, taken):
    preprocessing = taking(*taken)
    once = preprocess(image, preprocessing)
    assert preprocess(once, preprocessing) is once


@given(st.integers(0, 255), sides, sides, st.tuples(sides, sides, st.just(1), fits))
def test_a_flat_picture_stays_flat(level, height, width, taken):
    preprocessing = taking(*taken)
    image = np.full((height, width, 1), level, np.uint8)
    allowed = {level, 0} if preprocessing.fit == "pad" else {level}
    assert {*preprocess(image, preprocessing).ravel().tolist()} <= allowed


@given(pictures(), takings)
def test_a_mirrored_picture_gives_the_mirrored_result(image, taken):
    """Where the cut and the padding are even; a middle between two pixels leans to one side."""
    preprocessing = taking(*taken)
    height, width = preprocessing.size
    mirrored = preprocess(np.ascontiguousarray(image[:, ::-1]), preprocessing)
    if preprocessing.fit == "stretch" or image.shape[:2] == (height, width):
        straight = preprocess(image, preprocessing)
        tolerance = 1 if straight.dtype == np.uint8 else 1e-5
        np.testing.assert_allclose(mirrored[:, ::-1].astype(float), straight, atol=tolerance)
