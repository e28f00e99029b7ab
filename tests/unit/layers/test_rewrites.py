"""A network with some of its layers in a cheaper form: same shapes, other weights, the original untouched."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from saccade.errors import BadConfig, UnknownName
from saccade.layers.rewrites import rewritten
from saccade.ops.rewrites import Convolution, bottleneck, pooled, separable, small_kernels

THREE = Convolution(8, 12, (3, 3), padding=(1, 1), bias=True)
SEVEN = Convolution(12, 12, (7, 7), padding=(3, 3))


def network():
    torch.manual_seed(0)
    return nn.Sequential(
        nn.Conv2d(8, 12, 3, padding=1),
        nn.Sequential(nn.ReLU(), nn.Conv2d(12, 12, 7, padding=3, bias=False)),
        nn.Flatten(),
        nn.Linear(12 * 5 * 6, 4),
    )


def test_layers_are_replaced_by_their_parts():
    changes = {"0": separable(THREE), "1.1": small_kernels(SEVEN), "3": pooled(360, 4, (5, 6))}
    cheaper = rewritten(network(), changes)
    assert [type(part).__name__ for part in cheaper[0]] == ["Conv2d", "Conv2d"]
    assert [type(part).__name__ for part in cheaper[1][1]] == ["Conv2d", "ReLU", "Conv2d", "ReLU", "Conv2d"]
    assert [type(part).__name__ for part in cheaper[3]] == ["Unflatten", "GlobalAveragePool", "Linear"]
    assert cheaper(torch.rand(2, 8, 5, 6)).shape == (2, 4)
    assert (cheaper[0][0].groups, cheaper[0][1].bias is None) == (8, False)


def test_the_original_is_left_alone():
    original = network()
    before = {name: value.clone() for name, value in original.state_dict().items()}
    cheaper = rewritten(original, {"0": separable(THREE)})
    cheaper[3].weight.data.zero_()
    assert list(original.state_dict()) == list(before)
    assert all(torch.equal(value, before[name]) for name, value in original.state_dict().items())
    assert torch.equal(cheaper[1][1].weight, original[1][1].weight)


def test_averaging_first_is_a_dense_layer_with_equal_weights_in_a_map():
    original = network()[3]
    cheaper = rewritten(original, {"": pooled(360, 4, (5, 6))})
    with torch.no_grad():
        original.weight.copy_(cheaper[2].weight.repeat_interleave(30, 1) / 30)
        original.bias.copy_(cheaper[2].bias)
        features = torch.rand(3, 360)
        torch.testing.assert_close(cheaper(features), original(features))


def test_a_module_can_be_the_layer_itself():
    form = rewritten(nn.Conv2d(8, 12, 3, padding=1), {"": bottleneck(THREE)})
    assert form(torch.rand(1, 8, 4, 4)).shape == (1, 12, 4, 4)


def test_what_shares_a_layer_shares_its_form():
    layer = nn.Conv2d(12, 12, 7, padding=3)
    module = nn.ModuleDict({"first": layer, "second": layer})
    cheaper = rewritten(module, {"first": separable(SEVEN)})
    assert cheaper["first"] is cheaper["second"] is not layer


def test_type_device_and_way_of_padding_stay():
    layer = nn.Conv2d(8, 12, 3, padding=1, padding_mode="reflect", dtype=torch.float64, device="meta")
    first = rewritten(layer, {"": separable(THREE)})[0]
    assert (first.padding_mode, first.weight.dtype, first.weight.device.type) == ("reflect", torch.float64, "meta")


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"1.2": separable(THREE)}, UnknownName, "did you mean '1.1'"),
        ({"2": separable(THREE)}, BadConfig, "a Flatten"),
        ({"1.1": separable(THREE)}, BadConfig, "taken is a form of that very layer"),
        ({"3": separable(THREE)}, BadConfig, "a Linear"),
        ({"0": pooled(360, 4, (5, 6))}, BadConfig, "a Conv2d"),
        ({"3": pooled(720, 4, (5, 6))}, BadConfig, "taken is a form of that very layer"),
    ],
)
def test_a_form_that_does_not_go_with_a_layer_is_refused(changes, error, message):
    with pytest.raises(error, match=message):
        rewritten(network(), changes)
