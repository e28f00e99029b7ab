"""List the recipes: named settings, with where their values come from.

fast is good in minutes, accurate in hours, and paper:resnet50 is what its paper says of
training. PATTERN may hold * and ?; quote it, so that the shell leaves it alone.

for example:
  saccade recipes
  saccade recipes 'paper:resnet*'
  saccade train photos/ --recipe fast
  saccade train photos/ --recipe fast --epochs 20
"""

from __future__ import annotations

import argparse
import fnmatch
from typing import Any

from saccade.cli._parser import offering
from saccade.cli._streams import print_facts, print_json
from saccade.errors import UnknownName
from saccade.training.recipes import Recipe, recipes


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    pattern = parser.add_argument("pattern", metavar="PATTERN", nargs="?", default="*", help="which ones (default all)")
    offering(pattern, recipes)
    parser.add_argument("--json", action="store_true", help="everything, as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print the recipes; those that say the same together.

    Args:
        options: What the words said.

    Returns:
        0.

    Raises:
        UnknownName: If none is meant by the pattern.

    Source: ours.
    """
    known = recipes()
    meant = {name: one for name, one in known.items() if fnmatch.fnmatchcase(name, options.pattern)}
    if not meant:
        raise UnknownName("recipe", options.pattern, known)
    if options.json:
        print_json({name: one.to_dict() for name, one in meant.items()})
        return 0
    together: dict[tuple[str, str, str], list[Recipe]] = {}
    for one in meant.values():
        together.setdefault((str(dict(one.settings)), one.source, one.deviates), []).append(one)
    for number, alike in enumerate(together.values()):
        print("\n" * (number > 0) + ", ".join(one.name for one in alike))
        print_facts(_facts(alike))
    return 0


def _facts(alike: list[Recipe]) -> list[tuple[str, str]]:
    one = alike[0]
    facts = [("  for", one.about), ("  network", "that of its name" if len(alike) > 1 else one.model or "any")]
    facts.append(("  settings", " ".join(f"{name}={_written(value)}" for name, value in one.settings.items())))
    return [*facts, ("  source", one.source), *([("  but", one.deviates)] if one.deviates else [])]


def _written(value: Any) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    return ",".join(map(str, value)) if isinstance(value, tuple) else f"{value}"
