"""Draw a mosaic of labelled images, or some of them before and after augmentation.

for example:
  saccade data show photos/ --out mosaic.png
  saccade data show synthetic --count 24
  saccade data show photos/ --augment strong --out sheet.png
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from saccade.cli._parser import whole_number
from saccade.errors import BadData, offer, printable

if TYPE_CHECKING:
    from PIL.Image import Image

    from saccade.types.sample import DataSet

PICTURES = (".png", ".jpg", ".jpeg", ".webp")


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("data", metavar="DATA", help="a folder, a file or a name")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="of the split, as in training (default 0)")
    parser.add_argument("--out", metavar="FILE", default="mosaic.png", help="the picture (default mosaic.png)")
    parser.add_argument("--split", metavar="WORD", default="train", help="which images (default train)")
    parser.add_argument(
        "--count", metavar="N", type=whole_number, help="how many images (default 40; 6 with --augment)"
    )
    words = "none, mirror, standard or strong: each image as it is, and beside it what training would see"
    parser.add_argument("--augment", metavar="WORD", default="", help=words)


def wrong(options: argparse.Namespace) -> list[str]:
    """Name a picture of an unknown kind.

    Args:
        options: What the words said.

    Returns:
        A message for it, if it is one.

    Source: ours.
    """
    if Path(options.out).suffix.lower() in PICTURES:
        return []
    taken = f"taken are names that end in {', '.join(PICTURES)}"
    return [f"got --out {printable(options.out)!r}; {taken}; choose one of them"]


def run(options: argparse.Namespace) -> int:
    """Draw.

    Args:
        options: What the words said.

    Returns:
        0.

    Raises:
        BadData: If the data have no such split.

    Source: ours.
    """
    from saccade.data.mosaic import mosaic
    from saccade.data.opening import open_data

    dataset = open_data(options.data, seed=options.seed)
    if options.split not in dataset.splits:
        raise BadData(f"got split {printable(options.split)!r}; {offer(options.split, dataset.splits)}")
    if options.augment:
        picture = _sheet(dataset, options)
    else:
        source, count = dataset.splits[options.split], options.count or 40
        picture = mosaic(source, dataset.labels, count=count, seed=options.seed, skeleton=dataset.skeleton)
    picture.save(options.out)
    print(printable(options.out))
    return 0


def _sheet(dataset: DataSet, options: argparse.Namespace) -> Image:
    from saccade.data.augmentations.recipes import recipe
    from saccade.data.augmenting.sheet import Draw, augmentation_sheet

    title = f"{printable(dataset.name)}: {options.augment}"
    draw = Draw(options.count or 6, seed=options.seed, title=title)
    return augmentation_sheet(dataset, recipe(options.augment), split=options.split, draw=draw)
