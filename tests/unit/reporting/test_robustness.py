"""How much of a figure is left, as a section of the card."""

from __future__ import annotations

from dataclasses import replace

from page_words import Page
from saccade.metrics.robustness import Point, Robustness
from saccade.reporting.card import render_card
from saccade.reporting.facts import CardFacts
from saccade.reporting.robustness import robustness_section

WHOLE, HALF, NONE = (0.8, 0.7, 0.9), (0.4, 0.3, 0.5), (float("nan"), float("nan"), float("nan"))
FOUND = Robustness(
    "accuracy",
    WHOLE,
    (
        Point("blur", 0.01, WHOLE), Point("blur", 0.08, HALF),
        Point("brightness", 0.5, (0.6, 0.5, 0.7)), Point("brightness", 2.0, NONE),
    ),
    40, 300, 0,
)  # fmt: skip


def test_the_undisturbed_figure_stands_where_nothing_is_changed() -> None:
    section = robustness_section(FOUND, "test")
    assert section is not None
    assert [chart.title for chart in section.charts] == ["Blur", "Brightness"]
    blur, brightness = section.charts
    assert blur.rows == (
        ("as it is", "80.0\xa0%", "70.0\xa0% to 90.0\xa0%"),
        ("1%", "80.0\xa0%", "70.0\xa0% to 90.0\xa0%"),
        ("8%", "40.0\xa0%", "30.0\xa0% to 50.0\xa0%"),
    )
    assert [row[0] for row in brightness.rows] == ["0.5", "as it is", "2"]
    assert brightness.rows[2][1:] == ("–", "")


def test_the_card_says_of_how_many_pictures_and_what_hurts_most(facts: CardFacts) -> None:
    text = render_card(replace(facts, robustness=FOUND))
    page = Page(text)
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))
    assert "Judged on 40 test images, a sample of 300, each time the same." in page.text
    assert "As they are, accuracy is 80.0 % (95 % interval 70.0 % to 90.0 %)." in page.text
    assert "Least is left under blur (deviation, of the shorter side 8%): 40.0 % (30.0 % to 50.0 %)." in page.text
    assert 'aria-label="Accuracy under brightness. 0.5: 60.0\xa0%, as it is: 80.0\xa0%, 2: –."' in text


def test_why_nobody_measured_is_said_and_without_facts_there_is_no_section(facts: CardFacts) -> None:
    words = Page(render_card(replace(facts, robustness="It would take long."))).text
    assert "On worse pictures It would take long." in words.replace("\n", " ")
    assert "robustness" not in Page(render_card(facts)).ids


def test_nothing_known_is_drawn_as_nothing() -> None:
    section = robustness_section(Robustness("map", NONE, (Point("noise", 0.1, NONE),), 3, 3, 0), "validation")
    assert section is not None
    assert "Least" not in section.sentence
    assert section.sentence == "Judged on 3\xa0validation images, each time the same. As they are, mAP is –."
