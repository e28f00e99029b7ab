"""Judge a model on images it did not learn from, with the uncertainty of each figure.

MODEL is the folder of a run or a .safetensors file. Without DATA a run is judged
on its own data, which must be unchanged; the figures are then kept in the run's
folder. With DATA, the model is judged on that: on all of it where it has no
splits of its own, and by the names of its classes, in whatever order they are.
Every interval is the one at 95 %.

for example:
  saccade evaluate runs/photos-resnet18-1
  saccade evaluate model.safetensors other-photos/ --json
"""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from saccade.cli._parser import offering, whole_number
from saccade.cli._streams import note, print_json, print_table
from saccade.cli.predict import add_device

if TYPE_CHECKING:
    from saccade.api.evaluation import Evaluation

SPLITS = ("test", "val", "train")


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("model", metavar="MODEL", help="folder of a run, or a model file")
    parser.add_argument("data", metavar="DATA", nargs="?", help="what to judge it on instead of its own data")
    split = parser.add_argument(
        "--split", metavar="WORD", choices=SPLITS, default="test", help=f"{', '.join(SPLITS)} (default test)"
    )
    offering(split, lambda: SPLITS)
    parser.add_argument("--json", action="store_true", help="everything, as one JSON object")
    add_device(parser)
    parser.add_argument(
        "--batch-size", metavar="N", type=whole_number, default=64, help="images in a batch (default 64)"
    )


def run(options: argparse.Namespace) -> int:
    """Judge, and print.

    Args:
        options: What the words said.

    Returns:
        The exit code.

    Source: ours.
    """
    import saccade

    evaluation = saccade.evaluate(
        options.model, options.data, split=options.split, device=options.device, batch_size=options.batch_size
    )
    for file in evaluation.bad:
        note(f"left out {file.key}: {file.reason}")
    if options.json:
        print_json(evaluation.to_dict())
        return 0
    print_evaluation(evaluation)
    return 0


def print_evaluation(evaluation: Evaluation) -> None:
    """Print the figures, each with its interval.

    Args:
        evaluation: What `saccade.evaluate` returned.

    Source: ours.
    """
    remark = f" ({evaluation.note})" if evaluation.note else ""
    print(f"{evaluation.images:,} images of the {evaluation.split} split{remark}")
    rows = [
        [name.replace("_", " "), f"{value:.4f}", f"{low:.4f} to {high:.4f}"]
        for name, (value, low, high) in evaluation.numbers().items()
    ]
    print_table(rows, head=["figure", "value", "interval at 95 %"], right=[1])
