"""Whatever bytes come: a picture or BadImage, never anything else."""

import io
import warnings

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from saccade.data.reading import ImageWarning, read_image
from saccade.errors import BadImage

KINDS = ("JPEG", "PNG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "PPM")


def encoded(kind):
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (12, 16, 3), dtype=np.uint8)).save(file, kind)
    return file.getvalue()


FILES = {kind: encoded(kind) for kind in KINDS}
damages = st.lists(st.tuples(st.integers(0, 1 << 16), st.binary(max_size=4)), max_size=4)


def verdict(data):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ImageWarning)
        try:
            return read_image(data, max_pixels=1_000_000)
        except BadImage:
            return None


@pytest.mark.bad_input
@given(st.sampled_from(KINDS), damages, st.integers(0, 1 << 16))
def test_a_damaged_file_is_a_picture_or_refused(kind, places, end):
    data = bytearray(FILES[kind])
    for place, piece in places:
        at = place % len(data)
        data[at : at + len(piece)] = piece
    image = verdict(bytes(data[: end or None]))
    assert image is None or (image.ndim == 3 and image.dtype in (np.uint8, np.uint16, np.float32))


@pytest.mark.bad_input
@given(st.binary(max_size=200), st.sampled_from([b"", *(data[:12] for data in FILES.values())]))
def test_no_bytes_at_all_get_past_the_door(tail, start):
    image = verdict(start + tail)
    assert image is None or image.size > 0
