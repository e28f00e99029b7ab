"""The Gram matrix, by hand and by the sum that it is."""

import pytest
import torch

from saccade.errors import BadShape
from saccade.ops.gram import gram_matrix


def test_each_number_is_the_sum_of_products_over_all_places() -> None:
    features = torch.randn(2, 3, 4, 5, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    slow = torch.zeros(2, 3, 3, dtype=torch.float64)
    for image in range(2):
        for first in range(3):
            for second in range(3):
                for row in range(4):
                    for column in range(5):
                        slow[image, first, second] += (
                            features[image, first, row, column] * features[image, second, row, column]
                        )
    assert torch.allclose(gram_matrix(features), slow, atol=1e-12)


def test_it_is_v_transposed_times_v_and_no_other_way_round() -> None:
    features = torch.tensor([[[[1.0, 2.0, 0.0]], [[0.0, 1.0, 3.0]]]])  # two channels, three places
    assert gram_matrix(features).tolist() == [[[5.0, 2.0], [2.0, 10.0]]]


def test_it_does_not_know_where_things_are() -> None:
    features = torch.randn(1, 4, 6, 6, generator=torch.Generator().manual_seed(1))
    moved = features.flatten(2)[..., torch.randperm(36, generator=torch.Generator().manual_seed(2))].view_as(features)
    assert torch.allclose(gram_matrix(features), gram_matrix(moved), atol=1e-4)


def test_channels_that_lie_last_give_the_same() -> None:
    features = torch.randn(2, 8, 5, 7, generator=torch.Generator().manual_seed(3))
    by_pixels = features.to(memory_format=torch.channels_last)
    assert torch.allclose(gram_matrix(features), gram_matrix(by_pixels), atol=1e-5)


def test_its_gradient_and_that_of_its_gradient_are_those_of_the_formula() -> None:
    features = torch.randn(2, 3, 2, 4, generator=torch.Generator().manual_seed(4), dtype=torch.float64).requires_grad_()
    assert torch.autograd.gradcheck(gram_matrix, features)
    assert torch.autograd.gradgradcheck(gram_matrix, features)


def test_autocast_does_not_make_it_coarser() -> None:
    features = torch.randn(1, 3, 8, 8, generator=torch.Generator().manual_seed(5), requires_grad=True)
    with torch.autocast("cpu", torch.bfloat16):
        found = gram_matrix(features)
    assert torch.equal(found, gram_matrix(features))
    found.sum().backward()
    assert features.grad is not None


@pytest.mark.bad_input
def test_what_is_no_map_is_refused() -> None:
    with pytest.raises(BadShape, match=r"got features of shape \(2, 3\); taken are maps"):
        gram_matrix(torch.zeros(2, 3))
