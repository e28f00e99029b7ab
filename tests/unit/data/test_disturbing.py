"""Pictures that are made worse: by how much, for every kind of picture, and the same ones for the same seed."""

from __future__ import annotations

import numpy as np
import pytest

from saccade.data.disturbing import STRENGTHS, Disturbance, Disturbed, every_disturbance
from saccade.data.opening import open_data
from saccade.errors import BadConfig
from saccade.types.sample import Sample


class Two:
    """Two grey pictures."""

    def __len__(self) -> int:
        return 2

    def read(self, index: int) -> Sample:
        return Sample(np.full((40, 30, 3), 100, np.uint8), index, self.key(index))

    def key(self, index: int) -> str:
        return "ab"[index]

    def target(self, index: int) -> int:
        return index

    def fingerprint(self) -> str:
        return "both"


def test_brightness_multiplies_and_is_cut_off_at_white() -> None:
    image = np.array([[[10, 100, 200]]], np.uint8)
    assert Disturbance("brightness", 2)(image).tolist() == [[[20, 200, 255]]]
    assert Disturbance("brightness", 1)(image).tolist() == image.tolist()
    floats = Disturbance("brightness", 0.5)(np.full((1, 1, 4), 65535, np.uint16))
    assert (floats.dtype, floats.ravel().tolist()) == (np.float32, [0.5] * 4)


def test_noise_has_the_deviation_that_is_asked_for() -> None:
    noisy = Disturbance("noise", 0.1)(np.full((100, 100, 3), 0.5, np.float32), 7)
    assert noisy.std() == pytest.approx(0.1, rel=0.02)
    assert noisy.mean() == pytest.approx(0.5, abs=0.002)


def test_blur_goes_by_the_shorter_side() -> None:
    """A step blurred by σ passes 84 % of its height σ behind its edge: Φ(1) = 0.841."""
    step = np.zeros((100, 200, 1), np.float32)
    step[:, 100:] = 1
    row = Disturbance("blur", 0.05)(step)[50, :, 0]  # σ = 5 pixels; the edge lies between two of them
    assert np.interp(99.5 + 5, np.arange(200), row) == pytest.approx(0.841, abs=0.01)


def test_jpeg_takes_every_number_of_channels_and_gets_worse() -> None:
    image = np.random.default_rng(0).integers(0, 256, (32, 32, 2)).astype(np.uint8)
    errors = [
        float(np.abs(Disturbance("jpeg", quality)(image).astype(int) - image).mean()) for quality in STRENGTHS["jpeg"]
    ]
    assert errors == sorted(errors)
    assert errors[0] < errors[-1] / 2
    assert Disturbance("jpeg", 50)(image.repeat(2, 2)[..., :3]).shape == (32, 32, 3)


def test_a_source_is_disturbed_by_seed_and_key_alone() -> None:
    noise = Disturbance("noise", 0.1)
    first, again, other = (Disturbed(Two(), noise, seed) for seed in (0, 0, 1))
    assert len(first) == 2
    assert (first.target(1), first.key(1), first.fingerprint()) == (1, "b", "both")
    np.testing.assert_array_equal(first.read(0).image, again.read(0).image)
    assert (first.read(0).image != first.read(1).image).any()
    assert (first.read(0).image != other.read(0).image).any()


def test_there_are_five_of_each_kind_and_each_changes_a_real_picture() -> None:
    picture = open_data("synthetic:size=64,count=24").splits["train"].read(0).image
    every = every_disturbance()
    assert [one.kind for one in every[::5]] == ["noise", "blur", "jpeg", "brightness"]
    assert len(every) == 20
    assert all((one(picture) != picture).any() for one in every)


@pytest.mark.bad_input
def test_what_is_no_disturbance_is_refused() -> None:
    with pytest.raises(BadConfig, match=r"got kind='blurr'; .*did you mean 'blur'"):
        Disturbance("blurr", 1)  # pyright: ignore[reportArgumentType]
    with pytest.raises(BadConfig, match="got jpeg of strength 0; taken is one from 1 to 100"):
        Disturbance("jpeg", 0)
    with pytest.raises(BadConfig, match="noise of strength nan"):
        Disturbance("noise", float("nan"))
