"""What is particular to Inception v3: kernels taken apart, sizes of the maps, its classifier on the side."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.architectures.inception_v3 import CARDS, AuxiliaryClassifier, InceptionV3, inception_v3
from saccade.errors import BadShape
from saccade.tasks.multi_label import multi_label
from saccade.types.batch import Batch


@pytest.fixture(scope="module")
def empty() -> InceptionV3:
    with torch.device("meta"):
        return inception_v3(auxiliary=True).eval()


def count(network: nn.Module) -> int:
    return sum(weight.numel() for weight in network.parameters())


def test_the_maps_shrink_as_in_the_paper(empty: InceptionV3) -> None:
    maps = empty.forward_features(torch.empty(1, 3, 299, 299, device="meta"))
    assert [tuple(stage.shape[1:]) for stage in maps.values()] == [
        (64, 147, 147), (192, 71, 71), (288, 35, 35), (768, 17, 17), (2048, 8, 8),
    ]  # fmt: skip


def test_seven_by_seven_costs_two_sevenths_of_itself(empty: InceptionV3) -> None:
    flat, high = empty.Mixed_6e.branch7x7_2.conv.weight, empty.Mixed_6e.branch7x7_3.conv.weight
    assert (flat.shape, high.shape) == ((192, 192, 1, 7), (192, 192, 7, 1))
    assert 7 * (flat.numel() + high.numel()) == 2 * 192 * 192 * 7 * 7


def test_module_6b_has_the_weights_that_a_hand_counts(empty: InceptionV3) -> None:
    kernels = (
        768 * 192
        + (768 * 128 + 128 * 128 * 7 + 128 * 192 * 7)
        + (768 * 128 + 3 * 128 * 128 * 7 + 128 * 192 * 7)
        + 768 * 192
    )
    norms = 2 * (192 + (128 + 128 + 192) + (4 * 128 + 192) + 192)
    assert count(empty.Mixed_6b) == kernels + norms == 1_294_336 + norms


def test_the_classifier_on_the_side_has_the_weights_that_a_hand_counts(empty: InceptionV3) -> None:
    side = (768 * 128 + 2 * 128) + (128 * 768 * 25 + 2 * 768) + (768 + 1) * 1000
    assert isinstance(empty.AuxLogits, AuxiliaryClassifier)
    assert count(empty.AuxLogits) == side
    assert count(empty) == CARDS["inception_v3"]["parameters"] + side
    assert count(empty) == CARDS["inception_v3"]["parameters_with_auxiliaries"] == 27_161_264
    assert empty.auxiliary_weight == 0.4


def test_it_sees_five_by_five_pixels_of_the_last_maps_of_17(empty: InceptionV3) -> None:
    assert empty.AuxLogits is not None
    maps = torch.empty(1, 768, 17, 17, device="meta")
    assert empty.AuxLogits.pool(maps).shape == (1, 768, 5, 5)
    assert empty.auxiliary_heads() == {empty.Mixed_6e: empty.AuxLogits}


@pytest.mark.full
def test_a_step_of_training_moves_the_classifier_on_the_side_too() -> None:
    torch.manual_seed(0)
    network = inception_v3(num_classes=2, auxiliary=True).train()
    batch = Batch(torch.rand(2, 3, 299, 299), torch.full((2, 2), 299), torch.eye(2), ("a", "b"))
    terms = multi_label(["a", "b"]).loss(network, batch)
    assert list(terms) == ["binary_cross_entropy", "auxiliary"]
    torch.stack(list(terms.values())).sum().backward()
    without = [key for key, weight in network.named_parameters() if weight.grad is None or not weight.grad.any()]
    assert without == []


@pytest.mark.bad_input
def test_images_too_small_for_the_classifier_on_the_side_are_refused(empty: InceptionV3) -> None:
    assert empty(torch.empty(1, 3, 298, 298, device="meta")).shape == (1, 1000)
    assert len(empty.forward_with_auxiliaries(torch.empty(1, 3, 299, 299, device="meta"))[1]) == 1
    with pytest.raises(BadShape, match="inception_v3 with its auxiliary classifiers takes 299 × 299 or more"):
        empty.forward_with_auxiliaries(torch.empty(1, 3, 299, 298, device="meta"))
