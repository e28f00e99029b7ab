import numpy as np
import pytest
from PIL import Image, PngImagePlugin

from saccade.data.labels.index_masks import (
    MaskFile,
    mask_header,
    read_colours,
    read_indices,
    voc_palette,
    write_indices,
)
from saccade.errors import BadImage, BadInput, BadLabel

VALUES = np.array([[0, 1, 2], [3, 1, 255]], np.uint8)


def bits(path, values, depth, colour):
    """A PNG of few bits, written by hand: colour 0 is grey, 3 a palette."""
    import struct
    import zlib

    rows = b""
    for row in values:
        packed = 0
        for value in row:
            packed = packed << depth | int(value)
        rows += b"\0" + (packed << (-len(row) * depth % 8)).to_bytes((len(row) * depth + 7) // 8, "big")
    chunks = [(b"IHDR", struct.pack(">IIBBBBB", values.shape[1], values.shape[0], depth, colour, 0, 0, 0))]
    chunks += [(b"PLTE", bytes(range(3 * 2**depth)))] if colour == 3 else []
    chunks += [(b"tRNS", b"\0")] if colour == 3 else []
    chunks += [(b"IDAT", zlib.compress(rows)), (b"IEND", b"")]
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + b"".join(
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
            for kind, body in chunks
        )
    )
    return path


@pytest.mark.parametrize("depth", [1, 2, 4])
@pytest.mark.parametrize("colour", [0, 3])
def test_few_bits_stay_what_they_are(tmp_path, depth, colour):
    values = np.arange(10).reshape(2, 5) % 2**depth
    assert read_indices(bits(tmp_path / "a.png", values, depth, colour)).tolist() == values.tolist()


def test_16_bits_and_transparent_palettes_keep_their_numbers(tmp_path):
    Image.fromarray(np.array([[0, 300]], np.uint16)).save(tmp_path / "a.png")
    assert read_indices(tmp_path / "a.png").tolist() == [[0, 300]]
    image = Image.frombytes("P", (3, 2), VALUES.tobytes())
    image.putpalette([0, 0, 0] * 256)
    image.save(tmp_path / "b.png", transparency=1)
    assert read_indices(tmp_path / "b.png").tolist() == VALUES.tolist()


def test_other_grey_files_are_read_too(tmp_path):
    Image.fromarray(VALUES).save(tmp_path / "a.bmp")
    Image.fromarray(VALUES).save(tmp_path / "b.tif")
    assert read_indices(tmp_path / "a.bmp").tolist() == read_indices(tmp_path / "b.tif").tolist() == VALUES.tolist()


def test_what_is_written_is_read_and_shows_the_colours_of_voc(tmp_path):
    write_indices(VALUES, tmp_path / "a.png")
    assert read_indices(tmp_path / "a.png").tolist() == VALUES.tolist()
    shown = np.asarray(Image.open(tmp_path / "a.png").convert("RGB"))
    assert np.array_equal(shown, voc_palette()[VALUES])


def test_the_header_tells_size_and_colour(tmp_path):
    write_indices(VALUES, tmp_path / "a.png")
    Image.fromarray(np.zeros((4, 5, 3), np.uint8)).save(tmp_path / "b.png")
    assert mask_header(tmp_path / "a.png") == ((2, 3), False)
    assert mask_header(tmp_path / "b.png") == ((4, 5), True)


def test_compressed_text_in_a_mask_is_never_unpacked(tmp_path):
    about = PngImagePlugin.PngInfo()
    about.add_text("bomb", "0" * 20_000_000, zip=True)
    Image.fromarray(VALUES).save(tmp_path / "a.png", pnginfo=about)
    assert read_indices(tmp_path / "a.png").tolist() == VALUES.tolist()


def test_the_hash_changes_with_the_file_and_a_lost_file_has_none(tmp_path):
    write_indices(VALUES, tmp_path / "a.png")
    mask = MaskFile("a.png", 4)
    first = mask.digest(str(tmp_path))
    write_indices(VALUES[::-1], tmp_path / "a.png")
    assert first
    assert mask.digest(str(tmp_path)) not in ("", first)
    assert MaskFile("gone.png", 4).digest(str(tmp_path)) == ""


@pytest.mark.bad_input
def test_a_colour_that_is_in_no_table_is_named(tmp_path):
    Image.fromarray(np.array([[[1, 2, 3], [9, 9, 9]]], np.uint8)).save(tmp_path / "a.png")
    with pytest.raises(BadLabel, match=r"colour \(9, 9, 9\) at row 0, column 1, in 1 pixels"):
        read_colours(tmp_path / "a.png", ((1, 2, 3), (0, 0, 0)))
    assert read_colours(tmp_path / "a.png", ((9, 9, 9), (1, 2, 3))).tolist() == [[1, 0]]


@pytest.mark.bad_input
def test_what_is_no_mask_is_refused(tmp_path):
    (tmp_path / "a.png").write_bytes(b"text")
    with pytest.raises(BadImage):
        read_indices(tmp_path / "a.png")
    with pytest.raises(BadLabel, match=r"a\.png: got"):
        MaskFile("a.png", 4).placed(str(tmp_path), (2, 3))
    with pytest.raises(BadImage, match="cannot be opened"):
        mask_header(tmp_path / "gone.png")
    Image.fromarray(np.zeros((2, 3), np.float32)).save(tmp_path / "a.tif")
    with pytest.raises(BadLabel, match="without whole numbers"):
        read_indices(tmp_path / "a.tif")


@pytest.mark.bad_input
def test_broken_masks_are_refused_or_read_and_nothing_else(tmp_path):
    path, random = tmp_path / "a.png", np.random.default_rng(0)
    write_indices(np.arange(64, dtype=np.uint8).reshape(8, 8), path)
    content = path.read_bytes()
    for trial in range(200):
        broken = bytearray(content[: random.integers(0, len(content)) if trial % 2 else len(content)])
        for _ in range(trial % 5 if broken else 0):
            broken[random.integers(len(broken))] = random.integers(256)
        path.write_bytes(bytes(broken))
        try:
            assert read_indices(path).ndim == 2
        except BadInput as error:
            assert "; taken" in str(error)  # noqa: PT017
