"""The loss of a network with classifiers on the side: numbers a hand can check."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from saccade.layers.normalised import Normalised
from saccade.losses.auxiliary import classifier_losses


class Sided(nn.Module):
    """Its logits are the images' means; those on the side twice and three times as much."""

    auxiliary_weight = 0.25

    def forward(self, images: Tensor) -> Tensor:
        return images.mean((2, 3))

    def forward_with_auxiliaries(self, images: Tensor) -> tuple[Tensor, list[Tensor]]:
        logits = self(images)
        return logits, [2 * logits, 3 * logits]


def terms(network: nn.Module, name: str = "sum") -> dict[str, float]:
    found = classifier_losses(network, torch.full((1, 2, 1, 1), 2.0), name, criterion=torch.sum)
    return {term: value.item() for term, value in found.items()}


def test_a_network_in_training_has_the_weighted_sum_of_the_others_too() -> None:
    assert terms(Sided().train()) == {"sum": 4, "auxiliary": 0.25 * (8 + 12)}


@pytest.mark.parametrize("network", [Sided().eval(), nn.Flatten().train()])
def test_evaluation_and_networks_without_them_have_one_term(network: nn.Module) -> None:
    assert terms(network, "some") == {"some": 4}


def test_a_normalisation_in_front_changes_only_the_images() -> None:
    wrapped = Normalised(Sided(), mean=[1.0, 1.0], std=[0.5, 0.5])
    assert terms(wrapped.train()) == {"sum": 4, "auxiliary": 0.25 * (8 + 12)}
    assert terms(wrapped.eval()) == {"sum": 4}
    assert terms(Normalised(nn.Flatten(), mean=[1.0, 1.0], std=[0.5, 0.5]).train()) == {"sum": 4}
