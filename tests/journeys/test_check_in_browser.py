"""The page of findings in a real headless Chromium: what it shows, what it asks for, how it behaves with strangers."""

from __future__ import annotations

import html
import json
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from faulty_data import faulty_folders, save
from pictures import hashes

HOSTILE = "<img src=x onerror=document.title='taken over'>.jpg"
# Runs in a page around the page, since the page itself lets no script run.
ASK = """<!doctype html><link rel="icon" href="data:,"><iframe src="check.html" width="WIDTH" height="900"></iframe>
<pre id="answer"></pre><script>
document.querySelector("iframe").onload = ({target}) => {
  const page = target.contentDocument, all = name => [...page.querySelectorAll(name)];
  document.getElementById("answer").textContent = JSON.stringify({
    title: page.title,
    text: page.body.innerText,
    scripts: all("script, img, iframe, object").length,
    drawn: all(".shown use").every(use => page.querySelector(use.getAttribute("href") + " image").href.baseVal),
    pairs: all(".several .shown").length,
    sizes: all(".shown").map(one => one.getBoundingClientRect().height),
    width: page.documentElement.scrollWidth,
    asked: target.contentWindow.performance.getEntriesByType("resource").map(entry => entry.name),
  });
};
</script>"""


def saccade(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "saccade", "data", "check", *words]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=240, check=False)


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the command line writes about a folder with one fault of each kind, one of them under a hostile name."""
    folder = tmp_path_factory.mktemp("check")
    faulty_folders(folder / "photos")
    save(folder / "photos" / "train" / "bee" / HOSTILE, 12)
    before = hashes(folder / "photos")
    done = saccade(folder, "photos", "--out", "check.html", "--fix", "mended")
    assert done.returncode == 2, done.stderr
    assert hashes(folder / "photos") == before
    again = saccade(folder, "mended")
    assert "image-broken" not in again.stdout
    assert ": leak: " not in again.stdout
    return folder / "check.html"


def look(chromium: Callable, page: Path, width: int) -> tuple[dict, str]:
    (page.parent / "ask.html").write_text(ASK.replace("WIDTH", str(width)))
    done = chromium("--allow-file-access-from-files", "--dump-dom", (page.parent / "ask.html").as_uri())
    answer = re.search(r'<pre id="answer">(.*?)</pre>', done.stdout, re.DOTALL)
    assert answer
    return json.loads(html.unescape(answer[1])), done.stderr


def test_page_shows_pairs_asks_for_nothing_and_runs_no_stranger(chromium: Callable, page: Path) -> None:
    seen, console = look(chromium, page, 1200)
    assert seen["title"] == "photos – data check"
    assert "The same picture in two splits" in seen["text"]
    assert HOSTILE in seen["text"]
    assert seen["scripts"] == 0
    assert seen["drawn"]
    assert seen["pairs"] >= 12
    assert min(seen["sizes"]) > 50
    assert seen["asked"] == []
    assert "CONSOLE" not in console


def test_page_fits_a_telephone(chromium: Callable, page: Path) -> None:
    assert look(chromium, page, 360)[0]["width"] == 360
