"""Transposed convolution, one stamp after the other."""

from __future__ import annotations

from saccade.errors import BadShape
from saccade.inspect.tracing.inputs import Matrix, Rows, check_readable, frozen, matrix_of, whole
from saccade.inspect.tracing.kernels import kernel_of
from saccade.inspect.tracing.numbers import equals, factor, number
from saccade.inspect.tracing.panels import Formula, Grid
from saccade.inspect.tracing.trace import Step, Trace
from saccade.inspect.tracing.windows import extent

__all__ = ["transposed"]

EXAMPLE = ((2.0, 1.0), (3.0, 2.0))
KERNEL = ((1.0, 2.0, 1.0), (2.0, 0.0, 1.0), (0.0, 2.0, 1.0))


def transposed(matrix: Rows = EXAMPLE, *, kernel: Rows = KERNEL, stride: int = 2, padding: int = 0) -> Trace:
    """Show a transposed convolution: each number stamps the kernel onto a larger output.

    Args:
        matrix: Rows of numbers; by default two by two.
        kernel: Rows of weights, or the name of a filter; by default three by three.
        stride: Cells of the output from one stamp to the next.
        padding: Cells cut off each side of the output in the end.

    Returns:
        One step for each number of the matrix, and one for what is cut off; the result is the output's rows.

    Raises:
        BadShape: If nothing is left, or it is too large to read.
        BadConfig: If a number is not finite or out of range.
        UnknownName: If there is no such filter.

    Source: Dumoulin & Visin, arXiv 1603.07285, chapter 4.

    Example:
        >>> transposed().result[0]
        [2.0, 4.0, 3.0, 2.0, 1.0]
    """
    numbers, weights = matrix_of(matrix, "matrix"), kernel_of(kernel)
    whole(stride, "stride")
    whole(padding, "padding", least=0)
    stamping = _Stamping(numbers, weights, stride)
    rows, columns = stamping.outputs
    check_readable("output", rows, columns, len(stamping.places))
    if 2 * padding >= min(rows, columns):
        raise BadShape(f"got padding {padding} on {rows} × {columns} numbers; taken is less than half; use less of it")
    steps = stamping.steps()
    result = [row[padding : columns - padding] for row in stamping.output[padding : rows - padding]]
    if padding:
        steps.append(_cut_off(stamping.output, result, padding))
    return Trace(
        name="transposed",
        title="Transposed convolution, stamp by stamp",
        about="A convolution reads a window and writes one number. Its transpose goes the other way: each of "
        f"{len(numbers)} × {len(numbers[0])} numbers stamps the {len(weights)} × {len(weights[0])} kernel, times "
        f"itself, onto the output, {stride} apart. Where stamps overlap they add up.",
        steps=tuple(steps),
        result=result,
        source="Dumoulin & Visin, A guide to convolution arithmetic for deep learning, arXiv 1603.07285, chapter 4",
    )


class _Stamping:
    """The numbers, the kernel, and the output as it is by now."""

    def __init__(self, numbers: Matrix, kernel: Matrix, stride: int) -> None:
        self.numbers, self.kernel, self.stride = numbers, kernel, stride
        self.places = [(y, x) for y in range(len(numbers)) for x in range(len(numbers[0]))]
        self.outputs = (stride * (len(numbers) - 1) + len(kernel), stride * (len(numbers[0]) - 1) + len(kernel[0]))
        self.output = [[0.0] * self.outputs[1] for _ in range(self.outputs[0])]

    def steps(self) -> list[Step]:
        """Stamp every number, in reading order."""
        states = []
        for place in self.places:
            before = [list(row) for row in self.output]
            for y, x, value in self._stamp(place):
                self.output[y][x] += value
            states.append((place, before, [list(row) for row in self.output]))
        reach = max(abs(value) for _, _, after in states for row in after for value in row)
        return [self._step(place, before, after, reach) for place, before, after in states]

    def _stamp(self, place: tuple[int, int]) -> list[tuple[int, int, float]]:
        """What one number adds: row and column of the output, and how much."""
        value = self.numbers[place[0]][place[1]]
        top, left = place[0] * self.stride, place[1] * self.stride
        return [(top + y, left + x, value * w) for y, row in enumerate(self.kernel) for x, w in enumerate(row)]

    def _step(self, place: tuple[int, int], before: Matrix, after: Matrix, reach: float) -> Step:
        value, stamp, wide = self.numbers[place[0]][place[1]], self._stamp(place), len(self.kernel[0])
        products = [added + 0.0 for _, _, added in stamp]
        rows = tuple(tuple(products[start : start + wide]) for start in range(0, len(products), wide))
        cells = tuple((y, x) for y, x, _ in stamp)
        span = (-reach, reach)
        panels = (
            Grid(frozen(self.numbers), "input", "", "signed", None, {"window": (place,)}),
            Grid(frozen(self.kernel), "kernel", "×", "signed"),
            Grid(rows, f"{number(value)} × the kernel", "=", "signed", span),
            Grid(frozen(after), "output", "→", "signed", span, {"fresh": cells}),
        )
        overlaps = tuple(
            f"row {y + 1}, column {x + 1}: {number(before[y][x])} + {factor(added)} {equals(after[y][x])}"
            for y, x, added in stamp
            if before[y][x] and added
        )
        where = [extent(at * self.stride, length) for at, length in zip(place, (len(self.kernel), wide), strict=True)]
        return Step(
            f"input row {place[0] + 1}, column {place[1] + 1}",
            (panels, (Formula(overlaps, "where stamps overlap"),)) if overlaps else (panels,),
            f"{number(value)} times the kernel is added to rows {where[0]} and columns {where[1]} of the output.",
        )


def _cut_off(output: Matrix, result: Matrix, padding: int) -> Step:
    rows, columns = len(output), len(output[0])
    reach = max(abs(value) for row in output for value in row)
    inner = [range(padding, side - padding) for side in (rows, columns)]
    edge = tuple((y, x) for y in range(rows) for x in range(columns) if y not in inner[0] or x not in inner[1])
    whole_output = Grid(frozen(output), "output", "", "signed", (-reach, reach), {"padding": edge})
    left = Grid(frozen(result), "what is left", "→", "signed", (-reach, reach))
    return Step(
        "cut off",
        ((whole_output, left),),
        f"{padding} on each side: padding that a convolution adds, its transpose takes away.",
    )
