from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.api.networks.summary import look, summary
from saccade.errors import BadShape, UnknownName


def test_a_name_is_tabulated_at_its_own_size() -> None:
    table = summary("resnet8")
    assert (table.network, table.shape) == ("resnet8", (1, 3, 32, 32))
    assert table.memory is not None
    assert table.memory.training is not None
    assert table.memory.training.batch == 1


def test_a_module_of_ones_own_needs_a_size() -> None:
    table = summary(nn.Sequential(nn.Conv2d(4, 2, 3)), (6, 7), batch_size=3)
    assert (table.network, table.shape, table.rows[0].outputs) == ("Sequential", (1, 4, 6, 7), ((1, 2, 4, 5),))
    assert table.memory is not None
    assert table.memory.training is not None
    assert table.memory.training.batch == 3


def test_what_needs_two_images_to_be_trained_gets_two() -> None:
    table = summary(nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.BatchNorm2d(3)), (6, 7))
    assert table.memory is not None
    assert table.memory.training is not None
    assert table.memory.training.batch == 2


class Picky(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 1, 1)

    def forward(self, images: torch.Tensor, targets: object = None) -> torch.Tensor:
        if self.training and targets is None:
            raise ValueError("no targets")
        return self.conv(images)


def test_what_cannot_be_trained_without_targets_says_so() -> None:
    table = summary(Picky(), (4, 4))
    assert table.memory is not None
    assert table.memory.training is None
    assert "training: cannot be told; got a Picky that does not run" in table.to_text()


def test_the_random_numbers_of_others_are_left_alone() -> None:
    network = nn.Sequential(nn.Conv2d(3, 2, 3), nn.Dropout())
    state = torch.get_rng_state()
    summary(network, (6, 7))
    assert torch.equal(torch.get_rng_state(), state)


def test_a_field_is_looked_at_with_weights_from_a_fixed_seed() -> None:
    one, other = look("lenet5", "c3", count=2), look("lenet5", "c3", count=2)
    assert one.theoretical == ((10, 24), (10, 24))
    assert (one.gradient == other.gradient).all()


@pytest.mark.bad_input
def test_what_cannot_be_tabulated_is_refused() -> None:
    with pytest.raises(BadShape, match=r"got Conv2d without a size; taken is \(height, width\)"):
        summary(nn.Conv2d(3, 3, 3))
    with pytest.raises(UnknownName, match="did you mean 'lenet5'"):
        summary("lenet6")
    with pytest.raises(BadShape, match="got batch_size=0"):
        summary("lenet5", batch_size=0)
    with pytest.raises(BadShape, match="lenet5 takes 32 × 32 or more"):
        summary("lenet5", (8, 8))
    with pytest.raises(UnknownName, match="got layer 'c9'"):
        look("lenet5", "c9")
