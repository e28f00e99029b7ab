import json

import pytest

from faulty_data import faulty_folders, save
from pictures import hashes


@pytest.fixture
def photos(tmp_path):
    return faulty_folders(tmp_path / "photos")


def test_each_finding_is_a_line_and_errors_exit_with_2(saccade_command, photos):
    before = hashes(photos)
    done = saccade_command("data", "check", photos, "--workers", 0)
    assert done.code == 2
    lines = done.out.splitlines()
    assert "train/ant/leak.jpg: leak: got the same file as test/ant/0.jpg in test" in lines
    assert lines[-1] == "15 images: 3 errors, 3 warnings"
    assert "leak                 1         0      0" in lines
    assert hashes(photos) == before


def test_warnings_alone_exit_with_0_unless_strict(saccade_command, tmp_path):
    for number in range(4):
        save(tmp_path / "data" / "ab"[number % 2] / f"{number}.jpg", number)
    assert saccade_command("data", "check", tmp_path / "data", "--strict").code == 0
    save(tmp_path / "data" / "a" / "again.jpg", 0)
    assert saccade_command("data", "check", tmp_path / "data").code == 0
    assert saccade_command("data", "check", tmp_path / "data", "--strict").code == 2


def test_of_each_code_twenty_are_shown_or_all(saccade_command, tmp_path):
    for number in range(4):
        save(tmp_path / "data" / "ab"[number % 2] / f"{number}.jpg", number)
    for number in range(23):
        (tmp_path / "data" / "a" / f"broken{number}.png").write_bytes(b"nothing")
    done = saccade_command("data", "check", tmp_path / "data")
    assert done.out.count(": image-broken: ") == 20
    assert "… and 3 more image-broken; --all lists them" in done.out
    assert saccade_command("data", "check", tmp_path / "data", "--all").out.count(": image-broken: ") == 23


def test_json_page_and_repair(saccade_command, photos, tmp_path):
    done = saccade_command(
        "data", "check", photos, "--json", "--out", tmp_path / "c.html", "--fix", tmp_path / "mended", "--workers", 0
    )
    values = json.loads(done.out)
    assert values["counts"]["leak"] == {"error": 1}
    assert values["fixed"][-1].startswith("wrote 12 images")
    assert (tmp_path / "c.html").stat().st_size > 5000
    assert not (tmp_path / "mended" / "train" / "ant" / "leak.jpg").exists()


@pytest.mark.bad_input
def test_wrong_words_are_refused_before_the_work(saccade_command, photos, tmp_path):
    done = saccade_command("data", "check", photos, "--out", "page.pdf")
    assert (done.code, "end in .html" in done.err) == (2, True)
    done = saccade_command("data", "check", photos, "--fix", photos / "mended")
    assert (done.code, "name another one" in done.err, done.out) == (2, True, "")
    done = saccade_command("data", "check", photos, "--workers", "-1")
    assert done.code == 2
    assert saccade_command("data", "check", tmp_path / "nowhere").code == 2
