"""Where the cost is and what would make it less: the canon's numbers, and when there is nothing to gain."""

from __future__ import annotations

import json
from html.parser import HTMLParser

import pytest
import torch
from torch import Tensor, nn

from saccade.architectures.dcnn import dcnn
from saccade.architectures.resnet import resnet18, resnet50
from saccade.errors import BadShape, UnknownName
from saccade.inspect.advice import NAMES, advise
from saccade.inspect.advice_layers import BOTTLENECK, DENSE, DEPTHWISE, FEW, GROUPS, OTHER, POINT, SHARED, layer_costs

MOBILE = "conv 32 3 stride 2, conv 32 3 groups 32, conv 64 1, conv 64 3 groups 64, conv 128 1, gap, dense 10"


class Twice(nn.Module):
    """A convolution that runs at two sizes."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(16, 16, 3, padding=1)

    def forward(self, images: Tensor) -> Tensor:
        return self.conv(self.conv(images)[..., ::2, ::2])


class Tied(nn.Module):
    """Two convolutions of the same weights."""

    def __init__(self) -> None:
        super().__init__()
        self.one, self.two = nn.Conv2d(16, 16, 3), nn.Conv2d(16, 16, 3)
        self.two.weight = self.one.weight

    def forward(self, images: Tensor) -> Tensor:
        return self.two(self.one(images))


def notes(module, size=(16, 16)):
    return {layer.name: layer.note for layer in advise(module, size).layers if layer.macs}


def test_the_inception_branch_of_the_notes():
    advice = advise(nn.Conv2d(192, 32, 5, padding=2), (28, 28))
    assert advice.macs == 120_422_400
    assert advice.totals("1x1 first").macs == 12_443_648
    assert advice.totals("separable").macs == 28 * 28 * 192 * (25 + 32)


def test_totals_of_resnet18_are_those_of_the_table_and_of_the_forms():
    advice = advise(resnet18(), (224, 224))
    assert (advice.macs, advice.parameters) == (1_814_073_344, 11_689_512)
    assert advice.layers[0].macs == max(layer.macs for layer in advice.layers)
    basic = 3 * 3 * 64 * 64
    then = advice.totals("separable", most=1)
    assert (then.layers, advice.parameters - then.parameters) == (1, basic - 9 * 64 - 64 * 64)
    assert advice.macs - then.macs == 56 * 56 * (basic - 9 * 64 - 64 * 64)
    assert advice.totals("separable").layers == 16


def test_most_takes_the_dearest_first():
    advice = advise(resnet18(), (224, 224))
    saved = [advice.macs - advice.totals("separable", most=most).macs for most in range(5)]
    assert saved == [number * saved[1] for number in range(5)]
    assert list(advice.changes("separable", most=2)) == ["layer1.0.conv1", "layer1.0.conv2"]


def test_layers_in_a_bottleneck_get_no_second_one():
    layers = {layer.name: layer for layer in advise(resnet50(), (64, 64)).layers}
    for name, layer in layers.items():
        if name.endswith("conv2"):
            assert layer.note == BOTTLENECK
            assert [other.rewrite.name for other in layer.alternatives] == ["separable", "two strips"]
    assert layers["layer1.0.conv1"].note == POINT
    assert advise(resnet18(), (64, 64)).totals("bottleneck").layers == 16


def test_why_a_layer_has_few_forms_is_said():
    module = dcnn("conv 8 3, conv 8 3 groups 8, conv 16 3 groups 2, conv 16 1, conv 16 3, gap, dense 5")
    layers, _ = layer_costs(module, (16, 16))
    assert [layer.note for layer in layers if layer.macs] == [FEW, DEPTHWISE, GROUPS, POINT, "", DENSE]
    assert set(notes(Tied()).values()) == {SHARED}
    assert notes(nn.ConvTranspose2d(3, 8, 3)) == {"": OTHER}


def test_a_dense_layer_on_flattened_maps_could_average_them():
    module = nn.Sequential(
        nn.Conv2d(3, 8, 3), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(8 * 7 * 7, 10), nn.Linear(10, 5)
    )
    advice = advise(module, (16, 16))
    assert list(advice.changes("pooled")) == ["3"]
    assert advice.changes("pooled")["3"].averaged == (7, 7)
    then = advice.totals("pooled")
    assert advice.parameters - then.parameters == 8 * 48 * 10
    assert advice.macs - then.macs == 8 * 48 * 10


def test_a_layer_that_runs_twice_is_counted_twice_and_has_its_parameters_once():
    advice = advise(Twice(), (16, 16))
    (layer,) = advice.layers
    assert layer.macs == (256 + 64) * 9 * 256
    assert layer.cheaper("separable").macs == (256 + 64) * (9 * 16 + 256)
    assert layer.cheaper("separable").parameters == 9 * 16 + 256 + 16


@pytest.mark.parametrize(
    ("module", "size"),
    [
        (dcnn(MOBILE), (64, 64)),
        (nn.Sequential(nn.Conv2d(16, 64, 1), nn.ReLU(), nn.Conv2d(64, 16, 1)), (8, 8)),
        (nn.Sequential(nn.Flatten(), nn.Linear(192, 32), nn.ReLU(), nn.Linear(32, 5)), (8, 8)),
        (nn.Flatten(), (8, 8)),
    ],
    ids=["depthwise-separable", "1x1", "dense", "nothing"],
)
def test_where_there_is_nothing_to_gain_it_says_so(module, size):
    advice = advise(module, size)
    assert advice.ranked == []
    assert advice.first is None
    text = advice.to_text()
    assert "Nothing to gain: no form would save 5 % of the multiply-adds or of the parameters." in text
    assert "First" not in text


def test_a_transformer_has_no_form_for_its_attention():
    layers = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)
    module = nn.Sequential(
        nn.Conv2d(3, 8, 4, stride=4), nn.Flatten(2), nn.Unflatten(2, (2, 8)), nn.Flatten(0, 1), layers
    )
    assert OTHER in notes(module, (16, 16)).values()
    assert "Nothing to gain" in advise(module, (16, 16)).to_text()


def test_the_first_step_is_the_gentlest_of_those_that_save_nearly_the_most():
    advice = advise(resnet18(), (224, 224))
    assert [totals.name for totals in advice.ranked][:2] == ["bottleneck", "separable"]
    assert advice.first.name == "separable"


def test_what_is_best_for_size_and_for_time_is_said_where_they_differ():
    dense = dcnn("conv 16 3, pool 2, conv 32 3, flatten, dense 100, dense 10", size=(32, 32))
    advice = advise(dense, (32, 32))
    assert advice.first.name == "pooled"
    assert {what: totals.name for what, totals in advice.fewest.items()} == {
        "multiply-adds": "separable", "parameters": "pooled",
    }  # fmt: skip
    text = advice.to_text()
    assert "\nFor fewer multiply-adds: separable in stage1.conv2: " in text
    assert "For fewer parameters" not in text


def test_the_module_is_as_before():
    module = resnet18().train()
    before = {name: value.clone() for name, value in module.state_dict().items()}
    advise(module, (64, 64))
    assert module.training
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in module.modules())
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())


def test_text_fits_a_screen():
    lines = advise(resnet18(), (224, 224), name="resnet18").to_text().splitlines()
    assert len(lines) <= 32
    assert max(map(len, lines)) <= 110
    assert lines[0].startswith("resnet18, for an image of 224 × 224 × 3: 1,814,073,344 multiply-adds")
    assert any(
        line.startswith("layer1.0.conv1 and 3 alike  3×3, 64 → 64  ") and "462,422,016" in line for line in lines
    )
    assert any(line.startswith("First: separable in the 5 dearest layers, such as layer1.0.conv1") for line in lines)


def test_fewer_layers_can_be_shown():
    lines = advise(resnet18(), (224, 224), shown=2).to_text().splitlines()
    assert sum("alike" in line for line in lines) == 4
    assert "in the 2 dearest" in "\n".join(lines)


def test_data_are_plain_and_complete():
    advice = advise(dcnn("conv 8 7, conv 16 5, flatten, dense 10", size=(16, 16)), (16, 16))
    values = json.loads(json.dumps(advice.to_dict()))
    assert values["flops"] == 2 * values["macs"] == 2 * advice.macs
    assert sum(layer["macs"] for layer in values["layers"]) == advice.macs
    assert sum(layer["parameters"] for layer in values["layers"]) == advice.parameters
    assert {form["name"] for layer in values["layers"] for form in layer["forms"]} <= set(NAMES)
    assert values["first"] == advice.first.name
    assert values["changes"][0]["in"] == list(advice.changes(values["changes"][0]["name"]))


def test_html_is_well_formed():
    opened = []

    class Reader(HTMLParser):
        def handle_starttag(self, tag, attrs):
            opened.append(tag)

        def handle_endtag(self, tag):
            assert opened.pop() == tag

    page = advise(resnet18(), (64, 64), name="a <b>")._repr_html_()
    Reader().feed(page)
    assert opened == []
    assert "a &lt;b&gt;" in page


def test_layers_come_in_the_order_of_running():
    layers, table = layer_costs(dcnn(), (32, 32))
    assert [layer.name for layer in layers] == [row.name for row in table.rows]


@pytest.mark.bad_input
def test_an_unknown_form_is_answered_with_the_nearest():
    with pytest.raises(UnknownName, match="did you mean 'separable'"):
        advise(dcnn(), (32, 32)).changes("seperable")


@pytest.mark.bad_input
def test_a_size_at_which_it_cannot_run_is_refused():
    with pytest.raises(BadShape):
        advise(dcnn(), (1, 1))
