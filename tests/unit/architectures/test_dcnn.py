"""The builder: a line becomes a network."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.architectures.dcnn import dcnn
from saccade.architectures.lenet import lenet5
from saccade.errors import BadConfig, BadShape

WORKED = "conv 10 3 valid, conv 20 5 stride 2 valid, conv 40 5 stride 2 valid, flatten, dense 2"


def test_the_notes_worked_network_is_built() -> None:
    network = dcnn(WORKED, size=(39, 39))
    features = network.forward_features(torch.rand(1, 3, 39, 39))
    assert [tuple(x.shape[1:]) for x in features.values()] == [(10, 37, 37), (20, 17, 17), (40, 7, 7)]
    dense = network.classifier.get_submodule("dense1")
    assert isinstance(dense, nn.Linear)
    assert dense.in_features == 1960


def test_lenet5_can_be_written_as_a_line() -> None:
    line = "conv 6 5 valid, pool 2, conv 16 5 valid, pool 2, conv 120 5 valid, gap, dense 84, dense 10"
    written, network, images = dcnn(line, in_channels=1), lenet5(), torch.rand(2, 1, 36, 33)
    own = written.state_dict()
    assert [value.shape for value in own.values()] == [value.shape for value in network.state_dict().values()]
    written.load_state_dict(dict(zip(own, network.state_dict().values(), strict=True)))
    torch.testing.assert_close(written(images), network(images))
    assert written.smallest_size == network.smallest_size == (32, 32)
    assert written.stages == network.stages


def test_every_layer_but_the_last_has_relu_unless_it_says_otherwise() -> None:
    network = dcnn("conv 4 3, conv 4 3 linear, conv 4 3 tanh, gap, dense 8, dense 2")
    assert [name for name, _ in network.stem.named_children()] == ["conv1", "relu1", "conv2", "conv3", "tanh1"]
    assert [name for name, _ in network.classifier.named_children()] == ["gap1", "dense1", "relu2", "dense2"]
    assert list(dict(dcnn("conv 4 3, conv 9 1, gap").stem.named_children())) == ["conv1", "relu1", "conv2"]


def test_stages_are_cut_where_the_stride_changes() -> None:
    network = dcnn("conv 8 3 stride 2, conv 8 3, pool 2, pool 3 stride 1, conv 16 3, conv 24 3 stride 3, gap, dense 5")
    assert [tuple(stage) for stage in network.stages] == [("stem", 2, 8), ("stage1", 4, 16), ("stage2", 12, 24)]
    assert list(dict(network.named_children())) == ["stem", "stage1", "stage2", "classifier"]


def test_the_number_of_classes_can_be_set_from_outside() -> None:
    assert dcnn("conv 4 3, gap, dense 10", num_classes=3).classifier.get_submodule("dense1").out_features == 3
    network = dcnn("conv 4 3, conv 10 1, gap", num_classes=7)
    assert network.num_classes == network(torch.rand(1, 3, 5, 5)).shape[1] == 7


def test_a_line_that_ends_in_a_large_convolution_gets_a_dense_layer_for_the_classes():
    network = dcnn("conv 4 3, conv 10 3, gap", num_classes=7)
    assert network.classifier.get_submodule("dense1").in_features == 10
    assert network(torch.rand(2, 3, 5, 5)).shape == (2, 7)
    assert dcnn("conv 4 3, conv 10 3, gap").num_classes == 10


def test_a_line_with_gap_takes_any_size_and_one_that_flattens_takes_its_own() -> None:
    line = "conv 4 3, pool 2, {}, dense 10"
    assert dcnn(line.format("gap"), size=(8, 8))(torch.rand(1, 3, 31, 17)).shape == (1, 10)
    assert dcnn(line.format("flatten"), size=(8, 6))(torch.rand(1, 3, 8, 6)).shape == (1, 10)


def test_a_line_without_maps_is_a_dense_network() -> None:
    network = dcnn("dense 20 tanh, dense 10", in_channels=1, size=(8, 8))
    assert network(torch.rand(2, 1, 8, 8)).shape == (2, 10)
    assert (network.stages, network.forward_features(torch.rand(2, 1, 8, 8))) == ((), {})
    assert sum(weight.numel() for weight in network.parameters()) == 64 * 20 + 20 + 20 * 10 + 10


@pytest.mark.parametrize(
    "line", ["relu, conv 4 3, gap", "dropout 0.5, relu, flatten, dense 4", "conv 4 3 linear, flatten, relu, dense 4"]
)
def test_images_and_features_are_left_alone(line: str) -> None:
    network, images = dcnn(line, size=(4, 4)).eval(), torch.randn(1, 3, 4, 4)
    before, features = images.clone(), network.forward_features(images)
    kept = {name: x.clone() for name, x in features.items()}
    network(images)
    assert torch.equal(images, before)
    assert all(torch.equal(features[name], x) for name, x in kept.items())


@pytest.mark.bad_input
def test_maps_that_shrink_to_nothing_are_refused_by_item() -> None:
    with pytest.raises(
        BadShape,
        match="got images of 40 × 400 pixels, of which item 3, 'conv 8 3 valid', leaves nothing; "
        "taken are 48 × 48 or more; enlarge them, or shorten the line",
    ):
        dcnn("[pool 4] x2, norm, conv 8 3 valid, dense 10", size=(40, 400))


@pytest.mark.bad_input
def test_another_size_than_the_flattened_one_is_refused() -> None:
    network = dcnn(WORKED, size=(39, 39))
    network(torch.rand(1, 3, 38, 38)[..., [0, *range(38)]][:, :, [0, *range(38)]])
    with pytest.raises(
        BadShape, match="leave maps of 8 × 7 pixels; dcnn was made for images of 39 × 39, which leave 7 × 7"
    ):
        network(torch.rand(1, 3, 43, 39))


@pytest.mark.bad_input
def test_flattening_needs_a_size() -> None:
    with pytest.raises(
        BadConfig, match=r"got item 2, 'dense 10', which flattens maps, and no size; .* or put gap before it"
    ):
        dcnn("conv 4 3, dense 10")
    with pytest.raises(BadShape, match=r"got size=\(0, 4\); taken is \(height, width\)"):
        dcnn("conv 4 3, dense 10", size=(0, 4))


@pytest.mark.bad_input
def test_the_notes_enormous_dense_layer_is_refused() -> None:
    with pytest.raises(BadConfig, match="with 27,000,001,000 weights; taken are up to 1,000,000,000; put gap or pool"):
        dcnn("dense 1000", size=(3000, 3000))
