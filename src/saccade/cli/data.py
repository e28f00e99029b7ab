"""Look at a data set: what is in it (info), or a mosaic of its images (show).

DATA is what `saccade train` takes: a folder, a file, or a name such as digits.

for example:
  saccade data info photos/
  saccade data info photos/ --check
  saccade data show photos/ --out mosaic.png
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saccade.cli._parser import offering, whole_number
from saccade.cli._streams import note, print_facts, print_json, print_table
from saccade.errors import BadData, BadImage, offer, printable

if TYPE_CHECKING:
    from saccade.types.sample import DataSet

ACTIONS = ("info", "show")
PICTURES = (".png", ".jpg", ".jpeg", ".webp")


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    action = parser.add_argument("action", metavar="ACTION", choices=ACTIONS, help=" or ".join(ACTIONS))
    offering(action, lambda: ACTIONS)
    parser.add_argument("data", metavar="DATA", help="a folder, a file or a name")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="of the split, as in training (default 0)")
    info = parser.add_argument_group("info")
    info.add_argument("--check", action="store_true", help="read every image; exit with 2 when one cannot be read")
    info.add_argument("--json", action="store_true", help="everything, as one JSON object")
    show = parser.add_argument_group("show")
    show.add_argument("--out", metavar="FILE", help="the picture (default mosaic.png)")
    show.add_argument("--split", metavar="WORD", help="which images (default train)")
    show.add_argument("--count", metavar="N", type=whole_number, help="how many images (default 40)")


def wrong(options: argparse.Namespace) -> list[str]:
    """List the flags that belong to the other action, and a picture of an unknown kind.

    Args:
        options: What the words said.

    Returns:
        A message for each of them.

    Source: ours.
    """
    problems = []
    if options.out and Path(options.out).suffix.lower() not in PICTURES:
        taken = f"taken are names that end in {', '.join(PICTURES)}"
        problems.append(f"got --out {printable(options.out)!r}; {taken}; choose one of them")
    other = {"info": ("out", "split", "count"), "show": ("check", "json")}[options.action]
    return problems + [
        f"got --{flag} with {options.action}; taken is it with the other action; see saccade data --help"
        for flag in other
        if getattr(options, flag)
    ]


def run(options: argparse.Namespace) -> int:
    """Look.

    Args:
        options: What the words said.

    Returns:
        0; 2 when `--check` met an image that cannot be read.

    Source: ours.
    """
    from saccade.data.opening import open_data

    dataset = open_data(options.data, seed=options.seed)
    return {"info": _info, "show": _show}[options.action](dataset, options)


def _info(dataset: DataSet, options: argparse.Namespace) -> int:
    from saccade.types.sample import targets_of

    counts = {split: _per_class(targets_of(source), len(dataset.labels)) for split, source in dataset.splits.items()}
    sizes, bad = _look(dataset, options.check)
    values = {
        "name": dataset.name,
        "task": dataset.task,
        "images": dataset.counts(),
        "classes": {
            label: {split: counts[split][number] for split in counts} for number, label in enumerate(dataset.labels)
        },
        "sizes": sizes,
    }
    if options.check:
        values["bad"] = bad
    if options.json:
        print_json(values)
    else:
        _print_info(dataset, values, counts)
    for one in bad:
        note(f"cannot read {one['key']}: {one['reason']}")
    return BadData.exit_code if bad and options.check else 0


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


def _look(dataset: DataSet, everything: bool) -> tuple[dict[str, str], list[dict[str, str]]]:
    """The sizes of the images, of a hundred of each split or of all, and those that cannot be read."""
    sides: list[tuple[int, ...]] = []
    bad: list[dict[str, str]] = []
    for source in dataset.splits.values():
        step = 1 if everything else max(1, len(source) // 100)
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


def _per_class(targets: Any, classes: int) -> list[int]:
    """How many images have each class; an image with several counts for each of them."""
    counts = [0] * classes
    for target in targets:
        for label in [target] if isinstance(target, int) else target:
            counts[label] += 1
    return counts


def _show(dataset: DataSet, options: argparse.Namespace) -> int:
    from saccade.data.mosaic import mosaic

    split, path = options.split or "train", options.out or "mosaic.png"
    if split not in dataset.splits:
        raise BadData(f"got split {split!r}; {offer(split, dataset.splits)}")
    picture = mosaic(dataset.splits[split], dataset.labels, count=options.count or 40, seed=options.seed)
    picture.save(path)
    print(printable(path))
    return 0
