from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from page_words import Page
from saccade.errors import BadImage
from saccade.inspect.layer_table import layer_table
from saccade.metrics.classification import ClassificationJudgement
from saccade.metrics.multi_label import MultiLabelMetric
from saccade.reporting.card import render_card, write_card
from saccade.reporting.facts import CardFacts
from saccade.types.batch import Batch

HOSTILE = "<img src=x onerror=alert(1)>"


def test_page_is_well_formed_and_every_id_is_unique(facts: CardFacts) -> None:
    page = Page(render_card(facts))
    assert page.open == []
    assert len(page.ids) == len(set(page.ids))


def test_every_reference_inside_the_page_has_its_target(facts: CardFacts) -> None:
    text = render_card(facts)
    page = Page(text)
    wanted = {value[1:] for _, name, value in page.attributes if name == "href" and value.startswith("#")}
    wanted |= {value for _, name, value in page.attributes if name == "popovertarget"}
    wanted |= set(re.findall(r"url\(#([^)]+)\)", text))
    assert wanted
    assert wanted <= set(page.ids)


def test_figures_of_the_page_are_those_of_the_judgement(facts: CardFacts) -> None:
    words = Page(render_card(facts)).text
    assert isinstance(facts.judgement, ClassificationJudgement)
    value, low, high = facts.judgement.numbers()["accuracy"]
    assert value == pytest.approx(7 / 9)
    assert (
        f"names 77.8 % right (95 % interval {100 * low:.1f} % to {100 * high:.1f} %)".replace("100.0", "100") in words
    )
    assert "It fails most on owl : it finds 50.0 % of 2 images and takes 1 of them for cat." in words
    assert "2 images of 9 test images were taken for another class" in words


def test_page_tells_every_other_fact_it_was_given(facts: CardFacts) -> None:
    words = Page(render_card(facts)).text
    told = (
        "lenet5 on photos",
        "2 January 2026",
        "in grey images of 4 × 4 pixels, trained on photos",
        "Training ran for 3 epochs and took 1.5 s, 180 images a second.",
        "The weights of epoch 2 were the best on the validation images and were kept.",
        "a fast one, 2 threads",
        "saccade train --repeat runs/photos-lenet5-1",
        "saccade train photos --model lenet5",
        "photos/cat/broken.png it ends after 12 bytes",
        "1 file set aside, since it could not be read",
        "epochs 3 10 passes over the training images",
        "torch 2.6.0",
        "cccccccccccccccccccccccc",
    )
    for fact in told:
        assert fact in words


def test_layers_are_told_when_their_table_is_given(facts: CardFacts) -> None:
    network = nn.Sequential(nn.Conv2d(1, 6, 3), nn.Flatten(), nn.Linear(24, 3))
    words = Page(render_card(replace(facts, layers=layer_table(network, (4, 4), in_channels=1)))).text
    # 6·9 + 6 and 24·3 + 3 parameters; 6·9·4 and 24·3 multiply-adds
    assert "135 parameters and 288 multiply-adds for one image (576 FLOPs), in 3 layers" in words
    assert "0 Conv2d 6 × 2 × 2 60 216" in words


def test_page_asks_nothing_of_the_network(facts: CardFacts) -> None:
    text = render_card(facts)
    page = Page(text)
    fetched = [
        (tag, name, value) for tag, name, value in page.attributes if name in ("src", "href", "srcset", "action")
    ]
    assert all(value.startswith(("#", "data:")) for _, _, value in fetched)
    assert "http:" not in text
    assert "https:" not in text
    assert not {"script", "iframe", "object", "embed", "form", "base"} & {tag for tag, _, _ in page.attributes}


def test_content_policy_allows_the_one_style_sheet_alone(facts: CardFacts) -> None:
    text = render_card(facts)
    sheets = re.findall(r"<style>(.*?)</style>", text, re.DOTALL)
    assert len(sheets) == 1
    digest = base64.b64encode(hashlib.sha256(sheets[0].encode()).digest()).decode()
    policy = (
        f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    )  # fmt: skip
    assert f'<meta http-equiv="Content-Security-Policy" content="{policy}">' in text
    page = Page(text)
    assert not [name for _, name, _ in page.attributes if name == "style" or name.startswith("on")]


def test_strangers_names_stand_in_the_page_as_text(
    facts: CardFacts, judge: Callable[..., ClassificationJudgement]
) -> None:
    hostile = replace(
        facts,
        title=HOSTILE,
        judgement=judge((HOSTILE, '"><script>alert(2)</script>', "a\nb\x1b[31m\u202e")),
        set_aside=[(HOSTILE, "'--><svg onload=alert(3)>")],
        commands=[("again", f"saccade train {HOSTILE}")],
        description={**facts.description, "machine": {HOSTILE: HOSTILE}, "command": HOSTILE, "model": HOSTILE},
    )
    text = render_card(hostile)
    page = Page(text)
    assert not {"script", "img"} & {tag for tag, _, _ in page.attributes}
    assert not [name for _, name, _ in page.attributes if name.startswith("on")]
    assert page.text.count(HOSTILE) > 10
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert page.open == []


def test_each_thumbnail_is_stored_once_however_often_it_is_shown(facts: CardFacts) -> None:
    text = render_card(facts)
    assert text.count("<symbol ") == 9
    assert text.count("data:image/") == 9
    assert text.count('<use href="#p') > 9


def test_card_of_hundreds_of_photos_stays_below_two_megabytes(
    facts: CardFacts, judge: Callable[..., ClassificationJudgement]
) -> None:
    generator = np.random.default_rng(0)
    targets = generator.integers(0, 10, 2000)
    predicted = np.where(generator.random(2000) < 0.6, targets, generator.integers(0, 10, 2000))
    noise = generator.integers(0, 256, (12, 16, 3)).astype(np.uint8).repeat(20, axis=0).repeat(20, axis=1)
    judged = judge([f"class {number}" for number in range(10)], targets.tolist(), predicted.tolist())
    text = render_card(replace(facts, judgement=judged, thumbnail=lambda _: noise))
    assert text.count("<symbol ") == 400
    assert len(text.encode()) < 2_000_000


def test_picture_that_cannot_be_read_any_more_is_counted_and_the_card_is_written(facts: CardFacts) -> None:
    def gone(key: str) -> np.ndarray:
        raise BadImage("the file is gone", key)

    words = Page(render_card(replace(facts, thumbnail=gone))).text
    assert "9 pictures could not be read any more when it was written" in words
    assert "no picture" in words


def test_card_without_facts_is_a_page_that_says_so() -> None:
    page = Page(render_card(CardFacts("empty", datetime(2026, 1, 1, tzinfo=UTC))))
    assert "Not judged." in page.text
    assert "<section" not in render_card(CardFacts("empty", datetime(2026, 1, 1, tzinfo=UTC)))


def test_card_of_several_labels_has_no_confusion_but_average_precision(facts: CardFacts) -> None:
    metric = MultiLabelMetric(("red", "round"))
    targets = torch.tensor([[1.0, 0.0], [1.0, 1.0], [0.0, 1.0], [0.0, 0.0]])
    logits = torch.tensor([[2.0, -2.0], [2.0, 2.0], [-2.0, 2.0], [2.0, -2.0]])
    batch = Batch(torch.zeros(4, 1, 4, 4), torch.full((4, 2), 4), targets, tuple("abcd"))
    metric.update(logits, batch)
    text = render_card(replace(facts, judgement=metric.judge(50, 0)))
    words = Page(text).text
    assert 'id="confusion"' not in text
    assert "names any of 2 classes" in words
    assert "its mean average precision is" in words
    assert "average precision" in words
    assert "nothing said to be red" in words


def test_page_is_the_same_for_the_same_facts(facts: CardFacts) -> None:
    assert render_card(facts) == render_card(facts)


def test_card_is_written_whole(facts: CardFacts, tmp_path: Path) -> None:
    path = write_card(facts, tmp_path / "run" / "card.html")
    assert path.read_text(encoding="utf-8") == render_card(facts)
    assert [entry.name for entry in path.parent.iterdir()] == ["card.html"]
