"""Every worked number of the course notes on sizes, parameters and cost; where they slip, the right one.

The slips E1 to E30 are told in docs/slips.md.
"""

from __future__ import annotations

import pytest

from saccade.ops.arithmetic import named_padding, output_size, same_padding
from saccade.ops.costs import convolution_macs, convolution_parameters, dense_macs, dense_parameters, flops
from saccade.ops.receptive_field import Window, receptive_fields
from saccade.ops.savings import bottleneck_macs, separable_macs, separable_ratio, stacked_weights

MAPS = (28, 28)
GOOGLENET, GOOGLENET_WITH_HEADS, VGG16 = 6_998_552, 13_378_280, 138_357_544
ALEXNET, SQUEEZENET = 60_965_224, 1_248_424
C3_CONNECTIONS = (3,) * 6 + (4,) * 9 + (6,)  # maps of S2 that each map of LeNet's C3 sees


def weights(channels: int, filters: int, kernel: int) -> int:
    return convolution_parameters(channels, filters, kernel, bias=False)


def test_a_valid_convolution_gives_n_minus_f_plus_1() -> None:
    assert output_size(6, 3) == 4


def test_padding_by_p_adds_2p() -> None:
    assert output_size(6, 3, padding=1) == 6
    assert [same_padding(kernel)[0] for kernel in (1, 3, 5, 7)] == [(kernel - 1) // 2 for kernel in (1, 3, 5, 7)]


def test_an_odd_total_is_split_into_ceil_and_floor() -> None:
    assert sorted(named_padding("same", 4)) == [3 // 2, -(-3 // 2)]


def test_a_window_of_2_with_stride_2_halves_the_size() -> None:
    assert [output_size(size, 2, stride=2) for size in (28, 14, 10)] == [14, 7, 5]


def test_global_pooling_turns_7_by_7_into_1_by_1() -> None:
    assert output_size(7, 7) == 1


def test_the_worked_network_goes_from_39_to_1960() -> None:
    first = output_size(39, 3)
    second = output_size(first, 5, stride=2)
    third = output_size(second, 5, stride=2)
    assert (first, second, third) == (37, 17, 7)
    assert third * third * 40 == 1960
    assert dense_macs(1960, 10) == 19_600


def test_a_filter_of_5_by_5_on_three_channels_has_75_weights() -> None:
    assert (weights(1, 1, 5), weights(3, 1, 5)) == (25, 75)


def test_ten_filters_of_3_by_3_by_3_have_280_parameters() -> None:
    assert convolution_parameters(3, 10, 3) == 3 * 3 * 3 * 10 + 10 == 280


def test_e1_a_dense_layer_on_3000_by_3000_by_3_has_27_billion_weights() -> None:
    assert dense_parameters(3000 * 3000 * 3, 1000, bias=False) == 27 * 10**9
    assert dense_parameters(3000 * 3000 * 3, 1000) == 27 * 10**9 + 1000


def test_e1_three_billion_is_the_case_of_1000_by_1000_by_3() -> None:
    assert dense_parameters(1000 * 1000 * 3, 1000, bias=False) == 3 * 10**9


def test_a_5_by_5_on_192_maps_costs_120_million() -> None:
    assert convolution_macs(192, 32, 5, output=MAPS) == 120_422_400
    assert flops(120_422_400) == 240_844_800


def test_through_a_bottleneck_it_costs_12_million() -> None:
    narrow, convolve = bottleneck_macs(192, 16, 32, 5, output=MAPS)
    assert (narrow, convolve, narrow + convolve) == (2_408_448, 10_035_200, 12_443_648)
    assert pytest.approx(0.897, abs=5e-4) == 1 - 12_443_648 / 120_422_400


def test_e6_a_separable_convolution_costs_one_over_its_output_filters_plus_one_over_f_squared() -> None:
    assert round(separable_ratio(512, 3), 4) == 0.1131
    assert round(separable_ratio(256, 3), 4) == 0.1150
    assert [round(1 / separable_ratio(filters, 3), 1) for filters in (512, 256)] == [8.8, 8.7]


@pytest.mark.parametrize("channels", [3, 64, 512])
def test_e6_the_input_channels_play_no_part(channels: int) -> None:
    share = sum(separable_macs(channels, 256, 3, output=MAPS)) / convolution_macs(channels, 256, 3, output=MAPS)
    assert share == pytest.approx(1 / 256 + 1 / 9, rel=1e-12)


def test_two_small_kernels_see_as_much_as_a_large_one_for_less() -> None:
    assert receptive_fields([Window(3), Window(3)])[-1].field == 5
    assert output_size(output_size(5, 3), 3) == 1
    assert stacked_weights(1, 5) == (18, 25)
    assert stacked_weights(64, 5) == (73_728, 102_400)


def test_three_small_kernels_see_as_much_as_a_7_by_7_for_less() -> None:
    assert receptive_fields([Window(3)] * 3)[-1].field == 7
    assert stacked_weights(1, 7) == (27, 49)
    assert stacked_weights(64, 7) == (110_592, 200_704)


def test_a_3_by_3_at_dilation_2_sees_5_by_5_with_9_weights() -> None:
    assert receptive_fields([Window(3, dilation=2)])[0].field == 5
    assert weights(1, 1, 3) == 9


def test_e3_lenet_5_has_60000_parameters_in_its_1998_form() -> None:
    c1, s2, s4 = convolution_parameters(1, 6, 5), 2 * 6, 2 * 16
    c3 = sum(25 * seen + 1 for seen in C3_CONNECTIONS)
    c5, f6 = convolution_parameters(16, 120, 5), dense_parameters(120, 84)
    assert (c1, s2, c3, s4, c5, f6) == (156, 12, 1516, 32, 48_120, 10_164)
    assert c1 + s2 + c3 + s4 + c5 + f6 == 60_000


def test_lenet_5_has_340908_connections_with_its_radial_basis_output() -> None:
    c1, s2 = 28 * 28 * 6 * (25 + 1), 14 * 14 * 6 * (4 + 1)
    c3, s4 = 10 * 10 * 1516, 5 * 5 * 16 * (4 + 1)
    connections = c1 + s2 + c3 + s4 + 48_120 + 10_164
    assert connections == 340_068
    assert connections + 84 * 10 == 340_908


def test_e23_alexnet_needs_227_pixels_for_its_55() -> None:
    assert output_size(227, 11, stride=4) == 55
    assert output_size(224, 11, stride=4) == 54
    assert 55 * 55 * 96 == 290_400


def test_e23_alexnets_units_sum_to_659272() -> None:
    units = [290_400, 27 * 27 * 256, 13 * 13 * 384, 13 * 13 * 384, 13 * 13 * 256, 4096, 4096, 1000]
    assert units[1:5] == [186_624, 64_896, 64_896, 43_264]
    assert sum(units) == 659_272


def test_e2_alexnet_learns_in_5_convolutions_and_3_dense_layers() -> None:
    convolutions = [
        convolution_parameters(3, 96, 11),
        convolution_parameters(96, 256, 5, groups=2),
        convolution_parameters(256, 384, 3),
        convolution_parameters(384, 384, 3, groups=2),
        convolution_parameters(384, 256, 3, groups=2),
    ]
    dense = [dense_parameters(6 * 6 * 256, 4096), dense_parameters(4096, 4096), dense_parameters(4096, 1000)]
    assert convolutions == [34_944, 307_456, 885_120, 663_936, 442_624]
    assert sum(convolutions) + sum(dense) == ALEXNET


def test_e19_googlenets_module_3a_has_163328_weights() -> None:
    branches = [
        weights(192, 64, 1),
        weights(192, 96, 1) + weights(96, 128, 3),
        weights(192, 16, 1) + weights(16, 32, 5),
        weights(192, 32, 1),
    ]
    assert sum(branches) == 163_328
    assert 64 + 128 + 32 + 32 == 256


def test_e4_googlenet_has_5_percent_of_vggs_parameters() -> None:
    assert round(100 * GOOGLENET / VGG16, 2) == 5.06


def test_e5_squeezenet_has_48_times_fewer_parameters_than_alexnet() -> None:
    assert round(ALEXNET / SQUEEZENET, 1) == 48.8


def test_e5_a_fire_module_expands_again() -> None:
    squeezed, expanded = 16, 64 + 64
    assert expanded > squeezed
    assert weights(96, 16, 1) + weights(16, 64, 1) + weights(16, 64, 3) < weights(96, 128, 3)
