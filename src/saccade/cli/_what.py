"""The words that every verb that trains takes: data, network, task.

Source: ours.
"""

from __future__ import annotations

import argparse

from saccade import catalog
from saccade.cli._parser import offering
from saccade.errors import UnknownName


def add_what(parser: argparse.ArgumentParser) -> None:
    """Add DATA, --model and --task.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("data", metavar="DATA", help="what to learn from, as saccade train takes it")
    add_model(parser, "the recipe's, or resnet18")


def add_model(parser: argparse.ArgumentParser, default: str) -> None:
    """Add --model and --task.

    Args:
        parser: Takes them.
        default: What the network is when none is named, in words.

    Source: ours.
    """
    model = parser.add_argument("--model", metavar="MODEL", help=f"a name or a line of layers (default {default})")
    offering(model, lambda: catalog.offers("architectures"))
    task = parser.add_argument("--task", metavar="TASK", help="what to learn (default auto: what the data suit)")
    offering(task, lambda: ["auto", *catalog.offers("tasks")])


def wrong_names(options: argparse.Namespace) -> list[str]:
    """List names of networks and tasks that nobody knows.

    Args:
        options: What the words said.

    Returns:
        A message for each.

    Source: ours.
    """
    problems = []
    for name, kind, room, known in (
        (options.model, "architecture", "architectures", ()),
        (options.task, "task", "tasks", ("auto",)),
    ):
        names = [*known, *catalog.offers(room)]
        if name is not None and not any(letter in name for letter in " ,") and name not in names:
            problems.append(str(UnknownName(kind, name, names)))
    return problems
