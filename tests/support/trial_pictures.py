"""The pictures of the trials 1 to 15: strange ones that must be read, and broken ones that must be refused by name."""

from __future__ import annotations

import io
import struct
import zlib

import numpy as np
from PIL import Image

BROKEN = frozenset({
    "no byte", "text", "SVG", "random bytes", "zeros", "FITS", "PostScript", "Photoshop", "a pointer of git lfs",
    "a JPEG of three bytes", "a JPEG cut in its header", "a PNG cut in half", "a header of 50,000 × 50,000",
    "a line of 5,000,000",
})  # fmt: skip
WARNED = frozenset({"an animated GIF", "an MPO of two pictures"})


def trial_pictures(size: tuple[int, int]) -> dict[str, bytes]:
    """Files of pictures, upright of one (height, width), and files that are none, by what they are."""
    height, width = size
    colours = np.random.default_rng(0).integers(0, 256, (height, width, 3), np.uint8)
    picture, grey = Image.fromarray(colours), Image.fromarray(colours[..., 0])
    sixteen = Image.fromarray(np.linspace(0, 65535, height * width).reshape(size).astype(np.uint16))
    png, jpeg = encoded(picture, "PNG"), encoded(picture, "JPEG", quality=95)
    exif = Image.Exif()
    exif[274] = 6
    palette = picture.quantize(16)
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(bytes(3_000_000)))
    lines = b"\xff\xe1\xff\xff" + b"x" * 65_533
    return {
        "a JPEG without its end": jpeg[:-2],
        "a CMYK JPEG": encoded(picture.convert("CMYK"), "JPEG"),
        "a JPEG that EXIF turns": encoded(picture.transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif),
        "a JPEG with a megabyte of XMP": jpeg[:2] + 16 * lines + jpeg[2:],
        "a grey JPEG": encoded(grey, "JPEG"),
        "16 bits of grey": encoded(sixteen, "PNG"),
        "a TIFF of 16 bits": encoded(sixteen, "TIFF"),
        "a TIFF of floats": encoded(Image.fromarray((colours[..., 1] / 255).astype(np.float32)), "TIFF"),
        "a palette with a clear colour": encoded(palette, "PNG", transparency=3),
        "grey and opacity": encoded(Image.merge("LA", (grey, grey)), "PNG"),
        "colours and opacity": encoded(Image.merge("RGBA", (*picture.split(), grey)), "PNG"),
        "one bit": encoded(grey.convert("1"), "PNG"),
        "text that unpacks to megabytes": png[:33] + text + png[33:],
        "a lossless WebP": encoded(picture, "WEBP", lossless=True),
        "a BMP": encoded(picture, "BMP"),
        "an animated GIF": encoded(palette, "GIF", save_all=True, append_images=[grey]),
        "an MPO of two pictures": encoded(picture, "MPO", save_all=True, append_images=[picture]),
        "no byte": b"",
        "text": b"hello, this is a letter\n",
        "SVG": b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        "random bytes": np.random.default_rng(1).bytes(1000),
        "zeros": bytes(100),
        "FITS": b"SIMPLE  =                    T" + bytes(50),
        "PostScript": b"%!PS-Adobe-3.0 EPSF-3.0\n",
        "Photoshop": b"8BPS\0\1" + bytes(40),
        "a pointer of git lfs": b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n",
        "a JPEG of three bytes": jpeg[:3],
        "a JPEG cut in its header": jpeg[:100],
        "a PNG cut in half": png[: len(png) // 2],
        "a header of 50,000 × 50,000": png_of_zeros(50_000, 50_000),
        "a line of 5,000,000": png_of_zeros(5_000_000, 1),
    }


def encoded(picture: Image.Image, kind: str, **options: object) -> bytes:
    """Write a picture as the bytes of a file."""
    file = io.BytesIO()
    picture.save(file, kind, **options)
    return file.getvalue()


def chunk(kind: bytes, body: bytes) -> bytes:
    """A piece of a PNG."""
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png_of_zeros(width: int, height: int) -> bytes:
    """A grey PNG whose header claims a size, with the first of its rows."""
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
