"""Say what ways of training cost until they are as good as asked, and in use.

The four measures of DAWNBench: time and cost to an accuracy on the validation images,
latency and cost of predictions; beside them floating-point operations, counted. Asked
for again with the same --out, one that was stopped goes on. A rival's log is a table
of epoch, hours, top1Accuracy in percent.

for example:
  saccade bench time-to-accuracy photos/ --target 0.9 --contender fast
  saccade bench time-to-accuracy photos/ --target 0.9 --contender fast --price 0.40
  saccade bench time-to-accuracy photos/ --target 0.9 --contender fast --within 3e14
      --contender resnet18,optimizer=momentum,learning_rate=0.1 --seeds 3
  saccade bench time-to-accuracy photos/ --target 0.9 --contender fast --log rival=rival.tsv
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

from saccade.cli._parser import whole_number, wrong_drawing
from saccade.cli._settings import setting_value
from saccade.cli._streams import print_facts, print_json, print_table
from saccade.cli._what import wrong_names
from saccade.errors import BadConfig, printable
from saccade.training.recipes import expanded, recipes
from saccade.training.settings import TrainingSettings, field_types


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.usage = f"{parser.prog} DATA --target X --contender NAME[,SETTING=VALUE…] [--contender …]"
    parser.add_argument("data", metavar="DATA", help="what to learn from, with validation images")
    parser.add_argument("--target", metavar="X", type=float, required=True, help="such as an accuracy of 0.9")
    parser.add_argument(
        "--contender", metavar="NAME[,SETTING=VALUE…]", dest="contenders", action="append", default=[],
        help="a recipe or an architecture, and settings; may be given several times",
    )  # fmt: skip
    parser.add_argument(
        "--log", metavar="NAME=FILE", dest="logs", action="append", default=[], help="what another program logged"
    )
    parser.add_argument("--within", metavar="X", type=float, help="operations that each may use, such as 0.3e15")
    parser.add_argument("--seeds", metavar="N", type=whole_number, default=1, help="how often (default 1)")
    parser.add_argument("--price", metavar="X", type=float, help="of an hour of this machine, in any currency")
    parser.add_argument("--out", metavar="FOLDER", help="of the runs; the same again goes on (default: in runs/)")
    parser.add_argument("--draw", metavar="FILE", help="draw the curves: .png, .svg or .pdf")
    parser.add_argument("--json", action="store_true", help="everything, as one JSON object")


def wrong(options: argparse.Namespace) -> list[str]:
    """List everything that is wrong with the words, before anything is trained.

    Args:
        options: What the words said.

    Returns:
        A message for each mistake.

    Source: ours.
    """
    problems = wrong_drawing(options.draw)
    if not options.contenders and not options.logs:
        problems.append("got nobody to compare; taken are recipes and architectures; write --contender fast")
    if options.price is not None and not 0 <= options.price < float("inf"):
        problems.append(f"got --price {options.price}; taken are prices of an hour, 0 or more; change it")
    for text in options.contenders:
        try:
            values = read_words(text)
            problems += wrong_names(argparse.Namespace(model=values.pop("model", None), task=None))
            TrainingSettings.from_dict(expanded(values))
        except BadConfig as error:
            problems += str(error).split("\n")
    for text in options.logs:
        name, sign, path = text.partition("=")
        if not (name and sign and path):
            problems.append(f"got --log {printable(text)}; taken is a name with a file; write --log rival=rival.tsv")
    names = _names(options)
    problems += [
        f"got {printable(name)} twice; taken are contenders that differ; leave one out"
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    return problems


def run(options: argparse.Namespace) -> int:
    """Train, and print what each cost.

    Args:
        options: What the words said; nothing is wrong with them.

    Returns:
        0.

    Source: ours.
    """
    import saccade
    from saccade.api.plot_files import save_plot

    contenders: dict[str, Any] = {text: read_words(text) for text in options.contenders}
    contenders |= {text.partition("=")[0]: Path(text.partition("=")[2]) for text in options.logs}
    found = saccade.time_to_accuracy(
        options.data, options.target, contenders, within=options.within, seeds=options.seeds, out=options.out,
        listeners=[] if options.json else None,
    )  # fmt: skip
    drawn = str(save_plot(found.plot(), options.draw)) if options.draw else None
    if options.json:
        print_json({**found.to_dict(options.price), "drawn": drawn})
        return 0
    keep = [number for number, name in enumerate(found.head) if options.price is not None or name != "cost"]
    rows = [[printable(row[number]) for number in keep] for row in found.rows(options.price)]
    print_table(rows, head=[found.head[number] for number in keep], right=range(1, len(keep)))
    print()
    print_facts([
        ("target", f"{found.figure[0].replace('_', ' ')} {found.target:g} on the validation images"),
        ("runs", printable(str(found.folder))),
        *([("drawn", printable(drawn))] if drawn else []),
    ])  # fmt: skip
    return 0


def read_words(text: str) -> dict[str, Any]:
    """Read a contender.

    Args:
        text: "fast", "resnet18,optimizer=momentum,learning_rate=0.1", or a line of layers with settings behind it.

    Returns:
        Settings by name, with "model" or "recipe" among them.

    Raises:
        BadConfig: If a part behind the first is no setting with a value.

    Source: ours.

    Example:
        >>> read_words("resnet18,optimizer=momentum,learning-rate=0.1")
        {'model': 'resnet18', 'optimizer': 'momentum', 'learning_rate': 0.1}
    """
    first, *parts = text.split(",")
    while " " in first and parts and "=" not in parts[0]:
        first += f",{parts.pop(0)}"
    values: dict[str, Any] = {"recipe" if first in recipes() else "model": first}
    kinds = field_types(TrainingSettings)
    for part in parts:
        name, sign, value = part.partition("=")
        name = name.strip().replace("-", "_")
        if not sign or name not in kinds:
            raise BadConfig(
                f"got {printable(part)} in the contender {printable(text)}; taken are settings with a value each; "
                "write resnet18,optimizer=momentum,learning_rate=0.1"
            )
        values[name] = setting_value(kinds[name], value.strip())
    return values


def _names(options: argparse.Namespace) -> list[str]:
    return [*options.contenders, *(text.partition("=")[0] for text in options.logs)]
