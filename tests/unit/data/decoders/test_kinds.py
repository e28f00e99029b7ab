"""The allow-list."""

import pytest

from saccade.data.decoders.kinds import kind_of
from saccade.errors import BadImage


@pytest.mark.parametrize(
    ("start", "kind"),
    [
        (b"\xff\xd8\xff\xe0", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"GIF87a", "GIF"),
        (b"II+\0\x08", "TIFF"),
        (b"MM\0*", "TIFF"),
        (b"RIFF\x01\x02\x03\x04WEBP", "WebP"),
        (b"BM" + bytes(12) + b"\x7c\0\0\0", "BMP"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1heic", "HEIC"),
        (b"\0\0\0\x18ftypmif1\0\0\0\0mif1avif", "AVIF"),
    ],
)
def test_pictures_are_told_by_their_first_bytes(start, kind):
    assert kind_of(start) == kind


@pytest.mark.bad_input
@pytest.mark.parametrize(
    "start",
    [b"RIFF\x01\x02\x03\x04WAVE", b"\0\0\0\x18ftypisom\0\0\0\0isommp42", b"P7 2 2 255 ", b"P6x", b"BM", b"\0\0\x01\0"],
)
def test_what_only_looks_like_one_is_refused(start):
    with pytest.raises(BadImage, match="taken are JPEG, PNG"):
        kind_of(start)
