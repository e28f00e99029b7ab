"""The words of predict for films and cameras, and for windows over pictures; and how a film is told frame by frame."""

from __future__ import annotations

import argparse
import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saccade.api.films.names import is_watched
from saccade.cli._parser import whole_number
from saccade.cli._streams import note
from saccade.errors import BadImage, Interrupted, printable

if TYPE_CHECKING:
    from saccade.api.ensembles.answering import Answering
    from saccade.api.films.watching import Watching
    from saccade.api.films.writing import FilmWriter

_PICTURES_AT_ONCE, _FRAMES_AT_ONCE, _WINDOWS_AT_ONCE = 32, 8, 64


def add_frames(parser: argparse.ArgumentParser) -> None:
    """Add the flags for films, and those for windows over pictures.

    Args:
        parser: Takes them.

    Source: ours.
    """
    add = parser.add_argument
    add("--every", metavar="N", type=whole_number, help="of a film or a camera: look at every Nth frame (default 1)")
    add("--tiles", metavar="SIDE", type=whole_number, help="of a detector: look through windows of SIDE pixels")
    add("--overlap", metavar="X", type=float, help="with --tiles: what windows share, from 0 to below 1 (default 0.2)")
    add("--whole", action="store_true", help="with --tiles: look at the whole picture at once too")
    add("--windows", metavar="SIDES", type=_sides, help="of a classifier: slide over pictures, such as 64 or 48,96x64")
    add("--convolutional", action="store_true", help="with --windows: all windows of a size in one pass (OverFeat)")
    add("--stride", metavar="X", type=float, help="with --windows: from one to the next, in sides (default 0.25)")


def _sides(text: str) -> list[tuple[int, int]]:
    found = []
    for word in text.split(","):
        height, _, width = word.strip().partition("x")
        if not height.isdecimal() or not (width or height).isdecimal():
            raise argparse.ArgumentTypeError(
                f"got {text!r}; taken are sides such as 64, or HEIGHTxWIDTH; 48,96x64 is two"
            )
        found.append((int(height), int(width or height)))
    return found


def wrong_frames(options: argparse.Namespace) -> list[str]:
    """List flags that mean nothing without others, or that do not go together.

    Args:
        options: What the words said.

    Returns:
        A message for each.

    Source: ours.
    """
    problems = list[str]()
    for flag, given in (("--overlap", options.overlap is not None), ("--whole", options.whole)):
        if given and not options.tiles:
            problems.append(f"got {flag} without --tiles; taken are both; add --tiles SIDE, or leave it out")
    if options.stride is not None and not options.windows:
        problems.append("got --stride without --windows; taken are both; add --windows SIDES, or leave it out")
    if options.convolutional and not options.windows:
        problems.append("got --convolutional without --windows; taken are both; add --windows SIDES, or leave it out")
    if options.convolutional and options.stride is not None:
        problems.append("got --stride with --convolutional, where the network's own strides decide; taken is one of "
                        "them; leave one out")  # fmt: skip
    if options.windows and options.tiles:
        problems.append("got --windows with --tiles; taken are windows for a classifier, tiles for a detector; leave "
                        "one out")  # fmt: skip
    if options.windows and options.out:
        problems.append("got --windows with --out; taken is one of them; leave one out")
    if options.tiles and options.out:
        problems.append("got --tiles with --out; taken is one of them; leave one out")
    films = [word for word in options.images if is_watched(word)]
    if options.every and not films:
        problems.append("got --every without a film or a camera; taken are both; leave it out")
    for flag in ("out", "labels"):
        if films and getattr(options, flag):
            problems.append(
                f"got --{flag} with {printable(films[0])}; taken is it for pictures; leave it out, or --json keeps rows"
            )
    return problems


def at_once(options: argparse.Namespace, *, film: bool = False) -> int:
    """Say how many images go through the network together.

    Args:
        options: What the words said.
        film: Of a film.

    Returns:
        What was said; else 32, of frames and tiles 8, of windows 64.

    Source: ours.
    """
    if options.windows:
        return options.batch_size or _WINDOWS_AT_ONCE
    usual = _FRAMES_AT_ONCE if film or options.tiles else _PICTURES_AT_ONCE
    return options.batch_size or usual


def through_windows(answering: Answering, options: argparse.Namespace) -> Answering:
    """Let a detector look at large pictures in tiles, or a classifier slide over pictures, if that was asked for.

    Args:
        answering: As it was loaded.
        options: What the words said.

    Returns:
        What looks so; else the same.

    Raises:
        BadConfig: If the model is not of that kind, or a number is out of range.

    Source: ours.
    """
    if options.windows:
        from saccade.api.tiles.sliding import sliding

        given = {"stride": options.stride, "confidence": options.confidence, "convolutional": options.convolutional}
        said = {name: value for name, value in given.items() if value is not None}
        slides = sliding(answering, options.windows, **said)
        if not getattr(slides, "exact", True):
            note("layers of it pad, so windows are named otherwise than alone; without --convolutional they are not")
        return slides
    if not options.tiles:
        return answering
    from saccade.api.tiles.tiled import Tiled

    overlap = 0.2 if options.overlap is None else options.overlap
    return Tiled(answering, options.tiles, overlap=overlap, whole=options.whole)


def told_of_film(answering: Answering, word: str, options: argparse.Namespace) -> Iterator[Any]:
    """Tell a film, or what a camera sees, frame by frame; drawn too, if that was asked for.

    Args:
        answering: What says something of each frame.
        word: The film or the camera.
        options: What the words said.

    Returns:
        A `Frame` for each that was looked at; then a `BadFile` for what could not be read.

    Raises:
        Interrupted: After a signal; what was drawn is whole up to there.
        BadConfig: If there is no such camera.
        StorageFull: If the disk is full.

    Source: ours.
    """
    os.environ.setdefault("OPENCV_FFMPEG_LOGLEVEL", "-8")  # what goes wrong is told here, not by the decoder
    from saccade.api.films.watching import watch
    from saccade.training.interrupts import StopRequest
    from saccade.types.bad_file import BadFile

    try:
        seen = watch(answering, word, every=options.every or 1, batch_size=at_once(options, film=True))
    except BadImage as error:
        yield BadFile(word, error.reason)
        return
    done = 0
    with StopRequest() as stop, _closing(seen, options) as writer:
        for frame in seen:
            if writer is not None:
                writer.add(seen.draw(frame), frame.seconds)
            yield frame
            done += 1
            if stop.signal_number:
                break
    if stop.signal_number:
        kept = "what was drawn is whole" if writer is not None else "nothing else was to be kept"
        raise Interrupted(
            f"got signal {stop.signal_number} after {done:,} frames of {printable(word)}; {kept}; begin again",
            stop.signal_number,
        )
    yield from seen.bad


@contextlib.contextmanager
def _closing(seen: Watching, options: argparse.Namespace) -> Iterator[FilmWriter | None]:
    """Close the film that is read, and the one that is written, whatever happens; say which frames gave way."""
    from saccade.api.films.writing import FilmWriter

    with seen, contextlib.ExitStack() as stack:
        writer = None
        if options.save:
            name = seen.name.replace(":", "-") if seen.live else Path(seen.name).stem
            writer = stack.enter_context(FilmWriter(options.save, name, seen.rate, filled=seen.live))
        yield writer
    if seen.dropped:
        note(f"{seen.dropped:,} frames of {seen.name} gave way to newer ones")
