"""The door for pictures: what comes through, how it is turned, and what is kept out (the trials 1 to 15)."""

import hashlib
import io
import os
import struct
import subprocess
import sys
import warnings
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from saccade.data.reading import IMAGE_SUFFIXES, ImageWarning, as_image, is_image_name, read_image
from saccade.errors import BadImage, MissingExtra

LOSSLESS = {"PNG": {}, "BMP": {}, "TIFF": {}, "WEBP": {"lossless": True}}


def patches(height=48, width=64):
    """Flat patches of 8 × 8 in known colours: every format keeps them, JPEG within a level or two."""
    colours = np.random.default_rng(0).integers(0, 256, (height // 8, width // 8, 3), dtype=np.uint8)
    return colours.repeat(8, axis=0).repeat(8, axis=1)


def encoded(array, kind, **options):
    file = io.BytesIO()
    Image.fromarray(array).save(file, kind, **options)
    return file.getvalue()


def png_chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))


def png(width, height, *chunks):
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    pixels = zlib.compress(bytes(1 + width) * min(height, 10))
    body = (png_chunk(b"IHDR", header), *chunks, png_chunk(b"IDAT", pixels), png_chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(body)


@pytest.mark.parametrize("kind", LOSSLESS)
def test_lossless_formats_give_the_pixels_that_were_saved(kind):
    image = read_image(encoded(patches(), kind, **LOSSLESS[kind]))
    assert image.dtype == np.uint8
    np.testing.assert_array_equal(image, patches())


def test_a_jpeg_gives_its_colours_within_two_levels():
    image = read_image(encoded(patches(), "JPEG", quality=100, subsampling=0))
    assert np.abs(image.astype(int) - patches()).max() <= 2


@pytest.mark.parametrize("kind", ["PNG", "BMP", "TIFF", "JPEG"])
def test_grey_stays_one_channel(kind):
    grey = patches()[..., 0]
    image = read_image(encoded(grey, kind, **({"quality": 100} if kind == "JPEG" else {})))
    assert image.shape == (48, 64, 1)
    assert np.abs(image[..., 0].astype(int) - grey).max() <= (1 if kind == "JPEG" else 0)


def test_a_path_a_string_bytes_and_an_open_file_give_the_same(tmp_path):
    path = tmp_path / "a.png"
    path.write_bytes(encoded(patches(), "PNG"))
    with path.open("rb") as file:
        images = [read_image(path), read_image(str(path)), read_image(path.read_bytes()), read_image(file)]
    for image in (*images, as_image(path), as_image(path.read_bytes())):
        np.testing.assert_array_equal(image, patches())


def test_what_is_read_can_be_written_to():
    image = read_image(encoded(patches(), "PNG"))
    image[0, 0] = 7
    assert image.flags.c_contiguous


def test_the_name_plays_no_part(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(patches(), "PNG"))
    np.testing.assert_array_equal(read_image(path), patches())


ORIENTATIONS = range(1, 9)


def stored(array, orientation):
    """Lay an upright picture down so that this orientation turns it back, by Pillow."""
    lay = {
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }
    image = Image.fromarray(array)
    return image.transpose(lay[orientation]) if orientation in lay else image


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP", "JPEG", "AVIF"])
def test_every_orientation_is_turned_upright(kind, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    options = {"JPEG": {"quality": 100, "subsampling": 0}, "AVIF": {"quality": 100, "subsampling": "4:4:4"}}
    file = io.BytesIO()
    stored(patches(), orientation).save(file, kind, exif=exif, **options.get(kind, LOSSLESS.get(kind, {})))
    image = read_image(file.getvalue())
    assert image.shape == (48, 64, 3)
    assert np.abs(image.astype(int) - patches()).max() <= (0 if kind in LOSSLESS else 3)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_an_opened_pillow_image_is_turned_as_its_file_is(kind, orientation):
    exif = Image.Exif()
    exif[274] = orientation
    file = io.BytesIO()
    stored(patches(), orientation).save(file, kind, exif=exif, **LOSSLESS[kind])
    np.testing.assert_array_equal(as_image(Image.open(file)), patches())


def test_broken_exif_is_no_reason_to_refuse_a_picture():
    data = encoded(patches(), "JPEG", quality=95, exif=b"Exif\0\0II*\0\xff\xff\xff\xff" + bytes(20))
    assert read_image(data).shape == (48, 64, 3)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "an empty file"),
        (b"hello, this is a letter\n", "text"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "SVG"),
        (b"<?xml version='1.0'?><svg/>", "SVG"),
        (b"<!DOCTYPE html><title>404</title>", "a web page"),
        (np.random.default_rng(0).bytes(1000), "no format known here"),
        (b"SIMPLE  =                    T" + bytes(50), "FITS"),
        (b"%!PS-Adobe-3.0 EPSF-3.0\n", "PostScript"),
        (b"8BPS\0\1" + bytes(40), "Photoshop"),
        (bytes(100), "a file of zeros"),
        (b"BM, he said, was a fine format for letters.", "text"),
        (b"version https://git-lfs.github.com/spec/v1\noid", "git lfs pull"),
        (b"\xff\xd8\xff", "JPEG"),
        (b"\x89PNG\r\n\x1a\n", "PNG"),
        (b"GIF89a", "GIF"),
        (b"II*\0", "TIFF"),
        (b"RIFF\x10\0\0\0WEBPVP8 ", "WebP"),
        (b"BM" + bytes(12) + b"\x28\0\0\0", "BMP"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic", "decoded"),
        (b"\0\0\0\x18ftypavif\0\0\0\0mif1avif", "decoded"),
    ],
)
def test_what_is_no_picture_is_refused_by_name(tmp_path, content, what):
    path = tmp_path / "a photo.jpg"
    path.write_bytes(content)
    with pytest.raises(BadImage, match=what) as caught:
        read_image(path)
    assert str(path) in str(caught.value)
    assert str(caught.value).count(";") >= 2
    with pytest.raises(BadImage, match=what):
        read_image(content)


@pytest.mark.bad_input
def test_what_cannot_be_opened_is_refused_by_name(tmp_path):
    os.mkfifo(tmp_path / "pipe.png")
    for name, what in [("none.png", "no such file"), (".", "a folder"), ("pipe.png", "a device"), ("\0", "zero byte")]:
        with pytest.raises(BadImage, match=what):
            read_image(f"{tmp_path}/{name}")
    with pytest.raises(BadImage, match="got int; taken are paths"):
        read_image(12)
    with pytest.raises(BadImage, match="opened as text"):
        read_image(io.StringIO("text"))
    with pytest.raises(BadImage, match="NoneType"):
        as_image(None)


def test_all_kinds_of_names_can_be_read(tmp_path):
    data = encoded(patches(), "PNG")
    folder = tmp_path / "📷 Ferien"
    folder.mkdir()
    names = [
        "Größe ü.png",
        "日本.png",
        "with space.png",
        "new\nline.png",
        "-rf.png",
        "x" * 251 + ".png",
        "\udcff\udc80.png",
    ]
    for name in names:
        (folder / name).write_bytes(data)
        np.testing.assert_array_equal(read_image(folder / name), patches())
        assert is_image_name(name)
    assert sum(map(is_image_name, folder.iterdir())) == len(names)


@pytest.mark.bad_input
def test_the_message_of_a_strange_name_can_be_printed(tmp_path):
    path = tmp_path / "a\udcff\n.png"
    path.write_bytes(b"text")
    with pytest.raises(BadImage) as caught:
        read_image(path)
    assert "\n" not in str(caught.value)
    str(caught.value).encode("utf-8")


def test_suffixes_tell_which_names_may_be_pictures():
    assert all(is_image_name("a" + suffix) and is_image_name("A" + suffix.upper()) for suffix in IMAGE_SUFFIXES)
    assert is_image_name(Path("folder.txt/photo.JPeG"))
    for name in ("a.txt", ".jpg", "jpg", "a.jpg.txt", "._a.jpg", "a.jpg/readme"):
        assert not is_image_name(name)


def test_files_are_never_written_to(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(encoded(patches(), "JPEG", quality=100)[:-2])
    path.chmod(0o444)
    before, stamp = hashlib.sha256(path.read_bytes()).digest(), path.stat().st_mtime_ns
    read_image(path)
    assert hashlib.sha256(path.read_bytes()).digest() == before
    assert path.stat().st_mtime_ns == stamp
    assert list(tmp_path.iterdir()) == [path]


def frames(kind):
    pictures = [Image.fromarray(patches() // (step + 1)) for step in range(3)]
    options = {"WEBP": {"lossless": True}, "MPO": {"quality": 100, "subsampling": 0}}.get(kind, {})
    file = io.BytesIO()
    pictures[0].save(file, kind, save_all=True, append_images=pictures[1:], **options)
    return file.getvalue()


@pytest.mark.parametrize("kind", ["GIF", "WEBP", "PNG", "TIFF", "MPO"])
def test_of_several_frames_the_first_is_read_with_one_warning(kind):
    with pytest.warns(ImageWarning, match="several pictures") as caught:
        image = read_image(frames(kind))
    assert len(caught) == 1
    assert image.shape == (48, 64, 3)
    assert np.abs(image.astype(int) - patches()).max() <= (2 if kind == "MPO" else 0)


def test_a_folder_of_animations_warns_once():
    with warnings.catch_warnings(record=True) as caught:
        warnings.resetwarnings()
        for _ in range(3):
            read_image(frames("GIF"))
    assert len(caught) == 1


def test_a_warning_made_an_error_is_not_taken_for_a_broken_file():
    with pytest.raises(ImageWarning):
        read_image(frames("GIF"))


@pytest.mark.bad_input
def test_a_decoder_that_fails_is_reported_with_its_cause():
    data = bytearray(encoded(patches(), "WEBP", lossless=True))
    data[40:] = bytes(len(data) - 40)
    with pytest.raises(BadImage, match="cannot be decoded") as caught:
        read_image(bytes(data))
    assert caught.value.__cause__ is not None


@pytest.mark.bad_input
def test_max_pixels_is_the_callers():
    with pytest.raises(BadImage, match=r"64 × 48 pixels; taken are at most 3,071 pixels.*; make it smaller"):
        read_image(encoded(patches(), "PNG"), max_pixels=48 * 64 - 1)
    with pytest.raises(BadImage, match="raise max_pixels"):
        as_image(Image.fromarray(patches()), max_pixels=48 * 64 - 1)
    assert read_image(encoded(patches(), "PNG"), max_pixels=48 * 64).shape == (48, 64, 3)


@pytest.mark.bad_input
def test_a_side_may_be_long_but_not_endless():
    for width, height in ((1, 5_000_000), (5_000_000, 1)):
        with pytest.raises(BadImage, match="sides up to 1,048,576"):
            read_image(png(width, height))


@pytest.mark.bad_input
def test_a_picture_without_pixels_is_refused():
    with pytest.raises(BadImage, match="0 × 4 pixels"):
        read_image(png(0, 4))


@pytest.mark.bad_input
def test_a_file_larger_than_any_picture_is_refused_before_it_is_read():
    class Endless(io.RawIOBase):
        name = "endless"

        def read(self, size=-1):
            return encoded(patches(), "PNG").ljust(size, b"\0")

    with pytest.raises(BadImage, match=r"endless: got a file of more than 67,\d{3},\d{3} bytes"):
        read_image(Endless(), max_pixels=1)


BOMBS = """
import io, json, resource, struct, sys, time, warnings, zlib
warnings.simplefilter("error")
import pillow_heif
from PIL import Image
from saccade.data.reading import read_image
from saccade.errors import BadImage

def saved(kind, **options):
    file = io.BytesIO()
    image = Image.new("RGB", (64, 64), "red")
    pillow_heif.from_pillow(image).save(file) if kind == "HEIC" else image.save(file, kind, **options)
    return file.getvalue()

def chunk(kind, body):
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

def png(width, height, *extra):
    parts = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)), *extra
    return b"".join((b"\\x89PNG\\r\\n\\x1a\\n", *parts, chunk(b"IDAT", zlib.compress(bytes(193 * 64)))))

def packed(megabytes):
    engine = zlib.compressobj(9)
    return b"".join((*(engine.compress(bytes(1 << 20)) for _ in range(megabytes)), engine.flush()))

KINDS = "PNG", "JPEG", "GIF", "BMP", "TIFF", "WEBP", "AVIF", "HEIC", "PPM"
small = {kind: saved(kind) for kind in KINDS}
for data in small.values():
    read_image(data)

N = 50_000
layouts = {"PNG": ">II", "JPEG": ">HH", "GIF": "<HH", "BMP": "<II", "AVIF": ">II", "HEIC": ">II"}
claims = {}
for kind, layout in layouts.items():
    claims[kind] = small[kind].replace(struct.pack(layout, 64, 64), struct.pack(layout, N, N))
claims["PNG"] = png(N, N)
claims["PPM"] = small["PPM"].replace(b"64 64", b"50000 50000")
claims["TIFF"] = small["TIFF"]
for tag in (256, 257):
    entry = struct.pack("<HHI", tag, 4, 1)
    claims["TIFF"] = claims["TIFF"].replace(entry + struct.pack("<I", 64), entry + struct.pack("<I", N))
side = struct.pack("<I", N - 1)[:3]
claims["WEBP"] = struct.pack("<4sI8sII", b"RIFF", 122, b"WEBPVP8X", 10, 0) + side + side + bytes(100)
bomb, long = packed(100), (b"\\xff" + b"x" * 255) * 40_000 + b"\\0"
table = 13 + (3 << (small["GIF"][10] & 7) + 1)
fine = {
    "zTXt": png(64, 64, chunk(b"zTXt", b"Comment\\0\\0" + bomb)),
    "iTXt": png(64, 64, chunk(b"iTXt", b"Comment\\0\\1\\0\\0\\0" + bomb)),
    "iCCP": png(64, 64, chunk(b"iCCP", b"icc\\0\\0" + bomb)),
    "broken iCCP": png(64, 64, chunk(b"iCCP", b"icc\\0\\0" + b"no zlib")),
    "gAMA": png(64, 64, chunk(b"gAMA", struct.pack(">I", 1))),
    "XMP in PNG": png(64, 64, chunk(b"iTXt", b"XML:com.adobe.xmp\\0\\0\\0\\0\\0" + b"x" * 10_000_000)),
    "XMP in WebP": saved("WEBP", xmp=b"x" * 10_000_000),
    "XMP in JPEG": small["JPEG"][:2] + (b"\\xff\\xe1\\xff\\xff" + b"x" * 65_533) * 153 + small["JPEG"][2:],
    "broken ICC in JPEG": saved("JPEG", icc_profile=b"no profile"),
    "XMP in GIF": small["GIF"][:-1] + b"!\\xff\\x0bXMP DataXMP" + long + b";",
    "comment in GIF": small["GIF"][:table] + b"!\\xfe" + long + small["GIF"][table:],
    "XMP in TIFF": saved("TIFF", tiffinfo={700: b"x" * 10_000_000}),
}
report = {}
for name, data in {**claims, **fine}.items():
    before, start = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.perf_counter()
    try:
        verdict = list(read_image(data).shape)
    except BadImage as error:
        verdict = str(error)
    seconds = time.perf_counter() - start
    report[name] = verdict, seconds, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print(json.dumps([list(claims), report]))
"""


@pytest.fixture(scope="module")
def bombs():
    import json

    done = subprocess.run([sys.executable, "-c", BOMBS], capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@pytest.mark.bad_input
def test_a_header_that_claims_too_much_is_refused_at_once(bombs):
    claims, report = bombs
    assert len(claims) == 9
    for name in claims:
        verdict, seconds, kibibytes = report[name]
        assert isinstance(verdict, str), name
        assert seconds < 0.1, name
        assert kibibytes < 50_000, name


@pytest.mark.bad_input
def test_metadata_of_any_size_costs_no_memory(bombs):
    claims, report = bombs
    for name in report.keys() - claims:
        verdict, seconds, kibibytes = report[name]
        assert verdict == [64, 64, 3], (name, verdict)
        assert seconds < 1, name
        assert kibibytes < 50_000, name


def test_pillows_settings_stay_as_they_are():
    from PIL import ImageFile

    read_image(encoded(patches(), "JPEG", quality=100)[:-2])
    assert ImageFile.LOAD_TRUNCATED_IMAGES is False
    assert Image.MAX_IMAGE_PIXELS == 89_478_485
    assert "HEIF" not in Image.OPEN


def test_a_large_picture_needs_no_warning():
    data = encoded(np.zeros((9500, 9500), np.uint8), "PNG", compress_level=1)
    assert read_image(data).shape == (9500, 9500, 1)


def heic(array, **options):
    import pillow_heif

    file = io.BytesIO()
    pillow_heif.from_pillow(Image.fromarray(array)).save(file, quality=100, chroma=444, **options)
    return file.getvalue()


def test_heic_reads_as_jpeg_does():
    jpeg = read_image(encoded(patches(), "JPEG", quality=100, subsampling=0))
    image = read_image(heic(patches()))
    assert image.shape == jpeg.shape
    assert np.abs(image.astype(int) - jpeg).max() <= 6


def test_heic_is_turned_upright_and_its_opacity_put_on_white():
    exif = Image.Exif()
    exif[274] = 6
    lying = np.asarray(stored(patches(), 6))
    assert np.abs(read_image(heic(lying, exif=exif.tobytes())).astype(int) - patches()).max() <= 6
    clear = np.dstack((patches(), np.zeros((48, 64, 1), np.uint8)))
    assert read_image(heic(clear)).min() >= 252


@pytest.mark.bad_input
def test_heic_without_the_extra_says_what_to_install(monkeypatch):
    data = heic(patches())
    monkeypatch.setitem(sys.modules, "pillow_heif", None)
    with pytest.raises(MissingExtra, match=r'pip install "saccade\[heif\]"'):
        read_image(data)
