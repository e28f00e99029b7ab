"""A backbone with classifiers on the side: when they run, what they see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest
import torch
from torch import Tensor, nn

from saccade.errors import BadShape
from saccade.layers.auxiliary import AuxiliaryBackbone
from saccade.layers.pooling import GlobalAveragePool


class Times(nn.Module):
    """Multiplies, and counts how often."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor, self.calls = factor, 0

    def forward(self, x: Tensor) -> Tensor:
        self.calls += 1
        return x * self.factor


class Doubling(AuxiliaryBackbone):
    """Three doublings in two stages; the classifiers on the side look at the first and at the second."""

    def __init__(self, *, auxiliary: bool) -> None:
        super().__init__("doubling", [(1, 1), (2, 1)], num_classes=1, in_channels=1)
        self.one, self.two, self.three = Times(2), Times(2), Times(2)
        self.first, self.second = (nn.Sequential(Times(factor), GlobalAveragePool()) for factor in (10, 100))
        self.auxiliary = auxiliary
        if auxiliary:
            self.auxiliary_weight, self.auxiliary_size = 0.5, (4, 4)

    def parts(self) -> Sequence[Sequence[nn.Module]]:
        return (self.one, self.two), (self.three,)

    def auxiliary_heads(self) -> Mapping[nn.Module, nn.Module]:
        return {self.one: self.first, self.two: self.second} if self.auxiliary else {}

    def head(self, features: Tensor) -> Tensor:
        return features.mean((2, 3))


def test_each_classifier_sees_the_part_before_it() -> None:
    logits, others = Doubling(auxiliary=True).forward_with_auxiliaries(torch.ones(1, 1, 4, 4))
    assert logits.item() == 8
    assert [other.item() for other in others] == [20, 400]


def test_forward_and_its_stages_never_run_them() -> None:
    network = Doubling(auxiliary=True)
    assert network(torch.ones(1, 1, 4, 4)).item() == 8
    assert {name: maps.max().item() for name, maps in network.forward_features(torch.ones(1, 1, 2, 2)).items()} == {
        "stem": 4,
        "stage1": 8,
    }
    assert [part.calls for part in network.modules() if isinstance(part, Times)] == [2, 2, 2, 0, 0]


def test_without_them_there_are_the_logits_alone() -> None:
    network = Doubling(auxiliary=False)
    logits, others = network.forward_with_auxiliaries(torch.ones(1, 1, 1, 1))
    assert (logits.item(), others, network.auxiliary_weight) == (8, [], 0)


@pytest.mark.bad_input
def test_images_too_small_for_them_are_refused() -> None:
    network = Doubling(auxiliary=True)
    assert network(torch.ones(1, 1, 3, 3)).item() == 8
    said = r"^got images of 3 × 3 pixels; doubling with its auxiliary classifiers takes 4 × 4 or more; enlarge them$"
    with pytest.raises(BadShape, match=said):
        network.forward_with_auxiliaries(torch.ones(1, 1, 3, 3))
