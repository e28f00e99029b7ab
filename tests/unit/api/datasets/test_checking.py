import json

import pytest

from faulty_data import faulty_folders
from pictures import hashes
from saccade.api.datasets.checking import check_data, open_whole
from saccade.errors import BadConfig, BadData


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return faulty_folders(tmp_path_factory.mktemp("faulty") / "photos")


@pytest.fixture(scope="module")
def report(folder):
    return check_data(folder, workers=0)


def test_the_report_counts_by_code_and_severity(report):
    assert report.counts == {
        "image-broken": {"error": 1}, "leak": {"error": 1}, "label-conflict": {"error": 1},
        "image-twice": {"warning": 2}, "near-leak": {"warning": 1},
    }  # fmt: skip
    assert not report.clean
    assert (len(report.errors), len(report.warnings)) == (3, 3)
    assert repr(report) == "CheckReport(photos: 15 images, 3 errors, 3 warnings)"


def test_it_is_plain_values(report):
    values = json.loads(json.dumps(report.to_dict()))
    assert values["images"] == {"train": 13, "test": 2}
    assert values["clean"] is False
    leak = next(one for one in values["findings"] if one["code"] == "leak")
    assert (leak["key"], leak["others"]) == ("train/ant/leak.jpg", [["test", "test/ant/0.jpg"]])


def test_page_and_repair_leave_the_data_as_they_are(report, folder, tmp_path):
    before = hashes(folder)
    page = report.page(tmp_path / "check.html")
    deeds = report.fix(tmp_path / "mended")
    assert hashes(folder) == before
    assert "train/ant/leak.jpg" in page.read_text(encoding="utf-8")
    assert deeds[-1].startswith("wrote 12 images")
    again = check_data(tmp_path / "mended", workers=0)
    assert set(again.counts) == {"near-leak", "label-conflict", "image-twice"}  # what only a person can decide


def test_data_without_splits_are_checked_as_one():
    assert open_whole("synthetic:count=20,size=16").counts() == {"train": 20}


@pytest.mark.bad_input
def test_a_repair_never_writes_into_the_data(report, folder, tmp_path):
    (tmp_path / "file").write_text("here")
    for place in (folder / "mended", folder, folder.parent, tmp_path):
        with pytest.raises(BadData, match="name another one"):
            report.fix(place)


@pytest.mark.bad_input
def test_workers_below_nought_are_refused(folder):
    with pytest.raises(BadConfig, match="workers=-1"):
        check_data(folder, workers=-1)
