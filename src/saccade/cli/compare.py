"""Say whether one model is better than another, or that no difference is shown.

MODEL is the folder of a run or a .safetensors file, two or more. All are judged on
the very same images: those that the runs held out, which must be the same ones, or
those of --data. Files that one of them cannot read are left out for all. Nothing is
written, and no run needs to have been evaluated before.

The verdict is about one figure, the accuracy or what --figure names. It speaks of a
difference only where chance would seldom make one as large: where the interval (a
paired bootstrap) leaves 0 out and a test for few images (McNemar's, or swapped
answers) agrees, both corrected for the number of pairs. With --group-seeds, runs
that differ by their seed alone are one model, and their spread counts too.

for example:
  saccade compare runs/photos-lenet5-1 runs/photos-resnet8-1
  saccade compare runs/a-0 runs/a-1 runs/a-2 runs/b-0 runs/b-1 runs/b-2 --group-seeds
  saccade compare a.safetensors b.safetensors --data other-photos/ --figure macro_f1
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from saccade.cli._streams import note, print_json, print_table
from saccade.cli.evaluate import add_judging
from saccade.errors import printable

if TYPE_CHECKING:
    from saccade.api.comparisons.comparison import Comparison, Pair


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("models", metavar="MODEL", nargs="+", help="folder of a run, or a model file; two or more")
    parser.add_argument("--data", metavar="DATA", help="what to judge on instead of the runs' own data")
    parser.add_argument(
        "--figure", metavar="NAME", help="what the verdict is about (default: accuracy, or mean average precision)"
    )
    parser.add_argument("--group-seeds", action="store_true", help="runs that differ by their seed alone are one model")
    add_judging(parser)


def wrong(options: argparse.Namespace) -> list[str]:
    """Say what is wrong with words that do not go together.

    Args:
        options: What the words said.

    Returns:
        A message for each mistake.

    Source: ours.
    """
    if len(options.models) < 2:
        return ["got one model to compare; taken are two or more; name another, or use saccade evaluate"]
    return []


def run(options: argparse.Namespace) -> int:
    """Compare, and print.

    Args:
        options: What the words said.

    Returns:
        The exit code: 0, whatever the verdict.

    Source: ours.
    """
    import saccade

    comparison = saccade.compare(
        options.models,
        options.data,
        split=options.split,
        figure=options.figure,
        group_seeds=options.group_seeds,
        device=options.device,
        batch_size=options.batch_size,
    )
    for file in comparison.bad:
        note(f"left out for all {file.key}: {file.reason}")
    if options.json:
        print_json(comparison.to_dict())
        return 0
    print_comparison(comparison)
    for told in comparison.notes:
        note(told)
    return 0


def print_comparison(comparison: Comparison) -> None:
    """Print how each model stands, and what is shown of each pair.

    Args:
        comparison: What `saccade.compare` returned.

    Source: ours.
    """
    print(f"{comparison.images:,} images of the {comparison.split} split, the same for all")
    figure = comparison.figure.replace("_", " ")
    rows = [
        [printable(model.name), f"{model.value:.4f}", model.interval(comparison.figure)] for model in comparison.models
    ]
    print_table(rows, head=["model", figure, "interval at 95 %"], right=[1])
    print()
    if len(comparison.pairs) == 1:
        _print_pair(comparison.pairs[0])
    else:
        _print_pairs(comparison)
    for sentence in comparison.verdicts():
        print(sentence.replace("; ", ";\n  "))


def _print_pair(pair: Pair) -> None:
    from saccade.api.comparisons.comparison import figure_text, p_text

    print(f"{printable(pair.second)} less {printable(pair.first)}")
    rows = [[pair.figure.replace("_", " "), pair.difference()]]
    rows += [[name.replace("_", " "), figure_text(one)] for name, one in pair.others.items()]
    print_table(rows, head=["figure", "difference (interval at 95 %)"])
    print()
    test = pair.effect.mcnemar
    if test:
        images = "image" if test.only_first == 1 else "images"
        print(
            f"only {printable(pair.first)} is right about {test.only_first:,} {images}, only {printable(pair.second)} "
            f"about {test.only_second:,}\nMcNemar's test: exact p {p_text(test.exact)}, mid-p {p_text(test.mid)}"
        )


def _print_pairs(comparison: Comparison) -> None:
    from saccade.api.comparisons.comparison import p_text

    rows = [
        [printable(pair.first), printable(pair.second), pair.difference(), p_text(pair.p),
         f"{printable(pair.better)} is better" if pair.shown else "no difference shown"]
        for pair in comparison.pairs
    ]  # fmt: skip
    figure = comparison.figure.replace("_", " ")
    print_table(rows, head=["first", "second", f"second less first in {figure}", "p", "verdict"])
    print()
