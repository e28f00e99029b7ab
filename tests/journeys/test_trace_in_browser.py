"""The page of a trace in a real headless Chromium: stepping through it, what it asks for, how it looks and prints."""

from __future__ import annotations

import functools
import html
import http.server
import json
import re
import subprocess
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from saccade.cli.main import main
from saccade.inspect.tracing.options import traces

# Runs in a page around the trace, whose own policy lets in no script but its own.
ASK = """<!doctype html><link rel="icon" href="data:,"><iframe src="trace.html" width="WIDTH" height="900"></iframe>
<pre id="answer"></pre><script>
document.querySelector("iframe").onload = async ({target}) => {
  const page = target.contentDocument, window = target.contentWindow, seen = [];
  const find = id => page.getElementById(id);
  const now = () => [...page.querySelectorAll(".step")].filter(step => step.checkVisibility()).map(step => step.id);
  const key = (name, more = {}) => {
    const on = page.activeElement || page.body;
    on.dispatchEvent(new window.KeyboardEvent("keydown", {key: name, bubbles: true, cancelable: true, ...more}));
  };
  const note = word => seen.push([word, ...now()]);
  const wait = time => new Promise(done => setTimeout(done, time));
  note("open");
  find("next").click(); note("next");
  find("next").click(); note("next again");
  find("previous").click(); note("previous");
  key("ArrowRight"); note("right");
  key("ArrowLeft"); key("ArrowLeft"); note("left left");
  key("ArrowLeft"); note("left at the start");
  key("ArrowRight", {ctrlKey: true}); note("control right");
  key("End"); note("end");
  key("ArrowRight"); note("right at the end");
  const ends = [find("next").disabled, find("previous").disabled, find("place").textContent];
  key("Home"); note("home");
  find("slider").value = 4; find("slider").dispatchEvent(new window.Event("input")); note("slider");
  key(" "); await wait(2500); note("played for two steps");
  key(" "); await wait(2500); note("stopped");
  for (const one of page.getAnimations()) one.finish();
  find("next").click();
  const slides = page.getAnimations().length;
  find("all").click();
  const everything = now().length;
  find("all").click(); note("one again");
  document.getElementById("answer").textContent = JSON.stringify({
    seen, ends, slides, everything,
    title: page.title,
    images: page.querySelectorAll("img, iframe, object").length,
    asked: window.performance.getEntriesByType("resource").map(entry => entry.name),
    width: page.documentElement.scrollWidth,
    paper: window.getComputedStyle(page.documentElement).backgroundColor,
    cell: window.getComputedStyle(page.querySelector("path.p6")).fill,
    named: [...page.querySelectorAll("button")].map(button => button.ariaLabel || button.textContent),
  });
};
</script>"""


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A trace as the command line writes it."""
    path = tmp_path_factory.mktemp("trace") / "trace.html"
    assert main(["trace", "conv", "--out", str(path)]) == 0
    return path


@dataclass(frozen=True)
class Seen:
    """What the page around the trace found, what the server was asked for, and what the console said."""

    answer: dict
    requests: list[str]
    console: list[str]


@pytest.fixture(scope="module")
def look(chromium: Callable, page: Path) -> Iterator[Callable[..., Seen]]:
    """A way to open the trace inside another page, on a server that notes what it is asked for."""
    requests: list[str] = []

    class Handler(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            requests.append(self.path)

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Handler, directory=str(page.parent)))
    threading.Thread(target=server.serve_forever, daemon=True).start()

    @functools.cache
    def look(width: int = 1200, scheme: str = "light") -> Seen:
        requests.clear()
        (page.parent / "ask.html").write_text(ASK.replace("WIDTH", str(width)))
        preferred = f"--blink-settings=preferredColorScheme={['dark', 'light'].index(scheme)}"
        done = chromium("--dump-dom", preferred, f"http://127.0.0.1:{server.server_port}/ask.html", milliseconds=20_000)
        answer = re.search(r'<pre id="answer">(.+?)</pre>', done.stdout, re.DOTALL)
        assert answer, console_of(done)
        return Seen(json.loads(html.unescape(answer[1])), list(requests), console_of(done))

    yield look
    server.shutdown()
    server.server_close()


def console_of(done: subprocess.CompletedProcess[str]) -> list[str]:
    return [line for line in done.stderr.splitlines() if "CONSOLE" in line]


def test_buttons_keys_and_slider_step_through_it(look: Callable[..., Seen]) -> None:
    answer = look().answer
    assert [(word, *steps) for word, *steps in answer["seen"]] == [
        ("open", "step-1"),
        ("next", "step-2"),
        ("next again", "step-3"),
        ("previous", "step-2"),
        ("right", "step-3"),
        ("left left", "step-1"),
        ("left at the start", "step-1"),
        ("control right", "step-1"),
        ("end", "step-16"),
        ("right at the end", "step-16"),
        ("home", "step-1"),
        ("slider", "step-4"),
        ("played for two steps", "step-6"),
        ("stopped", "step-6"),
        ("one again", "step-7"),
    ]
    assert answer["ends"] == [True, False, "16 of 16"]
    assert answer["everything"] == 16


def test_the_window_slides_to_its_new_place(look: Callable[..., Seen]) -> None:
    assert look().answer["slides"] >= 4  # the window and the cell of the output, each with its halo


def test_it_asks_for_nothing_and_the_console_is_silent(look: Callable[..., Seen]) -> None:
    seen = look()
    assert seen.answer["asked"] == []
    assert sorted(seen.requests) == ["/ask.html", "/trace.html"]
    assert seen.console == []
    assert seen.answer["images"] == 0


def test_every_button_has_a_name(look: Callable[..., Seen]) -> None:
    assert look().answer["named"] == ["Previous step", "Play", "Next step", "All steps"]


def test_it_fits_a_telephone(look: Callable[..., Seen]) -> None:
    assert look(width=360).answer["width"] == 360


def test_it_is_light_or_dark_as_the_reader_prefers(look: Callable[..., Seen]) -> None:
    light, dark = look(), look(scheme="dark")
    assert (light.answer["paper"], dark.answer["paper"]) == ("rgb(251, 250, 247)", "rgb(20, 23, 26)")
    assert light.answer["cell"] != dark.answer["cell"]


def test_without_a_script_every_step_can_be_read(chromium: Callable, page: Path, tmp_path: Path) -> None:
    plain = tmp_path / "plain.html"
    plain.write_text(re.sub(r"<script>.*?</script>", "", page.read_text("utf-8"), flags=re.DOTALL), "utf-8")
    paper = tmp_path / "plain.pdf"
    chromium(f"--print-to-pdf={paper}", "--no-pdf-header-footer", plain.as_uri(), milliseconds=20_000)
    assert len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes())) >= 4


def test_it_prints_every_step(chromium: Callable, page: Path, tmp_path: Path) -> None:
    paper = tmp_path / "trace.pdf"
    chromium(f"--print-to-pdf={paper}", "--no-pdf-header-footer", page.as_uri(), milliseconds=20_000)
    assert 4 <= len(re.findall(rb"/Type\s*/Page\b", paper.read_bytes())) <= 9


def test_every_trace_opens_from_the_disk_without_a_word_on_the_console(chromium: Callable, tmp_path: Path) -> None:
    names = list(traces())
    for name in names:
        assert main(["trace", name, "--out", str(tmp_path / f"{name}.html")]) == 0
    frames = "".join(f'<iframe src="{name}.html"></iframe>' for name in names)
    (tmp_path / "all.html").write_text(f"<!doctype html><title>all</title>{frames}")
    done = chromium("--dump-dom", (tmp_path / "all.html").as_uri(), milliseconds=20_000)
    assert done.stdout.count("<iframe") == len(names)
    assert console_of(done) == []
