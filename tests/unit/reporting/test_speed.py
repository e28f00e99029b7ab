from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from saccade.errors import BadShape
from saccade.reporting.speed import Speed, Timing, measure_speed


class Watched(nn.Module):
    """Notes the shapes it gets, in a list that its copies share."""

    seen: list[tuple[tuple[int, ...], bool]]

    def __init__(self) -> None:
        super().__init__()
        self.norm = nn.BatchNorm2d(2)

    def forward(self, x: Tensor) -> Tensor:
        self.seen.append((tuple(x.shape), self.training))
        return self.norm(x)


def test_one_image_and_thirty_two_are_timed_in_evaluation_mode_and_the_network_is_left_alone() -> None:
    Watched.seen = []
    network = Watched().train()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    speed = measure_speed(network, (5, 7), 2, torch.device("cpu"), seconds=0)
    assert set(Watched.seen) == {((1, 2, 5, 7), False), ((32, 2, 5, 7), False)}
    assert network.training
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
    for timing, batch_size in ((speed.single, 1), (speed.many, 32)):
        assert (timing.batch_size, timing.repeats) == (batch_size, 5)
        assert 0 < timing.low <= timing.median <= timing.high


def test_throughput_is_images_over_the_median() -> None:
    assert Timing(32, 0.25, 0.2, 0.3, 5).images_per_second == 128


@pytest.mark.parametrize(("high", "load", "busy"), [(1.2, 0.9, False), (1.8, 0.9, True), (1.2, 4.0, True)])
def test_machine_is_called_busy_by_its_load_or_by_a_wide_spread(high: float, load: float, busy: bool) -> None:
    steady, spread = Timing(1, 1.0, 0.9, 1.1, 5), Timing(32, 1.0, 1.0, high, 5)
    assert Speed("a fast one", (8, 8), 1, steady, spread, load).busy is busy


@pytest.mark.bad_input
def test_size_below_one_is_refused() -> None:
    with pytest.raises(BadShape, match=r"got size=\(0, 8\) and channels=1; taken are numbers ≥ 1"):
        measure_speed(nn.Identity(), (0, 8), 1, torch.device("cpu"))
