"""The fast decoders beside Pillow: they may not differ in a single level, nor in a verdict."""

import io

import numpy as np
import pytest
from PIL import Image

from saccade.data.decoders import jpeg as reading_jpeg
from saccade.data.decoders import plain as reading_plain
from saccade.data.reading import read_image

pytest.importorskip("simplejpeg")


def photograph(height=61, width=94):
    random = np.random.default_rng(0)
    small = Image.fromarray(random.integers(0, 256, (height // 8, width // 8, 3), dtype=np.uint8))
    smooth = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC)).astype(int)
    return np.clip(smooth + random.integers(-9, 10, smooth.shape), 0, 255).astype(np.uint8)


def encoded(kind, picture, **options):
    file = io.BytesIO()
    Image.fromarray(picture).save(file, kind, **options)
    return file.getvalue()


JPEGS = {
    **{f"subsampling {number}": {"subsampling": number} for number in range(3)},
    "progressive": {"progressive": True},
    "restarts": {"restart_marker_rows": 1},
    "red, green and blue": {"keep_rgb": True},
    "coarse": {"quality": 5},
}


@pytest.fixture
def safely(monkeypatch):
    """Read a file by Pillow alone."""

    def read(data, **options):
        with monkeypatch.context() as patched:
            patched.setattr(reading_jpeg, "fast_jpeg", lambda *_, **__: None)
            patched.setattr(reading_plain, "fast_webp", lambda _: None)
            return read_image(data, **options)

    return read


@pytest.mark.parametrize("at_least", [None, (31, 47), (16, 24), (8, 12)])
@pytest.mark.parametrize("luma", [False, True])
@pytest.mark.parametrize("name", [*JPEGS, "grey"])
def test_a_jpeg_of_any_kind_and_factor(name, luma, at_least, safely):
    picture = photograph()[..., 0] if name == "grey" else photograph()
    data = encoded("JPEG", picture, **JPEGS.get(name, {}))
    options = {"luma": luma, "at_least": at_least}
    np.testing.assert_array_equal(read_image(data, **options), safely(data, **options))


@pytest.mark.parametrize("options", [{"quality": 80}, {"lossless": True}, {"exif": Image.Exif()}])
def test_a_webp(options, safely):
    data = encoded("WebP", photograph(), **options)
    np.testing.assert_array_equal(read_image(data), safely(data))


@pytest.mark.parametrize("at_least", [None, (64, 64)])
def test_photographs(saccade_data, at_least, safely):
    paths = sorted((saccade_data / "imagenet_sample/images").rglob("*.[jJ]*"))[::100]
    paths += sorted((saccade_data / "coco128/images").rglob("*.jpg"))[::40]
    assert len(paths) > 10
    for path in paths:
        data = path.read_bytes()
        np.testing.assert_array_equal(read_image(data, at_least=at_least), safely(data, at_least=at_least))


@pytest.mark.bad_input
@pytest.mark.parametrize("kind", ["JPEG", "WebP"])
def test_damage_has_one_verdict(kind, safely, capfd):
    """Bytes changed at random: both ways read the file, to the same pixels, or both refuse it."""
    whole, random = encoded(kind, photograph()), np.random.default_rng(1)
    for _ in range(200):
        damaged = bytearray(whole)
        for at in random.integers(len(whole) // 10, len(whole), 3):
            damaged[at] = random.integers(256)
        seen = [_verdict(way, bytes(damaged)) for way in (read_image, safely)]
        assert isinstance(seen[0], str) == isinstance(seen[1], str)
        if not isinstance(seen[0], str):
            np.testing.assert_array_equal(*seen)
    assert capfd.readouterr().err == ""


def _verdict(read, data):
    try:
        return read(data)
    except ValueError as error:
        return str(error)
