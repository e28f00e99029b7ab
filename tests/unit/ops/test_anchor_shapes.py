import pytest
import torch

from saccade.errors import BadConfig, BadData, BadShape
from saccade.ops.anchor_shapes import cluster_shapes, shape_fit


def noisy(middles, each, seed=0):
    generator = torch.Generator().manual_seed(seed)
    return torch.cat(
        [torch.tensor(middle) * (1 + 0.05 * torch.randn(each, 2, generator=generator)) for middle in middles]
    )


def test_clusters_that_are_plain_are_found_whatever_the_seed():
    sizes = noisy([[10.0, 10.0], [20.0, 80.0], [150.0, 60.0]], 200)
    for seed in range(5):
        shapes = cluster_shapes(sizes, 3, seed=seed)
        torch.testing.assert_close(shapes, torch.tensor([[10.0, 10], [20, 80], [150, 60]]).double(), rtol=0.03, atol=0)
    assert shape_fit(sizes, shapes) > 0.9


def test_the_same_seed_gives_the_same_bits():
    sizes = torch.rand(500, 2, generator=torch.Generator().manual_seed(1)) + 0.01
    assert torch.equal(cluster_shapes(sizes, 9, seed=3), cluster_shapes(sizes, 9, seed=3))


def test_more_shapes_fit_better():
    sizes = torch.rand(300, 2, generator=torch.Generator().manual_seed(2)) * 90 + 10
    fits = [shape_fit(sizes, cluster_shapes(sizes, many)) for many in (1, 3, 9)]
    assert fits == sorted(fits)
    assert fits[2] > fits[0] + 0.1


def test_duplicates_do_not_take_a_cluster_each():
    sizes = torch.tensor([[8.0, 8.0]] * 1000 + [[9.0, 30.0], [70.0, 7.0]])
    assert cluster_shapes(sizes, 3).tolist() == [[8, 8], [9, 30], [70, 7]]
    assert shape_fit(sizes, cluster_shapes(sizes, 3)) == 1


@pytest.mark.bad_input
def test_too_few_sizes_and_none_at_all_are_refused():
    with pytest.raises(BadData, match="3 boxes of 2 different sizes for 3 clusters"):
        cluster_shapes(torch.tensor([[1.0, 1], [1, 1], [2, 2]]), 3)
    with pytest.raises(BadData, match="1 are not above 0"):
        cluster_shapes(torch.tensor([[1.0, 1], [0, 1]]), 1)
    with pytest.raises(BadData, match="got 0 sizes"):
        shape_fit(torch.zeros(0, 2), torch.ones(1, 2))
    with pytest.raises(BadShape, match="width, height"):
        cluster_shapes(torch.ones(3, 4), 2)
    with pytest.raises(BadConfig, match="clusters=0"):
        cluster_shapes(torch.ones(3, 2), 0)
