"""The verb report: everything that is known of a run comes to one page."""

from __future__ import annotations

import json

import pytest

import saccade
from saccade.errors import BadCheckpoint, BadConfig, BadData
from saccade.reporting.phrases import per_cent


def test_the_card_is_one_file_with_what_is_known(trained, tmp_path):
    path = trained.run.report(tmp_path / "card.html")
    assert path == tmp_path / "card.html"
    page = path.read_text(encoding="utf-8")
    assert "dcnn on photos" in page
    for word in ("blue", "green", "red", "saccade train --repeat", "saccade predict"):
        assert word in page
    assert 'src="http' not in page


def test_it_lies_in_the_runs_folder_unless_told_otherwise(quick, photos):
    run = quick(photos)
    assert saccade.report(run.path, split="val") == run.card
    assert run.card.is_file()
    assert (run.path / "evaluation-val.json").is_file()


def test_it_looks_closer_and_every_number_of_that_is_on_disk(trained):
    page = trained.run.report().read_text(encoding="utf-8").replace("\xa0", " ")
    seen = json.loads((trained.run.path / "saliency-test.json").read_text())
    worse = json.loads((trained.run.path / "robustness-test.json").read_text())
    assert (seen["split"], seen["method"], len(seen["cases"])) == ("test", "grad_cam", 3)
    for case in seen["cases"]:
        faith = case["asked"]["faithfulness"]
        assert f"hidden {faith['deletion']:.2f}, moved {faith['deletion_by_chance']:.2f}" in page
    assert (worse["images"], worse["figure"], len(worse["points"])) == (3, "accuracy", 20)
    assert f"0.3: {per_cent(worse['points'][4]['value'])}".replace("\xa0", " ") in page


def test_without_time_it_does_not_look_closer(quick, arrays):
    run = quick(arrays)
    page = run.report(seconds=0).read_text(encoding="utf-8")
    assert 'id="saliency"' not in page
    assert 'id="robustness"' not in page
    slow = run.report(seconds=1e-9).read_text(encoding="utf-8")
    assert "so there are none" in slow
    assert "saccade evaluate RUN --disturbed does it" in slow


def test_names_that_are_markup_stay_text(quick, arrays):
    images, ids = arrays
    names = ["<script>alert(1)</script>", "a&b", "ü 🦊"]
    page = quick((images, [names[one] for one in ids])).report().read_text(encoding="utf-8")
    assert "<script>alert(1)" not in page
    assert "&lt;script&gt;" in page


@pytest.mark.bad_input
def test_what_has_no_card_is_refused(quick, arrays, tmp_path):
    with pytest.raises(BadCheckpoint, match=r"no run\.json"):
        saccade.report(tmp_path)
    with pytest.raises(BadCheckpoint, match="no epoch is done"):
        quick(arrays, epochs=0).report()
    with pytest.raises(BadConfig, match="got seconds=-1"):
        quick(arrays, out="third").report(seconds=-1)
    with pytest.raises(BadData, match="arrays that were in memory"):
        saccade.report(quick(arrays, out="other").path)
