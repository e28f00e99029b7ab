"""What a line gives and costs: famous networks as lines, with the published counts, and small things by hand."""

from __future__ import annotations

import math

import pytest
import torch

from saccade.architectures.dcnn import dcnn
from saccade.errors import BadConfig, BadShape
from saccade.layers.line_arithmetic import line_table
from saccade.layers.line_table import cost_ratios
from saccade.ops.receptive_field import Field

ALEXNET = (
    "conv 96 11 stride 4 valid, pool 3 stride 2, conv 256 5 groups 2, pool 3 stride 2, conv 384 3, "
    "conv 384 3 groups 2, conv 256 3 groups 2, pool 3 stride 2, dense 4096, dense 4096, dense 1000"
)
VGG16 = (
    "[conv 64 3] x2, pool 2, [conv 128 3] x2, pool 2, [conv 256 3] x3, pool 2, [[conv 512 3] x3, pool 2] x2, "
    "[dense 4096] x2, dense 1000"
)
LENET = "conv 6 5 valid, pool 2, conv 16 5 valid, pool 2, dense 120, dense 84, dense 10"
WORKED = "conv 10 3 valid, conv 20 5 stride 2 valid, conv 40 5 stride 2 valid, flatten, dense 10"


def separable(channels: int, filters: int, stride: int) -> str:
    return f"conv {channels} 3 stride {stride} groups {channels} norm, conv {filters} 1 norm"


MOBILENET = ", ".join(
    [
        "conv 32 3 stride 2 norm", separable(32, 64, 1), separable(64, 128, 2), separable(128, 128, 1),
        separable(128, 256, 2), separable(256, 256, 1), separable(256, 512, 2), *[separable(512, 512, 1)] * 5,
        separable(512, 1024, 2), separable(1024, 1024, 1), "gap", "dense 1000",
    ]
)  # fmt: skip


@pytest.mark.parametrize(
    ("line", "shape", "parameters", "macs"),
    [
        (ALEXNET, (227, 227, 3), 60_965_224, 724_406_816),
        (VGG16, (224, 224, 3), 138_357_544, 15_470_264_320),
        (MOBILENET, (224, 224, 3), 4_231_976, 568_740_352),
        (
            "conv 6 5 valid, pool 2, conv 16 5 valid, pool 2, dense 120, dense 84, dense 10",
            (32, 32, 1),
            61_706,
            416_520,
        ),
    ],
    ids=["AlexNet", "VGG-16", "MobileNet v1", "LeNet-5 of today"],
)
def test_a_famous_network_as_a_line_has_its_published_counts(
    line: str, shape: tuple[int, int, int], parameters: int, macs: int
) -> None:
    table = line_table(line, shape)
    assert (table.parameters, table.macs, table.flops) == (parameters, macs, 2 * macs)


def test_the_worked_network_of_the_notes() -> None:
    table = line_table(WORKED, (39, 39, 3))
    assert [row.shape for row in table.rows] == [(37, 37, 10), (17, 17, 20), (7, 7, 40), (1960,), (10,)]
    assert table.rows[0].size_formulas == ("floor((39 + 0 − 3) / 1) + 1 = 37",)
    assert table.rows[0].parameter_formula == "3·3·3·10 + 10 = 280"
    assert table.rows[3].size_formulas == ("7·7·40 = 1960",)


def test_the_bottleneck_of_the_notes() -> None:
    wide = line_table("conv 32 5", (28, 28, 192))
    narrow = line_table("conv 16 1, conv 32 5", (28, 28, 192))
    assert wide.macs == 120_422_400
    assert [row.macs for row in narrow.rows] == [2_408_448, 10_035_200]
    assert narrow.rows[1].macs_formula == "(28·28·32)·(5·5·16)"
    assert cost_ratios(narrow, wide)["macs"] == 12_443_648 / 120_422_400


def test_a_layer_too_large_to_be_made_is_counted_all_the_same() -> None:
    table = line_table("dense 1000", (3000, 3000, 3))
    assert (table.parameters, table.macs) == (27_000_001_000, 27_000_000_000)
    assert table.rows[0].parameter_formula == "(3000·3000·3)·1000 + 1000 = 27,000,001,000"


def test_height_and_width_are_told_apart_where_they_differ() -> None:
    (row,) = line_table("conv 8 3x4 stride 2", (9, 12, 1)).rows
    assert row.size_formulas == ("floor((9 + 2·1 − 3) / 2) + 1 = 5", "floor((12 + 1 + 2 − 4) / 2) + 1 = 6")
    assert row.fields == (Field(5, 3, 2, 0.5, (1, 1)), Field(6, 4, 2, 1.0, (1, 1)))
    assert row.output == "5 × 6 × 8"


def test_a_dense_layer_and_a_global_average_see_everything() -> None:
    for line in ("conv 4 3, dense 2", "conv 4 3, gap", "conv 4 3, flatten, dense 2", "conv 4 3, gap, dense 2"):
        high, wide = line_table(line, (5, 7, 1)).rows[-1].fields
        assert (high.field, wide.field) == (7, 9)


def test_a_norm_replaces_biases_by_scales_and_shifts() -> None:
    merged, apart = line_table("conv 4 3 norm", (5, 5, 2)), line_table("pool 1, norm, gap, norm", (5, 5, 2))
    assert merged.parameters == 9 * 2 * 4 + 2 * 4
    assert merged.rows[0].activations == 2 * 5 * 5 * 4
    assert [row.parameters for row in apart.rows] == [0, 4, 0, 4]


def test_words_that_came_after_a_layer_are_told_with_it() -> None:
    assert [row.layer for row in line_table("conv 4 3, batchnorm, tanh, conv 4 3 norm relu", (5, 5, 2)).rows] == [
        "conv 4 3 norm tanh",
        "conv 4 3 norm relu",
    ]


def test_activations_are_what_autograd_keeps() -> None:
    """The last output alone is not kept by the network itself, but by the loss after it."""
    line, shape = "conv 8 3, conv 4 3 norm, avgpool 2, conv 8 3 tanh, gap, dense 5 relu, dense 3", (16, 12, 3)
    network = dcnn(line, size=shape[:2])
    own = {parameter.data_ptr() for parameter in network.parameters()}
    kept: dict[int, int] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        if tensor.data_ptr() not in own and tensor.numel() > 4:  # the norm keeps its four means and deviations too
            kept[tensor.data_ptr()] = tensor.numel()
        return tensor

    images = torch.rand(1, 3, 16, 12)
    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        network(images)
    assert line_table(line, shape).activations == sum(kept.values()) + 3


def test_memory_in_use_is_the_weights_and_the_largest_step() -> None:
    table = line_table("conv 8 3, pool 2", (4, 4, 3))
    assert table.inference_bytes(batch_size=2) == 4 * (8 * 28 + 2 * (48 + 128))
    assert table.activation_bytes == 4 * (48 + 128 + 32)
    training = table.training_memory(batch_size=2, optimizer="momentum")
    assert training.total == 4 * (3 * 8 * 28 + 2 * (48 + 128 + 32))


def test_a_table_is_plain_values() -> None:
    values = line_table("conv 8 3, gap", (4, 4, 3)).to_dict()
    assert values["input"] == [4, 4, 3]
    assert values["layers"][0]["receptive_field"]["width"] == {
        "size": 4, "field": 3, "jump": 1, "start": 0.5, "rim": (1, 1),
    }  # fmt: skip
    assert (values["macs"], values["flops"]) == (16 * 27 * 8, 2 * 16 * 27 * 8)


def test_against_a_line_that_costs_nothing_every_cost_is_infinite() -> None:
    ratios = cost_ratios(line_table("conv 3 3", (4, 4, 3)), line_table("pool 2", (4, 4, 3)))
    assert ratios["macs"] == math.inf
    assert cost_ratios(line_table("pool 2", (4, 4, 3)), line_table("pool 2", (4, 4, 3)))["macs"] == 1


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("conv 8 3 valid, conv 8 5 valid", r"got item 2, 'conv 8 5 valid', on 3 × 3 × 8: a kernel that covers 5"),
        ("pool 9", "got item 1, 'pool 9', on 5 × 5 × 3: a kernel that covers 9"),
        ("conv 8 3 groups 2", "got item 1, 'conv 8 3 groups 2', on 5 × 5 × 3: 3 channels in, 8 out, 2 groups"),
    ],
)
def test_what_does_not_fit_is_named(line: str, message: str) -> None:
    with pytest.raises(BadShape, match=message):
        line_table(line, (5, 5, 3))


@pytest.mark.bad_input
def test_a_line_or_shape_that_means_nothing_is_refused() -> None:
    with pytest.raises(BadConfig, match="'cnv'"):
        line_table("cnv 8 3", (5, 5, 3))
    with pytest.raises(BadConfig, match="got nothing as item 1"):
        line_table("", (5, 5, 3))
    with pytest.raises(BadShape, match="height, width, channels"):
        line_table("conv 8 3", (5, 0, 3))
