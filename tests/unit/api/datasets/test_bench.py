import pytest

from pictures import write_class_folders
from saccade.api.datasets.bench import advise, bench_data
from saccade.data.opening import open_data
from saccade.data.shards.writing import write_shards
from saccade.errors import BadData

PARTS = {"reading": 9000.0, "decoding": 500.0, "resizing": 2000.0, "augmenting": 4000.0, "handing over": 50_000.0}


@pytest.fixture(autouse=True)
def quickly(monkeypatch):
    monkeypatch.setattr("saccade.api.datasets.bench._SECONDS", 0.1)


@pytest.mark.parametrize("kind", ["files", "shards", "arrays"])
def test_every_part_of_the_way_is_measured(tmp_path, monkeypatch, kind):
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "cache"))
    data = write_class_folders(tmp_path / "photos", {"a": 6, "b": 6}, ".jpg")
    (data / "a" / "0.jpg").write_bytes(b"")  # a broken one is passed over
    if kind == "shards":
        (data / "a" / "0.jpg").unlink()
        write_shards(open_data(data, shares=(1, 0, 0)), tmp_path / "shards")
        data = tmp_path / "shards"
    found = bench_data("digits" if kind == "arrays" else data, size=16, batch_size=4, workers=(0, 1), most=8)
    assert set(found.parts) == {"reading", "decoding", "resizing", "augmenting", "handing over"}
    assert (found.parts["reading"] > 0) == (kind != "arrays")
    assert min(found.parts[name] for name in ("decoding", "resizing", "augmenting", "handing over")) > 0
    assert set(found.workers) == {0, 1}
    assert min(found.workers.values()) > 0
    assert found.wanted == 0
    assert found.to_dict()["advice"] == list(found.advice)


def test_what_training_takes_is_set_beside_it():
    assert advise(PARTS, {0: 400.0, 1: 420.0, 2: 800.0}, 380.0, 1.5)[0].startswith("One worker is enough: 420")
    assert (
        advise(PARTS, {0: 400.0}, 300.0, 1.5)[0] == "Training never waits: 400 images/s without workers, 300 are taken."
    )
    assert advise(PARTS, {0: 400.0, 4: 900.0}, 1000.0, 1.5)[0].startswith("Training would wait: 900 images/s with 4")
    assert advise(PARTS, {0: 400.0}, 395.0, 1.5)[0].startswith("Training would wait at times")


@pytest.mark.parametrize("slow", PARTS)
def test_the_slowest_part_is_named_with_its_cure(slow):
    parts = {**PARTS, slow: 10.0}
    said = advise(parts, {0: 10.0}, 0.0, 1.5)
    assert said[0].startswith(f"The slowest part is {slow}, 9")
    assert len(said) == 2


def test_pictures_much_larger_than_wanted_are_to_be_stored_smaller():
    assert "13 times as large as wanted" in advise(PARTS, {0: 10.0}, 0.0, 13.0)[1]


@pytest.mark.bad_input
def test_data_without_a_readable_picture_say_so(tmp_path):
    root = write_class_folders(tmp_path / "photos", {"a": 2, "b": 2})
    for path in root.rglob("*.png"):
        path.write_bytes(b"no picture")
    with pytest.raises(BadData, match="no picture that can be read"):
        bench_data(root, size=16, most=4)
