"""Pooling over regions against what the reference library's compiled kernels gave."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from saccade.ops.roi_align import multilevel_roi_align, roi_align
from saccade.ops.roi_pooling import roi_pool
from saccade.ops.rois import levels_of_boxes

SIZES = {"7x7": (7, 7), "3x2": (3, 2)}


def recorded(oracle: Path, name: str) -> dict[str, Tensor]:
    with np.load(oracle / "ops" / f"{name}.npz") as arrays:
        return {key: torch.from_numpy(arrays[key]) for key in arrays}


def by_image(rois: Tensor) -> tuple[list[Tensor], Tensor]:
    """The boxes of each image, and where in the record each of them stood."""
    order = rois[:, 0].argsort(stable=True)
    return [rois[rois[:, 0] == image, 1:] for image in (0, 1)], order


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("aligned", [False, True])
@pytest.mark.parametrize("ratio", [0, 2])
@pytest.mark.parametrize("size", SIZES)
def test_roi_align_is_the_kernels(saccade_oracle: Path, number: int, aligned: bool, ratio: int, size: str) -> None:
    record = recorded(saccade_oracle, "roi_align")
    boxes, order = by_image(record[f"rois_s{number}"])
    found = roi_align(
        record["input"],
        boxes,
        output_size=SIZES[size],
        scale=float(record[f"scale_s{number}"]),
        sampling_ratio=ratio or None,
        aligned=aligned,
    )
    told = record[f"out_s{number}_aligned{int(aligned)}_sr{ratio}_{size}"]
    torch.testing.assert_close(found, told[order], rtol=0, atol=1e-5)


def test_the_gradient_of_roi_align_is_the_kernels(saccade_oracle: Path) -> None:
    record = recorded(saccade_oracle, "roi_align")
    boxes, order = by_image(record["rois_s1"])
    features = record["input"].clone().requires_grad_()
    roi_align(features, boxes, output_size=7, scale=float(record["scale_s1"])).backward(record["grad_out_s1"][order])
    assert features.grad is not None
    torch.testing.assert_close(features.grad, record["grad_in_s1_aligned0_sr2_7x7"], rtol=0, atol=2e-5)


@pytest.mark.parametrize("number", [0, 1, 2])
@pytest.mark.parametrize("size", SIZES)
def test_roi_pool_is_the_kernels_to_the_bit(saccade_oracle: Path, number: int, size: str) -> None:
    record = recorded(saccade_oracle, "roi_pool")
    boxes, order = by_image(record[f"rois_s{number}"])
    found = roi_pool(record["input"], boxes, output_size=SIZES[size], scale=float(record[f"scale_s{number}"]))
    assert torch.equal(found, record[f"out_s{number}_{size}"][order])


def test_the_gradient_of_roi_pool_is_the_kernels(saccade_oracle: Path) -> None:
    record = recorded(saccade_oracle, "roi_pool")
    boxes, order = by_image(record["rois_s1"])
    features = record["input"].clone().requires_grad_()
    roi_pool(features, boxes, output_size=7, scale=float(record["scale_s1"])).backward(record["grad_out_s1"][order])
    assert features.grad is not None
    torch.testing.assert_close(features.grad, record["grad_in_s1_7x7"], rtol=0, atol=1e-5)


def test_regions_are_read_from_the_same_levels_and_give_the_same(saccade_oracle: Path) -> None:
    record = recorded(saccade_oracle, "multiscale_roi_align")
    boxes = [record["boxes0"], record["boxes1"]]
    assert torch.equal(levels_of_boxes(torch.cat(boxes)) - 2, record["levels"])
    found = multilevel_roi_align([record[f"feat{level}"] for level in range(4)], boxes, strides=(4, 8, 16, 32))
    torch.testing.assert_close(found, record["out"], rtol=0, atol=1e-5)
