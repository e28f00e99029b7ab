"""Write a data set in another form: coco, voc, yolo, class_folders, manifest and others.

What was written is opened again and counted; whatever has no place in the new form is named. Pictures are copied as
they are. Splits stay as they are, and data without any are not cut.

for example:
  saccade data convert cells/ coco --out cells-coco
  saccade data convert cells-coco yolo --out cells-yolo
"""

from __future__ import annotations

import argparse

from saccade.cli._parser import offering
from saccade.cli._streams import note, print_facts, print_json
from saccade.errors import printable


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("data", metavar="DATA", help="a folder, a file or a name")
    named = parser.add_argument("format", metavar="FORMAT", help="what to write, such as coco, voc or yolo")
    offering(named, _formats)
    parser.add_argument("--out", metavar="FOLDER", required=True, help="where to; empty or not there yet")
    parser.add_argument("--strict", action="store_true", help="refuse when anything would be left out")
    parser.add_argument("--json", action="store_true", help="everything, as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Convert.

    Args:
        options: What the words said.

    Returns:
        0.

    Source: ours.
    """
    from saccade.api.datasets.converting import convert

    done = convert(options.data, options.format, options.out, strict=options.strict)
    for line in done.lines():
        note(line)
    if options.json:
        print_json(done.to_dict())
        return 0
    kinds = list(dict.fromkeys((*done.before, *done.after)))
    print_facts([
        ("format", done.format),
        ("task", done.task),
        *((kind, _told(done.before.get(kind, 0), done.after.get(kind, 0))) for kind in kinds),
        ("out", printable(done.path)),
    ])  # fmt: skip
    return 0


def _told(before: int, after: int) -> str:
    return f"{after:,}, all of them" if before == after else f"{after:,} of {before:,}"


def _formats() -> list[str]:
    from saccade.api.datasets.converting import writable_formats

    return writable_formats()
