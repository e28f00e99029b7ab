"""Say what is on images: files, folders with all they hold, or paths from stdin.

MODEL is the folder of a run, a .safetensors file, or published weights such as
squeezenet1_1/imagenet, which are fetched once (see saccade fetch). Each image gives
a line on stdout as soon as it is known. A file that cannot be read is named on stderr,
counted and left out; the exit code is 2 only when no image could be read, or
with --strict. Names that begin with a dash go after --.

With --ensemble the words before the first image are models too, whose probabilities
are averaged. With --crops, --flips or --scales every picture is looked at several
times. Each model and each view takes its time anew; saccade evaluate says what is gained.

With --out the results go to files of a folder instead, part by part: the lines of --json,
each part whole or not there. The same command goes on with a job that was stopped or
killed. With --cluster a Ray Data job does the parts (pip install "saccade[cluster]"), on
this machine (local), on the cluster that it belongs to (auto), or at HOST:PORT.

for example:
  saccade predict runs/photos-resnet18-1 new-photos/
  saccade predict model.safetensors a.jpg b.png --top 3 --json
  saccade predict squeezenet1_1/imagenet photo.jpg --top 5
  saccade predict runs/a runs/b new-photos/ --ensemble --flips
  saccade predict runs/a archive/ --out results --cluster local --workers 8
  find . -name '*.jpg' -print0 | saccade predict runs/photos-resnet18-1 - -0
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from saccade.cli._many import add_many, predict_into, wrong_many
from saccade.cli._parser import offering, whole_number
from saccade.cli._streams import note, print_json
from saccade.cli._views import add_views, views_of
from saccade.cli.fetch import add_commercial_only
from saccade.errors import BadConfig, BadInput, printable

DEVICES = ("auto", "cpu", "cuda", "mps")


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("model", metavar="MODEL", help="folder of a run, a model file, or NAME/TAG")
    parser.add_argument("images", metavar="IMAGE", nargs="+", help="files, folders, or - for paths on stdin")
    parser.add_argument("--ensemble", action="store_true", help="the words before the first image are models too")
    add_views(parser)
    parser.add_argument("-0", "--null", action="store_true", help="paths on stdin end in NUL instead of a new line")
    parser.add_argument("--json", action="store_true", help="one JSON object a line, also for files left out")
    parser.add_argument("--top", metavar="N", type=whole_number, default=1, help="likeliest classes (default 1)")
    parser.add_argument("--strict", action="store_true", help="exit with 2 when any file could not be read")
    add_device(parser)
    add_commercial_only(parser)
    parser.add_argument(
        "--batch-size", metavar="N", type=whole_number, default=32, help="images in a batch (default 32)"
    )
    add_many(parser)


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


def wrong(options: argparse.Namespace) -> list[str]:
    """List what is wrong with the words.

    Args:
        options: What the words said.

    Returns:
        A message for each thing.

    Source: ours.
    """
    return wrong_many(options)


def run(options: argparse.Namespace) -> int:
    """Predict, and print.

    Args:
        options: What the words said.

    Returns:
        0; 2 when no image could be read, or any could not with `--strict`.

    Source: ours.
    """
    from saccade.api.ensembles.ensembling import answering_of
    from saccade.types.bad_file import BadFile

    models, images = _models_and_images(options)
    if options.out:
        return predict_into(options, models, _paths(images, options.null))
    answering = answering_of(models, views_of(options), device=options.device, commercial_only=options.commercial_only)
    done = bad = 0
    for one in answering.stream(_paths(images, options.null), batch_size=options.batch_size):
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


def _models_and_images(options: argparse.Namespace) -> tuple[list[str], list[str]]:
    """Tell the models from the images; a model is the folder of a run, a .safetensors file, or NAME/TAG."""
    if not options.ensemble:
        return [options.model], options.images
    models = [options.model, *itertools.takewhile(_is_model, options.images)]
    images = options.images[len(models) - 1 :]
    if len(models) == 1 or not images:
        raise BadConfig(
            f"got --ensemble with {len(models)} models and {len(images)} images; taken are two models or more, and "
            "then images; see saccade predict --help"
        )
    return models, images


def _is_model(word: str) -> bool:
    from saccade.api.published import name_and_tag

    path = Path(word)
    if path.exists():
        return path.suffix == ".safetensors" or (path / "run.json").is_file()
    return path.suffix == ".safetensors" or name_and_tag(word) is not None


def _paths(images: list[str], null: bool) -> Iterator[str | Path]:
    """Every file that the words name, one after the other."""
    for word in images:
        if word == "-":
            yield from _from_stdin(b"\0" if null else b"\n")
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
