"""Intersection over union and suppression against what the reference library gave."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from saccade.ops.boxes import area, iou
from saccade.ops.nms import nms


def recorded(oracle: Path, name: str) -> dict[str, Tensor]:
    with np.load(oracle / "ops" / f"{name}.npz") as arrays:
        return {key: torch.from_numpy(arrays[key]) for key in arrays}


def test_the_iou_of_every_pair_is_the_reference_librarys(saccade_oracle: Path) -> None:
    record = recorded(saccade_oracle, "box_iou")
    torch.testing.assert_close(iou(record["boxes1"], record["boxes2"]), record["iou"], rtol=0, atol=1e-7)
    torch.testing.assert_close(area(record["boxes1"]), record["area1"])


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_the_same_of_two_hundred_boxes_are_kept_in_the_same_order(saccade_oracle: Path, threshold: float) -> None:
    record = recorded(saccade_oracle, "nms")
    kept = nms(record["boxes"], record["scores"], iou_threshold=threshold, confidence_threshold=0)
    assert torch.equal(kept, record[f"keep_{threshold}"])


@pytest.mark.parametrize("threshold", [0.25, 0.5])
def test_an_overlap_at_the_threshold_itself_is_treated_alike(saccade_oracle: Path, threshold: float) -> None:
    record = recorded(saccade_oracle, "nms")
    kept = nms(record["exact_boxes"], record["exact_scores"], iou_threshold=threshold, confidence_threshold=0)
    assert torch.equal(kept, record[f"exact_keep_{threshold}"])
