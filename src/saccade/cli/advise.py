"""Say where the cost of a network is, and what cheaper forms of its layers would save.

MODEL is a name of `saccade models`, a line of layers, package.module:name of
your own (also in the current folder), the folder of a run, or a model file.
The forms are a depthwise-separable layer, a bottleneck, a 1x1 first, small
kernels for a large one, two strips for a square, and an average of each map
before a dense layer. Nothing is changed; what accuracy is left is not foretold.

for example:
  saccade advise resnet18
  saccade advise "[conv 64 7] x2, pool 2, flatten, dense 10" --size 64 64
  saccade advise networks:Mine --size 128 96 --top 10 --json
"""

from __future__ import annotations

import argparse

from saccade import catalog
from saccade.cli._parser import offering, whole_number
from saccade.cli._streams import print_json


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    model = parser.add_argument("model", metavar="MODEL", help="a name, a line, package.module:name, a run or a file")
    offering(model, lambda: catalog.offers("architectures"))
    parser.add_argument(
        "--size", metavar=("HEIGHT", "WIDTH"), type=whole_number, nargs=2, help="of the images (default: its own)"
    )
    parser.add_argument("--classes", metavar="N", type=whole_number, help="of a name or a line (default: its own)")
    parser.add_argument("--channels", metavar="N", type=whole_number, help="of the images (default: its own)")
    parser.add_argument("--top", metavar="N", type=whole_number, default=5, help="layers to show (default 5)")
    parser.add_argument("--json", action="store_true", help="everything of every layer, as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print the advice.

    Args:
        options: What the words said.

    Returns:
        The exit code.

    Source: ours.
    """
    from saccade.api.networks.advice import advise

    advice = advise(
        options.model,
        None if options.size is None else tuple(options.size),
        num_classes=options.classes,
        in_channels=options.channels,
        top=options.top,
    )
    if options.json:
        print_json(advice.to_dict())
    else:
        print(advice.to_text())
    return 0
