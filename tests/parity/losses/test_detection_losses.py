"""The losses of detectors against what the reference library gave, values and gradients."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from saccade.losses.box_overlap import box_overlap_loss
from saccade.losses.focal import sigmoid_focal_loss


def recorded(oracle: Path, name: str) -> dict[str, Tensor]:
    with np.load(oracle / "ops" / f"{name}.npz") as arrays:
        return {key: torch.from_numpy(arrays[key]) for key in arrays}


@pytest.mark.parametrize("kind", ["giou", "diou", "ciou"])
def test_the_loss_of_overlaps_is_the_reference_librarys(saccade_oracle: Path, kind: str) -> None:
    record = recorded(saccade_oracle, "box_iou")
    boxes = record["boxes1"].clone().requires_grad_()
    losses = box_overlap_loss(boxes, record["boxes2"][: len(boxes)], kind=kind, reduction="none")
    torch.testing.assert_close(losses, record[f"{kind}_loss"], rtol=0, atol=3e-6)
    losses.sum().backward()
    assert boxes.grad is not None
    torch.testing.assert_close(boxes.grad, record[f"{kind}_loss_grad"], rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize(("alpha", "gamma"), [(0.25, 2.0), (None, 2.0), (0.25, 0.0), (0.75, 1.5)])
def test_the_focal_loss_is_the_reference_librarys(saccade_oracle: Path, alpha: float | None, gamma: float) -> None:
    record = recorded(saccade_oracle, "sigmoid_focal_loss")
    name = f"a{-1 if alpha is None else alpha}_g{gamma}"
    logits, settings = record["logits"].clone().requires_grad_(), {"alpha": alpha, "gamma": gamma}
    losses = sigmoid_focal_loss(logits, record["targets"], **settings, reduction="none")
    torch.testing.assert_close(losses, record[f"loss_{name}"], rtol=2e-5, atol=1e-7)
    losses.sum().backward()
    assert logits.grad is not None
    torch.testing.assert_close(logits.grad, record[f"grad_{name}"], rtol=1e-4, atol=1e-6)
    for reduction in ("sum", "mean"):
        total = sigmoid_focal_loss(logits, record["targets"], **settings, reduction=reduction)
        torch.testing.assert_close(total, record[f"{reduction}_{name}"], rtol=1e-5, atol=0)
