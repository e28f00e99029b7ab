"""Paint a picture in the style of another, by descending to it pixel by pixel.

CONTENT says what is where, STYLE how it is painted. The network that compares them is VGG-19 with
ImageNet's weights, or where those are not to be had the one that comes with saccade; --model names
another, and the line below the picture says which it was. --side 2048 --scales 4 --memory 2000
paints large ones, coarse to fine and in tiles. --preview FILE shows the picture as it grows.

Ctrl-C ends early: what was painted is written, and the same command goes on from there. To restyle
many pictures in one style, train a network for it: saccade train PHOTOS --task style.

for example:
  saccade restyle tubingen.jpg starry_night.jpg
  saccade restyle photo.jpg wave.jpg --style-weight 300 --steps 500 --preview now.png
  saccade restyle photo.jpg wave.jpg --side 2048 --scales 4 --memory 2000 --frames growing.mp4
  saccade restyle photo.jpg wave.jpg --model vgg19_normalised --weights conv3_1.safetensors
  saccade restyle photo.jpg wave.jpg --side 256 --compare descents.png
"""

from __future__ import annotations

import argparse
from pathlib import Path

from saccade.cli._knobs import knobs_of
from saccade.cli._onlooking import add_onlooking, onlooker, written, wrong_onlooking
from saccade.cli._parser import wrong_drawing
from saccade.cli._settings import add_settings, given_settings
from saccade.cli._streams import note, print_json
from saccade.cli.fetch import add_commercial_only
from saccade.cli.predict import add_device
from saccade.errors import BadConfig, printable

ROOM, METHOD = "imagine", "style_transfer"


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb, and its knobs.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("content", metavar="CONTENT", help="the picture whose content is kept")
    parser.add_argument("style", metavar="STYLE", help="the picture whose style is wanted")
    parser.add_argument("--model", metavar="MODEL", help="who compares: a run, a model file, NAME/TAG, or NAME")
    parser.add_argument("--weights", metavar="FILE", help="for a name: a .safetensors file")
    add_onlooking(parser, "CONTENT-STYLE.png")
    parser.add_argument("--compare", metavar="FILE", help="paint by L-BFGS and by Adam, and draw both")
    parser.add_argument("--anew", action="store_true", help="begin anew, whatever was put away")
    add_device(parser)
    add_commercial_only(parser)
    add_settings(parser.add_argument_group("of the painting"), knobs_of(ROOM, METHOD))


def wrong(options: argparse.Namespace) -> list[str]:
    """List everything that is wrong with the words, before anything heavy is loaded.

    Args:
        options: What the words said.

    Returns:
        A message for each mistake.

    Source: ours.
    """
    problems = wrong_onlooking(options) + wrong_drawing(options.compare)
    if options.compare and (options.out or options.anew):
        problems.append("got --compare with --out or --anew; taken is its own drawing alone; leave them out")
    if options.weights and not options.model:
        problems.append("got --weights without --model; taken is it with the name of an architecture; name that too")
    try:
        knobs_of(ROOM, METHOD).from_dict(given_settings(options, knobs_of(ROOM, METHOD)))
    except BadConfig as error:
        problems += str(error).split("\n")
    return problems


def run(options: argparse.Namespace) -> int:
    """Paint, write and print.

    Args:
        options: What the words said; nothing is wrong with them.

    Returns:
        0; 128 and the signal's number when it was stopped.

    Source: ours.
    """
    from saccade.api.imagining.restyling import compare_descents, restyle, usual_eyes
    from saccade.api.imagining.seeing import eyes_of
    from saccade.api.plot_files import save_plot

    settings = given_settings(options, knobs_of(ROOM, METHOD))
    eyes = (
        eyes_of(options.model, weights=options.weights, device=options.device, commercial_only=options.commercial_only)
        if options.model
        else usual_eyes(device=options.device, commercial_only=options.commercial_only)
    )
    if options.compare:
        with onlooker(options) as watch:
            both = compare_descents(
                options.content, options.style, model=eyes, settings=settings, seed=options.seed, watch=watch
            )
        path = save_plot(both.draw(), options.compare)
        if options.json:
            print_json({**both.to_dict(), "file": str(path)})
        else:
            print(f"{both}   {printable(str(path))}")
        return 128 + watch.signal_number if watch.signal_number else 0
    name = f"{Path(options.content).stem}-{Path(options.style).stem}.png"
    out = Path(options.out or name).expanduser()
    state = out.with_name(f".{out.stem}.state.safetensors")
    if options.anew:
        state.unlink(missing_ok=True)
    if state.exists():
        note(f"goes on from {printable(str(state))}; --anew begins anew")
    with onlooker(options) as watch:
        made = restyle(
            options.content, options.style, model=eyes, settings=settings, seed=options.seed, state=state, watch=watch
        )
    code = written(options, made, watch, name)
    if made.whole:
        state.unlink(missing_ok=True)
    else:
        note("the same command goes on from here" + (", without --anew" if options.anew else ""))
    return code
