"""List the architectures there are, with their sizes and papers.

PATTERN may hold * and ?; quote it, so that the shell leaves it alone.

for example:
  saccade models
  saccade models '*resnet*' --json
"""

from __future__ import annotations

import argparse
from typing import Any

from saccade import catalog
from saccade.cli._parser import offering
from saccade.cli._streams import print_json, print_table
from saccade.errors import UnknownName


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    pattern = parser.add_argument("pattern", metavar="PATTERN", nargs="?", default="*", help="which ones (default all)")
    offering(pattern, lambda: catalog.offers("architectures"))
    parser.add_argument("--json", action="store_true", help="the whole cards, as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print the architectures.

    Args:
        options: What the words said.

    Returns:
        The exit code.

    Raises:
        UnknownName: If none is meant by the pattern.

    Source: ours.
    """
    cards = catalog.cards("architectures", options.pattern)
    if not cards:
        raise UnknownName("architecture", options.pattern, catalog.offers("architectures"))
    if options.json:
        print_json(cards)
        return 0
    rows = [[name, _text(card, "year"), _count(card, "parameters"), _size(card), _text(card, "paper")]
            for name, card in cards.items()]  # fmt: skip
    print_table(rows, head=["name", "year", "parameters", "size", "paper"], right=[2])
    return 0


def _text(card: dict[str, Any], key: str) -> str:
    return str(card.get(key) or "")


def _count(card: dict[str, Any], key: str) -> str:
    return f"{card[key]:,}" if isinstance(card.get(key), int) else ""


def _size(card: dict[str, Any]) -> str:
    """The native size in pixels: a side, or (height, width)."""
    size = card.get("native_size", "")
    return "×".join(str(side) for side in size) if isinstance(size, list | tuple) else str(size)
