"""Compute anew what the cards of the architectures state, beside what the papers report.

PATTERN may hold * and ?; quote it, so that the shell leaves it alone. Nothing
is trained or fetched: networks are made without memory and run on images that
have a size but no content. In the columns, "paper" is what the paper reports,
where it is noted; it need not agree, since papers round and count otherwise.

exit codes:
  0  every card is right
  1  a card, or a network, is wrong; the differences are listed at the end

for example:
  saccade facts
  saccade facts 'googlenet*'
  saccade facts '*resnet*' --json
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from saccade import catalog
from saccade.cli._parser import offering
from saccade.cli._streams import print_json, print_table

if TYPE_CHECKING:
    from saccade.api.networks.facts import ArchitectureFacts, Fact

_SIZES = ("native size", "smallest size", "refused below")
_WRONG = 1


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    pattern = parser.add_argument("pattern", metavar="PATTERN", nargs="?", default="*", help="which ones (default all)")
    offering(pattern, lambda: catalog.offers("architectures"))
    parser.add_argument("--json", action="store_true", help="everything, as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print the facts.

    Args:
        options: What the words said.

    Returns:
        The exit code: 1 if anything differs.

    Raises:
        UnknownName: If none is meant by the pattern.

    Source: ours.
    """
    from saccade.api.networks.facts import each

    every = []
    for found in each(options.pattern):
        every.append(found)
        if not options.json:
            _print(found)
    if options.json:
        print_json({found.name: found.to_dict() for found in every})
    else:
        _print_end(every)
    return _WRONG if any(found.differences for found in every) else 0


def _print(found: ArchitectureFacts) -> None:
    print(f"{found.name}  {found.paper}{f', {found.year}' if found.year else ''}")
    compared = [fact for fact in found.facts if fact.computed is not None]
    rows = [[f"  {fact.what}", *_texts(fact), "" if fact.agrees else "differs"] for fact in compared]
    print_table(rows, head=["", "paper", "card", "computed", ""], right=[1, 2, 3])
    for fact in found.facts:
        if fact.computed is None:
            print(f"  the paper reports {fact.paper}")
    print(flush=True)


def _print_end(every: list[ArchitectureFacts]) -> None:
    wrong = [(found.name, fact) for found in every for fact in found.differences]
    count = sum(len(found.facts) for found in every)
    number = "1 architecture" if len(every) == 1 else f"{len(every)} architectures"
    if not wrong:
        print(f"{number}, {count} facts: every card is right")
        return
    print(f"{number}, {count} facts: {len(wrong)} differ")
    for name, fact in wrong:
        _, card, computed = _texts(fact)
        print(f"  {name}: {fact.what}: the card says {card}, computed is {computed}")


def _texts(fact: Fact) -> list[str]:
    """Write paper, card and computed: numbers with commas, sizes with × between, nothing as a dash."""
    sign = "×" if fact.what in _SIZES else " "
    return [_text(value, sign) for value in (fact.paper, fact.card, fact.computed)]


def _text(value: Any, sign: str) -> str:
    if value is None:
        return "–"
    if isinstance(value, list):
        return sign.join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)
