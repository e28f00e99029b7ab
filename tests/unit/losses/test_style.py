"""The two costs of a picture in another's style, by hand and against their formulas written out."""

import pytest
import torch

from saccade.errors import BadShape
from saccade.losses.style import content_cost, style_cost
from saccade.ops.gram import gram_matrix


def drawn(seed: int, *shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def transcribed(first: torch.Tensor, second: torch.Tensor) -> float:
    """Σ_k Σ_k' (G_kk' − G'_kk')² / (2 n_H n_W n_C)², as the notes have it, one number at a time."""
    channels, height, width = first.shape
    total = 0.0
    for k in range(channels):
        for other in range(channels):
            total += float(((first[k] * first[other]).sum() - (second[k] * second[other]).sum()) ** 2)
    return total / (2 * height * width * channels) ** 2


def test_the_style_cost_is_its_formula() -> None:
    first, second = drawn(0, 1, 3, 4, 5), drawn(1, 1, 3, 4, 5)
    found = style_cost(gram_matrix(first), gram_matrix(second), places=20).item()
    assert found == pytest.approx(transcribed(first[0], second[0]), rel=1e-12)


def test_the_content_cost_is_half_the_squared_distance() -> None:
    first, second = drawn(2, 1, 2, 3, 3), drawn(3, 1, 2, 3, 3)
    assert content_cost(first, second).item() == pytest.approx(0.5 * float(((first - second) ** 2).sum()), rel=1e-12)


def test_the_gradient_of_the_style_cost_is_the_one_that_is_published() -> None:
    first, second = drawn(4, 1, 3, 4, 4).requires_grad_(), drawn(5, 1, 3, 4, 4)
    (found,) = torch.autograd.grad(style_cost(gram_matrix(first), gram_matrix(second), places=16), first)
    flat = first.detach()[0].flatten(1)  # equation 6: 1/(N² M²) (Fᵀ(G − A))ᵀ, there for a cost over 4 N² M²
    difference = flat @ flat.T - gram_matrix(second)[0]
    assert torch.allclose(found[0].flatten(1), difference @ flat / (3**2 * 16**2), atol=1e-12)


def test_a_picture_costs_nothing_beside_itself() -> None:
    features = drawn(6, 2, 3, 4, 4)
    assert style_cost(gram_matrix(features), gram_matrix(features), places=16).item() == 0
    assert content_cost(features, features).item() == 0


@pytest.mark.bad_input
def test_maps_that_do_not_go_together_are_refused() -> None:
    with pytest.raises(BadShape, match="bring the pictures to one size"):
        content_cost(torch.zeros(1, 1, 2, 2), torch.zeros(1, 1, 2, 3))
    with pytest.raises(BadShape, match="taken are two of one layer"):
        style_cost(torch.zeros(1, 2, 2), torch.zeros(1, 3, 3), places=4)
