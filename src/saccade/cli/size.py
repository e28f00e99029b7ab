"""Work out the size that layers give, with the formula filled in.

SIZE is a side, height x width, or height x width x channels: 28, 28x30,
39x39x3. LINE is layers in the builder's words: conv FILTERS KERNEL with
stride, same or valid, dilation, groups; pool, avgpool, dense, flatten, gap …
Without LINE, the flags describe one layer.

For a line, four columns tell what a unit sees of the image, in its pixels:
  field  how many pixels in a row, padding counted
  jump   from one unit's field to the next one's
  start  the centre of the first one's field; that of the first pixel is 0.5
  rim    units at both ends of a row whose field reaches into padding

for example:
  saccade size 28 --kernel 5 --padding same
  saccade size 112 --kernel 3 --stride 2 --padding 0,1 --ceil
  saccade size 17 --kernel 5 --stride 2 --transposed
  saccade size 39x39x3 "conv 10 3 valid, conv 20 5 stride 2 valid, flatten, dense 5"
"""

from __future__ import annotations

import argparse
import re
from typing import TYPE_CHECKING, Any

from saccade.cli._parser import whole_number
from saccade.cli._streams import print_facts, print_json, print_table
from saccade.cli._volume import volume, whole_volume

if TYPE_CHECKING:
    from saccade.layers.line_table import LineRow, LineTable
    from saccade.ops.formulas import WorkedSize
    from saccade.ops.receptive_field import Field

_HEAD = ("layer", "output", "size", "parameters", "field", "jump", "start", "rim")
_LAYER_FLAGS = ("kernel", "stride", "padding", "dilation", "ceil", "transposed", "output_padding")


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    add = parser.add_argument
    add("size", metavar="SIZE", type=volume, help="of the image; 3 channels unless it says so")
    add("line", metavar="LINE", nargs="?", help="layers, with commas between them")
    add("--kernel", metavar="F", type=_kernel, help="of one layer: its side, or height x width")
    add("--stride", metavar="S", type=whole_number, help="its step (default 1)")
    add("--padding", metavar="P", type=_padding, help="valid, same, full, pixels, or before,after (default valid)")
    add("--dilation", metavar="D", type=whole_number, help="distance between its taps (default 1)")
    add("--ceil", action="store_true", help="let a last window hang over the end, as a pooling may")
    add("--transposed", action="store_true", help="a transposed convolution")
    add("--output-padding", metavar="N", type=whole_number, help="pixels more at its end, when transposed")
    add("--json", action="store_true", help="everything, as one JSON object")


def wrong(options: argparse.Namespace) -> list[str]:
    """List what is wrong with the words together.

    Args:
        options: What the words said.

    Returns:
        A message for each mistake.

    Source: ours.
    """
    flags = ["--" + name.replace("_", "-") for name in _LAYER_FLAGS if getattr(options, name)]
    if options.line is not None:
        told = f"got a line and {flags[0]}; taken is a line, or flags for one layer; " if flags else ""
        return [f"{told}write it into the line, as in 'conv 20 5 stride 2'"] if flags else []
    problems = []
    if options.kernel is None:
        problems.append("got neither a line nor --kernel; taken is one of them; write a line, or --kernel 3")
    if len(options.size) == 3:
        problems.append("got channels without a line; taken is a side or height x width there; leave them out, or "
                        "write a line such as 'conv 32 5'")  # fmt: skip
    if options.transposed and options.ceil:
        problems.append("got --ceil with --transposed, whose size is never rounded; taken is one of them; drop --ceil")
    if options.output_padding and not options.transposed:
        problems.append("got --output-padding without --transposed; taken is both; add --transposed or leave it out")
    return problems


def run(options: argparse.Namespace) -> int:
    """Print the sizes.

    Args:
        options: What the words said.

    Returns:
        The exit code.

    Raises:
        BadConfig: If the line or the padding cannot be read.
        BadShape: If a kernel does not fit.

    Source: ours.
    """
    if options.line is None:
        _print_layer(options)
        return 0
    from saccade.layers.line_arithmetic import line_table

    table = line_table(options.line, whole_volume(options.size))
    if options.json:
        print_json(table.to_dict())
    else:
        _print_line(table)
    return 0


def _print_line(table: LineTable) -> None:
    start = ["input", " × ".join(map(str, table.shape)), "", "", "1", "1", "0.5", ""]
    print_table([start, *(_cells(row) for row in table.rows)], head=_HEAD, right=[4, 5, 6])
    print(f"\n{table.parameters:,} parameters")


def _cells(row: LineRow) -> list[str]:
    return [
        row.layer,
        row.output,
        " and ".join(row.size_formulas),
        row.parameter_formula,
        *(_both(row.fields, name) for name in ("field", "jump", "start")),
        _both(row.fields, "rim").replace("0+0", "none"),
    ]


def _both(fields: tuple[Field, Field], name: str) -> str:
    """What is said of the height, and of the width where it is not the same."""
    said = [getattr(field, name) for field in fields]
    texts = ["+".join(map(str, value)) if isinstance(value, tuple) else f"{value:g}" for value in said]
    return " × ".join(dict.fromkeys(texts))


def _print_layer(options: argparse.Namespace) -> None:
    """Work out one layer, and print it."""
    sides = options.size * (2 // len(options.size))
    worked = {
        name: _worked(options, side, kernel)
        for name, side, kernel in zip(("height", "width"), sides, options.kernel, strict=True)
    }
    if options.json:
        inputs = dict(zip(worked, sides, strict=True))
        print_json({name: {"input": inputs[name], **value._asdict()} for name, value in worked.items()})
        return
    high, wide = worked.values()
    alike = high == wide
    facts = [("output", str(high.size) if alike and len(options.size) == 1 else f"{high.size} × {wide.size}")]
    for name, value in worked.items():
        if name == "height" or not alike:
            facts += [("size" if alike else name, value.formula), ("padding", _told(value, options.transposed))]
    print_facts([*facts, *_least(options, sides[0], high)])


def _worked(options: argparse.Namespace, side: int, kernel: int) -> WorkedSize:
    from saccade.ops.formulas import worked_size, worked_transposed_size

    known: dict[str, Any] = {
        "stride": options.stride or 1,
        "padding": 0 if options.padding is None else options.padding,
        "dilation": options.dilation or 1,
    }
    if options.transposed:
        return worked_transposed_size(side, kernel, output_padding=options.output_padding or 0, **known)
    return worked_size(side, kernel, ceil_mode=options.ceil, **known)


def _told(value: WorkedSize, transposed: bool) -> str:
    before, after = value.padding
    verb = ", taken off" if transposed else ""
    return f"{before} before, {after} after{verb}" if before or after else "none"


def _least(options: argparse.Namespace, side: int, worked: WorkedSize) -> list[tuple[str, str]]:
    """With a stride there are two ways to pad for `same`; tell of the other one."""
    if options.padding != "same" or options.transposed:
        return []
    from saccade.ops.arithmetic import strided_same_padding

    least = strided_same_padding(side, options.kernel[0], stride=options.stride or 1, dilation=options.dilation or 1)
    if least == worked.padding:
        return []
    return [("or", f"{least[0]} before, {least[1]} after: the least that gives {worked.size}, TensorFlow's same")]


def _kernel(text: str) -> tuple[int, int]:
    sides = volume(text)
    if len(sides) == 3:
        raise argparse.ArgumentTypeError(f"got {text!r}; taken is a side, or height x width, such as 3 or 3x5")
    return sides[0], sides[-1]


def _padding(text: str) -> str | int | tuple[int, int]:
    """Read pixels, or hand a word on to who knows them."""
    if re.fullmatch("[a-zA-Z]+", text):
        return text.lower()
    if not re.fullmatch("[0-9]{1,7}(,[0-9]{1,7})?", text):
        raise argparse.ArgumentTypeError(f"got {text!r}; taken is valid, same, full, pixels, or before,after as in 0,1")
    before, comma, after = text.partition(",")
    return (int(before), int(after)) if comma else int(before)
