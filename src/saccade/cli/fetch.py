"""Fetch published weights, so that they are there later without a connection.

NAME is an architecture or one of its published weights, such as resnet18/imagenet;
saccade models --weights lists them. What is fetched is checked against its hash,
converted to safetensors once, and kept in the cache. The publisher's licence is
printed: read it before you build on the weights.

for example:
  saccade fetch squeezenet1_1
  saccade fetch resnet18/imagenet resnet50/imagenet_v2
  saccade fetch resnet18 --mirror usb-stick/weights

environment:
  SACCADE_CACHE            the folder that keeps fetched weights
  SACCADE_WEIGHTS          a folder, or the address of one, to fetch from instead of the publisher
  SACCADE_COMMERCIAL_ONLY  1 refuses what is not known to be free for commercial use
"""

from __future__ import annotations

import argparse
from pathlib import Path

from saccade.cli._parser import offering
from saccade.cli._streams import print_facts, print_json
from saccade.errors import UnknownName, printable
from saccade.weights.ledger import Entry, entries, entry_of


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    names = parser.add_argument("names", metavar="NAME", nargs="+", help="architecture, or architecture/tag")
    offering(names, entries)
    parser.add_argument("--mirror", metavar="FOLDER", help="keep the publisher's file there, for SACCADE_WEIGHTS")
    add_commercial_only(parser)
    parser.add_argument("--json", action="store_true", help="one JSON object a line for each")


def add_commercial_only(parser: argparse.ArgumentParser) -> None:
    """Add the flag that refuses weights whose licence is in doubt.

    Args:
        parser: Takes it.

    Source: ours.
    """
    parser.add_argument(
        "--commercial-only",
        action="store_const",
        const=True,
        help="refuse published weights that are not known to be free for commercial use",
    )


def wrong(options: argparse.Namespace) -> list[str]:
    """List the names under which nothing is published.

    Args:
        options: What the words said.

    Returns:
        A message for each.

    Source: ours.
    """
    problems = []
    for word in options.names:
        try:
            _entry(word)
        except UnknownName as error:
            problems.append(str(error))
    return problems


def run(options: argparse.Namespace) -> int:
    """Fetch, and say where it lies.

    Args:
        options: What the words said; every name is known.

    Returns:
        The exit code.

    Source: ours.
    """
    from saccade.api.watching.transfer import TransferProgress
    from saccade.weights.fetching import fetch, keep

    for word in options.names:
        entry = _entry(word)
        with TransferProgress(entry.file) as progress:
            if options.mirror:
                folder = Path(options.mirror).expanduser()
                path = keep(entry, folder, commercial_only=options.commercial_only, progress=progress)
            else:
                path = fetch(entry, commercial_only=options.commercial_only, progress=progress)
        licence = entry.licence if entry.cleared else f"{entry.licence}; not cleared: {entry.reason}"
        if options.json:
            print_json({"name": entry.name, "path": str(path), "licence": entry.licence, "cleared": entry.cleared})
        else:
            print_facts([("weights", entry.name), ("file", printable(str(path))), ("licence", licence)])
    return 0


def _entry(word: str) -> Entry:
    """Find what a word names; an architecture alone stands for the first of its weights."""
    architecture, _, tag = word.partition("/")
    own = [entry for entry in entries().values() if entry.architecture == architecture]
    return own[0] if own and not tag else entry_of(architecture, tag)
