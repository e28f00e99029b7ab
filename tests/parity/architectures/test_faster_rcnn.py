"""Faster R-CNN against the recorded reference library: maps, proposals, heads, losses and boxes, to the last digit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from recorded_detector import RecordedDetector
from saccade.architectures.faster_rcnn import FasterRcnn, faster_rcnn_resnet50
from saccade.layers.settled_norm import Norm
from saccade.ops.suppression import suppress_by_class
from saccade.types.truth import Truth

PICTURES, LEAST_SIDE, MOST_SIDE, SIDE = [(240, 320), (300, 200)], 192, 256, 256
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
LEAST, OVERLAP, MOST = 0.05, 0.5, 100
TERMS = {
    "classes": "loss_classifier", "boxes": "loss_box_reg", "objectness": "loss_objectness",
    "proposal_boxes": "loss_rpn_box_reg",
}  # fmt: skip
Boxes = list[tuple[Tensor, Tensor, Tensor]]


@dataclass
class Seen:
    """The recorded pictures as the network sees them, and the size of each without its padding."""

    images: Tensor
    sizes: list[tuple[int, int]]


@pytest.fixture(scope="module")
def reference(saccade_oracle: Path) -> RecordedDetector:
    return RecordedDetector.read(saccade_oracle, "fasterrcnn_resnet50_fpn")


@pytest.fixture(scope="module")
def seen(reference: RecordedDetector) -> Seen:
    """Resized to 192 at least and 256 at most, and padded below and to the right."""
    mean, std = (torch.tensor(one, dtype=torch.float64)[:, None, None] for one in (MEAN, STD))
    resized = []
    for picture in reference.images(PICTURES):
        sides = picture.shape[1:]
        scale = min(LEAST_SIDE / min(sides), MOST_SIDE / max(sides))
        image = ((picture.double() - mean) / std)[None]
        resized.append(F.interpolate(image, scale_factor=scale, mode="bilinear", recompute_scale_factor=True)[0])
    sizes = [(one.shape[1], one.shape[2]) for one in resized]
    assert [list(size) for size in sizes] == reference.record["image_sizes"]
    images = torch.stack([F.pad(one, (0, SIDE - one.shape[2], 0, SIDE - one.shape[1])) for one in resized])
    reference.check("transformed_batch", images)
    return Seen(images, sizes)


def filled(reference: RecordedDetector, norm: Norm) -> FasterRcnn:
    network = faster_rcnn_resnet50(norm=norm, frozen_stages=2 if norm == "frozen" else 0).eval()
    network.load_state_dict(reference.state)
    return network


@pytest.fixture(scope="module")
def network(reference: RecordedDetector) -> FasterRcnn:
    """The published form, in double precision."""
    return filled(reference, "frozen").double()


@pytest.fixture(scope="module")
def levels(network: FasterRcnn, seen: Seen) -> list[Tensor]:
    with torch.no_grad():
        return list(network.backbone(seen.images).values())


def scales(seen: Seen, back: bool = False) -> list[Tensor]:
    """What boxes are multiplied by, from pictures to images or back; in single precision, as it was recorded."""
    found = []
    for picture, size in zip(PICTURES, seen.sizes, strict=True):
        first, second = (torch.tensor(one[::-1], dtype=torch.float32) for one in (picture, size))
        found.append((first / second if back else second / first).repeat(2).double())
    return found


def truths(reference: RecordedDetector, seen: Seen) -> list[Truth]:
    """The recorded targets, on the images that the network sees; columns of classes count the background."""
    targets = reference.record["targets"]
    return [
        Truth(torch.tensor(boxes, dtype=torch.float64) * scale, torch.tensor(labels) - 1)
        for boxes, labels, scale in zip(targets["boxes"], targets["labels"], scales(seen), strict=True)
    ]


def every_match(matches: Tensor, count: int, share: float) -> tuple[Tensor, Tensor]:
    """The rule of the record: whatever shows something, and whatever is background."""
    return (matches >= 0).nonzero()[:, 0], (matches == -1).nonzero()[:, 0]


def surest(found: dict[str, Tensor]) -> Boxes:
    """Boxes, scores and columns of each image as they were recorded."""
    results = []
    for boxes, scores in zip(found["boxes"], found["scores"], strict=True):
        regions, classes = (scores > LEAST).nonzero(as_tuple=True)
        sure, corners = scores[regions, classes], boxes[regions, classes]
        kept = suppress_by_class(corners, sure, classes, OVERLAP)[:MOST]
        results.append((corners[kept], sure[kept], classes[kept] + 1))
    return results


def compare(reference: RecordedDetector, seen: Seen, found: Boxes, tolerance: float) -> None:
    recorded = reference.record["detections_f64"]
    for (boxes, scores, columns), scale, expected in zip(found, scales(seen, back=True), recorded, strict=True):
        assert len(boxes) == expected["count"]
        assert columns.tolist() == expected["all_labels"]
        assert scores.tolist() == pytest.approx(expected["all_scores"], abs=max(tolerance / 30, 1e-6))
        there, top = boxes.double() * scale, torch.tensor(expected["boxes"]).double()
        torch.testing.assert_close(there[: len(top)], top, rtol=0, atol=tolerance)
        assert there.sum().item() == pytest.approx(expected["boxes_sum"], rel=tolerance / 100)


def test_names_shapes_and_counts_are_the_published_ones(reference: RecordedDetector) -> None:
    expected = [entry[:3] for entry in reference.record["state_dict"]]
    counts = []
    forms: tuple[tuple[Norm, int], ...] = (("batch", 0), ("frozen", 2))
    for norm, frozen in forms:
        with torch.device("meta"):
            network = faster_rcnn_resnet50(norm=norm, frozen_stages=frozen)
        assert [[key, list(one.shape), str(one.dtype)[6:]] for key, one in network.state_dict().items()] == expected
        weights = list(network.parameters())
        counts.append([sum(one.numel() for one in weights), sum(one.numel() for one in weights if one.requires_grad)])
    assert counts[0] == [reference.record["untrained"]["parameters"]] * 2 == [41_808_406] * 2
    assert counts[1] == [reference.record["parameters"], reference.record["trainable_parameters"]]
    assert counts[1][0] == 41_755_286


@torch.no_grad()
def test_maps_agree_in_double(reference: RecordedDetector, seen: Seen, network: FasterRcnn) -> None:
    for name, one in network.backbone(seen.images).items():
        reference.check(f"fpn.{name}", one)


@torch.no_grad()
def test_proposals_agree_in_double(
    reference: RecordedDetector, seen: Seen, network: FasterRcnn, levels: list[Tensor]
) -> None:
    for number, (logits, codes) in enumerate(zip(*network.rpn.head(levels), strict=True)):
        reference.check(f"rpn.objectness.{number}", logits)
        reference.check(f"rpn.deltas.{number}", codes)
    outputs, expected = network.rpn(levels, (SIDE, SIDE)), reference.record["anchors"]
    assert len(outputs.anchors) == expected["count"] == sum(outputs.counts)
    assert outputs.anchors[:5].tolist() == expected["first5"]
    assert outputs.anchors[-5:].tolist() == expected["last5"]
    assert outputs.anchors.sum().item() == expected["sum"]
    for found, recorded in zip(network.rpn.propose(outputs, seen.sizes), reference.record["proposals"], strict=True):
        assert len(found) == recorded["count"]
        torch.testing.assert_close(found[:10], torch.tensor(recorded["first10"]).double(), rtol=1e-7, atol=1e-6)
        assert found.sum().item() == pytest.approx(recorded["sum"], rel=1e-8)


@torch.no_grad()
def test_the_head_agrees_on_fixed_regions(
    reference: RecordedDetector, network: FasterRcnn, levels: list[Tensor]
) -> None:
    boxes = [torch.tensor(rows, dtype=torch.float64) for rows in reference.record["fixed_proposals"]["boxes"]]
    regions = network.roi_heads.read(levels, boxes)
    reference.check("fixed.box_roi_pool", regions)
    reference.check("fixed.box_head", network.roi_heads.box_head(regions))
    logits, codes = network.roi_heads(levels, boxes)
    reference.check("fixed.class_logits", logits)
    reference.check("fixed.box_regression", codes.flatten(1))
    first = torch.tensor(reference.record["fixed_class_logits_first"]).double()
    torch.testing.assert_close(logits[: len(first)], first, rtol=1e-6, atol=1e-6)


@torch.no_grad()
def test_what_is_found_agrees_in_double(reference: RecordedDetector, seen: Seen, network: FasterRcnn) -> None:
    """The boxes were recorded in single precision: half a unit of it is 1.5e-5 at 300 pixels."""
    found = surest(network.candidates(seen.images, seen.sizes))
    assert len(found) == len(reference.record["detections_f64"]) == 2
    compare(reference, seen, found, 2e-5)


def test_losses_agree_to_the_printed_digits(reference: RecordedDetector, seen: Seen, network: FasterRcnn) -> None:
    samplers = network.rpn.sampler, network.roi_heads.sampler
    network.rpn.sampler = network.roi_heads.sampler = every_match
    with torch.no_grad():
        terms = network.train().losses(seen.images, truths(reference, seen), seen.sizes)
    network.eval()
    network.rpn.sampler, network.roi_heads.sampler = samplers
    recorded = reference.record["losses"]
    for ours, theirs in TERMS.items():
        single = recorded["f64"][theirs] == recorded["f32"][theirs]  # one was recorded in single precision alone
        assert terms[ours].item() == pytest.approx(recorded["f64"][theirs], rel=2e-7 if single else 1e-12), ours


@torch.no_grad()
def test_the_form_that_learns_from_batches_answers_alike_in_single_precision(
    reference: RecordedDetector, seen: Seen, levels: list[Tensor]
) -> None:
    single = filled(reference, "batch")
    for (name, found), expected in zip(single.backbone(seen.images.float()).items(), levels, strict=True):
        error = (found.double() - expected).abs().max() / expected.abs().max()
        assert error < 30 * reference.record["features"][f"fpn.{name}"]["f32_err"], name
    compare(reference, seen, surest(single.candidates(seen.images.float(), seen.sizes)), 3e-3)
