"""Count what a data set is made of: classes, things, sizes, means and deviations.

Every image is decoded once. Means and deviations are exact, over all pixels, in [0, 1].
Things below 32 × 32 pixels are small, below 96 × 96 medium, as COCO has it.

for example:
  saccade data stats photos/
  saccade data stats boxes/ --out stats.html
"""

from __future__ import annotations

import argparse
from typing import Any

from saccade.cli._counting import CountProgress
from saccade.cli._streams import print_facts, print_json, print_table
from saccade.cli.data._walking import add_workers, wrong_page
from saccade.errors import printable

wrong = wrong_page


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("data", metavar="DATA", help="a folder, a file or a name")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="of the split, as in training (default 0)")
    parser.add_argument("--out", metavar="FILE", help="write a page of charts")
    add_workers(parser)
    parser.add_argument("--json", action="store_true", help="everything, as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Count, and print.

    Args:
        options: What the words said.

    Returns:
        0.

    Source: ours.
    """
    from saccade.api.datasets.statistics import data_stats

    with CountProgress("reading") as progress:
        stats = data_stats(options.data, seed=options.seed, workers=options.workers, progress=progress)
    values = stats.to_dict()
    page = stats.page(options.out) if options.out else None
    if options.json:
        print_json({**values, **({"page": str(page)} if page else {})})
        return 0
    _print(values)
    if page:
        print(f"\n{printable(str(page))}")
    return 0


def _print(values: dict[str, Any]) -> None:
    splits = list(values["images"])
    facts = [("data", printable(values["name"])), ("task", values["task"])]
    facts.append(("images", ", ".join(f"{split} {number:,}" for split, number in values["images"].items())))
    if values["unreadable"]:
        facts.append(("cannot be read", f"{values['unreadable']:,}; saccade data check names them"))
    facts.append(("background", f"{100 * values['background']:.1f} % of the images have no class"))
    spread = ("heights", "widths", "things per image", "box widths", "box heights", "box aspect ratios")
    facts += [(name, _spread(values[name])) for name in spread if name in values]
    if "box sizes" in values:
        facts.append(("box sizes", ", ".join(f"{number:,} {kind}" for kind, number in values["box sizes"].items())))
    for channels, means in values.get("means", {}).items():
        deviations = values["deviations"][channels]
        of = f" of {channels} channels" if len(values["means"]) > 1 else ""
        facts.append((f"means{of}", ", ".join(f"{one:.6f}" for one in means)))
        facts.append((f"deviations{of}", ", ".join(f"{one:.6f}" for one in deviations)))
    for title in ("keypoints visible", "pixels"):
        facts += [(f"{title}: {printable(name)}", f"{100 * one:.1f} %") for name, one in values.get(title, {}).items()]
    print_facts(facts)
    print()
    things = values.get("things", {})
    rows = [
        [printable(label), *(f"{numbers[split]:,}" for split in splits), *([f"{things[label]:,}"] if things else [])]
        for label, numbers in values["classes"].items()
    ]
    head = ["class", *splits, *(["things"] if things else [])]
    print_table(rows, head=head, right=range(1, len(head)))


def _spread(values: dict[str, float]) -> str:
    low, middle, high = (f"{values[name]:.6g}" for name in ("least", "middle", "largest"))
    return low if low == high else f"{low} to {high}, half of them up to {middle}"
