import json

import pytest

from faulty_data import save


@pytest.fixture
def photos(tmp_path):
    for number in range(40):
        save(tmp_path / "photos" / ("ant" if number % 2 else "bee") / f"clip{number // 4}_{number}.jpg", number)
    return tmp_path / "photos"


def test_a_cut_is_told_and_written(saccade_command, photos, tmp_path):
    words = ("--shares", "0.6,0.2,0.2", "--group-by", "(clip[0-9]+)_", "--out", tmp_path / "cut.csv")
    done = saccade_command("data", "split", photos, *words)
    assert done.code == 0
    lines = done.out.splitlines()
    assert lines[0] == "images   train 24, val 8, test 8"
    assert lines[1] == "groups   10"
    assert lines[-2:] == ["ant       12    4     4", "bee       12    4     4"]
    assert saccade_command("data", "info", tmp_path / "cut.csv").code == 0


def test_json_holds_the_same(saccade_command, photos, tmp_path):
    done = saccade_command("data", "split", photos, "--json", "--no-stratify", "--out", tmp_path / "cut.tsv")
    values = json.loads(done.out)
    assert sum(values["images"].values()) == 40


@pytest.mark.bad_input
def test_wrong_shares_are_refused(saccade_command, photos, tmp_path):
    for shares in ("0.8,0.2", "a,b,c", "0.8,0.8,0.8"):
        done = saccade_command("data", "split", photos, "--shares", shares, "--out", tmp_path / "cut.csv")
        assert (done.code, "add up to 1" in done.err) == (2, True)
    assert saccade_command("data", "split", photos).code == 2
