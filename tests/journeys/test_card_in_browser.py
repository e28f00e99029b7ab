"""The model card in a real headless Chromium: what it holds, what it asks for, how it behaves, how it prints."""

from __future__ import annotations

import functools
import html
import http.server
import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import torch
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from torch import nn

from saccade.inspect.layer_table import layer_table
from saccade.metrics.classification import ClassificationJudgement, ClassificationMetric
from saccade.metrics.robustness import Point, Robustness
from saccade.reporting.card import write_card
from saccade.reporting.facts import CardFacts
from saccade.reporting.saliency import Case, Saliency
from saccade.reporting.speed import measure_speed
from saccade.training.events import EpochDone, FileSetAside, RunFinished, RunStarted
from saccade.training.settings import TrainingSettings
from saccade.types.asked import Asked
from saccade.types.batch import Batch
from saccade.types.explanation import Explanation, Faithfulness

HOSTILE = "<img src=x onerror=\"document.title='taken over'\">"
LABELS = (*"0123456", HOSTILE, "'\"><script>document.title='taken over'</script>", "9")
# Runs in a page around the card, since the card itself lets no script run.
ASK = """<!doctype html><link rel="icon" href="data:,"><iframe src="card.html" width="WIDTH" height="900"></iframe>
<pre id="answer"></pre><script>
document.querySelector("iframe").onload = ({target}) => {
  const card = target.contentDocument, all = name => [...card.querySelectorAll(name)];
  const maps = all(".looked svg.thumb");
  const button = card.querySelector(".matrix td.wrong-2 button, .matrix td button[popovertarget]");
  button.click();
  const opened = card.querySelector(":popover-open");
  document.getElementById("answer").textContent = JSON.stringify({
    title: card.title,
    text: card.body.innerText,
    scripts: all("script, img, iframe, object").length,
    asked: target.contentWindow.performance.getEntriesByType("resource").map(entry => entry.name),
    opened: opened && opened.id,
    wanted: button.getAttribute("popovertarget"),
    thumbnails: opened && opened.querySelectorAll("use").length,
    drawn: all("use[href^='#p']").every(use => card.querySelector(use.getAttribute("href") + " image").href.baseVal),
    looked: [maps.length, maps.every(one => one.getBoundingClientRect().width > 40)],
    charts: all("#robustness svg.figure").filter(one => one.getBoundingClientRect().height > 60).length,
    width: card.documentElement.scrollWidth,
    paper: target.contentWindow.getComputedStyle(card.documentElement).backgroundColor,
    curve: target.contentWindow.getComputedStyle(card.querySelector("#training svg path[stroke*=curve]")).stroke,
  });
};
</script>"""


@pytest.fixture(scope="module")
def judgement() -> ClassificationJudgement:
    """A linear classifier on the real digits, two of whose classes have hostile names."""
    digits = load_digits()
    pixels, labels = digits.data / 16, digits.target
    scores = LogisticRegression(C=0.02, max_iter=300).fit(pixels[360:], labels[360:]).decision_function(pixels[:360])
    metric = ClassificationMetric(LABELS)
    keys = tuple(f"{HOSTILE}/{number}.png" for number in range(360))
    images, sizes = torch.zeros(360, 1, 8, 8), torch.full((360, 2), 8)
    metric.update(torch.from_numpy(scores).float(), Batch(images, sizes, torch.from_numpy(labels[:360]), keys))
    return metric.judge(200, 0)


@pytest.fixture(scope="module")
def card(judgement: ClassificationJudgement, tmp_path_factory: pytest.TempPathFactory) -> Path:
    pictures = (load_digits().images[:360, :, :, None] * 255 / 16).astype(np.uint8)
    network = nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 10))
    epochs = [
        EpochDone(
            n, n + 1, {"loss": 2 / (n + 1)}, {"accuracy": 0.1 * n, "loss": 2.2 / (n + 1)}, True, 1e-3, 9, 1.0, 0.0
        )
        for n in range(5)
    ]
    facts = CardFacts(
        title=f"linear on digits {HOSTILE}",
        when=datetime(2026, 1, 2, tzinfo=UTC),
        description={
            "model": {"architecture": "linear"},
            "data": {"name": HOSTILE, "labels": list(LABELS), "counts": {"test": 360}},
            "settings": TrainingSettings(epochs=5).to_dict(),
            "machine": {"processor": HOSTILE},
        },
        events=[RunStarted(5, 1), *epochs, FileSetAside(HOSTILE, HOSTILE), RunFinished(5, 4, 5.0)],
        judgement=judgement,
        thumbnail=lambda key: pictures[int(Path(key).stem)],
        layers=layer_table(network, (8, 8), in_channels=1),
        speed=measure_speed(network, (8, 8), 1, torch.device("cpu"), seconds=0),
        commands=[("again", HOSTILE)],
    )
    return write_card(looked_closer(facts, pictures), tmp_path_factory.mktemp("card") / "card.html")


def looked_closer(facts: CardFacts, pictures: np.ndarray) -> CardFacts:
    """Maps of made-up heat over real digits, and made-up figures under two disturbances."""
    faith, heat = Faithfulness(0.2, 0.7, 0.4, 0.5, 0.6), np.indices((8, 8)).sum(0).astype(float)

    def asked(number: int, name: str) -> Explanation:
        key = f"{HOSTILE}/{number}.png"
        return Explanation(
            key, "grad_cam", {}, Asked(0, name), 1.0, 0.6, heat, False, pictures[number], faithfulness=faith
        )

    cases = [Case(True, HOSTILE, "4", asked(n, HOSTILE), asked(n, "4")) for n in range(4)]
    cases += [Case(False, HOSTILE, HOSTILE, asked(n, HOSTILE)) for n in range(4, 8)]
    kinds = {"noise": (0.02, 0.05, 0.1, 0.2, 0.3), "brightness": (0.25, 0.5, 0.75, 1.5, 2.5)}
    points = [Point(kind, one, (0.5, 0.4, 0.6)) for kind, strengths in kinds.items() for one in strengths]
    found = Robustness("accuracy", (0.9, 0.85, 0.93), tuple(points), 200, 360, 0)
    return replace(facts, saliency=Saliency("grad_cam", tuple(cases), HOSTILE), robustness=found)


@dataclass(frozen=True)
class Seen:
    """What the page around the card found, what the server was asked for, and what the console said."""

    answer: dict
    requests: list[str]
    console: list[str]


@pytest.fixture(scope="module")
def look(chromium: Callable, card: Path) -> Iterator[Callable[..., Seen]]:
    """A way to open the card inside another page, on a server that notes what it is asked for."""
    requests: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            requests.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(card.parent)))
    threading.Thread(target=server.serve_forever, daemon=True).start()

    @functools.cache
    def look(width: int = 1200, scheme: str = "light") -> Seen:
        requests.clear()
        (card.parent / "ask.html").write_text(ASK.replace("WIDTH", str(width)))
        preferred = f"--blink-settings=preferredColorScheme={['dark', 'light'].index(scheme)}"
        done = chromium("--dump-dom", preferred, f"http://127.0.0.1:{server.server_port}/ask.html")
        answer = re.search(r'<pre id="answer">(.*?)</pre>', done.stdout, re.DOTALL)
        assert answer
        return Seen(json.loads(html.unescape(answer[1])), list(requests), console_of(done))

    yield look
    server.shutdown()
    server.server_close()


def console_of(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def test_card_holds_the_figures_opens_its_cells_and_asks_for_nothing(
    look: Callable[..., Seen], judgement: ClassificationJudgement
) -> None:
    seen = look()
    accuracy = judgement.figures["accuracy"][0]
    text = seen.answer["text"].replace("\xa0", " ")
    assert 0.85 < accuracy < 0.99
    assert f"names {100 * accuracy:.1f} % right" in text
    assert f"{len(judgement.mistakes)} images of 360 test images were taken for another class" in text
    assert "Judged on 200 test images, a sample of 360" in text
    assert "hidden 0.20, moved 0.40; shown 0.70, moved 0.50; drawn anew 0.60 alike" in text
    assert seen.answer["looked"] == [4 * 3 + 4 * 2, True]
    assert seen.answer["charts"] == 2
    assert seen.answer["opened"] == seen.answer["wanted"] is not None
    assert seen.answer["thumbnails"] > 0
    assert seen.answer["drawn"]
    assert seen.answer["asked"] == []
    assert sorted(seen.requests) == ["/ask.html", "/card.html"]
    assert seen.console == []


def test_strangers_names_are_shown_as_text_and_never_run(look: Callable[..., Seen]) -> None:
    seen = look()
    assert seen.answer["title"] == f"linear on digits {HOSTILE} – model card"
    assert seen.answer["scripts"] == 0
    assert seen.answer["text"].count(HOSTILE) > 10


def test_card_fits_a_telephone(look: Callable[..., Seen]) -> None:
    assert look(width=360).answer["width"] == 360


def test_card_is_light_or_dark_as_the_reader_prefers(look: Callable[..., Seen]) -> None:
    light, dark = look(), look(scheme="dark")
    assert (light.answer["paper"], dark.answer["paper"]) == ("rgb(251, 250, 247)", "rgb(20, 23, 26)")
    assert light.answer["curve"] != dark.answer["curve"]


def test_card_opens_from_the_disk_without_a_word_on_the_console(chromium: Callable, card: Path) -> None:
    done = chromium("--dump-dom", card.as_uri())
    assert "<title>linear on digits" in done.stdout
    assert console_of(done) == []


def test_the_console_is_heard_when_a_page_breaks_its_policy(chromium: Callable, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    policy = """<meta http-equiv="Content-Security-Policy" content="default-src 'none'">"""
    page.write_text(f"<!doctype html><title>p</title>{policy}<p style='color: red'>red</p>")
    assert console_of(chromium("--dump-dom", page.as_uri()))


def test_card_prints_on_a_few_pages(chromium: Callable, card: Path, tmp_path: Path) -> None:
    paper = tmp_path / "card.pdf"
    chromium(f"--print-to-pdf={paper}", "--no-pdf-header-footer", card.as_uri())
    pages = len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes()))
    assert 4 <= pages <= 9
