"""Maps of several scales that tell each other what they see."""

from __future__ import annotations

import pytest
import torch

from saccade.errors import BadShape
from saccade.layers.path_aggregation import PathAggregation


def maps(*sides: int) -> list[torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    return [torch.rand(1, 4, side, 2 * side - 1, generator=generator, requires_grad=True) for side in sides]


def test_maps_keep_their_sizes_odd_ones_too():
    given = maps(9, 5, 3)
    found = PathAggregation([4, 4, 4], [6, 8, 10])(given)
    assert [tuple(one.shape) for one in found] == [(1, 6, 9, 17), (1, 8, 5, 9), (1, 10, 3, 5)]


def test_every_map_knows_of_every_other():
    network = PathAggregation([4, 4, 4], [4, 4, 4]).eval()
    given = maps(9, 5, 3)
    for out in network(given):
        gradients = torch.autograd.grad(out.square().sum(), given, retain_graph=True)
        assert all(bool(gradient.any()) for gradient in gradients)


def test_one_map_alone_passes_through():
    (given,) = maps(4)
    assert PathAggregation([4], [4])([given])[0] is given


@pytest.mark.bad_input
@pytest.mark.parametrize(("inside", "outside"), [([], []), ([4, 4], [4])])
def test_widths_that_do_not_belong_together_are_refused(inside, outside):
    with pytest.raises(BadShape, match="widths in"):
        PathAggregation(inside, outside)
