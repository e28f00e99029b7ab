from dataclasses import replace
from datetime import UTC, datetime

import pytest

from faulty_data import boxed, faulty_folders
from saccade.data.checking.check import Sighting
from saccade.data.checking.engine import check
from saccade.data.opening import open_data
from saccade.reporting import check_page
from saccade.reporting.check_page import CheckFacts, Gallery, render_check_page, write_check_page
from saccade.types.finding import Finding

HOSTILE = "<img src=x onerror=\"document.title='taken over'\">"


def facts(dataset, findings):
    return CheckFacts(dataset.name, dataset.task, dataset.counts(), tuple(findings), datetime.now(UTC), (), dataset)


def test_the_offending_box_is_drawn_where_it_is(tmp_path):
    dataset = boxed(tmp_path, [[100, 5, 140, 9], [1, 2, 11, 22]])
    page = render_check_page(facts(dataset, check(dataset).findings))
    assert '<rect class="wrong" x="100.0" y="5.0" width="40.0" height="4.0">' in page
    assert '<rect x="1.0" y="2.0" width="10.0" height="20.0">' in page
    assert 'viewBox="0 0 128 96"' in page


def test_a_box_found_at_opening_is_drawn_from_its_message(tmp_path):
    dataset = boxed(tmp_path, [[1, 2, 11, 22]])
    found = Finding("box-empty", "object 4: got a box (64, 48, 64, 48) of area 0", "a.xml", 3, "a.jpg")
    page = render_check_page(facts(dataset, [found]))
    assert '<rect class="wrong" x="62.08" y="46.08" width="3.84" height="3.84">' in page
    assert "a.xml:3" in page


def test_pairs_stand_side_by_side_and_each_picture_is_stored_once(tmp_path):
    dataset = open_data(str(faulty_folders(tmp_path)), shares=(1, 0, 0))
    page = render_check_page(facts(dataset, check(dataset).findings))
    assert page.count('<li class="several">') == 5
    assert page.count("<symbol") == 8  # 0, copy, 1, other, leak, near and the two of the test
    assert "train/ant/cut.jpg: image-broken" in page


def test_a_page_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(check_page, "SHOWN", 3)
    dataset = boxed(tmp_path, [[1, 2, 11, 22]])
    many = [Sighting("image-blank", f"number {number}", key="a.jpg", split="train") for number in range(1000)]
    page = render_check_page(facts(dataset, many))
    assert page.count("<li>\n<div") == 60
    assert "and 740 more" in page
    assert len(page) < 200_000
    gallery = Gallery(open_data("synthetic:count=12,size=16"))
    ids = [gallery.add("train", gallery._dataset.splits["train"].key(row)) for row in range(5)]
    assert [one is not None for one in ids] == [True] * 3 + [False] * 2


def test_strangers_names_are_text(tmp_path):
    dataset = replace(boxed(tmp_path, []), name=HOSTILE)
    found = [
        Sighting("leak", HOSTILE, HOSTILE, 1, "a.jpg", split=HOSTILE, others=((HOSTILE, HOSTILE),)),
        Finding(HOSTILE, HOSTILE),
    ]
    page = render_check_page(facts(dataset, found))
    assert HOSTILE not in page
    assert "&lt;img src=x" in page


def test_a_clean_page_says_so(tmp_path):
    dataset = boxed(tmp_path, [])
    path = write_check_page(facts(dataset, []), tmp_path / "page.html")
    assert "Nothing was found to be wrong in 1" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("message", ["got nothing", "(1, 2, 3)", "(1, 2, 3, nan)"])
def test_a_message_without_a_box_draws_none(message):
    assert check_page._boxes_in(Finding("box-empty", message)) == []
