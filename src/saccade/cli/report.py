"""Write the model card of a run: one HTML page that opens offline and prints well.

for example:
  saccade report runs/photos-resnet18-1
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


def run(options: argparse.Namespace) -> int:
    """Write the page, and print where it is.

    Args:
        options: What the words said.

    Returns:
        The exit code.

    Source: ours.
    """
    import saccade

    print(printable(str(saccade.Run(options.run).report(options.out))))
    return 0
