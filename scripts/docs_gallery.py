"""A hook of MkDocs: the gallery of architectures, a page for each file, from its docstring, its cards and its code.

A new file is in the gallery by being there. The drawing shows the network in the middle of the family by size.
"""

from __future__ import annotations

import ast
import re
from functools import cache
from typing import Any

import torch
from mkdocs.structure.files import File, Files

from saccade import catalog
from saccade.cli._volume import in_thousands
from saccade.reporting.network_drawing import network_drawing

FOLDER = "architectures"
SECTION = re.compile(r"^(Taught|Source): ")


def families() -> dict[str, list[str]]:
    """List the names in each file, the file of the oldest paper first, the names from small to large."""
    cards = catalog.cards("architectures")
    found: dict[str, list[str]] = {}
    for name, module in catalog.offers("architectures").items():
        found.setdefault(module.rpartition(".")[2], []).append(name)
    ordered = {family: sorted(names, key=lambda name: cards[name]["parameters"]) for family, names in found.items()}
    years = {family: min(cards[name]["year"] or 9999 for name in names) for family, names in ordered.items()}
    return {family: ordered[family] for family in sorted(ordered, key=lambda family: (years[family], family))}


def paragraphs(family: str) -> list[str]:
    """Give the paragraphs of a file's docstring."""
    text = (catalog.ROOT / "architectures" / f"{family}.py").read_text(encoding="utf-8")
    return (ast.get_docstring(ast.parse(text)) or "").split("\n\n")


def section(family: str, name: str) -> str:
    """Give the paragraph of a docstring that begins with a word, without the word; "" if there is none."""
    found = (text.removeprefix(f"{name}: ") for text in paragraphs(family) if text.startswith(f"{name}: "))
    return next(found, "")


def title(family: str) -> str:
    """Say what a family is called: what its docstring begins with."""
    return re.split(r"[:,.]( |\n|$)", paragraphs(family)[0])[0]


@cache
def drawing(name: str) -> str:
    """Draw an architecture at its native size."""
    with torch.device("meta"):
        network = catalog.find("architectures", name)()
    return network_drawing(network, catalog.cards("architectures")[name]["native_size"], name=name)


def drawn(name: str) -> str:
    """Show the drawing of an architecture, and how to draw it; nothing for a detector, which is no row of stages."""
    if "task" in catalog.cards("architectures")[name]:
        return ""
    told = f"## {name}, drawn\n\nHeight is resolution, width is channels; a slab is a layer or a block."
    return f"{told}\n\n{drawing(name)}\n\n```console\n$ saccade models {name} --drawing {name}.svg\n```"


def table(names: list[str]) -> str:
    """Write the cards of a family as a table."""
    cards = catalog.cards("architectures")
    head = "| name | year | parameters | multiply-adds | made for | smallest |\n|---|---|--:|--:|--:|--:|"
    rows = (
        f"| `{name}` | {card['year'] or ''} | {card['parameters']:,} | {in_thousands(card['macs'])} "
        f"| {'×'.join(map(str, card['native_size']))} | {'×'.join(map(str, card['smallest_size']))} |"
        for name, card in ((name, cards[name]) for name in names)
    )
    return "\n".join([head, *rows])


def listed(names: list[str], key: str, words: str = "") -> str:
    """Write what the cards of a family say of one thing, names that say the same in one line."""
    said: dict[str, list[str]] = {}
    for name in names:
        value = catalog.cards("architectures")[name].get(key)
        if value:
            said.setdefault(str(value), []).append(f"`{name}`")
    return "\n".join(f"- {', '.join(them)}: {words}{value}" for value, them in said.items())


def papers(names: list[str]) -> str:
    """List the papers of a family, with links to those on arXiv."""
    found = {}
    for name in names:
        card = catalog.cards("architectures")[name]
        if card["year"]:
            link = f", [arXiv {card['arxiv']}](https://arxiv.org/abs/{card['arxiv']})" if card["arxiv"] else ""
            found[f"- {card['paper']}, {card['year']}{link}"] = True
    return "\n".join(found)


def page(family: str, names: list[str]) -> str:
    """Write the page of a family."""
    about = [text for text in paragraphs(family) if not SECTION.match(text)]
    shown = names[len(names) // 2]
    make = f'```python\nimport saccade\n\nnetwork = saccade.create("{shown}", num_classes=10)\n```'
    deviates, sees = listed(names, "deviates"), listed(names, "receptive_field")
    parts = [
        f"---\ntitle: {title(family)}\n---\n\n# {title(family)}",
        *about,
        f"**What it taught:** {section(family, 'Taught')}",
        drawn(shown),
        f"## Forms\n\n{table(names)}",
        make,
        f"Where they are not the paper's, and why:\n\n{deviates}",
        f"What one unit of the last stage sees along a side, in pixels:\n\n{sees}" if sees else "",
        f"## Papers\n\n{papers(names)}" if papers(names) else "",
        listed(names, "paper_result", "the paper reports "),
        f"The text is that of [`saccade.architectures.{family}`](../reference/architectures.md#{family}); the numbers "
        "are those of its cards, which `saccade facts` computes anew.",
    ]
    return "\n\n".join(filter(None, parts)) + "\n"


def on_config(config: Any) -> Any:
    """Put the gallery into the navigation, after the guides."""
    pages = [{title(family): f"{FOLDER}/{family}.md"} for family in families()]
    place = next((number for number, item in enumerate(config.nav, 1) if "Guides" in item), len(config.nav))
    config.nav = [*config.nav[:place], {"Gallery": pages}, *config.nav[place:]]
    return config


def on_files(files: Files, config: Any) -> Files:
    """Add the pages, which are in no folder."""
    for family, names in families().items():
        files.append(File.generated(config, f"{FOLDER}/{family}.md", content=page(family, names)))
    return files
