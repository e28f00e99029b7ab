"""Let gradient descent find a kernel, from pictures before and after it.

KERNEL is a name such as sobel, or numbers; see saccade filter. It makes the
responses and is then forgotten: only pairs of picture and response are shown
to the descent. Without IMAGE they are noise, where a few steps do; a photo is
harder, since its neighbouring pixels are nearly alike.

for example:
  saccade learn sobel
  saccade learn sobel photo.jpg --out learned.png
  saccade learn gaussian photo.jpg --size 7 --steps 3000 --json
"""

from __future__ import annotations

import argparse
import math
from typing import TYPE_CHECKING

from saccade.cli._parser import whole_number, wrong_drawing
from saccade.cli._streams import print_facts, print_json, print_table
from saccade.errors import printable

if TYPE_CHECKING:
    from torch import Tensor

    from saccade.api.filters.learned import LearnedFilter


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument(
        "kernel", metavar="KERNEL", nargs="?", default="sobel", help="a name, or numbers (default sobel)"
    )
    parser.add_argument("image", metavar="IMAGE", nargs="?", help="a picture to learn from (default noise)")
    parser.add_argument("--size", metavar="N", type=whole_number, help="side of the kernel to learn (default its own)")
    parser.add_argument("--steps", metavar="N", type=whole_number, default=500, help="how many (default 500)")
    parser.add_argument("--seed", metavar="N", type=int, default=0, help="of noise, crops and beginning (default 0)")
    parser.add_argument("--out", metavar="FILE", help="draw the kernels and the loss: .png, .svg or .pdf")
    parser.add_argument("--json", action="store_true", help="everything, as one JSON object")


def wrong(options: argparse.Namespace) -> list[str]:
    """List what is wrong with the words: a drawing of an unknown kind.

    Args:
        options: What the words said.

    Returns:
        A message for it.

    Source: ours.
    """
    return wrong_drawing(options.out)


def run(options: argparse.Namespace) -> int:
    """Learn, and print what was found.

    Args:
        options: What the words said.

    Returns:
        0.

    Source: ours.
    """
    from saccade.api.filters.learned import learn_filter

    learned = learn_filter(options.kernel, options.image, size=options.size, steps=options.steps, seed=options.seed)
    if options.out:
        learned.save(options.out)
    if options.json:
        print_json(_values(learned, options))
        return 0
    for name, kernel in (("target", learned.target), ("learned", learned.kernel)):
        if kernel is not None:
            print(name)
            _print_numbers(kernel)
            print()
    _print_losses(learned)
    print()
    print_facts([
        ("largest error", f"{learned.error:.2g}"),
        ("condition", f"{learned.condition:,.3g}" if math.isfinite(learned.condition) else "without bound"),
        *([("drawn", printable(options.out))] if options.out else []),
    ])  # fmt: skip
    return 0


def _values(learned: LearnedFilter, options: argparse.Namespace) -> dict[str, object]:
    return {
        "target": None if learned.target is None else learned.target.tolist(),
        "learned": learned.kernel.tolist(),
        "error": learned.error,
        "steps": learned.steps,
        "losses": list(learned.losses),
        "condition": learned.condition,
        "out": options.out,
    }


def _print_numbers(kernel: Tensor) -> None:
    rows = [[f"{value:.4f}".replace("-0.0000", "0.0000") for value in row] for row in kernel.tolist()]
    print_table(rows, right=range(len(rows[0])))


def _print_losses(learned: LearnedFilter) -> None:
    """The loss at the beginning, at the end, and at a few steps between them."""
    shown = sorted({0, *(round(learned.steps ** (power / 8)) for power in range(9)), learned.steps})
    rows = [[str(step), f"{learned.losses[step]:.2e}"] for step in shown]
    print_table(rows, head=["step", "loss"], right=[0, 1])
