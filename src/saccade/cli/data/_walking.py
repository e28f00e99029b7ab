"""What the verbs that read a whole data set share: the flag for workers, and a page that is named."""

from __future__ import annotations

import argparse
from pathlib import Path

from saccade.errors import printable


def add_workers(parser: argparse.ArgumentParser) -> None:
    """Add the flag that says how many processes decode.

    Args:
        parser: Takes it.

    Source: ours.
    """
    parser.add_argument(
        "--workers", metavar="N", type=_from_zero, help="processes that decode (default one for each core; 0 for none)"
    )


def wrong_page(options: argparse.Namespace) -> list[str]:
    """Name a page of an unknown kind.

    Args:
        options: What the words said.

    Returns:
        A message for it, if it is one.

    Source: ours.
    """
    if options.out is None or Path(options.out).suffix.lower() in (".html", ".htm"):
        return []
    return [f"got --out {printable(options.out)!r}; taken are names that end in .html; choose one"]


def _from_zero(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"got {text!r}; taken is a whole number, 0 or more")
    return int(text)
