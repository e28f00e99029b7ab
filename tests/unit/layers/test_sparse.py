"""A convolution by a table, beside the dense one whose other weights are zero."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor

from saccade.architectures.lenet import C3_TABLE
from saccade.errors import BadShape
from saccade.layers.sparse import SparseConvolution


def dense_weights(layer: SparseConvolution, table: tuple[tuple[int, ...], ...], inputs: int) -> tuple[Tensor, Tensor]:
    """Each row's weights where the table says, zeros elsewhere: rows of one length come together, in order."""
    kernel = layer.parts[0].weight.shape[-1]
    weight, bias = torch.zeros(len(table), inputs, kernel, kernel), torch.zeros(len(table))
    for part, length in zip(layer.parts, sorted({len(row) for row in table}), strict=True):
        rows = [number for number, row in enumerate(table) if len(row) == length]
        for place, number in enumerate(rows):
            bias[number] = part.bias[place]
            for position, channel in enumerate(table[number]):
                weight[number, channel] = part.weight[place, position]
    return weight, bias


@pytest.mark.parametrize("table", [C3_TABLE, ((0, 1, 2, 3, 4, 5), (4,), (5, 0, 2), (3,), (1, 0, 2))])
def test_it_equals_a_dense_convolution_with_zeros(table: tuple[tuple[int, ...], ...]) -> None:
    torch.manual_seed(0)
    layer, x = SparseConvolution(table, kernel_size=5), torch.randn(3, 6, 9, 10)
    torch.testing.assert_close(layer(x), F.conv2d(x, *dense_weights(layer, table, 6)))


def test_the_papers_table_has_60_connections_and_1516_parameters() -> None:
    lengths = [len(row) for row in C3_TABLE]
    assert (lengths.count(3), lengths.count(4), lengths.count(6)) == (6, 9, 1)
    assert sum(weight.numel() for weight in SparseConvolution(C3_TABLE, kernel_size=5).parameters()) == 60 * 25 + 16
    assert len({tuple(sorted(row)) for row in C3_TABLE}) == 16
    assert all(sum(channel in row for row in C3_TABLE) == 10 for channel in range(6))


@pytest.mark.bad_input
@pytest.mark.parametrize("row", [(), (1, 1), (-1, 0)])
def test_a_table_without_sense_is_refused(row: tuple[int, ...]) -> None:
    with pytest.raises(BadShape, match="for map 1; taken are different inputs ≥ 0"):
        SparseConvolution([(0,), row], kernel_size=3)
