import torch

from saccade.types.truth import Truth


def test_it_counts_its_things_and_moves_with_them():
    truth = Truth(torch.tensor([[1.0, 2.0, 4.0, 6.0]]), torch.tensor([3]))
    assert len(truth) == 1
    moved = truth.to("meta")
    assert (moved.boxes.device.type, moved.class_ids.device.type) == ("meta", "meta")
