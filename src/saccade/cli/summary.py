"""Show what a network is made of: shapes, parameters, cost, memory, receptive fields.

MODEL is a name of `saccade models`, a line of layers, package.module:name of
your own (also in the current folder), the folder of a run, or a model file.
Nothing is computed: the network runs on images that have a size but no content.
Columns: MACs are multiply-adds, FLOPs twice as many; "makes" is the memory of
the tensors that a layer makes anew; "field" is how many pixels one output could
see, "jump" the pixels from one output to the next, "start" the centre of the
first one's field. With --layer, what it really looks at is measured instead.

for example:
  saccade summary resnet50 --depth 1
  saccade summary "conv 32 3, pool 2, conv 64 3, gap, dense 10" --size 64 48
  saccade summary networks:Mine --size 224 224 --batch-size 32 --html mine.html
  saccade summary resnet18 --layer layer2 --field field.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

from saccade import catalog
from saccade.cli._parser import offering, whole_number
from saccade.cli._streams import print_json

FORMATS = (".png", ".svg", ".pdf")


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    add = parser.add_argument
    model = add("model", metavar="MODEL", help="a name, a line, package.module:name, a run or a file")
    offering(model, lambda: catalog.offers("architectures"))
    add("--size", metavar=("HEIGHT", "WIDTH"), type=whole_number, nargs=2, help="of the images (default: its own)")
    add("--classes", metavar="N", type=whole_number, help="of a name or a line (default: its own)")
    add("--channels", metavar="N", type=whole_number, help="of the images (default: its own)")
    add("--batch-size", metavar="N", type=whole_number, default=1, help="images in a step of training (default 1)")
    add("--depth", metavar="N", type=whole_number, help="sum up what is nested deeper than N names")
    add("--html", metavar="FILE", help="write it as a page")
    add("--json", action="store_true", help="everything, as one JSON object")
    group = parser.add_argument_group("the effective receptive field")
    group.add_argument("--layer", metavar="NAME", help="measure what the middle of its map looks at, by gradient")
    group.add_argument("--field", metavar="FILE", help=f"draw it: a name that ends in {', '.join(FORMATS)}")
    group.add_argument("--images", metavar="N", type=whole_number, default=16, help="images of noise (default 16)")


def wrong(options: argparse.Namespace) -> list[str]:
    """List what is wrong with the words.

    Args:
        options: What they said.

    Returns:
        One message for each.

    Source: ours.
    """
    problems = []
    if options.field is not None and options.layer is None:
        problems.append("got --field without --layer; taken is the name of a layer too; add --layer NAME")
    if options.field is not None and Path(options.field).suffix.lower() not in FORMATS:
        problems.append(f"got --field {options.field}; taken are names that end in {', '.join(FORMATS)}; change it")
    if options.layer is not None and options.html is not None:
        problems.append("got --layer with --html; taken is one of them; draw the field with --field")
    return problems


def run(options: argparse.Namespace) -> int:
    """Print the table, or measure a field.

    Args:
        options: What the words said.

    Returns:
        The exit code.

    Source: ours.
    """
    size = None if options.size is None else (options.size[0], options.size[1])
    if options.layer is not None:
        return _measure(options, size)
    from saccade.api.networks.summary import summary

    table = summary(
        options.model,
        size,
        num_classes=options.classes,
        in_channels=options.channels,
        batch_size=options.batch_size,
    )
    if options.html is not None:
        from saccade.reporting.layer_page import write_layer_page

        path = write_layer_page(table, Path(options.html).expanduser())
        print_json({"page": str(path)}) if options.json else print(path)
    elif options.json:
        print_json(table.to_dict())
    else:
        print(table.to_text(depth=options.depth))
    return 0


def _measure(options: argparse.Namespace, size: tuple[int, int] | None) -> int:
    from saccade.api.networks.summary import look

    field = look(options.model, options.layer, size=size, in_channels=options.channels, count=options.images)
    if options.field is not None:
        path = Path(options.field).expanduser()
        field.plot().savefig(path, dpi=110)
    if options.json:
        print_json(field.to_dict())
        return 0
    sides = " × ".join("?" if span is None else str(span[1] - span[0]) for span in field.theoretical)
    row, column = field.place
    print(f"{options.layer}, output in row {row}, column {column}, over {field.images} images of noise")
    print(f"could see   {sides} pixels")
    print(f"looks at    {field.size:.1f} × {field.size:.1f} pixels: the area above 4.55 % of the largest gradient")
    if options.field is not None:
        print(f"drawn in    {options.field}")
    return 0
