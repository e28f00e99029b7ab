"""Write the model card of a run: one HTML page that opens offline and prints well.

It also looks closer, as far as --seconds allow: at what the model went by in its
worst mistakes and best cases, each map with a check whether it can be trusted, and
at how good the model is under noise, blur, JPEG and brightness. What that found is
kept in the run's folder as JSON.

for example:
  saccade report runs/photos-resnet18-1
  saccade report runs/photos-resnet18-1 --seconds 120
  saccade report runs/photos-resnet18-1 --out card.html
"""

from __future__ import annotations

import argparse

from saccade.errors import printable


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("run", metavar="RUN", help="folder of a run")
    parser.add_argument("--out", metavar="FILE", help="the page (default: card.html in the run's folder)")
    parser.add_argument(
        "--seconds", metavar="X", type=float, default=20.0, help="for the closer look, about; 0: none (default 20)"
    )


def run(options: argparse.Namespace) -> int:
    """Write the page, and print where it is.

    Args:
        options: What the words said.

    Returns:
        The exit code.

    Source: ours.
    """
    import saccade

    print(printable(str(saccade.Run(options.run).report(options.out, seconds=options.seconds))))
    return 0
