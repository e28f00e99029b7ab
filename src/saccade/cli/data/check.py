"""Read a whole data set and say what is wrong with it, a line for each thing.

Every image is decoded once. No file is changed. Each line is FILE:LINE: CODE: what it
is; a table of the codes comes last. --out writes a page with the images that findings
are about, --fix a repaired copy: images that cannot be read and copies are left out,
boxes are clipped, and a leak is removed from train, never from test.
Exit code 2 when there are errors; with --strict also when there are warnings.

for example:
  saccade data check photos/
  saccade data check photos/ --out check.html --fix photos-mended
  saccade data check photos/ --model runs/photos-resnet18-1
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from saccade.cli._counting import CountProgress
from saccade.cli._streams import note, print_json, print_table
from saccade.cli.data._walking import add_workers, wrong_page
from saccade.errors import BadData, printable

if TYPE_CHECKING:
    from saccade.api.datasets.checking import CheckReport

_SHOWN = 20

wrong = wrong_page


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("data", metavar="DATA", help="a folder, a file or a name")
    parser.add_argument("--json", action="store_true", help="everything, as one JSON object")
    parser.add_argument("--all", action="store_true", help=f"list every finding, not the first {_SHOWN} of each code")
    parser.add_argument("--out", metavar="FILE", help="write a page with the images that findings are about")
    parser.add_argument("--fix", metavar="FOLDER", help="write a repaired copy there; it must be empty or not there")
    parser.add_argument("--model", metavar="MODEL", help="a run or model file whose doubts about labels are told too")
    add_workers(parser)
    parser.add_argument("--strict", action="store_true", help="exit with 2 when there are warnings, too")


def run(options: argparse.Namespace) -> int:
    """Check, and print.

    Args:
        options: What the words said.

    Returns:
        0; 2 when there are errors, or warnings with `--strict`.

    Source: ours.
    """
    from saccade.api.datasets.checking import check_data, open_whole
    from saccade.data.checking.mending import refuse_place, writing_format

    dataset = open_whole(options.data)
    if options.fix:  # what stands in the way of it is said before the work, not after
        refuse_place(Path(options.fix).expanduser(), options.data)
        writing_format(dataset)
    with CountProgress("checking") as progress:
        report = check_data(dataset, model=options.model, workers=options.workers, progress=progress)
    values = report.to_dict()
    if options.fix:
        values["fixed"] = list(report.fix(options.fix))
    if options.out:
        values["page"] = str(report.page(options.out))
    if options.json:
        print_json(values)
    else:
        _print(report, values, options.all)
    bad = report.errors or (options.strict and report.warnings)
    return BadData.exit_code if bad else 0


def _print(report: CheckReport, values: dict, everything: bool) -> None:
    totals = Counter(one.code for one in report.findings)
    shown: Counter[str] = Counter()
    for number, one in enumerate(report.findings):
        shown[one.code] += 1
        if everything or shown[one.code] <= _SHOWN:
            print(printable(str(one)))
        following = report.findings[number + 1].code if number + 1 < len(report.findings) else ""
        if following != one.code and not everything and shown[one.code] > _SHOWN:
            print(f"  … and {totals[one.code] - _SHOWN:,} more {printable(one.code)}; --all lists them")
    if report.findings:
        print()
        rows = [
            [code, *(f"{severities.get(kind, 0):,}" for kind in ("error", "warning", "note"))]
            for code, severities in report.counts.items()
        ]
        print_table(rows, head=["code", "errors", "warnings", "notes"], right=[1, 2, 3])
        print()
    images = sum(report.images.values())
    print(f"{images:,} images: {len(report.errors):,} errors, {len(report.warnings):,} warnings")
    for line in report.notes:
        note(line)
    for line in values.get("fixed", ()):
        print(printable(line))
    if "page" in values:
        print(printable(values["page"]))
