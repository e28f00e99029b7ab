"""What detectors are made of against what the reference library gave: forms, codes, anchors, matches, suppression."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from saccade.ops.anchors import SSD300, anchor_shapes, default_boxes, grid_anchors
from saccade.ops.box_coding import decode_boxes, encode_boxes
from saccade.ops.box_formats import clip_boxes, large_boxes, normalise_boxes, xyxy_to_cxcywh, xyxy_to_xywh
from saccade.ops.box_overlaps import ciou, diou, giou
from saccade.ops.matching import match_anchors, match_default_boxes
from saccade.ops.suppression import suppress, suppress_by_class


def recorded(oracle: Path, name: str) -> dict[str, Tensor]:
    with np.load(oracle / "ops" / f"{name}.npz") as arrays:
        return {key: torch.from_numpy(arrays[key]) for key in arrays}


def test_the_forms_of_boxes_are_the_reference_librarys(saccade_oracle: Path) -> None:
    record = recorded(saccade_oracle, "box_iou")
    boxes = record["boxes1"]
    assert torch.equal(xyxy_to_xywh(boxes), record["xywh1"])
    assert torch.equal(xyxy_to_cxcywh(boxes), record["cxcywh1"])
    assert torch.equal(clip_boxes(boxes, (40, 50)), record["clipped1_40x50"])
    assert torch.equal(large_boxes(boxes, 30), record["keep_small1_30"])


def test_the_overlaps_of_every_pair_are_the_reference_librarys(saccade_oracle: Path) -> None:
    record = recorded(saccade_oracle, "box_iou")
    for name, measure in (("giou", giou), ("diou", diou), ("ciou", ciou)):
        torch.testing.assert_close(measure(record["boxes1"], record["boxes2"]), record[name], rtol=0, atol=2e-6)


@pytest.mark.parametrize("weights", [(1.0, 1.0, 1.0, 1.0), (10.0, 10.0, 5.0, 5.0)])
def test_codes_of_boxes_are_the_reference_librarys(saccade_oracle: Path, weights: tuple[float, ...]) -> None:
    record, name = recorded(saccade_oracle, "box_coder"), "_".join(f"{value:g}" for value in weights)
    name = "1111" if weights[0] == 1 else name
    encoded = encode_boxes(record["gt"], record["proposals"], weights=weights)
    torch.testing.assert_close(encoded, record[f"encoded_{name}"], rtol=2e-6, atol=2e-6)
    decoded = decode_boxes(record["deltas"].reshape(50, 3, 4), record["proposals"], weights=weights)
    torch.testing.assert_close(decoded.reshape(50, 12), record[f"decoded_{name}"], rtol=2e-6, atol=2e-5)


@pytest.mark.parametrize(
    ("name", "sizes"),
    [
        ("fasterrcnn_fpn", [[32], [64], [128], [256], [512]]),
        ("retinanet", [[size, int(size * 2 ** (1 / 3)), int(size * 2 ** (2 / 3))] for size in (32, 64, 128, 256, 512)]),
        ("c4", [[32, 64, 128, 256, 512]]),
    ],
)
def test_anchors_on_grids_are_the_reference_librarys(saccade_oracle: Path, name: str, sizes: list[list[int]]) -> None:
    record = recorded(saccade_oracle, f"anchors_{name}")
    shapes = [anchor_shapes(level) for level in sizes]
    for number, shape in enumerate(shapes):
        assert torch.equal(shape, record[f"cell{number}"])
    maps, strides = (list(map(tuple, record[key].tolist())) for key in ("feature_sizes", "strides"))
    levels = grid_anchors(shapes, maps, strides)
    assert [len(level) for level in levels] == record["per_level"].tolist()
    assert torch.equal(torch.cat(levels), record["anchors"])


def test_the_default_boxes_of_ssd_are_the_reference_librarys(saccade_oracle: Path) -> None:
    record = recorded(saccade_oracle, "ssd300_default_boxes")
    boxes = default_boxes(SSD300, [(side, side) for side, _ in record["feature_sizes"].tolist()], (300, 300))
    torch.testing.assert_close(boxes, record["xyxy_pixels"], rtol=0, atol=5e-5)
    shares = normalise_boxes(xyxy_to_cxcywh(boxes), (300, 300))
    torch.testing.assert_close(shares, record["cxcywh_normalised"], rtol=0, atol=2e-7)


def test_matches_are_the_reference_librarys(saccade_oracle: Path) -> None:
    record = recorded(saccade_oracle, "matcher")
    overlaps = record["quality"]
    for name, below, above, low in (("7_3_low", 0.3, 0.7, True), ("5_5", 0.5, 0.5, False), ("5_4_low", 0.4, 0.5, True)):
        matches = match_anchors(overlaps, background_below=below, object_from=above, allow_low_quality=low)
        assert torch.equal(matches, record[f"m_{name}"])
    assert torch.equal(match_default_boxes(overlaps), record["ssd_0_5"])


@pytest.mark.parametrize("threshold", [0.1, 0.3, 0.5, 0.7, 0.9])
def test_fast_suppression_keeps_what_the_reference_library_keeps(saccade_oracle: Path, threshold: float) -> None:
    record = recorded(saccade_oracle, "nms")
    assert torch.equal(suppress(record["boxes"], record["scores"], threshold), record[f"keep_{threshold}"])


@pytest.mark.parametrize("threshold", [0.25, 0.5])
def test_fast_suppression_treats_an_overlap_at_the_threshold_alike(saccade_oracle: Path, threshold: float) -> None:
    record = recorded(saccade_oracle, "nms")
    kept = suppress(record["exact_boxes"], record["exact_scores"], threshold)
    assert torch.equal(kept, record[f"exact_keep_{threshold}"])


@pytest.mark.parametrize("threshold", [0.3, 0.5, 0.7])
def test_suppression_by_class_keeps_what_the_reference_library_keeps(saccade_oracle: Path, threshold: float) -> None:
    record = recorded(saccade_oracle, "batched_nms")
    kept = suppress_by_class(record["boxes"], record["scores"], record["idxs"], threshold)
    assert torch.equal(kept, record[f"keep_{threshold}"])
