"""Kernels in a trace: by name, as text or as rows.

Source: ours.
"""

from __future__ import annotations

from saccade.inspect.tracing.inputs import Matrix, Rows, maps_of, matrix_of
from saccade.ops.kernels import named_kernel


def kernels_of(kernel: Rows) -> list[Matrix]:
    """Read a kernel of one or several channels.

    Args:
        kernel: The name of a filter, or numbers as `maps_of` takes them.

    Returns:
        A matrix of weights for each channel.

    Raises:
        UnknownName: If it is one word, and no name.
        BadShape: If rows or channels differ in size.
        BadConfig: If a weight is no finite number.

    Source: ours.

    Example:
        >>> kernels_of("sobel")
        [[[1.0, 0.0, -1.0], [2.0, 0.0, -2.0], [1.0, 0.0, -1.0]]]
    """
    word = kernel.strip() if isinstance(kernel, str) else ""
    if word[:1].isalpha() and not set(word) & set(" ,;|/\n\t"):
        return maps_of(named_kernel(word), "kernel")
    return maps_of(kernel, "kernel")


def kernel_of(kernel: Rows) -> Matrix:
    """Read a kernel of one channel; arguments as for `kernels_of`."""
    return matrix_of(kernels_of(kernel), "kernel")
