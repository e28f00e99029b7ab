"""Write the best model of a run as one file, with all that is needed to predict.

for example:
  saccade export runs/photos-resnet18-1
  saccade export runs/photos-resnet18-1 --out model.safetensors
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
    parser.add_argument("model", metavar="MODEL", help="folder of a run, or a model file")
    parser.add_argument("--out", metavar="FILE", help="a .safetensors file (default: beside the run's folder)")


def run(options: argparse.Namespace) -> int:
    """Write the file, and print where it is.

    Args:
        options: What the words said.

    Returns:
        The exit code.

    Source: ours.
    """
    import saccade

    print(printable(str(saccade.export(options.model, options.out))))
    return 0
