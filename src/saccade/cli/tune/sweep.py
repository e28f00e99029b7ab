"""Try a few values of a few settings; of the runs that are compared, a third goes on.

Every combination begins. Runs are compared after a part of the epochs, where the best
third goes on, and so until the end (successive halving). The run that wins is the very
run that saccade train makes with its settings. Asked for again with the same --out, a
sweep that was stopped goes on.

for example:
  saccade tune sweep photos/ --try learning_rate=3e-4,1e-3,3e-3 --epochs 9
  saccade tune sweep photos/ --try learning_rate=1e-3,3e-3 --out runs/sweep
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
from typing import Any

from saccade.cli._settings import add_settings, given_settings, setting_value
from saccade.cli._streams import print_facts, print_json, print_table
from saccade.cli._what import add_what, wrong_names
from saccade.errors import BadConfig, offer, printable
from saccade.training.recipes import expanded
from saccade.training.settings import TrainingSettings, field_types


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb: its own, and one flag for each training setting.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.usage = f"{parser.prog} DATA --try SETTING=VALUE,VALUE… [--try …] [--SETTING …]"
    add_what(parser)
    parser.add_argument(
        "--try", metavar="SETTING=VALUE,…", dest="tried", action="append", default=[],
        help="a setting and the values to try; may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--out", metavar="FOLDER", help="of the sweep; the same again goes on (default: a new one in runs/)"
    )
    parser.add_argument("--json", action="store_true", help="everything, as one JSON object")
    add_settings(parser.add_argument_group("settings"), TrainingSettings)


def wrong(options: argparse.Namespace) -> list[str]:
    """List everything that is wrong with the words, before anything heavy is loaded.

    Args:
        options: What the words said.

    Returns:
        A message for each mistake.

    Source: ours.
    """
    problems = wrong_names(options)
    if not options.tried:
        problems.append("got nothing to try; taken are settings with values; write --try learning_rate=1e-3,3e-3")
    known = field_types(TrainingSettings)
    for text in options.tried:
        name, sign, values = text.partition("=")
        if name.replace("-", "_") not in known:
            problems.append(f"got --try {printable(text)}; {offer(name.replace('-', '_'), known)}")
        elif not sign or not all(values.split(",")):
            problems.append(f"got --try {printable(text)}; taken are values after =; write {name}=VALUE,VALUE")
    if problems:
        return problems
    try:
        usual = expanded(given_settings(options, TrainingSettings))
        TrainingSettings.from_dict(usual)
        grid = read_grid(options.tried)
        for values in itertools.islice(itertools.product(*grid.values()), 1000):
            TrainingSettings.from_dict({**usual, **dict(zip(grid, values, strict=True))})
    except BadConfig as error:
        problems += str(error).split("\n")
    return problems


def run(options: argparse.Namespace) -> int:
    """Sweep, and print what won.

    Args:
        options: What the words said; nothing is wrong with them.

    Returns:
        0.

    Source: ours.
    """
    import saccade
    from saccade.api.watching.progress import Progress

    with contextlib.ExitStack() as stack:
        listeners: list[Any] | None = [] if options.json else [stack.enter_context(Progress())]
        found = saccade.sweep(
            options.data, read_grid(options.tried), model=options.model, task=options.task or "auto",
            settings=given_settings(options, TrainingSettings), out=options.out, listeners=listeners,
        )  # fmt: skip
    if options.json:
        print_json(found.to_dict())
        return 0
    names = list(found.values)
    rows = [
        [printable(str(one.run)), *(str(one.values[name]) for name in names), str(one.epochs),
         "" if one.score is None else f"{abs(one.score):.4f}", one.state]
        for one in found.tried
    ]  # fmt: skip
    print_table(rows, head=["run", *names, "epochs", found.figure[0].replace("_", " "), ""])
    print()
    print_facts([
        ("best", ", ".join(f"{name}={value}" for name, value in found.values.items())),
        ("epochs in all", str(found.epochs)),
        ("next", f"saccade evaluate {printable(str(found.best.path))}"),
    ])  # fmt: skip
    return 0


def read_grid(tried: list[str]) -> dict[str, list[Any]]:
    """Read what is to be tried.

    Args:
        tried: Texts such as "learning_rate=1e-3,3e-3".

    Returns:
        Each setting with its values, numbers where they are some.

    Source: ours.

    Example:
        >>> read_grid(["learning_rate=1e-3,3e-3", "mirror=on,off"])
        {'learning_rate': [0.001, 0.003], 'mirror': [True, False]}
    """
    kinds, grid = field_types(TrainingSettings), dict[str, list[Any]]()
    for text in tried:
        name, _, values = text.partition("=")
        name = name.replace("-", "_")
        grid.setdefault(name, []).extend(setting_value(kinds[name], value) for value in values.split(","))
    return grid
