"""What a file is, by its first bytes: the formats that are read, and by name those that are often mistaken for them.

Source: ours, on the signatures that each format's standard gives.
"""

from __future__ import annotations

from saccade.errors import BadImage

TAKEN = "JPEG, PNG, WebP, GIF, BMP, TIFF, PGM, PPM, HEIC and AVIF"
ENOUGH = 512  # bytes that tell what a file is

_BMP_HEADERS = (12, 40, 52, 56, 64, 108, 124)
_PNM, _BLANKS = (b"1", b"2", b"3", b"4", b"5", b"6"), (b" ", b"\t", b"\r", b"\n", b"#")
_AVIF = (b"avif", b"avis")
_HEIC = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs", b"mif1", b"msf1")
_SIGNATURES = (
    (b"\xff\xd8\xff", "JPEG"),
    (b"\x89PNG\r\n\x1a\n", "PNG"),
    (b"GIF87a", "GIF"),
    (b"GIF89a", "GIF"),
    (b"II*\0", "TIFF"),
    (b"MM\0*", "TIFF"),
    (b"II+\0", "TIFF"),
    (b"MM\0+", "TIFF"),
)
_OTHERS = (
    (b"%!PS", "PostScript"),
    (b"\xc5\xd0\xd3\xc6", "PostScript"),
    (b"8BPS", "a Photoshop document"),
    (b"SIMPLE  =", "FITS"),
    (b"%PDF", "PDF"),
    (b"\0\0\x01\0", "a Windows icon"),
    (b"\0\0\0\x0cjP  ", "JPEG 2000"),
    (b"\xff\x4f\xff\x51", "JPEG 2000"),
    (b"\0\0\0\x0cJXL ", "JPEG XL"),
    (b"\xff\x0a", "JPEG XL"),
    (b"PK\x03\x04", "a zip archive"),
    (b"\x1f\x8b", "gzip"),
    (b"\x93NUMPY", "a NumPy array"),
    (b"\x89HDF", "HDF5"),
    (b"version https://git-lfs", "a pointer of Git LFS (run: git lfs pull)"),
)
_MARKUP = ((b"<svg", "SVG"), (b"<html", "a web page"), (b"<!doctype html", "a web page"), (b"<?xml", "XML"))


def kind_of(data: bytes) -> str:
    """Tell a picture's format by its first bytes; its name plays no part.

    Args:
        data: The file, or at least its first `ENOUGH` bytes.

    Returns:
        "JPEG", "PNG", "WebP", "GIF", "BMP", "TIFF", "PNM" (PBM, PGM, PPM), "HEIC" or "AVIF".

    Raises:
        BadImage: If it is anything else; what it seems to be is said.

    Source: ours.

    Example:
        >>> kind_of(b"GIF89a")
        'GIF'
    """
    for signature, kind in _SIGNATURES:
        if data.startswith(signature):
            return kind
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return "WebP"
    if data[:2] == b"BM" and int.from_bytes(data[14:18], "little") in _BMP_HEADERS:
        return "BMP"
    if data[:1] == b"P" and data[1:2] in _PNM and data[2:3] in _BLANKS:
        return "PNM"
    if data[4:8] == b"ftyp":
        brands = {data[at : at + 4] for at in (8, *range(16, min(len(data), int.from_bytes(data[:4], "big")), 4))}
        if brands & {*_AVIF}:
            return "AVIF"
        if brands & {*_HEIC}:
            return "HEIC"
    cure = "convert it to one of them" if data.strip(b"\0") else "copy it again"
    raise BadImage(f"got {_seeming(data)}; taken are {TAKEN}; {cure}")


def _seeming(data: bytes) -> str:
    if not data:
        return "an empty file"
    for signature, name in _OTHERS:
        if data.startswith(signature):
            return name
    start = data[:ENOUGH].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    for word, name in _MARKUP:
        if start.startswith(word):
            return "SVG" if b"<svg" in start else name
    if not data[:ENOUGH].strip(b"\0"):
        return "a file of zeros"
    if all(byte >= 32 or byte in b"\t\r\n\f" for byte in data[:ENOUGH]):
        return "text"
    return f"bytes of no format known here (they begin with {data[:8].hex(' ')})"
