"""The door of every network."""

from __future__ import annotations

import pytest
import torch

from saccade.errors import BadConfig, BadShape
from saccade.ops.images import check_counts, check_images, check_maps


def test_what_fits_passes() -> None:
    check_images(torch.zeros(2, 3, 32, 33), "net", in_channels=3, smallest=(32, 33))
    check_images(torch.zeros(0, 1, 1, 1, dtype=torch.bfloat16), "net", in_channels=1)
    check_maps(torch.zeros(2, 3, 4, 5), "net", maps=(4, 5), size=(8, 10))
    check_counts("net", num_classes=1, in_channels=1)


@pytest.mark.bad_input
@pytest.mark.parametrize(
    ("shape", "message"),
    [
        ((3, 64, 64), r"got images of shape \(3, 64, 64\); net takes \(batch, 3, height, width\); add images\[None\]"),
        ((64, 64), "stack images of one size"),
        ((2, 64, 64, 3), r"the channels come last here: use images.permute\(0, 3, 1, 2\)"),
        ((2, 1, 64, 64), r"repeat the grey channel: images.expand\(-1, 3, -1, -1\)"),
        ((2, 4, 64, 64), "make the network with in_channels=4"),
        ((2, 3, 64, 4), "got images of 64 × 4 pixels; net takes 8 × 9 or more; enlarge them"),
    ],
)
def test_each_misfit_has_its_own_cure(shape: tuple[int, ...], message: str) -> None:
    with pytest.raises(BadShape, match=message):
        check_images(torch.zeros(shape), "net", in_channels=3, smallest=(8, 9))


@pytest.mark.bad_input
def test_whole_numbers_are_no_images() -> None:
    with pytest.raises(BadShape, match=r"got images of torch.uint8; net takes floats in \[0, 1\]; use images.float"):
        check_images(torch.zeros(1, 3, 8, 8, dtype=torch.uint8), "net", in_channels=3)


@pytest.mark.bad_input
def test_maps_of_another_size_are_refused() -> None:
    with pytest.raises(BadShape, match="maps of 2 × 2 pixels; net was made for images of 32 × 32, which leave 4 × 4"):
        check_maps(torch.zeros(1, 8, 2, 2), "net", maps=(4, 4), size=(32, 32))


@pytest.mark.bad_input
def test_both_numbers_are_named_if_both_are_wrong() -> None:
    with pytest.raises(BadConfig, match="got num_classes='3' and in_channels=True; net takes whole numbers ≥ 1; give"):
        check_counts("net", num_classes="3", in_channels=True)  # pyright: ignore[reportArgumentType]


@pytest.mark.bad_input
def test_no_classes_are_refused() -> None:
    with pytest.raises(BadConfig, match="got num_classes=0; net takes a whole number ≥ 1"):
        check_counts("net", num_classes=0, in_channels=3)
