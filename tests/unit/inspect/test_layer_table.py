"""The layer table of any module: rows that a hand can check, totals that PyTorch agrees with."""

from __future__ import annotations

import json
import resource
from html.parser import HTMLParser

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.utils.flop_counter import FlopCounterMode

from saccade.architectures.lenet import lenet5, lenet5_paper
from saccade.architectures.resnet import resnet50, resnet152
from saccade.architectures.resnet_cifar import resnet8
from saccade.errors import BadShape
from saccade.inspect.layer_table import layer_table
from saccade.inspect.layer_text import cells
from saccade.layers.normalised import Normalised


class Branches(nn.Module):
    """Reuse, an unused part, parameters of its own, a functional call, a constant, a dictionary of outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 3, padding=1)
        self.unused = nn.Linear(3, 4)
        self.scale = nn.Parameter(torch.ones(3, 1, 1), requires_grad=False)
        self.constant = torch.ones(5, 3, 1, 1)
        self.tied = nn.Conv2d(3, 3, 3)
        self.tied.weight = self.conv.weight

    def forward(self, images: Tensor) -> dict[str, object]:
        once = self.conv(images) * self.scale
        twice = self.conv(once + torch.arange(3)[:, None, None])
        return {"five": F.conv2d(twice, self.constant), "more": [self.tied(twice), once]}


def test_the_rows_of_lenet5_are_those_of_the_paper() -> None:
    table = layer_table(lenet5_paper(), (32, 32))
    counts = {row.name: row.parameters for row in table.rows if row.parameters}
    c3 = sum(count for name, count in counts.items() if name.startswith("c3."))
    assert [counts["c1"], counts["s2"], c3, counts["s4"], counts["c5"], counts["f6"]] == [
        156, 12, 1_516, 32, 48_120, 10_164,
    ]  # fmt: skip
    assert (table.parameters, table.trainable) == (60_000, 60_000)
    shapes = {row.name: row.outputs[0][1:] for row in table.rows}
    assert (shapes["c1"], shapes["s2"], shapes["s4"]) == ((6, 28, 28), (6, 14, 14), (16, 5, 5))
    assert (shapes["c5"], shapes["f6"], shapes["output"]) == ((120, 1, 1), (84,), (10,))


def test_branches_reuse_and_functional_calls_are_all_there() -> None:
    table = layer_table(Branches(), (4, 5))
    assert [(row.name, row.kind, row.parameters, row.trainable, row.macs, row.again) for row in table.rows] == [
        ("", "Branches", 3, 0, 5 * 3 * 20, False),
        ("conv", "Conv2d", 84, 84, 81 * 20, False),
        ("conv", "Conv2d", 0, 0, 81 * 20, True),
        ("tied", "Conv2d", 3, 3, 81 * 6, False),
        ("unused", "Linear", 16, 16, 0, False),
    ]
    assert table.rows[0].outputs == ((1, 5, 4, 5), (1, 3, 2, 3), (1, 3, 4, 5))
    assert table.rows[-1].outputs == ()
    assert table.parameters == sum(weight.numel() for weight in Branches().parameters()) == 106


def test_totals_are_those_of_pytorch() -> None:
    network, images = Branches(), torch.rand(1, 3, 8, 9)
    with FlopCounterMode(display=False) as counter:
        network(images)
    assert 2 * layer_table(network, (8, 9)).macs == counter.get_total_flops()


def test_nothing_of_the_module_is_changed() -> None:
    network = resnet8().train()
    network.layer1.eval()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    flags = [part.training for part in network.modules()]
    layer_table(network, (8, 8))
    assert flags == [part.training for part in network.modules()]
    assert all(torch.equal(value, before[name]) for name, value in network.state_dict().items())
    assert not any(part._forward_hooks or part._forward_pre_hooks for part in network.modules())
    assert type(network.conv1.weight) is nn.Parameter
    assert type(network(torch.rand(2, 3, 8, 8))) is Tensor


def test_activations_are_not_allocated() -> None:
    network = resnet50()
    layer_table(network, (32, 32))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    table = layer_table(network, (4096, 4096))
    grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) / 1024
    assert table.rows[0].outputs == ((1, 64, 2048, 2048),)
    assert grown < 100  # MiB; the first map alone has 1,024


def test_resnet152_has_the_published_counts() -> None:
    with torch.device("meta"):
        table = layer_table(resnet152(), (224, 224))
    assert (table.parameters, table.macs) == (60_192_808, 11_513_626_624)


def test_channels_are_found_or_given() -> None:
    assert layer_table(lenet5(), (32, 32)).shape == (1, 1, 32, 32)
    assert layer_table(Normalised(lenet5(in_channels=4), [0.5] * 4, [0.5] * 4), (32, 32)).shape == (1, 4, 32, 32)
    assert layer_table(nn.Flatten(), (2, 3), in_channels=2).rows[0].outputs == ((1, 12),)
    assert layer_table(nn.Flatten(), (2, 3)).rows[0].outputs == ((1, 18),)


def test_a_frozen_part_is_shown_as_such() -> None:
    network = lenet5()
    network.c1.requires_grad_(False)
    network.c3.weight.requires_grad_(False)
    table = layer_table(network, (32, 32))
    assert [cells(row)["trains"] for row in table.rows if row.parameters][:3] == ["no", "16", "yes"]
    assert table.to_text().splitlines()[0].split()[4] == "trains"
    assert table.trainable == 61_706 - 156 - 2_400


def test_text_has_columns_and_totals() -> None:
    lines = layer_table(nn.Sequential(nn.Conv2d(3, 10, 3), nn.ReLU()), (39, 39)).to_text().splitlines()
    assert lines == [
        "layer  kind      output  parameters     MACs    FLOPs    weights      makes  field  jump  start",
        "0      Conv2d  10×37×37         280  369.6 K  739.3 K  1.094 KiB  53.48 KiB      3     1    1.5",
        "1      ReLU    10×37×37           –        –        –          –  53.48 KiB      3     1    1.5",
        "",
        "Sequential: 280 parameters (280 trainable)",
        "369,630 multiply-adds (739,260 FLOPs) for 1 × 3 × 39 × 39",
        "memory: weights 1.094 KiB",
        # image 39 · 39 · 3, and twice 37 · 37 · 10, of 4 bytes
        "inference: activations 124.8 KiB at most at once (1); with weights 125.9 KiB",
    ]


def test_text_of_a_residual_network_fits_in_120_columns() -> None:
    with torch.device("meta"):
        network = resnet152()
    assert max(map(len, layer_table(network, (224, 224)).to_text().splitlines())) <= 120


def test_rows_are_summed_up_to_a_depth() -> None:
    table = layer_table(Normalised(resnet8(), [0.5] * 3, [0.25] * 3), (32, 32))
    rows = table.at_depth(1)
    assert table.wrapper == "network."
    assert [row.name.removeprefix("network.") for row in rows if row.name] == [
        "conv1", "bn1", "relu", "layer1", "layer2", "layer3", "avgpool", "linear",
    ]  # fmt: skip
    assert sum(row.parameters for row in rows) == table.parameters
    assert sum(row.macs for row in rows) == table.macs
    assert sum(row.activation_bytes for row in rows) == table.activation_bytes
    last = next(row for row in rows if row.name == "network.layer3")
    assert (last.kind, last.outputs) == ("Sequential", ((1, 64, 8, 8),))
    assert table.at_depth(9) == table.rows


def test_html_is_well_formed_and_escaped() -> None:
    class Cells(HTMLParser):
        found: list[str]

        def handle_data(self, data: str) -> None:
            self.found.append(data)

    network = nn.Sequential()
    network.add_module("<img>", nn.Conv2d(3, 10, 3))
    text = layer_table(network, (5, 5)).to_html()
    cells = Cells()
    cells.found = []
    cells.feed(text)
    assert "<img>" in cells.found
    assert "&lt;img&gt;" in text
    assert text.count("<tr>") == text.count("</tr>") == 2
    assert "280" in cells.found


def test_data_are_plain() -> None:
    table = layer_table(Branches(), (4, 5))
    data = json.loads(json.dumps(table.to_dict()))
    assert (data["network"], data["parameters"], data["macs"], data["flops"]) == (
        "Branches",
        106,
        table.macs,
        2 * table.macs,
    )
    assert data["rows"][1] == {
        "name": "conv", "kind": "Conv2d", "outputs": [[1, 3, 4, 5]], "parameters": 84, "trainable": 84,
        "macs": 1620, "again": False, "weight_bytes": 336, "activation_bytes": 240, "flops": 3240,
        "fields": [{side: {"kind": "window", "field": 3, "jump": 1, "start": 0.5} for side in ("height", "width")}],
    }  # fmt: skip
    assert data["memory"]["weights"] == 4 * 106


class Looks(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.bright, self.dark = nn.Conv2d(3, 2, 3), nn.Conv2d(3, 5, 3)

    def forward(self, images: Tensor) -> Tensor:
        return self.bright(images) if images.sum() > 0 else self.dark(images)


def test_a_way_that_depends_on_the_content_is_that_of_a_black_image() -> None:
    table = layer_table(Looks(), (4, 4))
    assert [(row.name, row.outputs) for row in table.rows if row.name] == [
        ("dark", ((1, 5, 2, 2),)), ("bright", ()),
    ]  # fmt: skip
    assert (table.content, table.macs) == ("zeros", 5 * 27 * 4)
    assert "depends on what it sees" in table.to_text()


class Attends(nn.Module):
    """Tokens, a class token, attention by two ways, several outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.patches, self.token = nn.Conv2d(3, 8, 4, 4), nn.Parameter(torch.zeros(1, 1, 8))
        self.encoder = nn.TransformerEncoderLayer(8, 2, 16, batch_first=True)

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        tokens = self.patches(images).flatten(2).transpose(1, 2)
        joined = torch.cat([self.token.expand(len(tokens), -1, -1), tokens], 1)
        return tokens, joined, self.encoder(joined)[:, 0]


def test_attention_is_counted_on_every_device() -> None:
    # patches 64·48·8; in 3·8·8·65, out 8·8·65, scores and values 2·65·65·8, two dense layers 2·8·16·65
    macs = 64 * 48 * 8 + 4 * 64 * 65 + 2 * 65 * 65 * 8 + 2 * 128 * 65
    assert layer_table(Attends(), (32, 32)).macs == macs
    with torch.device("meta"):
        assert layer_table(Attends(), (32, 32)).macs == macs


def test_half_precision_takes_half_the_memory() -> None:
    whole, half = layer_table(Attends(), (32, 32)), layer_table(Attends().bfloat16(), (32, 32))
    assert 2 * half.rows[1].activation_bytes == whole.rows[1].activation_bytes == 4 * 8 * 64
    assert 2 * sum(row.weight_bytes for row in half.rows) == sum(row.weight_bytes for row in whole.rows)


def test_costs_on_the_meta_device_are_those_on_a_real_one() -> None:
    with torch.device("meta"):
        light = layer_table(resnet8(), (32, 32))
    heavy = layer_table(resnet8(), (32, 32))
    assert light.rows == heavy.rows
    assert light.memory == heavy.memory


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("network", "message"),
    [
        (
            nn.Conv2d(3, 3, 9),
            r"got a Conv2d that does not run on images of shape \(1, 3, 4, 4\) without content \(.*Kernel",
        ),
        (nn.Linear(3, 3), "got a Linear that does not run on images"),
        (nn.Bilinear(2, 2, 2), "got a Bilinear that does not run on images"),
    ],
)
def test_what_does_not_run_is_refused_in_words_alone(
    network: nn.Module, message: str, capfd: pytest.CaptureFixture[str]
) -> None:
    flags = [part.training for part in network.modules()]
    with pytest.raises(BadShape, match=message):
        layer_table(network, (4, 4))
    assert flags == [part.training for part in network.modules()]
    assert not network._forward_hooks
    assert capfd.readouterr().err == ""


@pytest.mark.bad_input
def test_our_own_refusals_come_through() -> None:
    with pytest.raises(BadShape, match="lenet5 takes 32 × 32 or more"):
        layer_table(lenet5(), (31, 32))
    with pytest.raises(BadShape, match=r"got size=\(0, 4\), 1 channels"):
        layer_table(lenet5(), (0, 4))
