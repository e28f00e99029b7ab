import numpy as np
import pytest
from PIL import Image

from labelled_sets import data_set, things
from pictures import write_picture
from saccade.data.arrays import Arrays
from saccade.data.files import Files
from saccade.data.labels.writing import Names, Written, boxes_of, copy_picture, digits_of, picture_size, safe_name
from saccade.data.reading import read_image
from saccade.errors import BadImage


def test_names_are_safe_and_each_given_once():
    names = Names()
    given = [names.unique(key) for key in ("a/x.jpg", "b/X.jpg", "x.png", "../../etc/passwd", "a b\n.jpg", ".jpg", "")]
    assert given == ["x.jpg", "X_2.jpg", "x_3.png", "passwd", "a_b_.jpg", "jpg", "_"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("con", "con_"),
        ("Nul.txt", "Nul.txt_"),
        ("..", "_"),
        ("ünï", "ünï"),
        ("猫", "猫"),
        ("a/b", "a_b"),
        ("\udcff", "_"),
    ],
)
def test_a_safe_name(text, name):
    assert safe_name(text) == name


def test_a_safe_name_is_short_enough_for_any_file_system():
    assert len(safe_name("猫" * 500).encode()) <= 200


def test_a_file_is_copied_byte_for_byte(tmp_path):
    write_picture(tmp_path / "in" / "a.jpg")
    source = Files(str(tmp_path / "in"), ("a.jpg",), (0,))
    (tmp_path / "out").mkdir()
    assert copy_picture(source, 0, tmp_path / "out", Names()) == "a.jpg"
    assert (tmp_path / "out" / "a.jpg").read_bytes() == (tmp_path / "in" / "a.jpg").read_bytes()
    assert not (tmp_path / "out" / "a.jpg").is_symlink()


def test_a_link_is_copied_as_what_it_leads_to(tmp_path):
    write_picture(tmp_path / "in" / "a.png")
    (tmp_path / "in" / "b.png").symlink_to("a.png")
    copy_picture(Files(str(tmp_path / "in"), ("b.png",), (0,)), 0, tmp_path, Names())
    assert not (tmp_path / "b.png").is_symlink()
    assert (tmp_path / "b.png").read_bytes() == (tmp_path / "in" / "a.png").read_bytes()


def test_the_size_is_that_of_the_upright_picture(tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.zeros((4, 9, 3), np.uint8)).save(tmp_path / "a.jpg", exif=exif)
    assert picture_size(Files(str(tmp_path), ("a.jpg",), (0,)), 0) == (9, 4)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
@pytest.mark.parametrize("channels", [1, 3])
def test_what_is_in_memory_is_written_without_loss(tmp_path, dtype, channels):
    image = np.random.default_rng(0).uniform(0, 1 if dtype == np.float32 else 255, (5, 7, channels)).astype(dtype)
    source = Arrays((image,), (0,), "x", np.array([0]))
    name = copy_picture(source, 0, tmp_path, Names())
    assert np.array_equal(read_image(tmp_path / name), image)


@pytest.mark.bad_input
def test_a_picture_that_no_file_holds_or_that_is_gone_is_refused(tmp_path):
    with pytest.raises(BadImage, match="got 7 channels"):
        copy_picture(Arrays((np.zeros((2, 2, 7), np.uint8),), (0,), "x", np.array([0])), 0, tmp_path, Names())
    with pytest.raises(BadImage, match="cannot be copied"):
        copy_picture(Files(str(tmp_path), ("gone.png",), (0,)), 0, tmp_path, Names())


def test_numbers_read_as_they_were():
    assert [digits_of(value) for value in (3.0, -2.0, 0.1, 1 / 3)] == ["3", "-2", "0.1", repr(1 / 3)]
    assert float(digits_of(1e300)) == 1e300


def test_counts_are_in_the_words_of_contents():
    written = Written()
    written.add(things(3))
    written.add((0, 1))
    assert written.result() == {"images": 2, "things": 3, "boxes": 3, "labels": 2}


def test_boxes_are_drawn_around_outlines_where_there_are_no_others():
    with_outlines = things(2, outlines=True)
    assert boxes_of(with_outlines) is not None
    from dataclasses import replace

    drawn = boxes_of(replace(with_outlines, boxes=None))
    assert np.allclose(drawn.coordinates, with_outlines.boxes.coordinates)
    assert boxes_of(replace(with_outlines, boxes=None, polygons=None)) is None
    assert len(data_set([with_outlines]).splits["train"]) == 1
