"""Local response normalisation against its closed form and PyTorch's; the batch normalisation that does nothing."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from saccade.errors import BadConfig
from saccade.layers.normalisation import LocalResponseNorm, identity_batch_norm_


def closed_form(maps: Tensor, *, k: float, n: int, alpha: float, beta: float) -> Tensor:
    """b_i = a_i / (k + α · Σ_j a_j²)^β, j from max(0, i − n/2) to min(N − 1, i + n/2), as printed in the paper."""
    last = maps.shape[1] - 1
    given = torch.empty_like(maps)
    for i in range(last + 1):
        near = range(max(0, i - n // 2), min(last, i + n // 2) + 1)
        total = sum((maps[:, j] ** 2 for j in near), torch.zeros_like(maps[:, 0]))
        given[:, i] = maps[:, i] / (k + alpha * total) ** beta
    return given


@pytest.mark.parametrize("channels", [1, 2, 5, 12])
@pytest.mark.parametrize("n", [1, 3, 5])
def test_it_is_the_paper_s_closed_form(n: int, channels: int) -> None:
    torch.manual_seed(0)
    maps = 30 * torch.randn(2, channels, 3, 4, dtype=torch.float64)
    given = LocalResponseNorm(n)(maps)
    torch.testing.assert_close(given, closed_form(maps, k=2, n=n, alpha=1e-4, beta=0.75), rtol=1e-12, atol=0)


def test_a_hand_can_check_it() -> None:
    """1 + 3 · (1 + 4) = 16, and its root is 4."""
    maps = torch.tensor([1.0, 2]).reshape(1, 2, 1, 1)
    given = LocalResponseNorm(3, alpha=3, beta=0.5, k=1)(maps)
    assert given.flatten().tolist() == [0.25, 0.5]


@pytest.mark.parametrize("n", [3, 4, 5])
def test_it_is_pytorchs_when_alpha_is_divided_and_not_when_it_is_not(n: int) -> None:
    torch.manual_seed(0)
    maps = 30 * torch.randn(2, 7, 3, 4)
    theirs = nn.LocalResponseNorm(n, alpha=1e-4, beta=0.75, k=2.0)(maps)
    assert torch.equal(LocalResponseNorm(n, divide_alpha=True)(maps), theirs)
    assert not torch.allclose(LocalResponseNorm(n)(maps), theirs, rtol=1e-3)
    torch.testing.assert_close(LocalResponseNorm(n, alpha=1e-4 / n)(maps), theirs)


def test_it_shows_its_settings() -> None:
    assert repr(LocalResponseNorm()) == "LocalResponseNorm(5, alpha=0.0001, beta=0.75, k=2.0, divide_alpha=False)"


@pytest.mark.parametrize("dimensions", [1, 2, 3])
def test_gamma_of_the_deviation_and_beta_of_the_mean_give_the_identity(dimensions: int) -> None:
    torch.manual_seed(0)
    norm = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)[dimensions - 1](4).double()
    maps = 5 * torch.randn(3, 4, *[5] * dimensions, dtype=torch.float64) - 2
    for _ in range(3):
        norm(maps)
    norm.eval()
    assert not torch.allclose(norm(maps), maps)
    identity_batch_norm_(norm)
    torch.testing.assert_close(norm(maps), maps, rtol=1e-12, atol=1e-12)


def test_while_training_it_is_the_identity_on_batches_of_that_mean_and_variance() -> None:
    torch.manual_seed(0)
    norm, maps = nn.BatchNorm2d(3).double(), torch.randn(4, 3, 6, 6, dtype=torch.float64)
    norm.running_mean, norm.running_var = maps.mean((0, 2, 3)), maps.var((0, 2, 3), unbiased=False)
    identity_batch_norm_(norm)
    torch.testing.assert_close(norm.train()(maps), maps, rtol=1e-12, atol=1e-12)


@pytest.mark.bad_input
def test_a_window_of_no_channel_is_refused() -> None:
    with pytest.raises(BadConfig, match="got window=0; taken are channels ≥ 1; the paper has 5"):
        LocalResponseNorm(0)


@pytest.mark.bad_input
@pytest.mark.parametrize("settings", [{"affine": False}, {"track_running_stats": False}])
def test_a_norm_without_statistics_or_weights_cannot_be_the_identity(settings: dict[str, bool]) -> None:
    with pytest.raises(BadConfig, match=r"got BatchNorm2d.*; taken is a batch normalisation with running statistics"):
        identity_batch_norm_(nn.BatchNorm2d(3, **settings))
