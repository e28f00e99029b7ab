"""The card of a detector as a page: what it tells, and what no name, no picture and no lack of things can spoil."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from dataclasses import replace

import numpy as np
import pytest

from judged_detectors import judge
from made_detections import picture, pictures
from page_words import Page
from saccade.errors import BadImage
from saccade.metrics.detection.judgement import DetectionJudgement
from saccade.reporting.card import render_card
from saccade.reporting.facts import CardFacts

HOSTILE = "<img src=x onerror=alert(1)>"
HERE, FAR = (0.0, 0.0, 100.0, 100.0), (400.0, 400.0, 500.0, 500.0)
SECTIONS = ("numbers", "curves", "boxed-classes", "kinds", "boxed-confusion", "worst", "pictures")


@pytest.fixture
def boxed(facts: CardFacts) -> CardFacts:
    """A detector of two classes on forty pictures."""
    description = {**facts.description, "task": "detection", "model": {"architecture": "yolo_nano"}}
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3)).astype(np.uint8).repeat(10, 0).repeat(10, 1)
    return replace(facts, judgement=judge(pictures(40, 2)), description=description, thumbnail=lambda _: noise)


def shown(facts: CardFacts, judgement: DetectionJudgement) -> tuple[str, Page]:
    text = render_card(replace(facts, judgement=judgement))
    page = Page(text)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    wanted = {value[1:] for _, name, value in page.attributes if name == "href" and value.startswith("#")}
    assert wanted | set(re.findall(r"url\(#([^)]+)\)", text)) <= set(page.ids)
    assert not [name for _, name, _ in page.attributes if name == "style" or name.startswith("on")]
    assert " nan" not in page.text
    assert "nan" not in "".join(value for _, name, value in page.attributes if name in ("d", "viewBox", "x", "width"))
    return text, page


def test_figures_of_the_page_are_those_of_the_judgement(boxed: CardFacts) -> None:
    judgement = boxed.judgement
    assert isinstance(judgement, DetectionJudgement)
    _, page = shown(boxed, judgement)
    assert all(section in page.ids for section in SECTIONS)
    assert "A yolo_nano that finds boxes of 2 classes in grey images of 4 × 4 pixels" in page.text
    value, low, high = (f"{100 * number:.1f} %" for number in judgement.figures["map"])
    assert f"its mean average precision is {value} (95 % interval {low} to {high} )" in page.text.replace("),", " ),")
    things = sum(row.support for row in judgement.per_class)
    assert f"On 40 test images with {things} things." in page.text
    for one in judgement.errors:
        assert f" {one.count} +" in page.text
    wrong = sum(one.count for one in judgement.errors if one.kind != "missed")
    assert f"12 of {wrong} wrong boxes" in page.text


def test_page_allows_its_own_styles_alone_and_asks_for_nothing(boxed: CardFacts) -> None:
    text = render_card(boxed)
    (sheet,) = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert base64.b64encode(hashlib.sha256(sheet.encode()).digest()).decode() in text
    assert ".scene" in sheet
    assert "http:" not in text
    assert "https:" not in text
    assert "<script" not in text


def test_only_the_card_of_a_detector_has_its_styles(boxed: CardFacts) -> None:
    assert ".scene" not in render_card(replace(boxed, judgement=None))


def test_there_is_no_section_on_calibration(boxed: CardFacts) -> None:
    assert 'id="calibration"' not in render_card(boxed)


def test_pictures_are_stored_once_and_boxes_are_lines_over_them(boxed: CardFacts) -> None:
    text = render_card(boxed)
    scenes = re.findall(r'<svg class="scene".*?</svg>', text, re.DOTALL)
    assert text.count("<symbol ") < len(scenes)
    assert all('<use href="#p' in scene for scene in scenes)
    assert sum('class="wrong" d="M' in scene for scene in scenes) >= 12


def test_page_of_noise_stays_below_three_megabytes(boxed: CardFacts) -> None:
    generator = np.random.default_rng(0)
    photo = generator.integers(0, 256, (900, 1200, 3)).astype(np.uint8)
    text = render_card(replace(boxed, thumbnail=lambda _: photo))
    assert text.count("<symbol ") > 10
    assert len(text.encode()) < 3_000_000


def test_card_without_a_thing_to_find_says_so(boxed: CardFacts) -> None:
    _, page = shown(boxed, judge([picture([], [(HERE, 0, 0.9)]), picture(key="b")]))
    assert "There is nothing to find on 2 test images, so only boxes on nothing can be counted: 1." in page.text
    assert "Nothing to find." in page.text
    assert not {"curves", "boxed-classes"} & set(page.ids)
    assert "Without things there are no figures" in page.text
    assert "mAP" not in page.text.split("Contents")[0].split("Figures")[0]
    assert "All of them, the surest first." in page.text


def test_card_without_a_box_found_has_its_misses(boxed: CardFacts) -> None:
    _, page = shown(boxed, judge([picture([(HERE, 0)]), picture([(FAR, 1)], key="b")]))
    assert "missed; no box is near it" in page.text
    assert "Surest wrong boxes" not in page.text
    assert "no confidence to choose" in page.text


def test_card_of_a_perfect_detector_has_no_mistakes(boxed: CardFacts) -> None:
    _, page = shown(boxed, judge([picture([(HERE, 0), (FAR, 1)], [(HERE, 0, 0.9), (FAR, 1, 0.9)])]))
    assert "It made no mistake on them." in page.text
    assert "worst" not in page.ids


def test_card_of_images_with_nothing_at_all(boxed: CardFacts) -> None:
    _, page = shown(boxed, judge([picture(key="a"), picture(key="b")]))
    assert "There is nothing to find" in page.text


def test_card_of_one_class_has_no_weakest(boxed: CardFacts) -> None:
    _, page = shown(boxed, judge(pictures(20, 1), ("cat",)))
    assert "finds boxes of 1 class in" in page.text
    assert "fails most on" not in page.text
    assert "wrong class" not in page.text


def test_card_of_eighty_classes_is_of_modest_size(boxed: CardFacts) -> None:
    text, page = shown(boxed, judge(pictures(150, 80), [f"class {number}" for number in range(80)]))
    assert "With 80 classes the whole matrix would not fit" in page.text
    assert "60 more classes" in page.text
    assert len(text) < 1_500_000


def test_strangers_names_stand_in_the_page_as_text(boxed: CardFacts) -> None:
    names = (HOSTILE, '"><script>alert(2)</script>', "a\nb\x1b[31m\u202e", "ü" * 300)
    images = [replace(one, key=f"{HOSTILE}{number}") for number, one in enumerate(pictures(30, 4))]
    text, page = shown(boxed, judge(images, names))
    assert not {"script", "img"} & {tag for tag, _, _ in page.attributes}
    assert page.text.count(HOSTILE) > 10
    assert "\x1b" not in text
    assert "\u202e" not in text


def test_pictures_that_cannot_be_read_any_more_are_counted(boxed: CardFacts) -> None:
    def gone(key: str) -> np.ndarray:
        raise BadImage("the file is gone", key)

    text, page = shown(replace(boxed, thumbnail=gone), judge(pictures(40, 2)))
    assert "could not be read any more when it was written" in page.text
    assert "no picture" in page.text
    assert "<symbol " not in text
    assert "in truth" in page.text


def test_picture_smaller_than_its_boxes_is_drawn_all_the_same(boxed: CardFacts) -> None:
    for image in (np.zeros((1, 1, 1), np.uint8), np.zeros((2, 5000, 4), np.uint16)):
        text, page = shown(replace(boxed, thumbnail=lambda _, image=image: image), judge(pictures(10, 2)))
        assert "<symbol " in text
        assert "no picture" not in page.text


def test_page_is_the_same_for_the_same_facts(boxed: CardFacts) -> None:
    assert render_card(boxed) == render_card(boxed)


def test_figures_that_the_task_adds_are_told(boxed: CardFacts) -> None:
    judgement = judge(pictures(10, 2))
    added = replace(judgement, figures={"localised": (0.5, 0.25, 0.75), **judgement.figures})
    _, page = shown(boxed, added)
    assert "Localised share of images right in whether there is an object" in page.text
    json.dumps(added.to_dict(), allow_nan=False)
