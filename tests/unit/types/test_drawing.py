"""Drawing: pictures of any kind of image, and text that always fits."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image, ImageFont

from saccade.types.drawing import BAD, INK, as_picture, caption, elide, enlarge


@pytest.mark.parametrize(
    ("value", "kind", "seen"),
    [
        (128, np.uint8, 128),
        (65535, np.uint16, 255),
        (257, np.uint16, 1),
        (0.5, np.float32, 128),
        (7.0, np.float32, 255),
    ],
)
def test_every_kind_of_pixel_is_shown_in_eight_bits(value: float, kind: type, seen: int) -> None:
    assert as_picture(np.full((2, 3, 3), value, kind)).getpixel((2, 1)) == (seen, seen, seen)


def test_nan_is_black() -> None:
    assert as_picture(np.full((1, 1, 1), np.nan, np.float32)).getpixel((0, 0)) == (0, 0, 0)


@pytest.mark.parametrize(("channels", "seen"), [(1, (1, 1, 1)), (2, (1, 1, 1)), (3, (1, 2, 3)), (5, (1, 2, 3))])
def test_any_number_of_channels_becomes_three(channels: int, seen: tuple[int, int, int]) -> None:
    image = np.arange(1, channels + 1, dtype=np.uint8)[None, None]
    assert as_picture(image).getpixel((0, 0)) == seen


def test_a_small_picture_grows_by_a_whole_number() -> None:
    assert enlarge(Image.new("RGB", (8, 10))).size == (160, 200)
    assert enlarge(Image.new("RGB", (161, 10))).size == (161, 10)


def test_a_caption_is_below_the_picture_and_inside_its_width() -> None:
    plain = Image.new("RGB", (160, 90), "#000000")
    told = caption(plain, [("a name that is far too long for such a small picture", BAD), ("two", INK)])
    assert told.width == 160
    assert told.crop((0, 0, 160, 90)).tobytes() == plain.tobytes()
    bar = np.asarray(told.crop((0, 90, 160, told.height)).convert("L"))
    assert (bar[:, -3:] == 255).all()
    assert (bar < 128).any()


def test_long_text_ends_in_an_ellipsis_and_fits() -> None:
    font = ImageFont.load_default(14)
    assert isinstance(font, ImageFont.FreeTypeFont)
    shown = elide("one two three four\nfive", font, 90)
    assert shown.endswith("…")
    assert font.getlength(shown) <= 90
    assert elide("one\ttwo", font, 900) == "one\\ttwo"


def test_names_in_any_script_can_be_drawn() -> None:
    for name in ("Žluťoučký kůň", "кошка", "猫", "🐈"):
        assert caption(Image.new("RGB", (160, 10)), [(name, INK)]).height > 10
