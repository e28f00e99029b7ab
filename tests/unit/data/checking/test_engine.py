import pytest

from faulty_data import faulty_folders
from pictures import hashes
from saccade.data.checking.engine import check, in_order, summary
from saccade.data.opening import open_data
from saccade.types.finding import Finding

EXPECTED = {
    ("image-broken", "train/ant/cut.jpg"),
    ("image-twice", "train/ant/copy.jpg"),
    ("leak", "train/ant/leak.jpg"),
    ("near-leak", "train/bee/near.jpg"),
    ("image-twice", "train/bee/other.jpg"),
    ("label-conflict", "train/bee/other.jpg"),
}


def opened(folder):
    return open_data(str(folder), shares=(1, 0, 0))


@pytest.mark.parametrize("workers", [0, 2])
def test_every_fault_is_found_and_nothing_else_and_no_file_changes(tmp_path, workers):
    faulty_folders(tmp_path / "data")
    for number in range(80 if workers else 0):  # enough for processes to start
        from faulty_data import save

        save(tmp_path / "data" / "train" / "bee" / f"more{number}.jpg", 100 + number)
    before = hashes(tmp_path / "data")
    checked = check(opened(tmp_path / "data"), workers=workers)
    # the first of two equal pictures by name is the one that stays: "0.jpg" before "copy.jpg"
    assert {(one.code, one.key) for one in checked.findings} - {("class-imbalance", "")} == EXPECTED
    assert hashes(tmp_path / "data") == before


def test_a_leak_is_an_error_and_names_both(tmp_path):
    checked = check(opened(faulty_folders(tmp_path)))
    leak = next(one for one in checked.findings if one.code == "leak")
    assert (leak.severity, leak.split, leak.others) == ("error", "train", (("test", "test/ant/0.jpg"),))
    assert leak.message == "got the same file as test/ant/0.jpg in test"


def test_errors_come_first_and_codes_stay_together():
    several = [
        Finding("b", "", severity="warning"),
        Finding("c", ""),
        Finding("b", ""),
        Finding("a", "", severity="note"),
    ]
    ordered = in_order(several)
    assert [(one.code, one.severity) for one in ordered] == [
        ("b", "error"), ("b", "warning"), ("c", "error"), ("a", "note"),
    ]  # fmt: skip
    assert summary(ordered) == {"b": {"error": 1, "warning": 1}, "c": {"error": 1}, "a": {"note": 1}}


def test_what_opening_found_comes_once(tmp_path):
    from dataclasses import replace

    dataset = opened(faulty_folders(tmp_path))
    told = Finding("image-broken", "known", key="train/ant/cut.jpg")
    found = [one for one in check(replace(dataset, findings=(told,))).findings if one.code == "image-broken"]
    assert found == [told]


def test_data_in_memory_are_checked_too():
    import numpy as np

    images = np.stack([np.full((40, 40, 3), shade, np.uint8) for shade in (0, 90, 0, 200)])
    images[1, :20] = 7
    images[3, :, 20:] = 7
    checked = check(open_data((images, [0, 1, 0, 1]), shares=(1, 0, 0)))
    assert summary(checked.findings) == {"image-twice": {"warning": 1}, "image-blank": {"warning": 2}}
