"""Published weights in networks with other classes and channels."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.errors import BadCheckpoint
from saccade.weights.adapting import adapt, spread


class Network(nn.Module):
    """A convolution, a norm, and a dense layer; with or without a second head."""

    def __init__(self, classes: int, channels: int, *, aux: bool = False) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, 4, 3)
        self.norm = nn.BatchNorm2d(4)
        self.dense = nn.Linear(4, classes)
        if aux:
            self.aux = nn.Linear(4, classes)

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.dense(self.norm(self.conv(images)).mean((2, 3)))


def test_the_same_network_takes_everything() -> None:
    old, new = Network(7, 3), Network(7, 3)
    assert adapt(new, Network(7, 3), old.state_dict(), where="x") == []
    assert all(torch.equal(tensor, new.state_dict()[name]) for name, tensor in old.state_dict().items())


def test_other_classes_leave_only_the_last_layer_fresh() -> None:
    old, new = Network(7, 3), Network(5, 3)
    drawn = new.dense.weight.detach().clone()
    assert adapt(new, Network(7, 3), old.state_dict(), where="x") == ["dense.weight", "dense.bias"]
    assert torch.equal(new.dense.weight, drawn)
    assert torch.equal(new.conv.weight, old.conv.weight)


def test_other_channels_give_a_grey_picture_the_same_answer() -> None:
    old, grey = Network(7, 3).eval(), torch.rand(2, 1, 8, 8)
    wanted = old(grey.expand(-1, 3, -1, -1))
    for channels in (1, 2, 3, 6):
        new = Network(7, channels).eval()
        adapt(new, Network(7, 3), old.state_dict(), where="x")
        if channels != 2:  # two of three colours are not a third of all
            torch.testing.assert_close(new(grey.expand(-1, channels, -1, -1)), wanted)


def test_two_channels_keep_the_first_two_colours() -> None:
    assert spread(torch.tensor([[[[2.0]], [[4.0]], [[6.0]]]]), 2).flatten().tolist() == [3.0, 6.0]


def test_heads_for_training_may_be_left_over_and_old_files_have_no_counters() -> None:
    old, new = Network(7, 3, aux=True), Network(7, 3)
    tensors = {name: tensor for name, tensor in old.state_dict().items() if "batches" not in name}
    assert adapt(new, Network(7, 3), tensors, where="x", spare=["aux."]) == []
    assert new.norm.num_batches_tracked == 0


@pytest.mark.bad_input
def test_weights_for_another_network_are_refused_and_nothing_is_loaded() -> None:
    old, new = Network(7, 3, aux=True), Network(5, 1)
    before = new.conv.weight.detach().clone()
    with pytest.raises(BadCheckpoint, match=r"got weights in file\.pth for another network: not wanted aux.weight"):
        adapt(new, Network(7, 3), old.state_dict(), where="file.pth")
    with pytest.raises(BadCheckpoint, match=r"dense.weight is \(7, 4\), wanted \(9, 4\)"):
        adapt(new, Network(9, 3), Network(7, 3).state_dict(), where="x")
    with pytest.raises(BadCheckpoint, match=r"missing conv.weight, .*missing norm.weight"):
        adapt(new, Network(7, 3), {"dense.weight": old.dense.weight}, where="x")
    assert torch.equal(new.conv.weight, before)
