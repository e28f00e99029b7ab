"""The pages of saccade explain in a real headless Chromium: the slider, the tiles, and that they ask for nothing."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from saccade.reporting.explanation_page import write_explanation_page, write_sheet_page
from saccade.types.asked import Asked
from saccade.types.explanation import Explanation
from saccade.types.sheet import Sheet, Tile

HOSTILE = "<img src=x onerror=\"document.title='taken over'\">"
# Runs in a page around it, whose own policy lets in no script but its own.
ASK = """<!doctype html><iframe src="page.html" width="360" height="900"></iframe><pre id="answer"></pre><script>
document.querySelector("iframe").onload = async ({target}) => {
  const page = target.contentDocument, window = target.contentWindow, seen = {title: page.title};
  const slider = page.getElementById("strength"), maps = [...page.querySelectorAll(".heat")];
  const shown = () => maps.map(map => Number(window.getComputedStyle(map).opacity));
  if (slider) {
    seen.before = shown();
    slider.value = 30; slider.dispatchEvent(new window.Event("input"));
    seen.after = shown();
    seen.told = page.getElementById("strength-now").textContent;
  }
  const open = () => [...page.querySelectorAll(".large")].filter(one => one.checkVisibility()).map(one => one.id);
  const tile = page.getElementById("tile-1");
  if (tile) {
    seen.closed = open();
    window.location.hash = tile.getAttribute("href");
    await new Promise(done => setTimeout(done, 200));
    seen.opened = open();
    window.dispatchEvent(new window.KeyboardEvent("keydown", {key: "Escape"}));
    await new Promise(done => setTimeout(done, 200));
    seen.again = open();
  }
  seen.asked = window.performance.getEntriesByType("resource").map(entry => entry.name);
  seen.width = page.documentElement.scrollWidth;
  seen.images = page.querySelectorAll("img").length;
  document.getElementById("answer").textContent = JSON.stringify(seen);
};
</script>"""


@pytest.fixture
def look(chromium: Callable, tmp_path: Path) -> Callable[[Path], dict]:
    """Opens a page inside another one on a telephone, and lets nothing be said on the console."""

    def look(page: Path) -> dict:
        assert page == tmp_path / "page.html"
        (tmp_path / "ask.html").write_text(ASK)
        done = chromium("--dump-dom", "--allow-file-access-from-files", (tmp_path / "ask.html").as_uri())
        answer = re.search(r'<pre id="answer">(.*?)</pre>', done.stdout, re.DOTALL)
        assert answer
        assert [line for line in done.stderr.splitlines() if "CONSOLE" in line] == []
        return json.loads(html.unescape(answer[1]))

    return look


def test_the_slider_says_how_strong_the_maps_are(look: Callable[[Path], dict], tmp_path: Path) -> None:
    picture, heat = np.full((40, 60, 3), 128, np.uint8), np.linspace(0, 1, 2400).reshape(40, 60)
    found = [
        Explanation(HOSTILE * 3, "gradient", {}, Asked(0, HOSTILE), 1.0, 0.5, heat, False, picture) for _ in range(3)
    ]
    seen = look(write_explanation_page(found, tmp_path / "page.html"))
    assert (seen["before"], seen["told"]) == ([1, 1, 1], "30 %")
    assert seen["after"] == pytest.approx([0.3] * 3)
    assert (seen["title"], seen["images"], seen["asked"]) == ("gradient of 3 images", 0, [])
    assert seen["width"] == 360


def test_a_tile_opens_large_and_escape_closes_it(look: Callable[[Path], dict], tmp_path: Path) -> None:
    tiles = tuple(Tile(np.full((9, 9, 3), 20 * n, np.uint8), HOSTILE, str(n % 2)) for n in range(10))
    for places in (None, np.random.default_rng(0).random((10, 2))):
        seen = look(write_sheet_page(Sheet("tiles", tiles, places=places), tmp_path / "page.html"))
        assert (seen["closed"], seen["opened"], seen["again"]) == ([], ["large-1"], [])
        assert (seen["title"], seen["images"], seen["asked"], seen["width"]) == ("tiles", 0, [], 360)
