"""Batch normalisation over several processes: what each gets is what one process with the whole batch would get."""

from __future__ import annotations

import contextlib

import pytest
import torch
from torch import nn

from rank_threads import in_threads
from saccade.layers.settled_norm import SettledBatchNorm
from saccade.layers.synchronised import SynchronisedBatchNorm2d, synchronised
from saccade.training.processes import Processes

SHAPES = {nn.BatchNorm1d: (7, 3), nn.BatchNorm2d: (7, 3, 4, 5), nn.BatchNorm3d: (7, 3, 2, 3, 2)}


def made(kind: type, **options) -> nn.Module:
    norm = kind(3, dtype=torch.float64, **options)
    if norm.affine:
        nn.init.normal_(norm.weight, generator=torch.Generator().manual_seed(1))
        nn.init.normal_(norm.bias, generator=torch.Generator().manual_seed(2))
    return norm


def passed(norm: nn.Module, images: torch.Tensor, factors: torch.Tensor) -> tuple[torch.Tensor, ...]:
    """Outputs, the gradient of the images, and those of the weights."""
    images = images.clone().requires_grad_()
    outputs = norm(images)
    (outputs * factors).sum().backward()
    return outputs.detach(), images.grad, *(parameter.grad for parameter in norm.parameters())


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("options", [{}, {"momentum": None}, {"affine": False}, {"track_running_stats": False}])
@pytest.mark.parametrize("parts", [(4, 3), (7, 0), (1, 5, 1), (0, 0, 7)])
def test_parts_of_a_batch_are_normalised_as_the_whole(kind, options, parts):
    generator = torch.Generator().manual_seed(0)
    images = 3 + 2 * torch.randn(SHAPES[kind], dtype=torch.float64, generator=generator)
    factors = torch.randn(SHAPES[kind], dtype=torch.float64, generator=generator)
    whole = made(kind, **options)
    expected = [passed(whole, images, factors) for _ in range(2)][-1]

    def work(processes: Processes):
        norm, own = made(kind, **options), [tensor.split(parts)[processes.rank] for tensor in (images, factors)]
        with synchronised(norm, processes) as shared:
            for _ in range(2):
                result = passed(norm, *own)
        assert shared.layers == 1
        return *result, norm.state_dict()

    results = in_threads(len(parts), work)
    for place in (0, 1):
        torch.testing.assert_close(torch.cat([result[place] for result in results]), expected[place])
    for place in range(2, len(expected)):
        torch.testing.assert_close(sum(result[place] for result in results), expected[place])
    for result in results:
        torch.testing.assert_close(result[-1], whole.state_dict())


@pytest.mark.parametrize("parts", [(4, 3), (1, 5, 1), (0, 0, 7)])
def test_a_norm_with_epsilon_inside_its_variance_does_the_same(parts):
    generator = torch.Generator().manual_seed(0)
    images, factors = (torch.randn(7, 3, 4, 5, dtype=torch.float64, generator=generator) for _ in range(2))
    whole = SettledBatchNorm(3, epsilon=1e-2).double()
    expected = [passed(whole, images, factors) for _ in range(2)][-1]

    def work(processes: Processes):
        norm = SettledBatchNorm(3, epsilon=1e-2).double()
        own = [one.split(parts)[processes.rank] for one in (images, factors)]
        with synchronised(norm, processes) as shared:
            result = [passed(norm, *own) for _ in range(2)][-1]
        assert (shared.layers, type(norm)) == (1, SettledBatchNorm)
        return *result, norm.state_dict()

    results = in_threads(len(parts), work)
    for place in (0, 1):
        torch.testing.assert_close(torch.cat([result[place] for result in results]), expected[place])
    for place in (2, 3):
        torch.testing.assert_close(sum(result[place] for result in results), expected[place])
    for result in results:
        torch.testing.assert_close(result[-1], whole.state_dict())


def test_what_does_not_count_changes_nothing_for_the_others():
    images = torch.randn(4, 3, 2, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    whole = made(nn.BatchNorm2d)
    expected = passed(whole, images, images.cos())

    def work(processes: Processes):
        norm = made(nn.BatchNorm2d)
        with synchronised(norm, processes) as shared:
            if processes.first:
                return passed(norm, images, images.cos()), norm.state_dict()
            with shared.uncounted():
                blank = torch.full((2, 3, 2, 2), 1e3, dtype=torch.float64)
                return passed(norm, blank, torch.zeros_like(blank)), norm.state_dict()

    (first, state), (second, other) = in_threads(2, work)
    torch.testing.assert_close(first, expected)
    torch.testing.assert_close(state, whole.state_dict())
    torch.testing.assert_close(other, whole.state_dict())
    assert not second[2].any()


def test_its_gradient_is_that_of_finite_differences():
    norm = made(nn.BatchNorm2d, track_running_stats=False)
    images = torch.randn(3, 3, 2, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    with synchronised(norm, Processes()):
        assert torch.autograd.gradcheck(norm, images.requires_grad_())


def test_a_large_mean_costs_no_precision():
    """A sum of squares in float32 would have lost a deviation of 1 beside a mean of 10,000."""
    generator = torch.Generator().manual_seed(0)
    images = 1e4 + torch.randn(8, 1, 16, 16, generator=generator)

    def work(processes: Processes):
        norm = nn.BatchNorm2d(1, affine=False)
        with synchronised(norm, processes):
            return norm(images.chunk(2)[processes.rank])

    deviation = torch.cat(in_threads(2, work)).std().item()
    assert deviation == pytest.approx(1, abs=2e-3)


def test_layers_stay_the_objects_they_are_and_are_as_before_in_the_end():
    network = nn.Sequential(nn.Conv2d(1, 3, 1), nn.BatchNorm2d(3), nn.Sequential(nn.BatchNorm2d(3)))
    norms, keys = [network[1], network[2][0]], list(network.state_dict())
    with contextlib.suppress(KeyboardInterrupt), synchronised(network, Processes()) as shared:
        assert [type(norm) for norm in norms] == [SynchronisedBatchNorm2d] * 2
        assert network[1] is norms[0]
        assert list(network.state_dict()) == keys
        assert shared.layers == 2
        raise KeyboardInterrupt
    assert [type(norm) for norm in norms] == [nn.BatchNorm2d] * 2
    assert "_shared" not in vars(norms[0])


def test_in_evaluation_nothing_is_asked_of_the_others():
    class Silent(Processes):
        def rows(self, row):
            raise AssertionError("asked")

    norm = nn.BatchNorm2d(2).eval()
    images = torch.randn(2, 2, 3, 3, generator=torch.Generator().manual_seed(0))
    expected = norm(images)
    with synchronised(norm, Silent()):
        assert torch.equal(norm(images), expected)


def test_half_precision_comes_back_as_it_went_in():
    images = torch.randn(4, 2, 3, 3, generator=torch.Generator().manual_seed(0)).bfloat16()
    norm, plain = nn.BatchNorm2d(2), nn.BatchNorm2d(2)
    with synchronised(norm, Processes()):
        outputs = norm(images)
    assert outputs.dtype == torch.bfloat16
    torch.testing.assert_close(outputs, plain(images), rtol=2e-2, atol=2e-2)


def test_one_alone_is_torchs_own_layer():
    images = torch.randn(4, 2, 3, 3, generator=torch.Generator().manual_seed(0))
    assert torch.equal(SynchronisedBatchNorm2d(2)(images), nn.BatchNorm2d(2)(images))
