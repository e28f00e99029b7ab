"""Measure how fast images can be fed to training, and say which part is slow.

Each part of the way is measured on one core: reading files, decoding, resizing, augmenting,
and handing batches over from a worker; then all of it, without workers and with some.

for example:
  saccade data bench photos/
  saccade data bench photos/ --size 224 --batch-size 64 --model-step-ms 180
"""

from __future__ import annotations

import argparse

from saccade.cli._parser import whole_number
from saccade.cli._streams import print_facts, print_json


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("data", metavar="DATA", help="a folder, a file or a name")
    parser.add_argument(
        "--size", metavar="N", type=whole_number, default=224, help="what the network gets (default 224)"
    )
    parser.add_argument(
        "--batch-size", metavar="N", type=whole_number, default=64, help="images in a step (default 64)"
    )
    parser.add_argument(
        "--model-step-ms", metavar="X", type=_milliseconds, default=0.0, help="what the network takes for a step"
    )
    parser.add_argument(
        "--workers", metavar="N,N", type=_numbers, default=(0, 1, 2), help="how many to try (default 0,1,2)"
    )
    parser.add_argument("--images", metavar="N", type=whole_number, default=256, help="look at so many (default 256)")
    parser.add_argument("--json", action="store_true", help="everything, as one JSON object")


def _milliseconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 < value < 1e9:
        raise argparse.ArgumentTypeError(f"got {text!r}; taken is a number of milliseconds above 0")
    return value


def _numbers(text: str) -> tuple[int, ...]:
    words = text.split(",")
    if not all(word.isdecimal() and int(word) <= 256 for word in words):
        raise argparse.ArgumentTypeError(f"got {text!r}; taken are numbers of workers, such as 0,1,2")
    return tuple(dict.fromkeys(int(word) for word in words))


def run(options: argparse.Namespace) -> int:
    """Measure.

    Args:
        options: What the words said.

    Returns:
        0.

    Source: ours.
    """
    from saccade.api.datasets.bench import bench_data

    found = bench_data(
        options.data,
        size=options.size,
        batch_size=options.batch_size,
        step_seconds=options.model_step_ms / 1e3,
        workers=options.workers,
        most=max(2, options.images),
    )
    if options.json:
        print_json(found.to_dict())
        return 0
    print("images a second on one core:")
    print_facts([(name, f"{rate:,.0f}" if rate else "nothing to do") for name, rate in found.parts.items()])
    print("\nall of it:")
    named = {0: "no workers", 1: "1 worker"}
    facts = [(named.get(count, f"{count} workers"), f"{rate:,.0f}") for count, rate in found.workers.items()]
    print_facts([*facts, *([("training takes", f"{found.wanted:,.0f}")] if found.wanted else [])])
    print()
    for line in found.advice:
        print(line)
    return 0
