"""Filter pictures with a kernel: edges, blurs, sharpening, or one of your own.

KERNEL is a name, or its numbers: rows end with a semicolon, and fractions are
numbers too. Without IMAGE its numbers are printed, without KERNEL the list.

--view says how the response is drawn. signed: red where it is positive, blue
where it is negative. magnitude: its strength. orientation: the direction from
light to dark as a hue. plain: the result as another picture. all: the first
three. By default signed for kernels that sum to 0, plain for the others.

A picture is written to the current folder, beside nothing it was made from:
photo.jpg gives photo-sobel.png. --out names another file, or a folder for many.

for example:
  saccade filter sobel photo.jpg
  saccade filter sobel photo.jpg --angle 45 --view all --out edges
  saccade filter gaussian photos/ --sigma 4 --out blurred
  saccade filter "0 -1 0; -1 5 -1; 0 -1 0" photo.jpg --out sharp.jpg
  saccade filter --list
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saccade.cli._parser import offering, whole_number
from saccade.cli._streams import note, print_json, print_table
from saccade.errors import BadConfig, BadImage, BadInput, BadShape, MissingExtra, printable

if TYPE_CHECKING:
    from torch import Tensor

    from saccade.api.filters.filters import FilterResponse

VIEWS = ("auto", "signed", "magnitude", "orientation", "plain", "all")
PADDINGS = ("reflect", "replicate", "circular", "zeros", "valid")


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("kernel", metavar="KERNEL", nargs="?", help="a name, or numbers such as '1 0 -1; 1 0 -1'")
    parser.add_argument("images", metavar="IMAGE", nargs="*", help="files, or folders with all they hold")
    parser.add_argument("--list", action="store_true", help="list the kernels that have a name")
    parser.add_argument("--angle", metavar="DEGREES", type=number, default=0.0, help="turn the kernel, clockwise")
    parser.add_argument("--size", metavar="N", type=whole_number, help="side of a blur and its kin, in pixels; odd")
    parser.add_argument("--sigma", metavar="PIXELS", type=number, help="width of the bell of a Gaussian and its kin")
    view = parser.add_argument("--view", metavar="WORD", choices=VIEWS, default="auto", help=", ".join(VIEWS))
    offering(view, lambda: VIEWS)
    padding = parser.add_argument(
        "--padding",
        metavar="WORD",
        choices=PADDINGS,
        default="reflect",
        help=f"{', '.join(PADDINGS)} (default reflect)",
    )
    offering(padding, lambda: PADDINGS)
    parser.add_argument("--scale", metavar="X", type=number, help="the response in full colour (default: measured)")
    parser.add_argument("--out", metavar="PATH", help="the picture to write, or a folder for several")
    parser.add_argument("--json", action="store_true", help="one JSON object for each picture, or the list as one")


def number(text: str) -> float:
    """Read a number, as the `type` of an argument.

    Args:
        text: What was typed.

    Returns:
        The number.

    Raises:
        ArgumentTypeError: If it is none; argparse names the flag.

    Source: ours.

    Example:
        >>> number("-0.5")
        -0.5
    """
    try:
        return float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"got {text!r}; taken is a number") from None


def run(options: argparse.Namespace) -> int:
    """Filter and write, or list the kernels.

    Args:
        options: What the words said.

    Returns:
        0; 2 when none of several pictures could be filtered.

    Raises:
        BadConfig: If one file is to take several pictures, or the picture that it is made from.

    Source: ours.
    """
    if options.list or options.kernel is None:
        _print_kernels(options.json)
        return 0
    from saccade.ops.kernels import read_kernel

    kernel = read_kernel(options.kernel, angle=options.angle, size=options.size, sigma=options.sigma)
    if not options.images:
        _print_numbers(kernel, options.json)
        return 0
    pictures = list(_pictures(options.images))
    alone = len(pictures) == 1 and not any(Path(word).is_dir() for word in options.images)
    targets = _Targets(options, pictures, alone)
    bad = 0
    for picture in pictures:
        try:
            _filter(picture, kernel, options, targets)
        except (BadImage, BadShape, MissingExtra) as error:
            if alone:
                raise
            bad += 1
            told = str(error).removeprefix(f"{printable(os.fspath(picture))}: ")
            note(f"left out {os.fspath(picture)}: {told}")
    if bad:
        note(f"{len(pictures) - bad:,} filtered, {bad:,} left out")
    return BadInput.exit_code if bad == len(pictures) else 0


class _Targets:
    """Where each picture goes: never twice to one file, and never onto a picture that is read."""

    def __init__(self, options: argparse.Namespace, pictures: list[Path], alone: bool) -> None:
        from saccade.api.filters.filters import picture_suffix

        out = Path(options.out) if options.out else None
        self._taken = {picture.resolve() for picture in pictures}
        self._file = out if out and out.suffix and not out.is_dir() else None
        self._folder = Path() if out is None else out
        self._tail = _tail(options)
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            return
        picture_suffix(self._file)
        if not alone or options.view == "all":
            raise BadConfig(
                f"got --out {printable(options.out)} for several pictures; taken is a folder for them; "
                "leave out its suffix"
            )
        if self._file.resolve() in self._taken:
            raise BadConfig(
                f"got --out {printable(options.out)}, the picture that is read; taken is another file; "
                "give it another name"
            )

    def of(self, picture: Path, view: str) -> Path:
        """Choose the file for one view of one picture; `view` is "" for the one that needs no name."""
        if self._file:
            return self._file
        stem = "-".join(filter(None, (picture.stem, self._tail, view)))
        target, count = self._folder / f"{stem}.png", 1
        while target.resolve() in self._taken:
            count += 1
            target = self._folder / f"{stem}-{count}.png"
        self._taken.add(target.resolve())
        return target


def _tail(options: argparse.Namespace) -> str:
    """What a file is called after: the kernel's name, or "filtered", and its angle."""
    name = options.kernel.strip().lower()
    word = name if name.replace("_", "").replace("-", "").isalnum() else "filtered"
    return f"{word}-{options.angle:g}" if options.angle else word


def _pictures(words: list[str]) -> Iterator[Path]:
    from saccade.api.pictures import pictures_in

    for word in words:
        if Path(word).is_dir():
            yield from pictures_in(Path(word))
        else:
            yield Path(word)


def _filter(picture: Path, kernel: Tensor, options: argparse.Namespace, targets: _Targets) -> None:
    from saccade.api.filters.filters import filter_image
    from saccade.ops.steering import has_direction

    views = [options.view]
    if options.view == "all":
        views = ["signed", "magnitude", *(["orientation"] if has_direction(kernel) else [])]
    first = filter_image(picture, kernel, view=views[0], padding=options.padding, scale=options.scale)
    for view in views:
        response = first if view == views[0] else first.as_view(view)
        target = response.save(targets.of(picture, "" if view == "auto" else view))
        _print(picture, response, target, options.json)


def _print(picture: Path, response: FilterResponse, target: Path, as_json: bool) -> None:
    full = None if response.view == "plain" else response.full_colour
    if as_json:
        print_json({
            "key": os.fspath(picture), "out": os.fspath(target), "view": response.view, "full_colour": full,
            "kernel": response.kernel.tolist(),
        })  # fmt: skip
        return
    sign = "±" if response.view == "signed" else ""
    told = "" if full is None else f", full {'colour' if sign else 'brightness'} at {sign}{full:.3g}"
    print(f"{printable(os.fspath(target))}   {response.view}{told}", flush=True)


def _print_numbers(kernel: Tensor, as_json: bool) -> None:
    from saccade.ops.kernels import kernel_text

    if as_json:
        print_json(kernel.tolist())
        return
    rows = [row.split() for row in kernel_text(kernel).split("; ")]
    print_table(rows, right=range(len(rows[0])))


def _print_kernels(as_json: bool) -> None:
    from saccade.ops.kernels import KERNELS, kernel_text, named_kernel

    kernels = {name: named_kernel(name) for name in KERNELS}
    if as_json:
        facts: dict[str, Any] = {
            name: {"about": known.about, "numbers": kernels[name].tolist(), "flags": _flags(name)}
            for name, known in KERNELS.items()
        }
        print_json(facts)
        return
    rows = [
        [name, _short(kernel_text(kernels[name]), kernels[name]), " ".join(_flags(name)), known.about]
        for name, known in KERNELS.items()
    ]
    print_table(rows, head=["name", "numbers", "flags", "for"])


def _flags(name: str) -> list[str]:
    from saccade.ops.kernels import KERNELS

    return [f"--{flag}" for flag in (*(["angle"] if KERNELS[name].turns else []), *KERNELS[name].takes)]


def _short(text: str, kernel: Tensor) -> str:
    return text if len(text) <= 40 else f"{kernel.shape[0]} × {kernel.shape[1]} with sigma 1"
