"""Receptive fields of chains: small ones by hand, famous ones against what is published."""

from __future__ import annotations

import pytest

from saccade.errors import BadShape
from saccade.ops.receptive_field import Field, Window, receptive_fields

ALEXNET = [
    Window(11, 4), Window(3, 2), Window(5, 1, 2), Window(3, 2),
    Window(3, 1, 1), Window(3, 1, 1), Window(3, 1, 1), Window(3, 2),
]  # fmt: skip
VGG16 = [window for count in (2, 2, 3, 3, 3) for window in (*[Window(3, 1, 1)] * count, Window(2, 2))]
STEM = [Window(7, 2, 3), Window(3, 2, 1)]


def field(windows: list[Window]) -> int:
    return receptive_fields(windows)[-1].field


def resnet(*, blocks: tuple[int, ...], stride_in_1x1: bool) -> list[Window]:
    """The longest way through a ResNet of bottlenecks."""
    windows = list(STEM)
    for stage, count in enumerate(blocks):
        for block in range(count):
            step = 2 if stage and not block else 1
            first, second = (step, 1) if stride_in_1x1 else (1, step)
            windows += [Window(1, first), Window(3, second, 1), Window(1)]
    return windows


def test_small_kernels_see_as_much_as_a_large_one() -> None:
    assert field([Window(3)] * 2) == field([Window(5)]) == 5
    assert field([Window(3)] * 3) == field([Window(7)]) == 7


def test_a_dilated_kernel_sees_5_pixels_with_3_taps() -> None:
    assert field([Window(3, dilation=2)]) == 5


def test_jump_and_start_by_hand() -> None:
    first, second = receptive_fields([Window(3, 2, 1), Window(2, 2)], size=8)
    assert first == Field(size=4, field=3, jump=2, start=0.5, rim=(1, 0))
    assert second == Field(size=2, field=5, jump=4, start=1.5, rim=(1, 0))


def test_the_unit_of_an_uneven_padding_looks_further_to_the_end() -> None:
    (even,) = receptive_fields([Window(4, 1, (1, 2))], size=6)
    assert even == Field(size=6, field=4, jump=1, start=1.0, rim=(1, 2))


def test_without_a_size_what_needs_it_is_not_known() -> None:
    (only,) = receptive_fields([Window(3, 1, 1)])
    assert (only.size, only.rim) == (None, (1, None))


def test_no_more_units_are_in_the_rim_than_there_are() -> None:
    assert receptive_fields([Window(9, 1, 4)], size=3)[0].rim == (3, 3)


def test_alexnet_sees_195_pixels() -> None:
    last = receptive_fields(ALEXNET, size=227)[-1]
    assert (last.field, last.jump, last.size) == (195, 32, 6)


def test_vgg_16_sees_212_pixels_in_steps_of_32_with_a_padding_of_90() -> None:
    last = receptive_fields(VGG16, size=224)[-1]
    assert (last.field, last.jump, last.size) == (212, 32, 7)
    assert last.field / 2 - last.start == 90


@pytest.mark.parametrize(
    ("blocks", "stride_in_1x1", "expected"),
    [((3, 4, 6, 3), True, 483), ((3, 4, 6, 3), False, 427), ((3, 4, 23, 3), True, 1027)],
    ids=["resnet50 of the paper", "resnet50 of today", "resnet101 of the paper"],
)
def test_resnets_see_what_is_published(blocks: tuple[int, ...], stride_in_1x1: bool, expected: int) -> None:
    assert field(resnet(blocks=blocks, stride_in_1x1=stride_in_1x1)) == expected


def test_mobilenet_v1_sees_315_pixels() -> None:
    strides = (1, 2, 1, 2, 1, 2, 1, 1, 1, 1, 1, 2, 1)
    assert field([Window(3, 2, 1), *(Window(3, stride, 1) for stride in strides)]) == 315


@pytest.mark.bad_input
def test_a_window_that_does_not_fit_and_numbers_out_of_range_are_refused() -> None:
    with pytest.raises(BadShape, match="covers 5 pixels"):
        receptive_fields([Window(3), Window(5)], size=6)
    with pytest.raises(BadShape, match="stride 0"):
        receptive_fields([Window(3, 0)])
