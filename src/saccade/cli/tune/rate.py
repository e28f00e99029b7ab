"""Find the learning rate that a network, data and settings take.

The rate grows at every step of a short training, until the loss has left for good.
The suggestion is where the loss fell fastest, or a tenth of where it was lowest,
whichever is smaller. Nothing is kept.

for example:
  saccade tune rate photos/ --model resnet18
  saccade tune rate photos/ --recipe fast --out rates.svg
"""

from __future__ import annotations

import argparse
import contextlib
from typing import Any

from saccade.cli._parser import whole_number, wrong_drawing
from saccade.cli._settings import add_settings, given_settings
from saccade.cli._streams import print_facts, print_json, print_table
from saccade.cli._what import add_what, wrong_names
from saccade.errors import BadConfig, printable
from saccade.training.recipes import expanded
from saccade.training.settings import TrainingSettings

_ROWS = 12


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb: its own, and one flag for each training setting.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.usage = f"{parser.prog} DATA [--model MODEL] [--SETTING …]"
    add_what(parser)
    parser.add_argument("--steps", metavar="N", type=whole_number, default=100, help="20 or more (default 100)")
    parser.add_argument("--highest", metavar="X", type=float, default=10.0, help="the last rate (default 10)")
    parser.add_argument("--out", metavar="FILE", help="draw the curve: .png, .svg or .pdf")
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
    problems = wrong_names(options) + wrong_drawing(options.out)
    try:
        TrainingSettings.from_dict(expanded(given_settings(options, TrainingSettings)))
    except BadConfig as error:
        problems += str(error).split("\n")
    return problems


def run(options: argparse.Namespace) -> int:
    """Look for the rate, and print it.

    Args:
        options: What the words said; nothing is wrong with them.

    Returns:
        0.

    Source: ours.
    """
    import saccade
    from saccade.api.watching.progress import Progress

    with contextlib.ExitStack() as stack:
        listeners: list[Any] = [] if options.json else [stack.enter_context(Progress())]
        curve = saccade.find_learning_rate(
            options.data, model=options.model, task=options.task or "auto",
            settings=given_settings(options, TrainingSettings), steps=options.steps, highest=options.highest,
            listeners=listeners,
        )  # fmt: skip
    drawn = str(curve.save(options.out)) if options.out else None
    if options.json:
        print_json({**curve.to_dict(), "out": drawn})
        return 0
    values = curve.to_dict()
    every = max(1, len(curve.rates) // _ROWS)
    rows = [
        [f"{curve.rates[step]:.2g}", f"{values['smoothed'][step]:.4g}"] for step in range(0, len(curve.rates), every)
    ]
    print_table(rows, head=["rate", "loss"], right=[0, 1])
    print()
    found = curve.suggestion == curve.suggestion
    print_facts([
        ("steepest", f"{curve.steepest:.2g}" if found else "nowhere: the loss never fell"),
        ("tenth of lowest", f"{curve.tenth_of_lowest:.2g}" if found else ""),
        ("suggestion", f"--learning-rate {curve.suggestion:g}" if found else "none; look at the data and the settings"),
        *([("drawn", printable(drawn))] if drawn else []),
    ])  # fmt: skip
    return 0
