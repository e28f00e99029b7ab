import pytest
import torch

from saccade.layers.grid_head import GridHead, GridLossWeights, grid_losses, split_cells
from saccade.types.truth import Truth

SIZE, BOXES, CLASSES = (70, 70), 2, 3


def cells(grid: int = 7) -> torch.Tensor:
    return torch.zeros(1, grid, grid, 5 * BOXES + CLASSES)


def thing(*corners: float, class_id: int = 1) -> Truth:
    return Truth(torch.tensor([corners]), torch.tensor([class_id]))


def test_the_loss_of_one_thing_by_hand():
    """A thing of 30 × 20 pixels with its middle at (35, 24): cell (2, 3), x = 0.5, y = 0.4."""
    truth = thing(20.0, 14, 50, 34)
    numbers = cells()
    numbers[0, 2, 3, :5] = torch.tensor([0.5, 0.4, (30 / 70) ** 0.5, (20 / 70) ** 0.5, 0.8])  # right, and sure by 0.8
    numbers[0, 2, 3, 5:10] = torch.tensor([0.5, 0.4, 0.1, 0.1, 0.3])  # too small: the other answers
    numbers[0, 2, 3, 10:] = torch.tensor([0.1, 0.7, 0.2])
    numbers[0, 5, 5, 4] = 0.6
    terms = {name: term.item() for name, term in grid_losses(numbers, BOXES, SIZE, [truth]).items()}
    assert terms["boxes"] == pytest.approx(0, abs=1e-10)
    assert terms["objects"] == pytest.approx(0.2**2, rel=1e-4)  # their overlap is 1
    assert terms["background"] == pytest.approx(0.5 * (0.3**2 + 0.6**2), rel=1e-6)
    assert terms["classes"] == pytest.approx(0.1**2 + 0.3**2 + 0.2**2, rel=1e-6)


def test_an_error_of_a_small_box_counts_more():
    """The same four pixels missing from a side of 9 and of 49: roots of 3/√70, 7/√70, less √5, √45."""
    numbers = cells()
    for side, root in ((9, 3.0), (49, 7.0)):
        numbers[0, 3, 3, :5] = torch.tensor([0.5, 0.5, (side - 4) ** 0.5 / 70**0.5, side**0.5 / 70**0.5, 0])
        half = side / 2
        terms = grid_losses(numbers, BOXES, SIZE, [thing(35 - half, 35 - half, 35 + half, 35 + half)])
        assert terms["boxes"].item() == pytest.approx(5 * (root - (side - 4) ** 0.5) ** 2 / 70, rel=1e-3)


def test_where_no_box_overlaps_the_nearest_answers():
    numbers = cells()
    numbers[0, 3, 3, 5:9] = torch.tensor([0.5, 0.5, 0.0, 0.0])  # has no size, but the right middle
    terms = grid_losses(numbers, BOXES, SIZE, [thing(30.0, 30, 40, 40)])
    assert terms["boxes"].item() == pytest.approx(5 * 2 / 7, rel=1e-5)
    assert terms["objects"].item() == 0


def test_of_two_things_of_a_cell_the_first_is_learnt_and_images_are_averaged():
    both = Truth(torch.tensor([[30.0, 30, 40, 40], [31, 31, 39, 39]]), torch.tensor([0, 2]))
    one = Truth(both.boxes[:1], both.class_ids[:1])
    generator = torch.Generator().manual_seed(0)
    numbers = torch.rand(2, 7, 7, 5 * BOXES + CLASSES, generator=generator)
    first = grid_losses(numbers[:1], BOXES, SIZE, [both])
    assert first == grid_losses(numbers[:1], BOXES, SIZE, [one])
    second = grid_losses(numbers[1:], BOXES, SIZE, [one])
    together = grid_losses(numbers, BOXES, SIZE, [both, one])
    for name, term in together.items():
        torch.testing.assert_close(term, (first[name] + second[name]) / 2)


def test_the_weights_of_the_paper_can_be_others():
    numbers = torch.full((1, 7, 7, 13), 0.3)
    usual = grid_losses(numbers, BOXES, SIZE, [thing(30.0, 30, 40, 40)])
    other = grid_losses(numbers, BOXES, SIZE, [thing(30.0, 30, 40, 40)], GridLossWeights(boxes=1, background=1))
    assert usual["boxes"] == 5 * other["boxes"]
    assert usual["background"] == 0.5 * other["background"]
    assert (usual["objects"], usual["classes"]) == (other["objects"], other["classes"])


def test_candidates_are_decoded_and_scored():
    head = GridHead(4, CLASSES, units=8).eval()
    numbers = cells()
    numbers[0, 2, 3, :5] = torch.tensor([0.5, 0.4, (30 / 70) ** 0.5, (20 / 70) ** 0.5, 0.8])
    numbers[0, 2, 3, 10:] = torch.tensor([-0.1, 0.5, 1.7])
    head.forward = lambda maps: numbers
    found = head.candidates(torch.zeros(1, 4, 7, 7), SIZE)
    place = (2 * 7 + 3) * 2
    torch.testing.assert_close(found["boxes"][0, place], torch.tensor([20.0, 14, 50, 34]))
    torch.testing.assert_close(found["scores"][0, place], torch.tensor([0.0, 0.4, 0.8]))
    assert found["scores"].shape == (1, 98, CLASSES)


def test_numbers_of_a_cell_are_boxes_then_classes():
    codes, sure, classes = split_cells(torch.arange(13.0)[None, None, None], BOXES)
    assert codes[0, 0, 0].tolist() == [[0, 1, 2, 3], [5, 6, 7, 8]]
    assert sure[0, 0, 0].tolist() == [4, 9]
    assert classes[0, 0, 0].tolist() == [10, 11, 12]
