"""Say what is on images: files, folders with all they hold, or paths from stdin.

MODEL is the folder of a run, a .safetensors file, or published weights such as
squeezenet1_1/imagenet, which are fetched once (see saccade fetch). Each image gives
a line on stdout as soon as it is known. A file that cannot be read is named on stderr,
counted and left out; the exit code is 2 only when no image could be read, or
with --strict. Names that begin with a dash go after --.

for example:
  saccade predict runs/photos-resnet18-1 new-photos/
  saccade predict model.safetensors a.jpg b.png --top 3 --json
  saccade predict squeezenet1_1/imagenet photo.jpg --top 5
  find . -name '*.jpg' -print0 | saccade predict runs/photos-resnet18-1 - -0
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from saccade.cli._parser import offering, whole_number
from saccade.cli._streams import note, print_json
from saccade.cli.fetch import add_commercial_only
from saccade.errors import BadInput, printable

DEVICES = ("auto", "cpu", "cuda", "mps")


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("model", metavar="MODEL", help="folder of a run, a model file, or NAME/TAG")
    parser.add_argument("images", metavar="IMAGE", nargs="+", help="files, folders, or - for paths on stdin")
    parser.add_argument("-0", "--null", action="store_true", help="paths on stdin end in NUL instead of a new line")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, also for files left out")
    parser.add_argument("--top", metavar="N", type=whole_number, default=1, help="likeliest classes (default 1)")
    parser.add_argument("--strict", action="store_true", help="exit with 2 when any file could not be read")
    add_device(parser)
    add_commercial_only(parser)
    parser.add_argument(
        "--batch-size", metavar="N", type=whole_number, default=32, help="images in a batch (default 32)"
    )


def add_device(parser: argparse.ArgumentParser) -> None:
    """Add the flag that says where to compute.

    Args:
        parser: Takes it.

    Source: ours.
    """
    action = parser.add_argument(
        "--device", metavar="WORD", choices=DEVICES, default="auto", help=f"{', '.join(DEVICES)} (default auto)"
    )
    offering(action, lambda: DEVICES)


def run(options: argparse.Namespace) -> int:
    """Predict, and print.

    Args:
        options: What the words said.

    Returns:
        0; 2 when no image could be read, or any could not with `--strict`.

    Source: ours.
    """
    import saccade
    from saccade.types.bad_file import BadFile

    predictor = saccade.load(options.model, device=options.device, commercial_only=options.commercial_only)
    done = bad = 0
    for one in predictor.stream(_paths(options), batch_size=options.batch_size):
        if isinstance(one, BadFile):
            bad += 1
            _print_bad(one, options.json)
        else:
            done += 1
            _print(one, options)
    if bad or not done:
        images, files = ("image" if done == 1 else "images"), ("file" if bad == 1 else "files")
        note(f"{done:,} {images} predicted, {bad:,} {files} left out")
    return BadInput.exit_code if done == 0 or (bad and options.strict) else 0


def _paths(options: argparse.Namespace) -> Iterator[str | Path]:
    """Every file that the words name, one after the other."""
    for word in options.images:
        if word == "-":
            yield from _from_stdin(b"\0" if options.null else b"\n")
        elif Path(word).is_dir():
            from saccade.api.pictures import pictures_in

            yield from pictures_in(Path(word))
        else:
            yield word


def _from_stdin(end: bytes) -> Iterator[str]:
    """Paths as they come in, however many there are."""
    rest = b""
    while chunk := os.read(sys.stdin.fileno(), 65536):
        *lines, rest = (rest + chunk).split(end)
        yield from (os.fsdecode(line) for line in lines if line)
    if rest:
        yield os.fsdecode(rest)


def _print(prediction: Any, options: argparse.Namespace) -> None:
    """One line: JSON, or the likeliest classes and then the image, whose name may be long."""
    if options.json:
        print_json(prediction.to_dict(options.top))
        return
    ranked = [f"{100 * share:5.1f} %  {printable(name)}" for name, share in prediction.top(options.top)]
    print("   ".join([*ranked, printable(prediction.key)]), flush=True)


def _print_bad(file: Any, as_json: bool) -> None:
    if as_json:
        print_json({"key": file.key, "error": file.reason})
    note(f"left out {file.key}: {file.reason}")
