"""The words of the verbs that make pictures: where these go, what is seen of them on the way, what a signal leaves."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from saccade.cli._parser import whole_number
from saccade.cli._streams import print_json
from saccade.errors import printable

if TYPE_CHECKING:
    from saccade.api.imagining.watching import Onlooker
    from saccade.types.imagined import Imagined

_KINDS = (".png", ".jpg", ".jpeg")


def add_onlooking(parser: argparse.ArgumentParser, default: str) -> None:
    """Add the flags that these verbs share.

    Args:
        parser: Takes them.
        default: What the picture is called when nothing is said.

    Source: ours.
    """
    parser.add_argument("--out", metavar="FILE", help=f"the picture, .png or .jpg (default {default})")
    parser.add_argument(
        "--caption",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="a line below it: how it was made",
    )
    parser.add_argument("--preview", metavar="FILE", help="a picture that is renewed every second while it is made")
    parser.add_argument("--frames", metavar="PATH", help="pictures on the way: a folder, or a film .mp4 or .avi")
    parser.add_argument("--every", metavar="N", type=whole_number, default=10, help="steps between them (default 10)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="where all randomness comes from (default 0)")


def wrong_onlooking(options: argparse.Namespace) -> list[str]:
    """Refuse pictures of an unknown kind.

    Args:
        options: What the words said.

    Returns:
        A message for each.

    Source: ours.
    """
    return [
        f"got --{name} {printable(path)}; taken are names that end in {', '.join(_KINDS)}; change it"
        for name, path in (("out", options.out), ("preview", options.preview))
        if path and Path(path).suffix.lower() not in _KINDS
    ]


def onlooker(options: argparse.Namespace) -> Onlooker:
    """Make somebody who watches as the words say.

    Args:
        options: What the words said.

    Returns:
        To be used in a `with`.

    Source: ours.
    """
    from saccade.api.imagining.watching import Onlooker

    return Onlooker(preview=options.preview, frames=options.frames, every=options.every)


def written(options: argparse.Namespace, made: Imagined, watch: Onlooker, name: str) -> int:
    """Write what was made, whole or not, and say so.

    Args:
        options: What the words said.
        made: The picture.
        watch: Who watched.
        name: Of the file, when nothing was said.

    Returns:
        0; 128 and the signal's number when it was stopped.

    Source: ours.
    """
    from saccade.api.imagining.watching import write_picture

    path = Path(options.out or name).expanduser()
    write_picture(path, made.captioned() if options.caption else made.draw(), made.described())
    if options.json:
        print_json({**made.to_dict(), "file": str(path)})
    else:
        print(f"{made}; {made.seconds:.1f} s   {printable(str(path))}")
    return 0 if made.whole else 128 + watch.signal_number
