"""Show what in an image made a model answer as it did, by a method such as grad_cam.

Without METHOD the methods are listed. MODEL is as in saccade predict. Each image gets a line on
stdout and a picture: the image, and the map over it. Red or bright places speak for what is
asked about, blue ones against it. What is asked about is what the model is surest of, or --about
a class; of a detector a box that it shows, or one --side of it.

Four methods look into the model instead: weights draws its first filters and needs no image,
activations the maps of a layer for one, patches the parts of many images that excite each unit
most, tsne strews many so that those lie together that the model takes for alike.

With --out page.html all maps, or all that a look gives, are on one page that opens
offline: a slider moves the maps over their pictures, small pictures open large.

With --check each map is tested: places are hidden and shown in its order, and the same is
asked of the model with its weights drawn anew. A map that is no better than the same map elsewhere,
or that stays the same with other weights, says so in red.

for example:
  saccade explain grad_cam runs/photos-resnet18-1 dog.jpg
  saccade explain grad_cam runs/photos-resnet18-1 dog.jpg --about cat --check
  saccade explain occlusion runs/cells-yolo_nano slide.jpg --box 2 --side left --out left.png
  saccade explain rise squeezenet1_1/imagenet photos/ --masks 2000 --out explained
  saccade explain gradient squeezenet1_1/imagenet dog.jpg --segment dog-cut.png
  saccade explain grad_cam squeezenet1_1/imagenet photos/ --check --out page.html
  saccade explain weights squeezenet1_1/imagenet
  saccade explain patches runs/photos-resnet18-1 photos/ --layer layer2 --units 3,5,8
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saccade import catalog
from saccade.cli._counting import CountProgress
from saccade.cli._knobs import knobs_of
from saccade.cli._parser import offering, whole_number
from saccade.cli._settings import SETTING, add_settings, given_settings
from saccade.cli._streams import note, print_json, print_table
from saccade.cli.fetch import add_commercial_only
from saccade.cli.predict import add_device
from saccade.errors import BadConfig, BadInput, UnknownName, printable

if TYPE_CHECKING:
    from saccade.types.explanation import Explanation

_SHOWN = 4
ROOM, LOOKS, SIDES = "explanations", "explanations.looks", ("left", "top", "right", "bottom")


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb, and the knobs of every method.

    Args:
        parser: Takes them.

    Source: ours.
    """
    method = parser.add_argument("method", metavar="METHOD", nargs="?", help="which; without it a list")
    offering(method, _methods)
    parser.add_argument("model", metavar="MODEL", nargs="?", help="folder of a run, a model file, or NAME/TAG")
    parser.add_argument("images", metavar="IMAGE", nargs="*", help="files or folders")
    parser.add_argument("--about", metavar="CLASS", help="name or number of a class (default the surest)")
    parser.add_argument("--box", metavar="N", type=int, default=0, help="of a detector: which box, 0 is the surest")
    side = parser.add_argument("--side", metavar="WORD", choices=SIDES, help=f"of that box: {', '.join(SIDES)}")
    offering(side, lambda: SIDES)
    parser.add_argument("--check", action="store_true", help="measure whether the map can be trusted")
    parser.add_argument(
        "--out", metavar="PATH", help="a file .png, .npy, .json or .html; for several images a folder or .html"
    )
    parser.add_argument("--segment", metavar="FILE", help="cut the thing out by its map: a .png with transparency")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="where all randomness comes from (default 0)")
    parser.add_argument("--batch-size", metavar="N", type=whole_number, default=16, help="images at once (default 16)")
    add_device(parser)
    add_commercial_only(parser)
    takers: dict[str, list[str]] = {}
    for name, room in _methods().items():
        for field in knobs_of(room, name).__dataclass_fields__:
            takers.setdefault(field, []).append(name)
    for names in dict.fromkeys(map(tuple, takers.values())):
        kind = knobs_of(_methods()[names[0]], names[0])
        others = [field for field in kind.__dataclass_fields__ if tuple(takers[field]) != names]
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        add_settings(parser.add_argument_group(f"of {', '.join(names[:_SHOWN])}{more}"), kind, without=others)


def wrong(options: argparse.Namespace) -> list[str]:
    """List everything that is wrong with the words, before anything heavy is loaded.

    Args:
        options: What the words said.

    Returns:
        A message for each mistake.

    Source: ours.
    """
    names = _methods()
    if options.method is None:
        return []
    if options.method not in names:
        return [str(UnknownName("method", options.method, names))]
    problems = []
    if options.model is None or not (options.images or options.method == "weights"):
        problems.append(f"got no {'image' if options.model else 'model'}; taken is METHOD MODEL IMAGE; name it")
    kind = knobs_of(names[options.method], options.method)
    if names[options.method] == LOOKS:
        problems += [
            f"got --{flag} with {options.method}; taken is it with methods that explain an answer; leave it out"
            for flag in ("about", "box", "side", "check", "segment")
            if getattr(options, flag)
        ]
    given = [name.removeprefix(SETTING) for name in vars(options) if name.startswith(SETTING)]
    known = [f"--{name.replace('_', '-')}" for name in kind.__dataclass_fields__]
    problems += [
        f"got --{name.replace('_', '-')} with {options.method}; taken by it are {', '.join(known) or 'no knobs'}; "
        "leave it out"
        for name in given
        if name not in kind.__dataclass_fields__
    ]
    try:
        kind.from_dict(given_settings(options, kind))
    except BadConfig as error:
        problems += str(error).split("\n")
    if options.segment and len(options.images) != 1:
        problems.append("got --segment with several images; taken is one; give one")
    if options.segment and Path(options.segment).suffix.lower() != ".png":
        problems.append(f"got --segment {printable(options.segment)}; taken are names that end in .png; change it")
    return problems


def run(options: argparse.Namespace) -> int:
    """Explain, draw and print; or list the methods.

    Args:
        options: What the words said; nothing is wrong with them.

    Returns:
        0; 2 when no image could be read.

    Source: ours.
    """
    if options.method is None:
        cards = {**catalog.cards(ROOM), **catalog.cards(LOOKS)}
        if options.json:
            print_json(cards)
        else:
            print_table([[name, str(card["about"])] for name, card in cards.items()])
        return 0
    if _methods()[options.method] == LOOKS:
        return _look(options)
    from saccade.api.explaining.explainer import About
    from saccade.api.explaining.explaining import explainer
    from saccade.api.explaining.files import ExplanationFiles
    from saccade.api.predictor import load
    from saccade.types.bad_file import BadFile

    about = int(options.about) if options.about and options.about.isdigit() else options.about
    predictor = load(options.model, device=options.device, commercial_only=options.commercial_only)
    if isinstance(about, int) and str(about) in predictor.labels:
        about = str(about)
    wanted = explainer(
        predictor, method=options.method, about=About(about, options.box, options.side or ""),
        settings=given_settings(options, knobs_of(ROOM, options.method)), check=options.check, seed=options.seed,
    )  # fmt: skip
    paths = list(_paths(options.images))
    files, done = ExplanationFiles(options.out, several=len(paths) != 1), 0
    progress = CountProgress(options.method, "steps")
    try:
        for found in replace(wanted, told=progress).stream(paths, batch_size=options.batch_size):
            progress.clear()
            if isinstance(found, BadFile):
                note(f"left out {found.key}: {found.reason}")
                continue
            done += 1
            _print(found, files.write(found), options.json)
            if options.segment:
                print(printable(str(files.cut_out(found, options.segment))))
    finally:
        progress.clear()
        files.finish()  # an interrupt keeps what was made
    return 0 if done else BadInput.exit_code


def _methods() -> dict[str, str]:
    """Every method, with the room that holds it."""
    return {name: room for room in (ROOM, LOOKS) for name in catalog.offers(room)}


def _look(options: argparse.Namespace) -> int:
    """Look into the model, and write the sheet."""
    from saccade.api.explaining.files import write_sheet
    from saccade.api.explaining.looking import look_into
    from saccade.api.predictor import load

    predictor = load(options.model, device=options.device, commercial_only=options.commercial_only)
    settings = given_settings(options, knobs_of(LOOKS, options.method))
    sheet = look_into(
        predictor, list(_paths(options.images)), method=options.method, settings=settings, seed=options.seed
    )
    path = write_sheet(sheet, options.out or f"{options.method}.png")
    if options.json:
        print_json({**sheet.to_dict(), "file": str(path)})
    else:
        print(f"{sheet}   {printable(str(path))}")
    return 0


def _paths(words: list[str]) -> Iterator[Any]:
    for word in words:
        if Path(word).is_dir():
            from saccade.api.pictures import pictures_in

            yield from pictures_in(Path(word))
        else:
            yield word


def _print(found: Explanation, path: Path, as_json: bool) -> None:
    if as_json:
        print_json({**found.to_dict(), "file": str(path)})
        return
    print(f"{found}   {printable(str(path))}", flush=True)
    if found.faithfulness is not None:
        for line in (str(found.faithfulness), *found.faithfulness.problems):
            print(f"  {line}", flush=True)
