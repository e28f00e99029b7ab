"""Make a picture that shows what a model looks for, what it remembers, or what it dreams.

Without METHOD the methods are listed. MODEL is as in saccade predict, or a network without classes
with --weights. class_model makes the picture that is taken for a class more than any other;
feature_visualisation the one that excites a layer, some of its channels or one neuron most; both
from nothing. inversion makes the picture that a layer cannot tell from IMAGE. deep_dream makes
stronger in IMAGE what a layer sees in it, or what it has in common with --guide.

The picture carries a line with what it is and which network made it; --no-caption leaves it out.
Ctrl-C ends early, and what was made so far is written.

for example:
  saccade dream class_model squeezenet1_1/imagenet --about flamingo
  saccade dream class_model runs/photos-resnet18-1 --about cat --basis pixels --blur 0.5
  saccade dream feature_visualisation squeezenet1_1/imagenet --layer features.7 --channels 9
  saccade dream inversion squeezenet1_1/imagenet dog.jpg --layer features.9 --out remembered.png
  saccade dream deep_dream squeezenet1_1/imagenet sky.jpg --layer features.10 --preview now.png
  saccade dream deep_dream squeezenet1_1/imagenet sky.jpg --zooms 100 --side 480 --film zoom.mp4
"""

from __future__ import annotations

import argparse
from pathlib import Path

from saccade import catalog
from saccade.cli._knobs import knobs_of
from saccade.cli._onlooking import add_onlooking, onlooker, written, wrong_onlooking
from saccade.cli._parser import offering
from saccade.cli._settings import SETTING, add_settings, given_settings
from saccade.cli._streams import print_json, print_table
from saccade.cli.fetch import add_commercial_only
from saccade.cli.predict import add_device
from saccade.errors import BadConfig, UnknownName, printable

ROOM = "imagine"
_SHOWN = 4


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb, and the knobs of every method.

    Args:
        parser: Takes them.

    Source: ours.
    """
    method = parser.add_argument("method", metavar="METHOD", nargs="?", help="which; without it a list")
    offering(method, lambda: catalog.offers(ROOM))
    parser.add_argument("model", metavar="MODEL", nargs="?", help="folder of a run, a model file, or NAME/TAG")
    parser.add_argument("image", metavar="IMAGE", nargs="?", help="the picture to begin with, where one is needed")
    parser.add_argument("--about", metavar="CLASS", help="name or number of a class, for class_model")
    parser.add_argument("--guide", metavar="IMAGE", help="for deep_dream: a picture towards whose forms one dreams")
    parser.add_argument("--weights", metavar="FILE", help="for the name of an architecture: a .safetensors file")
    add_onlooking(parser, "METHOD.png")
    parser.add_argument("--film", metavar="FILE", help="of a zoom: its pictures as a film, .mp4 or .avi")
    add_device(parser)
    add_commercial_only(parser)
    takers: dict[str, list[str]] = {}
    for name in catalog.offers(ROOM):
        for field in knobs_of(ROOM, name).__dataclass_fields__:
            takers.setdefault(field, []).append(name)
    for names in dict.fromkeys(map(tuple, takers.values())):
        kind = knobs_of(ROOM, names[0])
        others = [field for field in kind.__dataclass_fields__ if tuple(takers[field]) != names]
        add_settings(parser.add_argument_group(f"of {', '.join(names[:_SHOWN])}"), kind, without=others)


def wrong(options: argparse.Namespace) -> list[str]:
    """List everything that is wrong with the words, before anything heavy is loaded.

    Args:
        options: What the words said.

    Returns:
        A message for each mistake.

    Source: ours.
    """
    names = catalog.offers(ROOM)
    if options.method is None:
        return []
    if options.method not in names:
        return [str(UnknownName("method", options.method, names))]
    problems = [] if options.model else ["got no model; taken is METHOD MODEL [IMAGE]; name it"]
    kind = knobs_of(ROOM, options.method)
    given = [name.removeprefix(SETTING) for name in vars(options) if name.startswith(SETTING)]
    known = ", ".join(f"--{name.replace('_', '-')}" for name in kind.__dataclass_fields__)
    problems += [
        f"got --{name.replace('_', '-')} with {options.method}; taken by it are {known}; leave it out"
        for name in given
        if name not in kind.__dataclass_fields__
    ]
    try:
        kind.from_dict(given_settings(options, kind))
    except BadConfig as error:
        problems += str(error).split("\n")
    needs = catalog.cards(ROOM)[options.method]["needs"]
    if options.model and needs.startswith("picture") and not options.image:
        problems.append(f"got no picture for {options.method}; taken is one to begin with; name it")
    if options.image and not needs.startswith("picture"):
        problems.append(
            f"got a picture for {options.method}, which makes one from nothing; taken is none; leave it out"
        )
    if needs == "class" and options.about is None:
        problems.append(f"got no class for {options.method}; taken is its name or number; say it with --about")
    if needs != "class" and options.about is not None:
        problems.append(f"got --about with {options.method}; taken is it with class_model; leave it out")
    if options.guide and options.method not in ("deep_dream", "style_transfer"):
        problems.append(f"got --guide with {options.method}; taken is it with deep_dream; leave it out")
    if needs == "pictures" and not options.guide:
        problems.append(f"got one picture for {options.method}; taken are two; name the other one with --guide")
    if options.film and not getattr(options, SETTING + "zooms", 0):
        problems.append("got --film without --zooms; taken is it for a zoom; add --zooms N, or use --frames")
    if options.film and Path(options.film).suffix.lower() not in (".mp4", ".avi"):
        problems.append(f"got --film {printable(options.film)}; taken are names that end in .mp4 or .avi; change it")
    return problems + wrong_onlooking(options)


def run(options: argparse.Namespace) -> int:
    """Make the picture, write and print; or list the methods.

    Args:
        options: What the words said; nothing is wrong with them.

    Returns:
        0; 128 and the signal's number when it was stopped.

    Source: ours.
    """
    if options.method is None:
        cards = catalog.cards(ROOM)
        if options.json:
            print_json(cards)
        else:
            print_table([[name, str(card["about"])] for name, card in cards.items()])
        return 0
    from saccade.api.imagining.dreaming import dream
    from saccade.api.imagining.seeing import eyes_of
    from saccade.api.imagining.watching import write_film

    about = options.guide or (int(options.about) if options.about and options.about.isdigit() else options.about)
    eyes = eyes_of(
        options.model, weights=options.weights, device=options.device, commercial_only=options.commercial_only
    )
    with onlooker(options) as watch:
        made = dream(
            eyes, options.image, method=options.method, about=about,
            settings=given_settings(options, knobs_of(ROOM, options.method)), seed=options.seed, watch=watch,
        )  # fmt: skip
    if options.film:
        print(printable(str(write_film(options.film, made.frames))))
    return written(options, made, watch, f"{options.method}.png")
