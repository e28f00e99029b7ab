"""The metrics of detection beside recorded figures of pycocotools, and beside slow obvious versions."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from made_detections import pictures
from saccade.metrics.bootstrap import drawn
from saccade.metrics.detection.coco import NAMES, coco_figures
from saccade.metrics.detection.figures import DetectorFigures
from saccade.metrics.detection.judged import Judged, judged, overlaps
from saccade.metrics.detection.matches import match_classes
from saccade.metrics.detection.voc import voc_figures
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.detections import Detections


def read(oracle: Path, name: str) -> Any:
    return json.loads((oracle / "coco" / name).read_text(encoding="utf-8"))


def corners(rows: list[dict[str, Any]]) -> np.ndarray:
    boxes = np.array([row["bbox"] for row in rows], float).reshape(-1, 4)
    return np.concatenate([boxes[:, :2], boxes[:, :2] + boxes[:, 2:]], axis=1)


def recorded(oracle: Path, keep: Callable[[int], bool] = lambda _: True) -> list[Judged]:
    """The recorded detector as ours: its classes are numbered 1, 3 and 7, ours 0 to 2."""
    there, answers = read(oracle, "gt_instances.json"), read(oracle, "detections.json")
    class_ids = {one["id"]: number for number, one in enumerate(there["categories"])}
    names = tuple(one["name"] for one in there["categories"])
    found, truth = [], []
    for image in there["images"]:
        size, number = (image["height"], image["width"]), image["id"]
        things = [row for row in there["annotations"] if row["image_id"] == number]
        boxes = [row for row in answers if row["image_id"] == number and keep(number)]
        sure, classes = (np.array([row[name] for row in boxes]) for name in ("score", "category_id"))
        classes = np.array([class_ids[one] for one in classes.tolist()], int)
        found.append(Detections(image["file_name"], names, size, corners(boxes), sure.astype(float), classes))
        truth.append(
            Annotations(
                size,
                torch.tensor([class_ids[row["category_id"]] for row in things], dtype=torch.int64),
                Boxes(torch.from_numpy(corners(things)), size),
                crowd=torch.tensor([bool(row["iscrowd"]) for row in things], dtype=torch.bool),
                attributes={"area": torch.tensor([row["area"] for row in things], dtype=torch.float64)},
            )
        )
    return judged(found, truth)


@pytest.mark.parametrize(
    ("part", "agnostic", "keep"),
    [
        ("bbox", False, lambda _: True),
        ("bbox_class_agnostic", True, lambda _: True),
        ("bbox_no_detections_in_half", False, lambda number: number <= 6),
    ],
)
def test_the_figures_are_those_of_pycocotools(
    saccade_oracle: Path, part: str, agnostic: bool, keep: Callable[[int], bool]
) -> None:
    expected = read(saccade_oracle, "expected.json")[part]
    figures = coco_figures(recorded(saccade_oracle, keep), 3, class_agnostic=agnostic)
    stats = [np.nan if value == -1 else value for value in expected["stats"]]
    assert list(figures.numbers.values()) == pytest.approx(stats, abs=1e-9, nan_ok=True)
    assert list(figures.precision.shape) == expected["precision_shape"]
    assert list(figures.recall.shape) == expected["recall_shape"]
    assert figures.average_precision() == pytest.approx(expected["AP_per_category_all"], abs=1e-9)
    by_iou = figures.precision[:, :, :, 0, 2].mean(axis=(1, 2))
    assert by_iou == pytest.approx(expected["AP_per_iou_all"], abs=1e-9)
    curve = figures.precision[0, ::10, 0, 0, 2]
    assert curve == pytest.approx(expected["precision_iou50_cat0_at_recall_0_10_20_100"], abs=1e-9)


def test_our_matches_give_the_recorded_figures_too(saccade_oracle: Path) -> None:
    images = recorded(saccade_oracle)
    row = DetectorFigures(match_classes(images, 3), len(images), 0.5)(np.ones((1, len(images)), np.float32))[0]
    expected = [np.nan if value == -1 else value for value in read(saccade_oracle, "expected.json")["bbox"]["stats"]]
    assert row[:12] == pytest.approx(expected, abs=1e-9, nan_ok=True)


@pytest.mark.parametrize("ties", [False, True])
def test_our_matches_give_the_figures_of_the_library_on_three_hundred_images(ties: bool) -> None:
    images = pictures(300, 4, seed=3, ties=ties, crowds=0.15)
    record = coco_figures(images, 5)
    row = DetectorFigures(match_classes(images, 5), 300, 0.5)(np.ones((1, 300), np.float32))[0]
    assert row[:12] == pytest.approx([record.numbers[name] for name in NAMES], abs=1e-12)
    each = row[15:].reshape(5, 5)
    assert each[3] == pytest.approx(record.average_precision(), abs=1e-12, nan_ok=True)
    assert each[4] == pytest.approx(record.average_precision_50(), abs=1e-12, nan_ok=True)


def test_a_draw_gives_what_the_library_gives_of_the_images_drawn() -> None:
    images = pictures(12, 2, seed=5)
    (counts,) = drawn(12, 8, np.random.default_rng(0))
    rows = DetectorFigures(match_classes(images, 2), 12, 0.5)(counts)
    for row, count in zip(rows, counts.astype(int), strict=True):
        again = coco_figures([images[at] for at in np.repeat(np.arange(12), count)], 2)
        assert row[:12] == pytest.approx([again.numbers[name] for name in NAMES], abs=1e-12, nan_ok=True)
        assert row[15:].reshape(5, 2)[3] == pytest.approx(again.average_precision(), abs=1e-12, nan_ok=True)


def slow_voc(images: list[Judged], class_id: int) -> tuple[float, float]:
    """VOC's average precision, box by box and recall by recall."""
    boxes = [
        (-float(image.confidence[at]), number, at)
        for number, image in enumerate(images)
        for at in np.argsort(-image.confidence, kind="stable").tolist()
        if image.found_ids[at] == class_id
    ]
    boxes.sort(key=lambda one: one[:2])
    excused = [image.difficult | image.crowd for image in images]
    things = sum(int((~out & (image.class_ids == class_id)).sum()) for image, out in zip(images, excused, strict=True))
    taken, right, wrong, points = set(), 0, 0, []
    for _, number, at in boxes:
        image, best, nearest = images[number], -1.0, -1
        for thing in np.flatnonzero(image.class_ids == class_id).tolist():
            common = overlaps(image.found[at][None], image.boxes[thing][None], image.crowd[thing][None]).item()
            if common > best:
                best, nearest = common, thing
        if best >= 0.5 and excused[number][nearest]:
            continue
        good = best >= 0.5 and (number, nearest) not in taken
        taken.add((number, nearest) if good else None)
        right, wrong = right + good, wrong + (not good)
        points.append((right / things, right / (right + wrong)))
    eleven = sum(max((p for r, p in points if r >= step / 10), default=0) for step in range(11)) / 11
    area, last = 0.0, 0.0
    for recall, _ in points:
        area += (recall - last) * max(p for r, p in points if r >= recall)
        last = recall
    return eleven, area


@pytest.mark.parametrize("ties", [False, True])
def test_voc_is_that_of_going_box_by_box(ties: bool) -> None:
    images = pictures(60, 3, seed=7, ties=ties)
    figures = voc_figures(images, 3)
    for class_id in range(3):
        eleven, area = slow_voc(images, class_id)
        assert figures.eleven_points[class_id] == pytest.approx(eleven, abs=1e-12)
        assert figures.area[class_id] == pytest.approx(area, abs=1e-12)
        assert 0 < area < 1
