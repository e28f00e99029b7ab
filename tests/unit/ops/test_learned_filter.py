import math

import pytest
import torch

from saccade.errors import BadConfig, BadData, BadShape
from saccade.ops.kernels import named_kernel
from saccade.ops.learned_filter import learn_kernel

SOBEL = named_kernel("sobel")


def pairs(inputs, kernel=SOBEL):
    return inputs, torch.nn.functional.conv2d(inputs, kernel[None, None])


def noise(*shape):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def test_noise_is_nearly_white_and_quickly_learned():
    learned = learn_kernel(*pairs(noise(8, 1, 24, 24)), steps=30, generator=torch.Generator().manual_seed(0))
    assert learned.condition < 1.5
    assert (learned.kernel - SOBEL).abs().max() < 1e-4
    assert len(learned.losses) == 31
    assert learned.losses[-1] < 1e-8 < learned.losses[0]


def test_the_loss_is_the_mean_squared_error():
    inputs, responses = pairs(noise(1, 1, 8, 8))
    learned = learn_kernel(inputs, responses, steps=1, generator=torch.Generator().manual_seed(3))
    begin = 0.1 * torch.randn(9, generator=torch.Generator().manual_seed(3), dtype=torch.float64).view(1, 1, 3, 3)
    error = (torch.nn.functional.conv2d(inputs.double(), begin) - responses).square().mean()
    assert learned.losses[0] == pytest.approx(error.item())


def test_what_the_pictures_do_not_say_is_without_bound():
    stripes = torch.tensor([1.0, 0.0]).repeat(8).expand(1, 1, 16, 16)
    learned = learn_kernel(*pairs(stripes), steps=400)
    assert math.isinf(learned.condition)
    assert learned.losses[-1] < 1e-8


def test_the_same_generator_gives_the_same_descent():
    inputs = pairs(noise(1, 1, 9, 9))
    first, second = (learn_kernel(*inputs, steps=3, generator=torch.Generator().manual_seed(5)) for _ in range(2))
    assert first.losses == second.losses


@pytest.mark.bad_input
def test_pairs_that_teach_nothing_are_refused():
    with pytest.raises(BadShape, match="taken are as many, each response smaller"):
        learn_kernel(torch.ones(1, 1, 3, 3), torch.ones(1, 1, 4, 4))
    with pytest.raises(BadData, match="black everywhere"):
        learn_kernel(torch.zeros(1, 1, 5, 5), torch.zeros(1, 1, 3, 3))
    with pytest.raises(BadData, match="not finite"):
        learn_kernel(torch.full((1, 1, 5, 5), math.nan), torch.zeros(1, 1, 3, 3))
    with pytest.raises(BadConfig, match="got steps=0"):
        learn_kernel(torch.ones(1, 1, 5, 5), torch.ones(1, 1, 3, 3), steps=0)
