"""Cut the things out of the pictures of a data set with boxes, into class folders.

Places without things become one class more, background. A classifier that is trained on
the crops can be slid over whole pictures: saccade predict RUN photo.jpg --windows 64

for example:
  saccade data crops cells/ --out cells-crops
  saccade data crops cells/ --out cells-crops --background 3 --context 0.25
"""

from __future__ import annotations

import argparse

from saccade.cli._streams import note, print_facts, print_json, print_table
from saccade.errors import printable


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("data", metavar="DATA", help="a folder, a file or a name; its pictures have boxes")
    parser.add_argument("--out", metavar="FOLDER", required=True, help="where to; empty or not there yet")
    parser.add_argument(
        "--background", metavar="X", type=float, default=1.0, help="places without things, for each thing (default 1)"
    )
    parser.add_argument(
        "--context", metavar="X", type=float, default=0.1,
        help="what is added on each side, as a part of the longer one (default 0.1)",
    )  # fmt: skip
    parser.add_argument(
        "--square", action=argparse.BooleanOptionalAction, default=True, help="as high as wide (default)"
    )
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="of the places without things (default 0)")
    parser.add_argument("--json", action="store_true", help="everything, as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Cut out, and say what came of it.

    Args:
        options: What the words said.

    Returns:
        0.

    Source: ours.
    """
    from saccade.api.datasets.cropping import crop_things
    from saccade.data.crops import CropSettings

    settings = CropSettings(options.background, options.context, options.square, options.seed)
    done = crop_things(options.data, options.out, settings=settings)
    for one in done.bad:
        note(f"left out {one.key}: {one.reason}")
    if options.json:
        print_json(done.to_dict())
        return 0
    print_facts([("written", printable(str(done.path)))])
    print()
    splits = list(done.counts)
    labels = list(next(iter(done.counts.values())))
    rows = [[printable(label), *(f"{done.counts[split][label]:,}" for split in splits)] for label in labels]
    print_table(rows, head=["class", *splits], right=range(1, len(splits) + 1))
    return 0
