"""Show the steps of an operation, number by number, such as conv, pool or nms.

Without NAME the traces are listed. A trace shows its own small example unless
it is given numbers, or a crop of a picture. Numbers are a text such as
'1 0 -1; 2 0 -2' or a file of rows (.txt, .csv, .json). A convolution takes
several channels with | between them, and a kernel by its name too.

for example:
  saccade trace conv
  saccade trace conv --image photo.jpg --at 8 10 --kernel sobel --out conv.html
  saccade trace pool --matrix '1 3 2; 2 9 1; 4 6 5' --window 3 --kind average
  saccade trace nms --boxes boxes.txt --iou-threshold 0.3 --out nms.svg
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from saccade.cli._parser import offering, whole_number
from saccade.cli._streams import print_json, print_table
from saccade.errors import BadConfig, UnknownName, printable
from saccade.inspect.tracing.options import Option, options_of, traces

FORMATS = (".html", ".svg", ".txt", ".json")
_FILES = (".txt", ".csv", ".json")
_DEST = "of_trace_"  # so that no flag of a trace can meet one of this verb
_METAVARS = {"int": "N", "float": "X", "str": "WORD", "Rows": "NUMBERS"}


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb, and those of every trace.

    Args:
        parser: Takes them.

    Source: ours.
    """
    name = parser.add_argument("name", metavar="NAME", nargs="?", help=f"which one: {', '.join(traces())}")
    offering(name, traces)
    parser.add_argument("--out", metavar="FILE", help=f"write it: a name that ends in {', '.join(FORMATS)}")
    parser.add_argument("--frames", metavar="N", type=whole_number, help="steps in an SVG at most (default 6)")
    parser.add_argument("--json", action="store_true", help="everything, as one JSON object")
    picture = parser.add_argument_group("a picture instead of the example")
    picture.add_argument("--image", metavar="FILE", help="take a crop of it; boxes are drawn over all of it")
    picture.add_argument(
        "--at", metavar=("ROW", "COLUMN"), nargs=2, type=int, help="the crop's first pixel, from 0 (default the middle)"
    )
    picture.add_argument(
        "--crop", metavar=("ROWS", "COLUMNS"), nargs=2, type=whole_number, help="up to 12 each (default 6 6)"
    )
    picture.add_argument("--colour", action="store_true", help="keep its channels (default grey)")
    for takers, options in _by_takers().items():
        group = parser.add_argument_group(f"of {', '.join(takers)}")
        for same in options:
            _add(group, same)


def wrong(options: argparse.Namespace) -> list[str]:
    """List what is wrong with the words together.

    Args:
        options: What the words said.

    Returns:
        A message for each mistake.

    Source: ours.
    """
    problems = []
    if options.out and Path(options.out).suffix.lower() not in FORMATS:
        taken = f"taken are names that end in {', '.join(FORMATS)}"
        problems.append(f"got --out {printable(options.out)!r}; {taken}; choose one of them")
    picture = [flag for flag in ("at", "crop", "colour") if getattr(options, flag)]
    if picture and not options.image:
        problems.append(f"got --{picture[0]} without --image; taken are both; give the picture")
    if options.name is None:
        flags = [flag for flag in ("out", "image") if getattr(options, flag)] + list(_given(options))
        return problems + [f"got --{flag} without a name; {_names()}" for flag in flags]
    if options.name not in traces():
        return [*problems, str(UnknownName("trace", options.name, traces()))]
    known = options_of(options.name)
    return problems + [
        f"got --{_flag(name)} with {options.name}; taken by it are {_flags(known)}; leave it out"
        for name in _given(options)
        if name not in known
    ]


def run(options: argparse.Namespace) -> int:
    """Show a trace, or list them.

    Args:
        options: What the words said.

    Returns:
        The exit code.

    Source: ours.
    """
    if options.name is None:
        if options.json:
            print_json(traces())
        else:
            print_table([[name, about] for name, about in traces().items()])
        return 0
    from saccade.api.networks.tracing import save_trace, trace

    known = options_of(options.name)
    given = {name: _read(value) if "Rows" in known[name].kinds else value for name, value in _given(options).items()}
    crop = tuple(options.crop) if options.crop else (6, 6)
    at = tuple(options.at) if options.at else None
    shown = trace(options.name, image=options.image, at=at, crop=crop, grey=not options.colour, options=given)
    path = save_trace(shown, options.out, frames=options.frames or 6) if options.out else None
    if options.json:
        print_json(shown.to_dict())
    elif path:
        print(printable(str(path)))
    else:
        width = shutil.get_terminal_size((100, 24)).columns
        print(shown.to_text(width, colour=sys.stdout.isatty() and not os.environ.get("NO_COLOR")))
    return 0


def _by_takers() -> dict[tuple[str, ...], list[dict[str, Option]]]:
    """The options of all traces, those of one name together, by the traces that take them."""
    takers: dict[str, dict[str, Option]] = defaultdict(dict)
    for trace in traces():
        for name, option in options_of(trace).items():
            if "Picture" not in option.kinds:
                takers[name][trace] = option
    grouped: dict[tuple[str, ...], list[dict[str, Option]]] = defaultdict(list)
    for same in takers.values():
        grouped[tuple(same)].append(same)
    return dict(sorted(grouped.items(), key=lambda pair: (-len(pair[0]), pair[0])))


def _about(same: dict[str, Option]) -> str:
    """What the traces say of an option: once when they agree, else each for itself."""
    told = {trace: option.about[:1].lower() + option.about[1:] for trace, option in same.items()}
    return told.popitem()[1] if len(set(told.values())) == 1 else "; ".join(f"{a}: {b}" for a, b in told.items())


def _add(group: Any, same: dict[str, Option]) -> None:
    first = next(iter(same.values()))
    kinds = list(dict.fromkeys(kind for option in same.values() for kind in option.kinds if kind != "None"))
    flag, dest = f"--{_flag(first.name)}", _DEST + first.name
    defaults = {option.default for option in same.values()}
    stated = f" (default {first.default})" if len(defaults) == 1 and first.default[0] in "'-0123456789" else ""
    about = (_about(same) + stated.replace("'", "")).replace("%", "%%")
    if kinds == ["bool"]:
        group.add_argument(flag, dest=dest, action="store_const", const=True, help=about)
    else:
        metavar = "N|WORD" if kinds == ["int", "str"] else _METAVARS.get(kinds[0], "VALUE")
        group.add_argument(flag, dest=dest, metavar=metavar, type=_reader(kinds), help=about)


def _reader(kinds: list[str]) -> Callable[[str], Any]:
    """Read a word as the first of some types that takes it."""

    def read(text: str) -> Any:
        for kind in kinds:
            if kind not in ("int", "float"):
                return text
            try:
                return int(text) if kind == "int" else float(text)
            except ValueError:
                continue
        raise argparse.ArgumentTypeError(f"got {text!r}; taken is a {'whole ' * (kinds == ['int'])}number")

    return read


def _read(value: str) -> str:
    """The text of a file of numbers; what names no such file is the numbers."""
    path = Path(value)
    try:
        return path.read_text(encoding="utf-8-sig") if path.suffix.lower() in _FILES and path.is_file() else value
    except UnicodeDecodeError:
        raise BadConfig(
            f"got {printable(value)!r}, no text; taken are files of numbers in UTF-8; export it again"
        ) from None


def _given(options: argparse.Namespace) -> dict[str, Any]:
    return {
        name.removeprefix(_DEST): value
        for name, value in vars(options).items()
        if name.startswith(_DEST) and value is not None
    }


def _flag(name: str) -> str:
    return name.replace("_", "-")


def _flags(known: dict[str, Option]) -> str:
    return ", ".join(f"--{_flag(name)}" for name, option in known.items() if "Picture" not in option.kinds)


def _names() -> str:
    return f"taken are {', '.join(traces())}; name one of them"
