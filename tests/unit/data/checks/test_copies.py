import numpy as np
from PIL import Image

from faulty_data import photograph, save
from saccade.data.checking.engine import check
from saccade.data.checks.copies import file_digest
from saccade.data.opening import open_data


def found(folder):
    return [(one.code, one.key, one.message) for one in check(open_data(str(folder), shares=(1, 0, 0))).findings]


def test_the_same_pixels_in_another_file_are_a_copy(tmp_path):
    for name in ("a", "b"):
        save(tmp_path / name / "0.jpg", ord(name))
    Image.fromarray(photograph(5)).save(tmp_path / "a" / "1.png", compress_level=1)
    Image.fromarray(photograph(5)).save(tmp_path / "a" / "2.png", compress_level=9)
    assert found(tmp_path) == [("image-twice", "a/2.png", "got the same pixels as a/1.png")]


def test_pictures_that_differ_in_colour_alone_are_no_copies(tmp_path):
    for name in ("a", "b"):
        save(tmp_path / name / "0.jpg", ord(name))
    pixels = photograph(5)
    Image.fromarray(pixels).save(tmp_path / "a" / "1.png")
    changed = pixels.copy()
    changed[0, 0] = (255, 0, 0)
    changed[-1, -1] = 255 - changed[-1, -1]
    Image.fromarray(changed).save(tmp_path / "a" / "2.png")
    assert "image-twice" not in [code for code, _, _ in found(tmp_path)]


def test_a_file_is_hashed_and_a_missing_one_is_not(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    assert file_digest(tmp_path / "a").startswith("ba7816bf")
    assert file_digest(tmp_path / "b") == file_digest(None) == ""


def test_three_copies_are_two_findings_of_the_first():
    images = np.stack([photograph(number) for number in (1, 2, 1, 1)])
    checked = check(open_data((images, [0, 1, 0, 0]), shares=(1, 0, 0)))
    assert [one.others for one in checked.findings] == [(("train", "arrays[0]"),)] * 2
