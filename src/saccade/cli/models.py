"""List the architectures there are, with their sizes and papers, or their published weights.

They are grouped by family, the oldest first. MACs are multiply-adds for one
image of the size that is given; --json has every number exactly.
PATTERN may hold * and ?; quote it, so that the shell leaves it alone.

for example:
  saccade models
  saccade models '*resnet*' --json
  saccade models resnet50 --drawing resnet50.svg
  saccade models 'vgg*' --weights
"""

from __future__ import annotations

import argparse
import re
from typing import Any

from saccade import catalog
from saccade.cli._parser import offering
from saccade.cli._streams import note, print_json, print_table
from saccade.cli._volume import in_thousands
from saccade.cli.fetch import add_commercial_only
from saccade.errors import BadConfig, UnknownName
from saccade.weights.ledger import Entry, entries

_HEAD = ("name", "year", "parameters", "MACs", "size", "paper")
_NEWEST = 9999


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    pattern = parser.add_argument("pattern", metavar="PATTERN", nargs="?", default="*", help="which ones (default all)")
    offering(pattern, lambda: catalog.offers("architectures"))
    parser.add_argument("--drawing", metavar="FILE", help="draw the one that is meant: a name that ends in .svg")
    parser.add_argument("--weights", action="store_true", help="published weights, with licence and hash")
    add_commercial_only(parser)
    parser.add_argument("--json", action="store_true", help="the whole cards, as one JSON object")


def wrong(options: argparse.Namespace) -> list[str]:
    """List what is wrong with the words together.

    Args:
        options: What the words said.

    Returns:
        A message for each mistake.

    Source: ours.
    """
    if options.drawing is not None and options.weights:
        return ["got --drawing with --weights; taken is one of them; ask twice"]
    return []


def run(options: argparse.Namespace) -> int:
    """Print the architectures.

    Args:
        options: What the words said.

    Returns:
        The exit code.

    Raises:
        UnknownName: If none is meant by the pattern.
        BadConfig: If several are meant, of which one is to be drawn.

    Source: ours.
    """
    if options.weights:
        return _print_weights(options)
    cards = catalog.cards("architectures", options.pattern)
    if not cards:
        raise UnknownName("architecture", options.pattern, catalog.offers("architectures"))
    if options.drawing is not None:
        return _draw(list(cards), options)
    if options.json:
        print_json(cards)
        return 0
    rows: list[list[str]] = []
    for names in _families(cards):
        rows += [[""] * len(_HEAD)] * bool(rows) + [_row(name, cards[name]) for name in names]
    print_table(rows, head=_HEAD, right=[2, 3, 4])
    return 0


def _print_weights(options: argparse.Namespace) -> int:
    """Print the ledger: name, accuracy, size, what it is checked by, training data, licence."""
    found = entries(options.pattern)
    if not found:
        raise UnknownName("published weights", options.pattern, entries())
    shown = {name: entry for name, entry in found.items() if entry.cleared or not options.commercial_only}
    if options.json:
        print_json({name: entry.to_dict() for name, entry in shown.items()})
    elif shown:
        rows = [[name, _stated(entry), f"{entry.mebibytes:.1f} MiB",
                 entry.sha256 or f"{entry.content[:8]} (content)", entry.training_data, entry.licence.partition(";")[0],
                 "yes" if entry.cleared else "not cleared"] for name, entry in shown.items()]  # fmt: skip
        head = ["name", "top-1 or mAP", "size", "sha256", "trained on", "licence", "commercial use"]
        print_table(rows, head=head, right=[1, 2])
    if len(shown) < len(found):
        note(f"left out {len(found) - len(shown)} of {len(found)}, which are not known to be free for commercial use")
    return 0


def _stated(entry: Entry) -> str:
    """The figure that the publisher states."""
    if entry.map is not None:
        return f"{entry.map:.1f} mAP"
    return f"{entry.top1:.1f} %" if entry.top1 else ""


def _draw(names: list[str], options: argparse.Namespace) -> int:
    """Draw one architecture."""
    if len(names) > 1:
        raise BadConfig(
            f"got {options.pattern!r}, which means {len(names)} architectures; taken is one to be drawn; name it, such "
            f"as {names[0]}"
        )
    from saccade.api.networks.drawing import draw

    path = draw(names[0], options.drawing)
    print_json({"drawing": str(path)}) if options.json else print(path)
    return 0


def _families(cards: dict[str, dict[str, Any]]) -> list[list[str]]:
    """Put together what is in one file, the oldest first; names in the order in which people count."""
    modules = catalog.offers("architectures")
    families: dict[str, list[str]] = {}
    for name in sorted(cards, key=_counted):
        families.setdefault(modules[name], []).append(name)
    years = {module: min(cards[name].get("year") or _NEWEST for name in names) for module, names in families.items()}
    return [families[module] for module in sorted(families, key=lambda module: (years[module], module))]


def _counted(name: str) -> list[tuple[int, str]]:
    """Take a name apart, so that resnet50 comes before resnet101."""
    return [(int(part), "") if part.isdigit() else (0, part) for part in re.split(r"(\d+)", name)]


def _row(name: str, card: dict[str, Any]) -> list[str]:
    numbers = (f"{card.get('parameters', 0):,}", in_thousands(card.get("macs", 0)))
    return [name, str(card.get("year") or ""), *numbers, _size(card), str(card.get("paper", ""))]


def _size(card: dict[str, Any]) -> str:
    """The native size in pixels."""
    return "×".join(map(str, card.get("native_size", ())))
