"""Say what is on images: files, folders with all they hold, or paths from stdin.

MODEL is the folder of a run, a .safetensors file, or published weights such as
squeezenet1_1/imagenet, which are fetched once (see saccade fetch). Each image gives
a line on stdout as soon as it is known; a detector tells what it found, --json where.
A file that cannot be read is named on stderr, counted and left out; the exit code is 2
only when no image could be read, or with --strict. Names that begin with a dash go after --.

With --save each picture is drawn, with what was found on it, into a folder. With --labels
what a detector found becomes a data set, to be mended by hand and learnt from.

With --ensemble the words before the first image are models too, whose probabilities
are averaged. With --crops, --flips or --scales every picture is looked at several
times. Each model and each view takes its time anew; saccade evaluate says what is gained.

A film is told frame by frame: each line names the frame by its number (film.mp4#120), --json
also gives its time, and --save writes a film with what was found drawn on it.
camera:0 is a camera, of which the newest frame is told until the command is stopped.

With --tiles a detector looks at pictures larger than SIDE through windows that overlap, and
finds small things in them; what an edge of a window cuts gives way to what a neighbour saw
whole. Of a picture, only that one and a few windows are in memory.

A translation makes pictures: --save writes them, as large as those that they are made of,
and --to says of which kind. So does a network that paints in a style.

With --out the results go to files of a folder instead, part by part: the lines of --json,
each part whole or not there. The same command goes on with a job that was stopped or
killed. With --cluster a Ray Data job does the parts (pip install "saccade[cluster]"), on
this machine (local), on the cluster that it belongs to (auto), or at HOST:PORT.

for example:
  saccade predict runs/photos-resnet18-1 new-photos/
  saccade predict model.safetensors a.jpg b.png --top 3 --json
  saccade predict squeezenet1_1/imagenet photo.jpg --top 5
  saccade predict runs/cells-yolo_nano slides/ --save drawn --confidence 0.4
  saccade predict runs/cells-yolo_nano street.mp4 --every 5 --save drawn
  saccade predict runs/cells-yolo_nano slide.tif --tiles 640
  saccade predict runs/cells-crops-resnet18 slide.jpg --windows 48,96 --save drawn
  saccade predict runs/horses photos/ --save zebras --to B
  saccade predict runs/a runs/b new-photos/ --ensemble --flips
  saccade predict runs/a archive/ --out results --cluster local --workers 8
  find . -name '*.jpg' -print0 | saccade predict runs/photos-resnet18-1 - -0
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import os
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saccade.api.films.names import is_watched
from saccade.cli._frames import add_frames, at_once, through_windows, told_of_film, wrong_frames
from saccade.cli._many import add_many, predict_into, wrong_many
from saccade.cli._parser import offering, whole_number
from saccade.cli._streams import note, print_json
from saccade.cli._views import add_views, views_of
from saccade.cli.fetch import add_commercial_only
from saccade.errors import BadConfig, BadInput, printable

if TYPE_CHECKING:
    from saccade.api.ensembles.answering import Answering

DEVICES = ("auto", "cpu", "cuda", "mps")
FORMATS = ("coco", "voc", "yolo")


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
    parser.add_argument(
        "--confidence",
        metavar="X",
        type=float,
        help="of a detector: leave out boxes less sure than this (default 0.25; of windows 0.5)",
    )
    action = parser.add_argument(
        "--format", metavar="WORD", choices=FORMATS, help=f"of --labels: {', '.join(FORMATS)} (default coco)"
    )
    offering(action, lambda: FORMATS)
    parser.add_argument("--labels", metavar="FOLDER", help="of a detector: write what was found as a data set")
    parser.add_argument("--save", metavar="FOLDER", help="draw each picture with what was found; a new or empty folder")
    parser.add_argument(
        "--to", metavar="KIND", help="of a translation: the kind of pictures to make (default the second)"
    )
    parser.add_argument("--strict", action="store_true", help="exit with 2 when any file could not be read")
    add_device(parser)
    add_commercial_only(parser)
    parser.add_argument(
        "--batch-size", metavar="N", type=whole_number, help="images in a batch (default 32; of frames and tiles 8)"
    )
    add_frames(parser)
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
    problems = wrong_many(options) + wrong_frames(options)
    if options.save and options.out:
        problems.append("got --save with --out; taken is one of them, since --out keeps rows alone; leave one out")
    if options.labels and options.out:
        problems.append("got --labels with --out; taken is one of them, since --out keeps rows alone; leave one out")
    if options.to and options.out:
        problems.append("got --to with --out; taken is one of them, since --out keeps rows alone; take --save")
    if options.format and not options.labels:
        problems.append(f"got --format {options.format}; taken is it with --labels FOLDER; add that, or leave it out")
    return problems


def run(options: argparse.Namespace) -> int:
    """Predict, and print.

    Args:
        options: What the words said.

    Returns:
        0; 2 when no image could be read, or any could not with `--strict`.

    Source: ours.
    """
    from saccade.api.drawings import Drawings
    from saccade.api.ensembles.ensembling import answering_of
    from saccade.api.films.watching import Frame
    from saccade.api.predictor import making
    from saccade.types.bad_file import BadFile

    models, images = _models_and_images(options)
    if options.out:
        options.batch_size = at_once(options)
        return predict_into(options, models, _paths(images, options.null))
    answering = answering_of(
        models, views_of(options), confidence=None if options.windows else options.confidence, device=options.device,
        commercial_only=options.commercial_only,
    )  # fmt: skip
    answering = through_windows(answering, options)
    if options.to:
        answering = making(answering, options.to)
    drawn = Drawings(options.save, answering.shown) if options.save else None
    kept = list[Any]()
    done = bad = 0
    with contextlib.closing(_answers(answering, images, options)) as answers:
        for one in answers:
            if isinstance(one, BadFile):
                bad += 1
                _print_bad(one, options.json)
                continue
            done += 1
            _print(one, options)
            if drawn is not None and not isinstance(one, Frame):  # a film is drawn as a whole
                drawn.add(one)
            if options.labels:
                kept.append(one)
    if options.labels and kept:
        _write_labels(kept, options)
    if bad or not done:
        images, files = ("image" if done == 1 else "images"), ("file" if bad == 1 else "files")
        note(f"{done:,} {images} predicted, {bad:,} {files} left out")
    return BadInput.exit_code if done == 0 or (bad and options.strict) else 0


def _answers(answering: Answering, words: list[str], options: argparse.Namespace) -> Generator[Any]:
    """What is said of everything that the words name, in their order; of films and cameras frame by frame."""
    for watched, some in itertools.groupby(words, is_watched):
        if watched:
            for word in some:
                yield from told_of_film(answering, word, options)
        else:
            yield from answering.stream(_paths(list(some), options.null), batch_size=at_once(options))


def _write_labels(found: list[Any], options: argparse.Namespace) -> None:
    """Write what was found as a data set, and tell what of it could not be kept."""
    from saccade.api.datasets.detections import write_detections
    from saccade.types.detections import Detections

    if not isinstance(found[0], Detections):
        raise BadConfig("got --labels with a model that finds no boxes; taken is it for detectors; leave it out")
    written = write_detections(found, options.format or FORMATS[0], options.labels)
    for line in written.lines():
        note(line)


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
    """One line: JSON, or the likeliest classes and then the image, whose name may be long; or what was found in it."""
    from saccade.api.films.watching import Frame
    from saccade.api.predictions import plain

    if options.json:
        print_json(prediction.to_dict(options.top) if isinstance(prediction, Frame) else plain(prediction, options.top))
        return
    prediction = prediction.prediction if isinstance(prediction, Frame) else prediction
    if not hasattr(prediction, "top"):
        print(prediction, flush=True)
        return
    ranked = [f"{100 * share:5.1f} %  {printable(name)}" for name, share in prediction.top(options.top)]
    print("   ".join([*ranked, printable(prediction.key)]), flush=True)


def _print_bad(file: Any, as_json: bool) -> None:
    if as_json:
        print_json({"key": file.key, "error": file.reason})
    note(f"left out {file.key}: {file.reason}")
