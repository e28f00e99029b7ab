"""SegNet's pair: what the pooling hands on, and where the unpooling puts it."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import nn

from saccade.layers.unpooling import MaxPool, MaxUnpool, Switches


def test_every_maximum_comes_back_to_where_it_was() -> None:
    maps = torch.tensor([[[[1.0, 2, 0, 5], [4, 3, 6, 1]]]])
    maxima, switches = MaxPool(2)(maps)
    assert maxima.tolist() == [[[[4, 6]]]]
    assert switches.indices.tolist() == [[[[4, 6]]]]
    assert switches.size == (2, 4)
    assert MaxUnpool()(maxima, switches).tolist() == [[[[0, 0, 0, 0], [4, 0, 6, 0]]]]


def test_other_numbers_go_where_the_maxima_were() -> None:
    """The decoder unpools its own maps, with the encoder's switches."""
    torch.manual_seed(0)
    maps, others = torch.rand(2, 3, 5, 7), torch.rand(2, 3, 3, 4)
    _, switches = MaxPool(3, stride=2, padding=1)(maps)
    theirs = F.max_unpool2d(others, switches.indices, 3, 2, 1, output_size=(5, 7))
    assert ((MaxUnpool()(others, switches) != 0) == (theirs != 0)).all()


def test_a_pair_serves_two_images_at_once() -> None:
    torch.manual_seed(0)
    pool, unpool = MaxPool(2, ceil_mode=True), MaxUnpool()
    one, two = torch.rand(1, 2, 5, 5), torch.rand(1, 2, 7, 4)
    (maxima_one, switches_one), (maxima_two, switches_two) = pool(one), pool(two)
    assert unpool(maxima_one, switches_one).shape == one.shape
    assert torch.equal(pool(unpool(maxima_two, switches_two))[0], maxima_two)


def test_the_pair_has_no_weights_and_passes_gradients_through_the_places_alone() -> None:
    pair = nn.ModuleList([MaxPool(2), MaxUnpool()])
    assert list(pair.parameters()) == list(pair.buffers()) == []
    maps = torch.arange(16.0).reshape(1, 1, 4, 4).requires_grad_()
    pair[1](*pair[0](maps)).sum().backward()
    assert maps.grad is not None
    assert maps.grad.flatten().nonzero().flatten().tolist() == [5, 7, 13, 15]


def test_it_works_along_lines_and_in_volumes() -> None:
    for shape in ((1, 2, 9), (1, 2, 4, 5, 6)):
        maxima, switches = MaxPool(2, padding="same")(torch.rand(shape))
        assert MaxUnpool()(maxima, switches).shape == shape
    assert MaxUnpool()(torch.ones(1, 1, 1), Switches(torch.tensor([[[2]]]), (3,))).tolist() == [[[0, 0, 1]]]


def test_a_pooling_shows_its_settings() -> None:
    assert repr(MaxPool(3, stride=2)) == "MaxPool(3, stride=2, padding='valid', ceil_mode=False)"
