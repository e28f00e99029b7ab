"""Say what is in a data set: its task, classes, splits and sizes.

for example:
  saccade data info photos/
  saccade data info photos/ --json
"""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from saccade.cli._streams import note, print_facts, print_json, print_table
from saccade.errors import BadImage, printable

if TYPE_CHECKING:
    from saccade.types.sample import DataSet

_TOLD = 10


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("data", metavar="DATA", help="a folder, a file or a name")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="of the split, as in training (default 0)")
    parser.add_argument("--json", action="store_true", help="everything, as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Look.

    Args:
        options: What the words said.

    Returns:
        0.

    Source: ours.
    """
    from saccade.data.opening import open_data
    from saccade.types.sample import class_lists

    dataset = open_data(options.data, seed=options.seed)
    counts = {split: _per_class(class_lists(source), len(dataset.labels)) for split, source in dataset.splits.items()}
    sizes, bad = _look(dataset)
    values = {
        "name": dataset.name,
        "task": dataset.task,
        "images": dataset.counts(),
        "classes": {
            label: {split: counts[split][number] for split in counts} for number, label in enumerate(dataset.labels)
        },
        "sizes": sizes,
    }
    if options.json:
        print_json(values)
    else:
        _print_info(dataset, values, counts)
    for one in bad:
        note(f"cannot read {one['key']}: {one['reason']}")
    for finding in dataset.findings[:_TOLD]:
        note(str(finding))
    if bad or dataset.findings:
        note("`saccade data check` reads everything, and says what is wrong")
    return 0


def _print_info(dataset: DataSet, values: dict[str, Any], counts: dict[str, list[int]]) -> None:
    splits = list(counts)
    print_facts([
        ("data", printable(dataset.name)),
        ("task", dataset.task),
        ("classes", f"{len(dataset.labels):,}"),
        ("images", ", ".join(f"{split} {number:,}" for split, number in dataset.counts().items())),
        *((name, str(text)) for name, text in values["sizes"].items()),
    ])  # fmt: skip
    print()
    rows = [
        [printable(label), *(f"{counts[split][number]:,}" for split in splits)]
        for number, label in enumerate(dataset.labels)
    ]
    print_table(rows, head=["class", *splits], right=range(1, len(splits) + 1))


def _look(dataset: DataSet) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The sizes of a hundred images of each split, and which of those cannot be read."""
    sides: list[tuple[int, ...]] = []
    bad: list[dict[str, str]] = []
    for source in dataset.splits.values():
        step = max(1, len(source) // 100)
        for index in range(0, len(source), step):
            try:
                sides.append(source.read(index).image.shape)
            except BadImage as error:
                bad.append({"key": source.key(index), "reason": error.reason})
    if not sides:
        return {}, bad
    heights, widths, channels = zip(*sides, strict=True)
    told = {
        "height": _span(heights), "width": _span(widths),
        "channels": ", ".join(str(number) for number in sorted(set(channels))), "looked at": f"{len(sides):,} images",
    }  # fmt: skip
    return told, bad


def _span(numbers: tuple[int, ...]) -> str:
    low, middle, high = min(numbers), sorted(numbers)[len(numbers) // 2], max(numbers)
    return str(low) if low == high else f"{low} to {high}, half of them up to {middle}"


def _per_class(classes_of_images: Iterable[tuple[int, ...]], classes: int) -> list[int]:
    """How many images have each class; an image with several counts for each of them."""
    counts = [0] * classes
    for numbers in classes_of_images:
        for number in numbers:
            counts[number] += 1
    return counts
