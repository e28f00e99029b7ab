"""The residual network for laptops."""

from __future__ import annotations

from saccade.architectures.resnet_half import resnet14_half


def test_it_has_half_the_width_and_fourteen_layers():
    network = resnet14_half(num_classes=10)
    assert [stage.width for stage in network.stages][-4:] == [32, 64, 128, 256]
    blocks = [len(getattr(network, f"layer{number}")) for number in (1, 2, 3, 4)]
    assert blocks == [1, 2, 2, 1]
    assert 1 + 2 * sum(blocks) + 1 == 14  # the stem, two in each block, the dense one


def test_its_file_is_small():
    """At two bytes a number, as it comes with saccade."""
    numbers = sum(value.numel() for value in resnet14_half().state_dict().values())
    assert 2 * numbers < 5_000_000
