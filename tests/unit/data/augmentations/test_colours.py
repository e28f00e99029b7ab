import numpy as np
import pytest

from saccade.data.augmentations.colours import Brightness, ColourShift, Contrast, Greyscale, Hue, Saturation
from saccade.data.augmentations.principal import PCAColour, principal_colours
from saccade.data.augmenting.augmenter import Augmenter, augment
from saccade.data.randomness import Draws
from saccade.errors import BadConfig, BadData
from saccade.types.sample import Sample

GREY, RED = np.array([0.3, 0.3, 0.3, 1.0]), np.array([1.0, 0.0, 0.0, 1.0])
STEPS = [Brightness(), Contrast(), Saturation(), Hue(), ColourShift(), Greyscale(1.0), PCAColour()]


def changed(image, *steps, word=0):
    return augment(Sample(image), steps, Draws(word)).image


def test_brightness_multiplies():
    image = np.array([[[10, 100, 200]]], np.uint8)
    for word in range(20):
        red, green, blue = changed(image, Brightness(0.5), word=word)[0, 0].tolist()
        assert 5 <= red <= 15
        assert abs(green - 10 * red) <= 6
        assert blue == min(255, 2 * green) or abs(blue - 2 * green) <= 1


def test_contrast_keeps_the_mean_luma():
    image = np.array([[[50, 50, 50], [150, 150, 150]]], np.uint8)
    for word in range(20):
        dark, _, _, bright, _, _ = changed(image, Contrast(0.5), word=word).ravel().tolist()
        assert dark + bright == pytest.approx(200, abs=1)
        assert 50 <= bright - dark <= 150


def test_saturation_and_hue_leave_grey_alone():
    for step in (Saturation(1.0), Hue(180.0)):
        for word in range(10):
            assert step.colours(Draws(word)) @ GREY == pytest.approx([0.3, 0.3, 0.3])


def test_hue_turns_red_into_green_and_blue():
    third = Hue(120.0)

    class Most(Draws):
        def uniform(self, low=0.0, high=1.0):
            return low if (low, high) == (0.0, 1.0) else high

    assert third.colours(Most(0)) @ RED == pytest.approx([0, 1, 0])
    assert third.colours(Most(0)) @ [0, 1, 0, 1] == pytest.approx([0, 0, 1])


def test_greyscale_gives_the_luma_three_times():
    assert changed(np.array([[[255, 0, 0], [0, 255, 0]]], np.uint8), Greyscale(1.0)).tolist() == [
        [[76, 76, 76], [150, 150, 150]]
    ]


def test_a_colour_shift_has_its_deviation():
    shifts = np.array([ColourShift(0.1).colours(Draws(word))[:, 3] for word in range(2000)])
    assert shifts.std(0) == pytest.approx([0.1, 0.1, 0.1], rel=0.07)
    assert np.abs(shifts.mean(0)).max() < 0.01


def test_composed_changes_lose_nothing_between():
    """A picture made four times as bright and then a quarter as bright would be cut off between, one by one."""

    class Times(Brightness):
        def colours(self, random):
            return np.eye(3, 4) * self.strength

    class Quadrupled(Times):
        def colours(self, random):
            return np.eye(3, 4) * 4

    image = np.array([[[10, 100, 200]]], np.uint8)
    assert np.array_equal(changed(image, Quadrupled(), Times(0.25)), image)


def test_contrast_after_others_is_about_the_mean_that_they_leave():
    image = np.array([[[50, 50, 50], [150, 150, 150]]], np.uint8)
    shifted = Contrast(0.5)
    for word in range(10):
        both = changed(image, ColourShift(0.2), shifted, word=word).astype(int)
        first = changed(image, ColourShift(0.2), word=word).astype(int)
        levels = np.concatenate([first, both])
        if levels.min() > 3 and levels.max() < 252:  # nothing is cut off
            luma = np.array([0.299, 0.587, 0.114])
            assert float((both @ luma).mean()) == pytest.approx(float((first @ luma).mean()), abs=1.5)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: type(step).__name__)
@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
def test_a_grey_picture_of_one_channel_is_as_one_of_three(step, dtype):
    image = np.linspace(64, 150, 64).reshape(8, 8, 1)
    image = image.astype(dtype) if dtype == np.uint8 else (image / 255).astype(dtype)
    one, three = (changed(np.repeat(image, channels, 2), step) for channels in (1, 3))
    luma = three.astype(np.float64) @ [0.299, 0.587, 0.114]
    assert one.dtype == three.dtype == dtype
    assert np.abs(one[..., 0] - luma).max() <= (2.5 if dtype == np.uint8 else 0.1)


def test_eight_bits_and_floats_agree():
    image = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    steps = [Brightness(), Contrast(), Saturation(), Hue(), PCAColour()]
    whole, floats = changed(image, *steps), changed((image / 255).astype(np.float32), *steps)
    assert np.abs(whole / 255 - floats).max() < 1.6 / 255


def test_of_purple_pictures_red_and_blue_vary_more_than_green():
    """Purple is red and blue; so its brightness varies in those, and so do the colours that are added."""
    random = np.random.default_rng(0)
    light = random.uniform(0, 1, (64, 64, 1))
    purple = np.rint(255 * (light * [0.8, 0.1, 0.9] + random.normal(0, 0.01, (64, 64, 3))).clip(0, 1)).astype(np.uint8)
    colour = principal_colours([purple])
    added = np.array([colour.colours(Draws(word))[:, 3] for word in range(500)])
    red, green, blue = np.abs(added).mean(0)
    assert red > 4 * green
    assert blue > 4 * green
    seen = np.array(
        [changed(purple, principal_colours([purple], deviation=2.0), word=word).mean((0, 1)) for word in range(200)]
    )
    assert (seen.std(0)[[0, 2]] > 3 * seen.std(0)[1]).all()


def test_principal_colours_are_the_eigenvectors_of_the_covariance():
    pixels = np.random.default_rng(1).multivariate_normal(
        [0.5] * 3, [[0.02, 0.01, 0], [0.01, 0.02, 0], [0, 0, 0.001]], 10_000
    )
    found = principal_colours([pixels.reshape(100, 100, 3).astype(np.float32)])
    assert found.values == pytest.approx((0.03, 0.01, 0.001), rel=0.05)
    assert np.abs(found.vectors[0]) == pytest.approx([0.7071, 0.7071, 0], abs=0.02)
    assert np.abs(found.vectors[2]) == pytest.approx([0, 0, 1], abs=0.02)


def test_pca_colour_has_the_deviation_of_the_paper():
    shares = (
        np.array([PCAColour().colours(Draws(word))[:, 3] for word in range(3000)]) @ np.array(PCAColour().vectors).T
    )
    assert shares.std(0) == pytest.approx(0.1 * np.array(PCAColour().values), rel=0.05)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "make",
    [
        lambda: Brightness(1.5), lambda: Contrast(-1), lambda: Hue(200), lambda: ColourShift(2), lambda: Greyscale(2),
        lambda: PCAColour(-1), lambda: PCAColour(values=(1.0,)), lambda: Augmenter([Hue()]).check(4),
    ],
)  # fmt: skip
def test_strengths_out_of_range_are_refused(make):
    with pytest.raises(BadConfig, match="; taken "):
        make()


@pytest.mark.bad_input
def test_colours_of_no_pictures_are_refused():
    with pytest.raises(BadData, match="got no pictures"):
        principal_colours([])
