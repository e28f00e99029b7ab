import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from saccade.data.augmentation import Mirror, PaddedCrop, augment, standard
from saccade.data.randomness import Draws
from saccade.types.boxes import Boxes
from saccade.types.sample import Sample

images = arrays.arrays(np.uint8, st.tuples(st.integers(1, 12), st.integers(1, 12), st.sampled_from([1, 3])))
words = st.integers(0, 2**63)


@given(images, words)
def test_mirroring_twice_changes_nothing(image, word):
    once = Mirror(1.0).apply(Sample(image, 1, "k"), Draws(word))
    assert np.array_equal(Mirror(1.0).apply(once, Draws(word)).image, image)


@given(images, words, st.floats(0, 1))
def test_a_crop_is_a_window_of_the_padded_picture(image, word, rate):
    height, width, _ = image.shape
    margin = int(rate * height + 0.5)
    across = min(margin, width)
    padded = np.pad(image, ((margin, margin), (across, across), (0, 0)))
    moved = PaddedCrop(rate).apply(Sample(image), Draws(word)).image
    assert any(
        np.array_equal(moved, padded[top : top + height, left : left + width])
        for top in range(2 * margin + 1)
        for left in range(2 * across + 1)
    )


@given(images, words)
def test_the_same_words_change_it_the_same_way_and_leave_it_alone(image, word):
    before = image.copy()
    changes = standard(mirror=True, crop_rate=0.25)
    first, second = (augment(Sample(image), changes, Draws(word)).image for _ in range(2))
    assert np.array_equal(first, second)
    assert np.array_equal(image, before)


@given(st.integers(2, 16), st.integers(2, 16), words, st.data())
def test_a_box_follows_its_picture(height, width, word, data):
    top, left = data.draw(st.integers(0, height - 1)), data.draw(st.integers(0, width - 1))
    bottom, right = data.draw(st.integers(top + 1, height)), data.draw(st.integers(left + 1, width))
    image = np.zeros((height, width, 1), np.uint8)
    image[top:bottom, left:right] = 255
    boxes = Boxes(torch.tensor([[left, top, right, bottom]], dtype=torch.float32), (height, width))
    moved = augment(Sample(image, boxes), standard(mirror=True, crop_rate=0.5), Draws(word))
    x1, y1, x2, y2 = moved.target.coordinates[0].int().tolist()
    expected = np.zeros((height, width), bool)
    expected[y1:y2, x1:x2] = True
    assert np.array_equal(moved.image[..., 0] > 0, expected)
