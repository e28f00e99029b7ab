"""Run an experiment that compares networks, or list them.

An experiment trains several networks, each a run of its own in the folder.
The same command again goes on where it stopped. Without DATA, degradation takes
CIFAR-10 in the folder that SACCADE_DATA names, or coloured shapes where that is
not set; detectors takes shapes with boxes.

for example:
  saccade lab
  saccade lab detectors photos/ --image-size 160 --out runs/lineage
  saccade lab detectors --steps rcnn,fast-rcnn,faster-rcnn
  saccade lab degradation
  saccade lab degradation photos/ --depths 8,20 --epochs 10 --out runs/mine
  saccade lab degradation cifar-10-batches-bin/ --full --out runs/full
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
from typing import Any

from saccade import catalog
from saccade.cli._parser import offering
from saccade.cli._settings import SETTING, add_settings, given_settings
from saccade.cli._streams import note, print_facts, print_json, print_table
from saccade.errors import BadConfig, UnknownName, printable
from saccade.training.settings import Settings


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb, and the settings of every experiment.

    Args:
        parser: Takes them.

    Source: ours.
    """
    experiment = parser.add_argument("experiment", metavar="EXPERIMENT", nargs="?", help="which; without it a list")
    offering(experiment, lambda: catalog.offers("lab"))
    parser.add_argument("data", metavar="DATA", nargs="?", help="what to learn from: a folder, a file or a name")
    parser.add_argument("--out", metavar="FOLDER", help="folder of the runs (default runs/EXPERIMENT)")
    parser.add_argument("--full", action="store_true", help="as its paper has it, for a machine with time")
    parser.add_argument("--json", action="store_true", help="everything that was found, as one JSON object")
    taken: set[str] = set()
    for name in catalog.offers("lab"):
        taken |= add_settings(parser.add_argument_group(f"settings of {name}"), type(_full(name)), without=taken)


def wrong(options: argparse.Namespace) -> list[str]:
    """List everything that is wrong with the words, before anything heavy is loaded.

    Args:
        options: What the words said.

    Returns:
        A message for each mistake.

    Source: ours.
    """
    names = catalog.offers("lab")
    flags = [f"--{name.removeprefix(SETTING).replace('_', '-')}" for name in vars(options) if name.startswith(SETTING)]
    flags += [f"--{name}" for name in ("out", "full", "json") if getattr(options, name)]
    if options.experiment is None:
        flags = [flag for flag in flags if flag != "--json"]
        told = f"got {', '.join(flags)} without an experiment; taken are {', '.join(names)}; name one of them"
        return [told] if flags else []
    if options.experiment not in names:
        return [str(UnknownName("experiment", options.experiment, names))]
    kind = type(_full(options.experiment))
    known = {f"--{name.replace('_', '-')}" for name in kind.__dataclass_fields__} | {"--out", "--full", "--json"}
    problems = [
        f"got {flag} with {options.experiment}; taken are its own settings; leave {flag} out"
        for flag in flags
        if flag not in known
    ]
    try:
        kind.from_dict(_settings(options))
    except BadConfig as error:
        problems += str(error).split("\n")
    return problems


def run(options: argparse.Namespace) -> int:
    """Run the experiment, and print what it found; or list the experiments.

    Args:
        options: What the words said; nothing is wrong with them.

    Returns:
        0.

    Source: ours.
    """
    if options.experiment is None:
        _list(options.json)
        return 0
    from saccade.api.watching.progress import Progress

    out = options.out or f"runs/{options.experiment}"
    with contextlib.ExitStack() as stack:

        def watch(name: str) -> Progress:
            note(name)
            return stack.enter_context(Progress())

        experiment = catalog.find("lab", options.experiment)
        found = experiment(options.data, settings=_settings(options), out=out, watch=watch)
    if options.json:
        print_json(found.to_dict())
        return 0
    print_table(found.rows(), head=found.head, right=range(1, len(found.head)))
    print()
    for sentence in found.finding():
        print(sentence)
    if found.finding():
        print()
    print_facts([("numbers", printable(str(found.numbers))), ("drawing", printable(str(found.drawing)))])
    return 0


def _list(as_json: bool) -> None:
    cards = catalog.cards("lab")
    if as_json:
        print_json(cards)
    else:
        print_table([[name, str(card["about"])] for name, card in cards.items()])


def _full(name: str) -> Settings:
    """The settings of an experiment as its paper has them; their type holds its defaults."""
    return importlib.import_module(catalog.offers("lab")[name]).FULL


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    """The settings that the flags gave; with --full, all others as the paper has them."""
    full = _full(options.experiment)
    return {**(full.to_dict() if options.full else {}), **given_settings(options, type(full))}
