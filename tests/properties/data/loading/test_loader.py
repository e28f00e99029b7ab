import numpy as np
import torch
from hypothesis import given
from hypothesis import strategies as st

from saccade.data.arrays import Arrays
from saccade.data.augmentations.recipes import standard
from saccade.data.loading.loader import Loader
from saccade.types.preprocessing import Preprocessing

GREY = Preprocessing((5, 6), 1, (0.0,), (1.0,))


def make(count, batch_size, seed, augmented):
    images = np.random.default_rng(0).integers(0, 256, (count, 5, 6, 1), np.uint8)
    source = Arrays(images, tuple(range(count)), "x", np.arange(count))
    changes = standard(mirror=True, crop_rate=0.4) if augmented else ()
    return Loader(source, GREY, torch.tensor, batch_size=batch_size, seed=seed, augmentations=changes)


@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 9), st.integers(0, 9), st.booleans())
def test_an_epoch_has_every_image_once(count, batch_size, seed, epoch, augmented):
    loader = make(count, batch_size, seed, augmented)
    batches = list(loader.epoch(epoch))
    assert sorted(label for batch in batches for label in batch.targets.tolist()) == list(range(count))
    assert len(batches) == loader.steps
    assert all(len(batch) > 1 for batch in batches) or batch_size == 1 or count == 1
    assert all(len(batch) <= batch_size + 1 for batch in batches)


@given(st.integers(1, 40), st.integers(1, 12), st.integers(0, 9), st.integers(0, 9), st.data())
def test_resuming_gives_the_rest_bit_for_bit(count, batch_size, seed, epoch, data):
    whole = list(make(count, batch_size, seed, True).epoch(epoch))
    start = data.draw(st.integers(0, len(whole)))
    rest = list(make(count, batch_size, seed, True).epoch(epoch, start))
    assert len(rest) == len(whole) - start
    for one, other in zip(rest, whole[start:], strict=True):
        assert one.keys == other.keys
        assert torch.equal(one.images, other.images)
