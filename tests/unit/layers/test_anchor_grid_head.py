import math

import pytest
import torch
from torch import Tensor

from saccade.layers.anchor_grid_head import AnchorGridHead, AnchorLossWeights
from saccade.types.truth import Truth

SIZE, CLASSES = (64, 96), 2
ANCHORS = [(16.0, 32.0), (32.0, 16.0)]
MAPS = torch.zeros(1, 3, 4, 6)  # cells of 16 pixels


def head_that_says(numbers: Tensor) -> AnchorGridHead:
    head = AnchorGridHead(3, CLASSES, ANCHORS)
    head.forward = lambda maps: numbers
    return head


def nothing() -> Tensor:
    """Confidences of a half, and boxes of the anchors in the middles of the cells."""
    return torch.zeros(1, 4, 6, len(ANCHORS), 5 + CLASSES)


def test_a_head_that_says_nothing_finds_its_anchors_in_the_middles():
    found = head_that_says(nothing()).candidates(MAPS, SIZE)
    torch.testing.assert_close(found["boxes"][0, 0], torch.tensor([0.0, -8, 16, 24]))
    torch.testing.assert_close(found["boxes"][0, 2 * (6 + 2) + 1], torch.tensor([24.0, 16, 56, 32]))
    assert found["scores"].unique().tolist() == [0.25]


def test_the_loss_of_one_thing_by_hand():
    """A thing of 16 × 64 pixels with its middle at (44, 36): cell (2, 2), x = 0.75, y = 0.25, the upright anchor."""
    numbers = nothing()
    numbers[0, 2, 2, 0, 5] = math.log(3)
    truth = Truth(torch.tensor([[36.0, 4, 52, 68]]), torch.tensor([0]))
    terms = {name: term.item() for name, term in head_that_says(numbers).losses(MAPS, SIZE, [truth]).items()}
    assert terms["boxes"] == pytest.approx(0.25**2 + 0.25**2 + math.log(2) ** 2, rel=1e-5)
    assert terms["classes"] == pytest.approx(math.log(4 / 3), rel=1e-5)
    box = (32.0, 24.0, 48.0, 56.0)  # what it says now
    shared = (48 - 36) * (56 - 24)
    overlap = shared / (16 * 64 + 16 * 32 - shared)
    assert terms["objects"] == pytest.approx(5 * (0.5 - overlap) ** 2, rel=1e-5), box
    assert terms["background"] == pytest.approx(47 * 0.25, rel=1e-5)


def test_two_things_of_one_cell_are_both_learnt():
    boxes = torch.tensor([[16.0, 8, 32, 40], [8, 16, 40, 32]])  # the anchors, around one middle
    truth = Truth(boxes, torch.tensor([0, 1]))
    numbers = nothing()
    numbers[0, 1, 1, :, 4] = 20
    numbers[0, 1, 1, 0, 5], numbers[0, 1, 1, 1, 6] = 20, 20
    head = head_that_says(numbers)
    terms = head.losses(MAPS, SIZE, [truth])
    assert max(terms[name].item() for name in ("boxes", "objects", "classes")) < 1e-6
    found = head.candidates(MAPS, SIZE)
    for class_id, box in enumerate(boxes):
        surest = found["scores"][0, :, class_id].argmax()
        assert found["scores"][0, surest, class_id] > 0.99
        torch.testing.assert_close(found["boxes"][0, surest], box)


def test_an_anchor_whose_box_is_nearly_right_is_let_alone():
    """Of two neighbours that overlap the thing by 25/39 and 23/41, the first answers for it."""
    truth = Truth(torch.tensor([[31.0, 16, 63, 32]]), torch.tensor([0]))
    strict, lenient = (head_that_says(nothing()) for _ in range(2))
    lenient.weights = AnchorLossWeights(spared=0.56)
    punished, spared = (head.losses(MAPS, SIZE, [truth])["background"].item() for head in (strict, lenient))
    assert (punished, spared) == (47 * 0.25, 46 * 0.25)


def test_an_image_without_things_is_background_and_images_are_averaged():
    numbers = torch.randn(2, 4, 6, 2, 7, generator=torch.Generator().manual_seed(0))
    none = Truth(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64))
    one = Truth(torch.tensor([[36.0, 4, 52, 68]]), torch.tensor([1]))
    alone = [head_that_says(numbers[at : at + 1]).losses(MAPS, SIZE, [truth]) for at, truth in enumerate((none, one))]
    assert [alone[0][name].item() for name in ("boxes", "objects", "classes")] == [0, 0, 0]
    together = head_that_says(numbers).losses(MAPS, SIZE, [none, one])
    for name, term in together.items():
        torch.testing.assert_close(term, (alone[0][name] + alone[1][name]) / 2)
