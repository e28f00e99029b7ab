import math

import numpy as np
import pytest

from saccade.api.filters.filters import filter_image
from saccade.api.filters.learned import learn_filter
from saccade.errors import BadConfig, BadData, BadShape
from saccade.ops.kernels import named_kernel

NOISE = np.random.default_rng(0).integers(0, 256, (80, 100), dtype=np.uint8)


def test_sobel_is_found_in_noise():
    learned = learn_filter(steps=40)
    assert learned.error < 1e-3
    assert learned.steps == 40
    assert learned.target is not None
    assert learned.target.equal(named_kernel("sobel"))


def test_a_larger_kernel_is_found_with_zeros_around():
    learned = learn_filter("sobel", size=5, steps=60)
    assert learned.kernel.shape == (5, 5)
    assert learned.kernel[1:4, 1:4].round(decimals=3).equal(named_kernel("sobel"))
    assert learned.error < 1e-3


def test_what_another_program_did_to_a_picture_is_found():
    """The response is a picture of eight bits, so that the kernel comes out as fine as rounding lets it."""
    blurred = filter_image(NOISE, "gaussian").picture
    learned = learn_filter(image=NOISE, response=blurred, size=7, steps=100)
    assert learned.target is None
    assert math.isnan(learned.error)
    assert (learned.kernel - named_kernel("gaussian")).abs().max() < 1e-3


def test_another_seed_begins_elsewhere():
    first, again, other = (learn_filter(steps=2, seed=seed) for seed in (0, 0, 1))
    assert first.losses == again.losses != other.losses


@pytest.mark.parametrize("suffix", [".png", ".svg", ".pdf"])
def test_it_is_drawn(tmp_path, suffix):
    path = learn_filter(steps=5).save(tmp_path / f"a{suffix}")
    assert path.stat().st_size > 1000


def test_a_notebook_shows_it():
    learned = learn_filter(image=NOISE, response=NOISE, steps=3)
    assert learned._repr_png_().startswith(b"\x89PNG")
    assert "after 3 steps" in repr(learned)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("words", "error", "wanted"),
    [
        ({"kernel": "sobel", "image": NOISE, "response": NOISE}, BadConfig, "got a response"),
        ({"response": NOISE}, BadConfig, "got a response"),
        ({"size": 4}, BadConfig, "got size=4"),
        ({"size": 1}, BadConfig, "got size=1; taken are odd numbers from 3"),
        ({"steps": 0}, BadConfig, "got steps=0"),
        ({"image": NOISE[:2]}, BadShape, "got a picture of 2 × 100 pixels and a kernel of 3 × 3"),
        ({"image": NOISE, "response": NOISE[1:]}, BadShape, "taken is one size"),
        ({"image": np.zeros((9, 9), np.uint8)}, BadData, "black everywhere"),
    ],
)
def test_a_mistake_is_told(words, error, wanted):
    with pytest.raises(error, match=wanted):
        learn_filter(**words)


@pytest.mark.bad_input
def test_a_drawing_of_an_unknown_kind_is_refused(tmp_path):
    with pytest.raises(BadConfig, match=r"taken are \.png, \.svg, \.pdf"):
        learn_filter(steps=1).save(tmp_path / "a.gif")
