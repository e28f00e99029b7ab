import json

import pytest

from pictures import hashes, write_class_folders


@pytest.fixture
def photos(tmp_path, monkeypatch):
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "cache"))
    return write_class_folders(tmp_path / "photos", {"a": 10, "b": 10}, ".jpg")


def test_shards_are_written_counted_and_can_be_opened(saccade_command, photos, tmp_path):
    before = hashes(photos)
    done = saccade_command("data", "shard", photos, "--out", tmp_path / "shards")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == "shards  1, together 0.1 MB"
    assert lines[1:3] == ["images  20", "labels  20"]
    again = json.loads(saccade_command("data", "info", tmp_path / "shards", "--json").out)
    given = json.loads(saccade_command("data", "info", photos, "--json").out)
    assert again["classes"].keys() == given["classes"].keys()
    assert sum(again["images"].values()) == 20
    assert hashes(photos) == before


def test_json_names_every_shard(saccade_command, photos, tmp_path):
    done = saccade_command("data", "shard", photos, "--out", tmp_path / "s", "--size", "64KiB", "--json")
    values = json.loads(done.out)
    assert values["shards"] == ["train-000000.tar"]
    assert values["written"] == {"images": 20, "labels": 20}


@pytest.mark.bad_input
def test_a_place_that_is_taken_or_inside_the_data_is_refused(saccade_command, photos, tmp_path):
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "file").touch()
    done = saccade_command("data", "shard", photos, "--out", tmp_path / "full")
    assert done.code == 2
    assert "not empty;" in done.err
    done = saccade_command("data", "shard", photos, "--out", photos / "shards")
    assert done.code == 2
    assert "inside the folder of the data" in done.err
    assert not (photos / "shards").exists()


@pytest.mark.bad_input
@pytest.mark.parametrize("size", ["much", "0", "-3MB", "1TB", "1000"])
def test_sizes_that_mean_nothing_are_refused(saccade_command, photos, tmp_path, size):
    done = saccade_command("data", "shard", photos, "--out", tmp_path / "s", f"--size={size}")
    assert done.code == 2
    assert "taken" in done.err
