"""The words for several views of a picture, and for several models at once: the same for each verb that takes them."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from saccade.cli._parser import offering

if TYPE_CHECKING:
    from saccade.api.ensembles.views import Views

CROPS = ("1", "5", "10")


def add_views(parser: argparse.ArgumentParser) -> None:
    """Add the flags that say how often, and how, a picture is looked at.

    Args:
        parser: Takes them.

    Source: ours.
    """
    crops = parser.add_argument(
        "--crops", metavar="N", choices=CROPS, default="1", help="5: corners and centre; 10: mirrored too (default 1)"
    )
    offering(crops, lambda: CROPS)
    parser.add_argument("--flips", action="store_true", help="look at every view mirrored too")
    parser.add_argument(
        "--scales",
        metavar="S,S",
        type=_numbers,
        default=(1.0,),
        help="sizes of the network's input, such as 1,1.15,1.3 times its own",
    )


def views_of(options: argparse.Namespace) -> Views | None:
    """Say what the flags mean.

    Args:
        options: What the words said.

    Returns:
        The views; None for a single one, as without any of the flags.

    Raises:
        BadConfig: If a scale is out of range.

    Source: ours.
    """
    if (options.crops, options.flips, options.scales) == ("1", False, (1.0,)):
        return None
    from saccade.api.ensembles.views import Views

    return Views(crops=int(options.crops), flips=options.flips, scales=options.scales)


def _numbers(text: str) -> tuple[float, ...]:
    try:
        return tuple(float(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(f"got {text!r}; taken are numbers with commas, such as 1,1.15") from None
