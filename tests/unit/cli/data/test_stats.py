import json

import pytest

from pictures import write_class_folders


@pytest.fixture
def photos(tmp_path):
    return write_class_folders(tmp_path / "photos", {"a": 10, "b": 10})


def test_numbers_are_told(saccade_command, photos):
    done = saccade_command("data", "stats", photos, "--workers", 0)
    assert done.code == 0
    lines = done.out.splitlines()
    assert "images      train 16, val 2, test 2" in lines
    assert "heights     6" in lines
    assert lines[-2:] == ["a          8    1     1", "b          8    1     1"]


def test_json_and_a_page(saccade_command, photos, tmp_path):
    done = saccade_command("data", "stats", photos, "--json", "--out", tmp_path / "s.html")
    values = json.loads(done.out)
    assert values["channels"] == {"3": 20}
    assert 0 < values["means"]["3"][0] < 1
    assert (tmp_path / "s.html").is_file()


def test_a_picture_that_cannot_be_read_is_told(saccade_command, photos):
    (photos / "a" / "0.png").write_bytes(b"no")
    assert "cannot be read  1; saccade data check names them" in saccade_command("data", "stats", photos).out


@pytest.mark.bad_input
def test_a_page_of_another_kind_is_refused(saccade_command, photos):
    assert saccade_command("data", "stats", photos, "--out", "page.png").code == 2
