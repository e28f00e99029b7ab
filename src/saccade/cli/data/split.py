"""Cut a data set into train, val and test: stratified, seeded, and grouped if you like.

--out labels.csv writes a table with path, label and split, which every command takes as
DATA; --out FOLDER writes a copy. What belongs together stays together with --group-by:
  folder         pictures of one folder
  near           pictures that look the same
  COLUMN         pictures with the same value in that column of a CSV
  PATTERN        a regular expression: what it matches in the name, or its first group

for example:
  saccade data split photos/ --shares 0.8,0.1,0.1 --out photos.csv
  saccade data split scans.csv --group-by patient --out scans-split.csv
  saccade data split frames/ --group-by '(clip[0-9]+)_' --out frames-split
"""

from __future__ import annotations

import argparse

from saccade.cli._counting import CountProgress
from saccade.cli._streams import print_facts, print_json, print_table
from saccade.cli.data._walking import add_workers
from saccade.errors import printable


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("data", metavar="DATA", help="a folder or a file")
    parser.add_argument("--out", metavar="PLACE", required=True, help="a new .csv or .tsv, or a folder that is empty")
    parser.add_argument(
        "--shares", metavar="A,B,C", type=_shares, default=(0.8, 0.1, 0.1),
        help="of train, val and test (default 0.8,0.1,0.1)",
    )  # fmt: skip
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="another seed makes another cut (default 0)")
    parser.add_argument("--group-by", metavar="WORD", default="", help="folder, near, a column, or a pattern")
    parser.add_argument(
        "--stratify", action=argparse.BooleanOptionalAction, default=True, help="cut each class alike (default)"
    )
    add_workers(parser)
    parser.add_argument("--json", action="store_true", help="everything, as one JSON object")


def _shares(text: str) -> tuple[float, float, float]:
    try:
        train, val, test = (float(word) for word in text.split(","))
    except ValueError as error:
        raise argparse.ArgumentTypeError(
            f"got {text!r}; taken are three numbers that add up to 1, such as 0.8,0.1,0.1"
        ) from error
    return train, val, test


def run(options: argparse.Namespace) -> int:
    """Cut, and say what came out.

    Args:
        options: What the words said.

    Returns:
        0.

    Source: ours.
    """
    from saccade.api.datasets.splitting import CutSettings, split_data

    settings = CutSettings(options.shares, options.seed, options.group_by, options.stratify)
    with CountProgress("reading") as progress:
        cut = split_data(options.data, options.out, settings=settings, workers=options.workers, progress=progress)
    if options.json:
        print_json(cut.to_dict())
        return 0
    facts = [("images", ", ".join(f"{split} {count:,}" for split, count in cut.images.items()))]
    if cut.groups:
        told = f", {cut.alone:,} images belong to none and stand for themselves" if cut.alone else ""
        facts.append(("groups", f"{cut.groups:,}{told}"))
    print_facts([*facts, ("written", printable(str(cut.path)))])
    print()
    splits = list(cut.images)
    rows = [[printable(label), *(f"{counts[split]:,}" for split in splits)] for label, counts in cut.classes.items()]
    print_table(rows, head=["class", *splits], right=range(1, len(splits) + 1))
    return 0
