"""Work out what layers cost: parameters, multiply-adds, FLOPs, memory.

SIZE is height x width x channels, such as 28x28x192. LINE is layers in the
builder's words: conv FILTERS KERNEL with stride, same or valid, dilation,
groups, norm; pool, avgpool, dense, flatten, gap … No network is made, so
none is too large.

A multiply-add (MAC) is a product and the addition that takes it up; FLOPs
count the two apart. Both are for one image and leave biases, pooling and
activations out. Memory is an estimate, all numbers as float32:
  activations  the output of each layer, and what goes into its norm
  inference    the weights, and the largest input and output together
  training     weights, gradients, the optimiser's moments, the activations of
               a batch; not the workspace of fast kernels, nor the framework

for example:
  saccade cost 28x28x192 "conv 32 5" --against "conv 16 1, conv 32 5"
  saccade cost 14x14x512 "conv 512 3" --against "conv 512 3 groups 512, conv 512 1"
  saccade cost 3000x3000x3 "dense 1000"
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

from saccade.cli._parser import whole_number
from saccade.cli._streams import print_facts, print_json, print_table
from saccade.cli._volume import in_bytes, volume, whole_volume
from saccade.ops.footprint import MOMENTS

if TYPE_CHECKING:
    from saccade.layers.line_table import LineRow, LineTable

_HEAD = ("layer", "output", "parameters", "MACs", "FLOPs", "share", "weights", "activations", "MACs are")
_COMPARED = {
    "parameters": "parameters",
    "macs": "MACs",
    "flops": "FLOPs",
    "inference_bytes": "inference",
    "training_bytes": "training",
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    add = parser.add_argument
    add("size", metavar="SIZE", type=volume, help="of the image; 3 channels unless it says so")
    add("line", metavar="LINE", help="layers, with commas between them")
    add("--against", metavar="LINE", help="other layers for the same image, to compare")
    add("--batch-size", metavar="N", type=whole_number, default=1, help="images in memory at once (default 1)")
    add("--optimizer", metavar="NAME", choices=MOMENTS, default="adamw", help=f"{', '.join(MOMENTS)} (default adamw)")
    add("--json", action="store_true", help="everything, as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Print what layers cost.

    Args:
        options: What the words said.

    Returns:
        The exit code.

    Raises:
        BadConfig: If a line cannot be read.
        BadShape: If a kernel does not fit.

    Source: ours.
    """
    from saccade.layers.line_arithmetic import line_table
    from saccade.layers.line_table import cost_ratios

    shape, known = whole_volume(options.size), {"batch_size": options.batch_size, "optimizer": options.optimizer}
    first = line_table(options.line, shape)
    second = None if options.against is None else line_table(options.against, shape)
    ratios = {} if second is None else cost_ratios(second, first, **known)
    if options.json:
        more = {} if second is None else {"against": second.to_dict(**known), "ratio": ratios}
        print_json({**first.to_dict(**known), **more})
        return 0
    _print_layers(first)
    if second is None:
        _print_costs(first.costs(**known), options)
    else:
        _print_layers(second)
        _print_comparison([(table.line, table.costs(**known)) for table in (first, second)], ratios)
        if first.rows[-1].shape != second.rows[-1].shape:
            print(f"they do not give the same: {first.rows[-1].output} and {second.rows[-1].output}")
    return 0


def _print_layers(table: LineTable) -> None:
    print_table([_cells(row, table) for row in table.rows], head=_HEAD, right=[2, 3, 4, 5, 6, 7])
    print()


def _cells(row: LineRow, table: LineTable) -> list[str]:
    share = f"{row.macs / table.macs:.1%}" if row.macs else ""
    counts = [f"{count:,}" if count else "–" for count in (row.parameters, row.macs, row.flops)]
    sizes = [in_bytes(count) if count else "–" for count in (row.weight_bytes, row.activation_bytes)]
    return [row.layer, row.output, *counts, share, *sizes, row.macs_formula]


def _print_costs(costs: dict[str, int], options: argparse.Namespace) -> None:
    batch = f"{options.batch_size} image{'s' * (options.batch_size > 1)}"
    print_facts([
        ("parameters", f"{costs['parameters']:,}  ({in_bytes(costs['weight_bytes'])})"),
        ("multiply-adds", f"{costs['macs']:,}  (MACs)"),
        ("FLOPs", f"{costs['flops']:,}"),
        ("activations", f"{in_bytes(costs['activation_bytes'])}, the image included"),
        ("inference", f"about {in_bytes(costs['inference_bytes'])} for {batch}"),
        ("training", f"about {in_bytes(costs['training_bytes'])} for {batch} and {options.optimizer}"),
    ])  # fmt: skip


def _print_comparison(lines: Sequence[tuple[str, dict[str, int]]], ratios: dict[str, float]) -> None:
    rows = [
        [line, *(in_bytes(costs[name]) if name.endswith("bytes") else f"{costs[name]:,}" for name in _COMPARED)]
        for line, costs in lines
    ]
    shares = ["–" if ratios[name] == math.inf else f"{ratios[name]:.2%}" for name in _COMPARED]
    head = ("line", *_COMPARED.values())
    print_table([*rows, ["second / first", *shares]], head=head, right=list(range(1, len(head))))
    print(f"\n{_said(ratios['macs'])}")


def _said(ratio: float) -> str:
    if ratio == 1:
        return "both need as many multiply-adds"
    if ratio in (0, math.inf):
        return f"only the {'first' if ratio == 0 else 'second'} needs multiply-adds"
    times = f"{1 / ratio:.2f} times fewer" if ratio < 1 else f"{ratio:.2f} times as many"
    return f"the second needs {times} multiply-adds"
