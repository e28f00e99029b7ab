"""Windows that slide over a matrix: where they lie, and what lies around the matrix.

Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from saccade.errors import BadConfig, nearest
from saccade.inspect.tracing.inputs import Matrix, check_readable, whole
from saccade.inspect.tracing.panels import Cells
from saccade.ops.arithmetic import output_size, same_padding

PADDINGS = ("valid", "same", "full")


@dataclass(frozen=True)
class Windows:
    """How windows lie on a padded matrix.

    Args:
        kernel: (rows, columns) of a window.
        stride: Cells from one window to the next.
        dilation: Cells from one tap of a window to the next.
        before: Rows and columns added above and to the left.
        padded: (rows, columns) with all that was added.
        outputs: (rows, columns) of what comes out.

    Source: ours.
    """

    kernel: tuple[int, int]
    stride: int
    dilation: int
    before: tuple[int, int]
    padded: tuple[int, int]
    outputs: tuple[int, int]

    def cells(self, row: int, column: int) -> tuple[Cells, ...]:
        """Give the cells of the padded matrix under one window, a row of the window at a time.

        Args:
            row: Of the output.
            column: Of the output.

        Returns:
            Rows of pairs (row, column).

        Source: ours.
        """
        top, left = row * self.stride, column * self.stride
        taps_y, taps_x = (range(0, length * self.dilation, self.dilation) for length in self.kernel)
        return tuple(tuple((top + y, left + x) for x in taps_x) for y in taps_y)

    def places(self) -> list[tuple[int, int]]:
        """Give the windows in reading order, each by its row and column of the output."""
        return [(row, column) for row in range(self.outputs[0]) for column in range(self.outputs[1])]


def slide(
    matrix: Matrix, kernel: tuple[int, int], *, stride: int = 1, padding: int | str = 0, dilation: int = 1
) -> Windows:
    """Lay windows over a matrix.

    Args:
        matrix: Rows of numbers.
        kernel: (rows, columns) of a window.
        stride: Cells from one window to the next.
        padding: Cells added on each side, or "valid", "same", "full".
        dilation: Cells from one tap of a window to the next.

    Returns:
        The windows.

    Raises:
        BadConfig: If a number is below its least, or the word is unknown.
        BadShape: If a window does not fit, or all is too large to read.

    Source: ours; sizes by `ops.arithmetic`.

    Example:
        >>> slide([[0.0] * 6] * 6, (3, 3)).outputs
        (4, 4)
    """
    whole(stride, "stride")
    whole(dilation, "dilation")
    sides = [sides_of(padding, length, dilation) for length in kernel]
    size = (len(matrix), len(matrix[0]))
    padded = (size[0] + sum(sides[0]), size[1] + sum(sides[1]))
    rows, columns = (
        output_size(length, window, stride=stride, padding=side, dilation=dilation)
        for length, window, side in zip(size, kernel, sides, strict=True)
    )
    check_readable("input", *padded, rows * columns)
    return Windows(kernel, stride, dilation, (sides[0][0], sides[1][0]), padded, (rows, columns))


def sides_of(padding: int | str, kernel_size: int, dilation: int = 1) -> tuple[int, int]:
    """Say how many cells are added before and after.

    Args:
        padding: Cells on each side, or "valid", "same", "full".
        kernel_size: One side of the kernel.
        dilation: Cells from one tap to the next.

    Returns:
        (before, after).

    Raises:
        BadConfig: If it is neither.

    Source: `same` as in `ops.arithmetic`; `full` lets every tap touch every cell.

    Example:
        >>> sides_of("full", 3), sides_of("same", 4)
        ((2, 2), (1, 2))
    """
    if isinstance(padding, str) and padding not in PADDINGS:
        close = nearest(padding, PADDINGS, limit=1)
        raise BadConfig(
            f"got padding={padding!r}; taken are {', '.join(PADDINGS)}, or a whole number; "
            + (f"did you mean {close[0]!r}?" if close else "choose one of them")
        )
    if isinstance(padding, str):
        reach = dilation * (kernel_size - 1)
        return {"valid": (0, 0), "full": (reach, reach)}.get(padding) or same_padding(kernel_size, dilation=dilation)
    return whole(padding, "padding", least=0), padding


def pad(matrix: Matrix, windows: Windows) -> tuple[Matrix, Cells]:
    """Add zeros around a matrix.

    Args:
        matrix: Rows of numbers.
        windows: How much is added.

    Returns:
        The larger matrix, and the cells that were added.

    Source: ours.

    Example:
        >>> pad([[5.0]], slide([[5.0]], (2, 2), padding="same"))
        ([[5.0, 0.0], [0.0, 0.0]], ((0, 1), (1, 0), (1, 1)))
    """
    top, left = windows.before
    inside = {(y + top, x + left): value for y, row in enumerate(matrix) for x, value in enumerate(row)}
    places = [[(y, x) for x in range(windows.padded[1])] for y in range(windows.padded[0])]
    added = tuple(place for row in places for place in row if place not in inside)
    return [[inside.get(place, 0.0) for place in row] for row in places], added


def so_far(results: dict[tuple[int, int], float], windows: Windows) -> tuple[tuple[float | None, ...], ...]:
    """Lay out what has come out by now; None is still to come.

    Args:
        results: Values by (row, column).
        windows: How many there will be.

    Returns:
        Rows.

    Source: ours.
    """
    rows, columns = windows.outputs
    return tuple(tuple(results.get((y, x)) for x in range(columns)) for y in range(rows))


def extent(start: int, length: int, dilation: int = 1) -> str:
    """Name the rows or columns of a window, counted from 1.

    Args:
        start: The first one, counted from 0.
        length: How many taps it has.
        dilation: From one tap to the next.

    Returns:
        Such as "2 to 4", or "1, 3, 5" when there are gaps.

    Source: ours.

    Example:
        >>> extent(1, 3), extent(0, 3, 2), extent(4, 1)
        ('2 to 4', '1, 3, 5', '5')
    """
    taps = [start + 1 + dilation * place for place in range(length)]
    if length == 1:
        return str(taps[0])
    return ", ".join(map(str, taps)) if dilation > 1 else f"{taps[0]} to {taps[-1]}"
