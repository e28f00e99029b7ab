"""A hook of MkDocs: what the documentation reads from the code, so that a new file needs no edit.

One page of reference for each room; and in any page, a line such as `<!-- lists: models -->` becomes the table that the
code has at that moment, `<!-- help: train -->` the help of a verb.
"""

from __future__ import annotations

import ast
import contextlib
import dataclasses
import io
import os
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from mkdocs.structure.files import File, Files

from saccade import catalog
from saccade.cli._volume import in_thousands
from saccade.cli.main import main
from saccade.training.settings import TrainingSettings

PACKAGE = Path(__file__).parent.parent / "src" / "saccade"
STEPS = (
    ("api", "cli"),
    ("types", "data", "data.formats", "architectures", "layers", "ops"),
    ("tasks", "losses", "metrics", "training"),
    ("weights", "exports", "reporting", "inspect", "inspect.traces"),
)


def rooms() -> list[str]:
    """List the rooms in reading order: what a user calls first, and whatever is new last."""
    found = {".".join(path.parent.relative_to(PACKAGE).parts) for path in PACKAGE.rglob("__init__.py")} - {""}
    ordered = [room for step in STEPS for room in step if room in found]
    return ordered + sorted(found - set(ordered))


def modules(room: str) -> list[str]:
    """List the files of a room that a reader may import from, dotted."""
    folder = PACKAGE.joinpath(*room.split(".")) if room else PACKAGE
    names = (path.stem for path in sorted(folder.glob("*.py")) if not path.stem.startswith("_"))
    return [".".join(filter(None, ("saccade", room, name))) for name in names]


def says(path: Path) -> str:
    """Give the first line of a file's docstring."""
    return (ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "").split("\n")[0]


def contents(room: str) -> str:
    """Write what mkdocstrings turns into the documentation of each file of a room."""
    options = "    options:\n      show_root_heading: false\n      show_root_toc_entry: false\n"
    return "\n".join(f"## {name.split('.')[-1]}\n\n::: {name}\n{options}" for name in modules(room))


def page(room: str) -> str:
    """Write the page of a room."""
    about = says(PACKAGE.joinpath(*room.split("."), "__init__.py"))
    return f"---\ntitle: {room}\n---\n\n# `saccade.{room}`\n\n{about}\n\n{contents(room)}"


def index() -> str:
    """Write the page that lists the rooms, with what lies outside of them."""
    rows = (
        f"| [`{room}`]({room}.md) | {says(PACKAGE.joinpath(*room.split('.'), '__init__.py'))} |" for room in rooms()
    )
    about = "The names that `import saccade` gives are in [`api`](api.md); everything else is imported from its file."
    table = "\n".join(["| room | what lives there |", "|---|---|", *rows])
    return f"---\ntitle: All rooms\n---\n\n# Reference\n\n{about}\n\n{table}\n\n{contents('')}"


def on_config(config: Any) -> Any:
    """Put the pages into the navigation."""
    pages = [{"All rooms": "reference/index.md"}, *({room: f"reference/{room}.md"} for room in rooms())]
    config.nav = [*config.nav, {"Reference": pages}]
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the pages themselves, which are in no folder."""
    files.append(File.generated(config, "reference/index.md", content=index()))
    for room in rooms():
        files.append(File.generated(config, f"reference/{room}.md", content=page(room)))
    return files


def settings() -> str:
    """List the settings of training."""
    rows = (
        f"| `{knob.name}` | `{knob.default!r}` | {knob.metadata['help']} |"
        for knob in dataclasses.fields(TrainingSettings)
    )
    return "\n".join(["| setting | default | meaning |", "|---|---|---|", *rows])


def models() -> str:
    """List the architectures, from their cards, each with a link to its page in the gallery."""
    files = {name: module.rpartition(".")[2] for name, module in catalog.offers("architectures").items()}
    rows = (
        f"| [`{name}`](architectures/{files[name]}.md) | {card.get('year') or ''} | {card.get('parameters', 0):,} "
        f"| {in_thousands(card.get('macs', 0))} | {sides(card.get('native_size'))} "
        f"| {sides(card.get('smallest_size'))} |"
        for name, card in catalog.cards("architectures").items()
    )
    head = "| name | year | parameters | multiply-adds | made for | smallest |"
    return "\n".join([head, "|---|---|--:|--:|--:|--:|", *rows])


def imagine() -> str:
    """List the ways of making pictures, as of this moment."""
    return "\n".join(
        ["| method | makes | of |", "|---|---|---|"]
        + [
            f"| `{name}` | {card['about']} | {card['paper']}, {card['year']} |"
            for name, card in catalog.cards("imagine").items()
        ]
    )


def explanations() -> str:
    """List the methods of explanation, from their cards."""
    rows = (
        f"| `{name}` | {card['about']} | {card['paper']}, {card['year']}"
        f"{', arXiv ' + card['arxiv'] if card['arxiv'] else ''} |"
        for name, card in {**catalog.cards("explanations"), **catalog.cards("explanations.looks")}.items()
    )
    return "\n".join(["| method | what it shows | paper |", "|---|---|---|", *rows])


def sides(size: Any) -> str:
    """Write a size in pixels."""
    return "×".join(map(str, size)) if isinstance(size, list | tuple) else str(size or "")


def formats() -> str:
    """List the forms of data sets, each as its file draws it."""
    texts = []
    for path in sorted((PACKAGE / "data" / "formats").glob("[a-z]*.py")):
        doc = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        texts.append(
            f"### {path.stem.replace('_', ' ')}\n\n" + re.sub(r"^Source: ", "Source: ", doc, flags=re.MULTILINE)
        )
    return "\n\n".join(texts)


def help_of(verb: str) -> str:
    """Give the help of a verb as a terminal shows it."""
    shown = io.StringIO()
    os.environ["COLUMNS"] = "90"
    with contextlib.redirect_stdout(shown):
        main([*verb.split(), "--help"])
    return f"```text\n{shown.getvalue().rstrip()}\n```"


def errors() -> str:
    """Give the tree of errors as its file draws it."""
    drawing = (ast.get_docstring(ast.parse((PACKAGE / "errors.py").read_text(encoding="utf-8"))) or "").split("\n\n")[1]
    return f"```text\n{textwrap.dedent(drawing)}\n```"


LISTS: dict[str, Callable[[], str]] = {
    "settings": settings, "models": models, "formats": formats, "errors": errors, "explanations": explanations,
    "imagine": imagine,
}  # fmt: skip


def on_page_markdown(markdown: str, page: Any, config: Any, files: Files) -> str:
    """Put what the code has into the places that ask for it."""
    del page, config, files
    markdown = re.sub(r"^<!-- lists: (\w+) -->$", lambda match: LISTS[match[1]](), markdown, flags=re.MULTILINE)
    return re.sub(r"^<!-- help: ?([\w ]*) -->$", lambda match: help_of(match[1].strip()), markdown, flags=re.MULTILINE)
