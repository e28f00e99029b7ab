"""SSD300 against the recorded reference library: names and shapes of published weights, maps, boxes and losses."""

from __future__ import annotations

import itertools
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from recorded_detector import RecordedDetector
from saccade.architectures.ssd import SSD, ssd300
from saccade.layers.default_box_head import default_box_losses
from saccade.ops.box_formats import clip_boxes
from saccade.ops.suppression import suppress_by_class
from saccade.types.truth import Truth

SIDE, SIZES = 300, [(240, 320), (300, 200)]
MEAN = (0.48235, 0.45882, 0.40784)  # and a deviation of 1 / 255: the network sees pixels of 0 to 255 without their mean
LEAST, OVERLAP, OF_A_CLASS, MOST = 0.01, 0.45, 400, 200


@dataclass
class Found:
    """What our network makes of the recorded images, in one precision."""

    network: SSD
    images: Tensor
    maps: list[Tensor]
    codes: Tensor
    logits: Tensor
    candidates: dict[str, Tensor]


@pytest.fixture(scope="module")
def reference(saccade_oracle: Path) -> RecordedDetector:
    return RecordedDetector.read(saccade_oracle, "ssd300_vgg16")


def seen(reference: RecordedDetector, kind: torch.dtype) -> Tensor:
    """The images as the network sees them: without their mean, and stretched to 300 × 300."""
    mean = torch.tensor(MEAN, dtype=kind)[:, None, None]
    images = [(image.to(kind) - mean) / torch.tensor(1 / 255, dtype=kind) for image in reference.images(SIZES)]
    return torch.cat([F.interpolate(image[None], (SIDE, SIDE), mode="bilinear") for image in images])


def computed(reference: RecordedDetector, kind: torch.dtype) -> Found:
    network = ssd300(num_classes=90)
    network.load_state_dict(reference.state)
    network, images = network.to(kind).eval(), seen(reference, kind)
    with torch.no_grad():
        maps = network.backbone(images)
        return Found(network, images, maps, *network.head(maps), network.head.candidates(maps, (SIDE, SIDE)))


@pytest.fixture(scope="module")
def double(reference: RecordedDetector) -> Found:
    return computed(reference, torch.float64)


@pytest.fixture(scope="module")
def defaults(saccade_oracle: Path) -> Tensor:
    """The reference's own default boxes, the last bits of which differ from ours: they are rounded in other steps."""
    with np.load(saccade_oracle / "ops" / "ssd300_default_boxes.npz") as arrays:
        return torch.from_numpy(arrays["xyxy_pixels"])


def truths(record: dict[str, Any]) -> list[Truth]:
    """The recorded targets, on the images that the network sees; columns of classes count the background."""
    found = []
    for (height, width), boxes, labels in zip(SIZES, record["boxes"], record["labels"], strict=True):
        scale = torch.tensor([SIDE / width, SIDE / height]).repeat(2).double()
        found.append(Truth(torch.tensor(boxes).double() * scale, torch.tensor(labels) - 1))
    return found


def surest(found: dict[str, Tensor], image: int) -> tuple[Tensor, Tensor, Tensor]:
    """Suppress as the reference does: 400 of a class at most, then by class, then 200."""
    boxes, scores = clip_boxes(found["boxes"][image], (SIDE, SIDE)), found["scores"][image]
    rows, classes = [], []
    for number in range(scores.shape[1]):
        best = scores[:, number].sort(descending=True, stable=True).indices[:OF_A_CLASS]
        best = best[scores[best, number] > LEAST]
        rows.append(best)
        classes.append(torch.full_like(best, number))
    row, column = torch.cat(rows), torch.cat(classes)
    kept = suppress_by_class(boxes[row], scores[row, column], column, OVERLAP)[:MOST]
    height, width = SIZES[image]
    scale = torch.tensor([width / SIDE, height / SIDE]).repeat(2)
    return boxes[row][kept] * scale, scores[row, column][kept], column[kept] + 1


def test_names_shapes_and_count_are_the_published_ones(reference: RecordedDetector) -> None:
    with torch.device("meta"):
        network = ssd300(num_classes=90)
    own = [[key, list(value.shape), str(value.dtype)[6:]] for key, value in network.state_dict().items()]
    assert own == [entry[:3] for entry in reference.record["state_dict"]]
    assert sum(weight.numel() for weight in network.parameters()) == reference.record["parameters"]


def test_maps_and_heads_agree_to_the_printed_digits_in_double(reference: RecordedDetector, double: Found) -> None:
    reference.check("transformed_batch", double.images)
    for number, one in enumerate(double.maps):
        reference.check(f"features.{number}", one)
    reference.check("head.bbox_regression", double.codes)
    reference.check("head.cls_logits", double.logits)


def test_single_precision_stays_within_the_recorded_error(reference: RecordedDetector, double: Found) -> None:
    single = computed(reference, torch.float32)
    pairs = {"head.bbox_regression": (single.codes, double.codes), "head.cls_logits": (single.logits, double.logits)}
    pairs |= {f"features.{number}": pair for number, pair in enumerate(zip(single.maps, double.maps, strict=True))}
    for name, (found, expected) in pairs.items():
        error = (found.double() - expected).abs().max() / expected.abs().max()
        assert error < 30 * reference.record["features"][name]["f32_err"], name


def test_default_boxes_are_the_recorded_ones(reference: RecordedDetector, double: Found) -> None:
    boxes, expected = double.network.head.default_boxes(double.maps, (SIDE, SIDE)), reference.record["anchors"]
    assert len(boxes) == expected["count"]
    assert torch.allclose(boxes[:5], torch.tensor(expected["first5"]), rtol=0, atol=5e-5)
    assert torch.allclose(boxes[-5:], torch.tensor(expected["last5"]), rtol=0, atol=5e-5)
    assert boxes.double().sum().item() == pytest.approx(expected["sum"], rel=1e-8)


@pytest.mark.parametrize("image", [0, 1])
def test_what_is_found_agrees_in_double(reference: RecordedDetector, double: Found, image: int) -> None:
    boxes, scores, labels = surest(double.candidates, image)
    expected = reference.record["detections_f64"][image]
    assert len(boxes) == expected["count"]
    assert labels.tolist() == expected["all_labels"]
    assert scores.tolist() == pytest.approx(expected["all_scores"], abs=1e-7)
    assert torch.allclose(boxes[:10], torch.tensor(expected["boxes"]).double(), rtol=0, atol=1e-4)
    assert boxes.sum().item() == pytest.approx(expected["boxes_sum"], rel=1e-6)


def test_training_losses_agree_to_the_printed_digits(
    reference: RecordedDetector, double: Found, defaults: Tensor
) -> None:
    expected, goals = reference.record["losses"]["f64"], truths(reference.record["targets"])
    exact = default_box_losses(double.codes, double.logits, defaults.double(), goals)
    assert exact["classes"].item() == pytest.approx(expected["classification"], rel=1e-9)
    assert exact["boxes"].item() == pytest.approx(expected["bbox_regression"], rel=1e-7)
    with torch.no_grad():
        own = double.network(double.images, goals)
    assert own["classes"].item() == pytest.approx(expected["classification"], rel=1e-9)
    assert own["boxes"].item() == pytest.approx(expected["bbox_regression"], rel=1e-5)


def test_losses_are_those_of_the_slow_and_obvious_way(double: Found) -> None:
    """Each box in turn, with scalars."""
    draws = torch.Generator().manual_seed(0)
    logits, codes = torch.randn(3, 40, 4, generator=draws), torch.randn(3, 40, 4, generator=draws)
    corners = torch.rand(40, 2, generator=draws) * 50
    defaults = torch.cat([corners, corners + 5 + 20 * torch.rand(40, 2, generator=draws)], 1)
    goals = [
        Truth(torch.tensor([[3.0, 4, 25, 30], [30, 30, 52, 60]]), torch.tensor([2, 0])),
        Truth(torch.zeros(0, 4), torch.zeros(0, dtype=torch.int64)),
        Truth(torch.tensor([[20.0, 22, 40, 41]]), torch.tensor([1])),
    ]
    found = default_box_losses(codes, logits, defaults, goals)
    classes, boxes, count = slow_losses(codes, logits, defaults, goals)
    assert found["classes"].item() == pytest.approx(classes / count, rel=1e-5)
    assert found["boxes"].item() == pytest.approx(boxes / count, rel=1e-5)


def slow_losses(codes: Tensor, logits: Tensor, defaults: Tensor, goals: list[Truth]) -> tuple[float, float, int]:
    classes, boxes, count = 0.0, 0.0, 0
    for image, goal in enumerate(goals):
        costs = logits[image].logsumexp(1)[:, None] - logits[image]
        thing_of = slow_matches(goal.boxes.tolist(), defaults.tolist())
        for box, thing in thing_of.items():
            classes += costs[box, goal.class_ids[thing] + 1].item()
            boxes += slow_distance(codes[image, box].tolist(), goal.boxes[thing].tolist(), defaults[box].tolist())
        rest = sorted((costs[box, 0].item() for box in range(len(defaults)) if box not in thing_of), reverse=True)
        classes += sum(rest[: 3 * max(1, len(thing_of))])
        count += len(thing_of)
    return classes, boxes, count


def slow_matches(things: list[list[float]], defaults: list[list[float]]) -> dict[int, int]:
    def overlap(one: list[float], other: list[float]) -> float:
        sides = [max(0.0, min(one[axis + 2], other[axis + 2]) - max(one[axis], other[axis])) for axis in (0, 1)]
        areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
        return sides[0] * sides[1] / (sum(areas) - sides[0] * sides[1])

    found = dict[int, int]()
    for box, default in enumerate(defaults):
        shares = [overlap(thing, default) for thing in things]
        if shares and max(shares) >= 0.5:
            found[box] = shares.index(max(shares))
    for number, thing in enumerate(things):
        shares = [overlap(thing, default) for default in defaults]
        found[shares.index(max(shares))] = number
    return found


def slow_distance(code: list[float], box: list[float], default: list[float]) -> float:
    total = 0.0
    for axis, end in itertools.product((0, 1), (0, 1)):
        (low, high), (start, stop) = (box[axis], box[axis + 2]), (default[axis], default[axis + 2])
        if end == 0:
            wanted = 10 * ((low + high) / 2 - (start + stop) / 2) / (stop - start)
        else:
            wanted = 5 * float(np.log((high - low) / (stop - start)))
        gap = abs(code[axis + 2 * end] - wanted)
        total += 0.5 * gap**2 if gap < 1 else gap - 0.5
    return total
