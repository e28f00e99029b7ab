"""Every piece of code in README and the documentation runs, in a folder where a newcomer might stand.

Blocks of Python and lines that begin with `$ saccade` run in the order of their page, in one process. A comment in
front of a block says what is special about it: `<!-- exit 2 -->` for the exit code that its last command has, or
`<!-- not run: why -->`.
"""

from __future__ import annotations

import hashlib
import re
import shlex
import socket
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from saccade.cli.main import main

REPOSITORY = Path(__file__).parents[2]
PAGES = sorted([*(REPOSITORY / "docs").rglob("*.md"), *REPOSITORY.glob("*.md")])
BLOCK = re.compile(r"(?:^<!-- (?P<note>[^>]*) -->\n+)?^```(?P<language>\w+)[^\n]*\n(?P<body>.*?)^```", re.M | re.S)
ALLOWED = ("PIP_EXTRA_INDEX_URL=", "pip ", "git ", "cd ", "eval ", "source ", "kill ", "tensorboard ")


def blocks(page: Path) -> Iterator[tuple[str, str, str, int]]:
    """The language, text, note and line of each block of a page."""
    text = page.read_text(encoding="utf-8")
    for match in BLOCK.finditer(text):
        yield match["language"], match["body"], match["note"] or "", text.count("\n", 0, match.start()) + 1


def commands(body: str) -> list[str]:
    joined = body.replace("\\\n", " ")
    return [line[2:].split("  #")[0].strip() for line in joined.splitlines() if line.startswith("$ ")]


def runs(page: Path) -> bool:
    return any(
        language == "python" or (language == "console" and any("saccade " in line for line in commands(body)))
        for language, body, note, _ in blocks(page)
        if not note.startswith("not run")
    )


def photographs(folder: Path) -> None:
    """Make what the pages speak of: photos/ in classes, new-photos/, photo.jpg."""
    generator = np.random.default_rng(0)

    def save(path: Path, colour: int) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        pixels = generator.integers(0, 120, (24, 28, 3), dtype=np.uint8)
        pixels[:, :, colour] += 110
        Image.fromarray(pixels).save(path, quality=90)

    for colour, name in enumerate(("ant", "bee", "fly")):
        for number in range(12):
            save(folder / "photos" / name / f"{number}.jpg", colour)
        save(folder / "new-photos" / f"{name}.jpg", colour)
    save(folder / "photo.jpg", 1)


def hashes(folder: Path) -> dict[str, str]:
    return {str(path): hashlib.sha256(path.read_bytes()).hexdigest() for path in folder.rglob("*.jpg")}


def refuse(*_: object) -> None:
    raise AssertionError("a page must not need the network")


@pytest.fixture
def newcomer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder to work in, an empty home, and no network; the photographs must be as before in the end."""
    home, work = tmp_path / "home", tmp_path / "work"
    home.mkdir()
    work.mkdir()
    photographs(work)
    before = hashes(work)
    monkeypatch.chdir(work)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    for name, value in {
        "HOME": home, "MPLBACKEND": "agg", "MPLCONFIGDIR": tmp_path / "matplotlib", "SACCADE_MEMORY": "0",
        "SACCADE_CACHE": tmp_path / "cache",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, str(value))
    yield work
    assert before.items() <= hashes(work).items()
    assert list(home.iterdir()) == []


@pytest.mark.parametrize("page", [page for page in PAGES if runs(page)], ids=lambda page: page.stem)
@pytest.mark.usefixtures("newcomer")
def test_the_code_of_a_page_runs(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    names = {"__name__": "__main__"}
    for language, body, note, line in blocks(page):
        if note.startswith("not run"):
            continue
        if language == "python":
            exec(compile("\n" * line + body, str(page), "exec"), names)
        elif language == "console":
            codes = [(command, say(command)) for command in commands(body) if is_ours(command)]
            wanted = [0] * (len(codes) - 1) + [int(note.removeprefix("exit ") or 0)] * bool(codes)
            for (command, code), expected in zip(codes, wanted, strict=True):
                assert code == expected, f"{page.name}:{line} {command}\n{capsys.readouterr().err}"


def is_ours(command: str) -> bool:
    return "saccade" in (words := shlex.split(command))[0] or (
        len(words) > 1 and "=" in words[0] and words[1] == "saccade"
    )


def say(command: str) -> int:
    """Run a command line in this process, up to its first pipe or redirection."""
    words = shlex.split(command)
    words = words[words.index("saccade") + 1 :]
    ends = [words.index(sign) for sign in ("|", ">", "&") if sign in words]
    return main(words[: min(ends, default=len(words))])


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_no_code_of_a_page_is_out_of_reach_of_this_test(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"^[ \t]+```(python|console)", text, re.M), "an indented block would not be run"
    for language, body, note, _ in blocks(page):
        assert language not in ("bash", "sh", "shell", "py", "pycon"), f"{language}: say console or python"
        if language == "console" and not note.startswith("not run"):
            strange = [
                line for line in commands(body) if not is_ours(line) and not line.startswith((*ALLOWED, "./do "))
            ]
            assert strange == []


def test_every_verb_of_do_that_a_page_names_exists() -> None:
    script = (REPOSITORY / "do").read_text(encoding="utf-8")
    named = {
        verb for page in PAGES for verb in re.findall(r"`\./do (\w+)|^\$ \./do (\w+)", page.read_text("utf-8"), re.M)
    }
    assert {a or b for a, b in named} <= set(re.findall(r"^\./do (\w+)", script, re.M))


def test_every_file_that_a_page_names_in_the_repository_exists() -> None:
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:|#|mailto:)([^)#]+)", page.read_text(encoding="utf-8")):
            generated = "reference/" in target
            assert generated or (page.parent / target).exists(), f"{page.name} links to {target}"
