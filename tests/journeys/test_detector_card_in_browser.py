"""A detector's card in a real headless Chromium: it says nothing on the console, fits a telephone, and prints."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from judged_detectors import judge
from made_detections import pictures
from saccade.reporting.card import write_card
from saccade.reporting.facts import CardFacts

HOSTILE = "<img src=x onerror=\"document.title='taken over'\">"
# Runs in a page around the card, since the card itself lets no script run.
ASK = """<!doctype html><iframe src="card.html" width="360" height="900"></iframe><pre id="answer"></pre><script>
document.querySelector("iframe").onload = ({target}) => {
  const card = target.contentDocument, scenes = [...card.querySelectorAll("svg.scene")];
  const drawn = scenes.filter(scene => scene.querySelector("path").getBoundingClientRect().width > 3
    && scene.getBoundingClientRect().height > 60);
  document.getElementById("answer").textContent =
    [card.documentElement.scrollWidth, scenes.length, drawn.length, card.title].join("|");
};
</script>"""


@pytest.fixture(scope="module")
def card(tmp_path_factory: pytest.TempPathFactory) -> Path:
    noise = np.random.default_rng(0).integers(0, 256, (60, 60, 3)).astype(np.uint8).repeat(10, 0).repeat(10, 1)
    facts = CardFacts(
        title="yolo_nano on pictures",
        when=datetime(2026, 1, 2, tzinfo=UTC),
        description={"model": {"architecture": "yolo_nano"}, "task": "detection"},
        judgement=judge(pictures(40, 12), (HOSTILE, *(f"class {number}" for number in range(11)))),
        thumbnail=lambda _: noise,
    )
    return write_card(facts, tmp_path_factory.mktemp("card") / "card.html")


def console_of(text: str) -> list[str]:
    return [line for line in text.splitlines() if "CONSOLE" in line]


def test_boxes_are_drawn_and_the_card_fits_a_telephone(chromium: Callable, card: Path) -> None:
    around = card.parent / "ask.html"
    around.write_text(ASK)
    done = chromium("--dump-dom", "--allow-file-access-from-files", around.as_uri())
    answer = re.search(r'<pre id="answer">(.*?)</pre>', done.stdout, re.DOTALL)
    assert answer
    width, scenes, drawn, title = answer[1].split("|")
    assert int(width) == 360
    assert int(scenes) == 4 + 24 + 12
    assert int(drawn) > 30
    assert title == "yolo_nano on pictures – model card"
    assert console_of(done.stderr) == []


def test_card_prints_on_a_few_pages(chromium: Callable, card: Path, tmp_path: Path) -> None:
    paper = tmp_path / "card.pdf"
    chromium(f"--print-to-pdf={paper}", "--no-pdf-header-footer", card.as_uri())
    assert 4 <= len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes())) <= 9
