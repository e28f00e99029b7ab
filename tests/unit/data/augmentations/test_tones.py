import numpy as np
import pytest

from saccade.data.augmentations.retouching import Blur, Compression, Cutout, Noise
from saccade.data.augmentations.tones import Autocontrast, Gamma, Posterise, Solarise
from saccade.data.augmenting.augmenter import augment
from saccade.data.randomness import Draws
from saccade.errors import BadConfig
from saccade.types.sample import Sample

RAMP = np.arange(256, dtype=np.uint8).reshape(16, 16, 1)


def changed(image, *steps, word=0):
    return augment(Sample(image), steps, Draws(word)).image


def test_gamma_keeps_black_white_and_the_order():
    for word in range(20):
        table = Gamma(1.0).table(Draws(word)).astype(int)
        assert table[[0, 255]].tolist() == [0, 255]
        assert (np.diff(table) >= 0).all()


def test_posterise_leaves_so_many_levels():
    assert len(np.unique(changed(RAMP, Posterise(8, rate=1.0)))) == 256
    counts = {len(np.unique(changed(RAMP, Posterise(3, rate=1.0), word=word))) for word in range(60)}
    assert counts == {8, 16, 32, 64, 128, 256}


def test_solarise_inverts_what_is_bright():
    assert changed(RAMP, Solarise(0.0, rate=1.0), word=1).max() < 255
    image = changed(RAMP, Solarise(1.0, rate=1.0))
    assert image.ravel()[[0, 254, 255]].tolist() == [0, 254, 0]


def test_autocontrast_stretches_each_channel():
    image = np.array([[[100, 0, 7], [150, 128, 7]]], np.uint8)
    assert changed(image, Autocontrast(1.0)).tolist() == [[[0, 0, 7], [255, 255, 7]]]


def test_tones_apply_one_after_the_other():
    image = np.array([[[100], [200]]], np.uint8)
    both = changed(image, Gamma(), Posterise(3, rate=1.0), Autocontrast(1.0), Solarise(1.0, rate=1.0))
    assert both.ravel().tolist() == [0, 0]  # stretched to 0 and 255, and the latter inverted


@pytest.mark.parametrize("step", [Gamma(), Posterise(rate=1.0), Solarise(rate=1.0), Autocontrast(1.0)])
def test_floats_have_the_tones_of_eight_bits(step):
    image = np.random.default_rng(0).integers(30, 200, (8, 8, 3), dtype=np.uint8)
    whole, floats = changed(image, step), changed((image / 255).astype(np.float32), step)
    assert floats.dtype == np.float32
    assert np.abs(whole / 255 - floats).max() < 1e-4


def test_a_blur_keeps_the_mean_and_lowers_the_spread():
    image = np.random.default_rng(0).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    blurred = changed(image, Blur(5.0, rate=1.0), word=3)
    assert blurred.std() < image.std() / 2
    assert blurred.mean() == pytest.approx(image.mean(), abs=1)


def test_noise_has_at_most_its_deviation():
    image = np.full((64, 64, 3), 128, np.uint8)
    spreads = [changed(image, Noise(0.1, rate=1.0), word=word).std() / 255 for word in range(40)]
    assert 0.08 < max(spreads) < 0.105
    assert min(spreads) < 0.03


def test_compression_changes_a_picture_a_little():
    random = np.random.default_rng(0)
    image = np.clip(np.cumsum(random.normal(0, 4, (32, 32, 3)), axis=1) + 128, 0, 255).astype(np.uint8)
    squeezed = changed(image, Compression(30, rate=1.0), word=2)
    assert 0 < np.abs(squeezed.astype(int) - image).mean() < 20
    assert squeezed.mean((0, 1)) == pytest.approx(image.mean((0, 1)), abs=3)


def test_colours_survive_compression():
    red = np.zeros((16, 16, 3), np.uint8)
    red[..., 0] = 200
    assert np.abs(changed(red, Compression(90, rate=1.0)).astype(int) - red).max() <= 4


def test_a_cutout_is_a_black_rectangle_of_its_area():
    image = np.ones((40, 60, 3), np.uint8)
    for word in range(30):
        black = changed(image, Cutout(0.1, 0.2, rate=1.0), word=word)[..., 0] == 0
        rows, columns = np.flatnonzero(black.any(1)), np.flatnonzero(black.any(0))
        assert black.sum() == len(rows) * len(columns)
        assert 0.09 < black.mean() < 0.21
    assert image.all()


@pytest.mark.parametrize("step", [Blur(rate=1.0), Noise(rate=1.0), Compression(rate=1.0), Cutout(rate=1.0)])
@pytest.mark.parametrize("shape", [(1, 1, 1), (9, 5, 3), (7, 8, 4), (3, 3, 6)])
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_retouching_keeps_shape_and_type(step, shape, dtype):
    image = np.ones(shape, dtype)
    image.setflags(write=False)
    result = changed(image, step)
    assert (result.shape, result.dtype) == (shape, dtype)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "make",
    [
        lambda: Gamma(-1), lambda: Posterise(0), lambda: Solarise(2.0), lambda: Autocontrast(-1), lambda: Blur(0.0),
        lambda: Noise(2.0), lambda: Compression(0), lambda: Cutout(0.5, 0.1), lambda: Cutout(rate=2),
    ],
)  # fmt: skip
def test_strengths_out_of_range_are_refused(make):
    with pytest.raises(BadConfig, match="; taken is "):
        make()
