"""Selective search: seconds an image of 500 pixels, and how many true boxes it finds with how many proposals.

    ./do bench selective_search [IMAGES]

So many images, 30 by default, spread evenly over the first split of blood cells (bccd) and of 128 photographs of COCO
(coco128), both from SACCADE_DATA, each made 500 pixels long on its longer side. Both modes take turns on one core. A
true box is found where one of the first 100, 300 … proposals overlaps it by 0.5, or 0.7.

The processor's own time is told beside that of the clock: on a machine that does other things the clock says more.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import torch

from measure import header, quartiles, record
from saccade.data.opening import open_data
from saccade.ops.boxes import iou
from saccade.ops.selective_search import Mode, selective_search

SETS, MODES = ("bccd", "coco128/object_detection"), ("single", "fast")
LONGER_SIDE, COUNTS, OVERLAPS = 500, (100, 300, 500, 1000, 2000), (0.5, 0.7)


def images(place: Path, number: int) -> Iterator[tuple[np.ndarray, torch.Tensor]]:
    """Give each image with its true boxes, both at the size that is searched."""
    source = next(iter(open_data(str(place)).splits.values()))
    for index in list(range(0, len(source), max(1, len(source) // number)))[:number]:
        sample = source.read(index)
        height, width = sample.image.shape[:2]
        factor = LONGER_SIDE / max(height, width)
        size = (round(width * factor), round(height * factor))
        image = cv2.resize(np.ascontiguousarray(sample.image), size, interpolation=cv2.INTER_AREA)
        boxes = sample.target.boxes.coordinates.float() * factor
        if len(boxes):
            yield image.reshape(*size[::-1], -1), boxes  # OpenCV leaves a single channel out


def measured(image: np.ndarray, mode: Mode) -> tuple[torch.Tensor, float, float]:
    clock, processor = time.perf_counter(), time.process_time()
    boxes = selective_search(image, mode=mode)
    return torch.from_numpy(boxes), time.perf_counter() - clock, time.process_time() - processor


def one_set(place: Path, number: int) -> dict[str, object]:
    best: dict[str, list[torch.Tensor]] = {mode: [] for mode in MODES}
    clock: dict[str, list[float]] = {mode: [] for mode in MODES}
    processor: dict[str, list[float]] = {mode: [] for mode in MODES}
    counts: dict[str, list[int]] = {mode: [] for mode in MODES}
    for turn, (image, truth) in enumerate(images(place, number)):
        for mode in MODES if turn % 2 else MODES[::-1]:
            boxes, seconds, own = measured(image, mode)  # pyright: ignore[reportArgumentType]
            table = iou(truth, boxes)
            best[mode].append(torch.stack([table[:, :most].amax(1) for most in COUNTS], 1))
            clock[mode].append(seconds)
            processor[mode].append(own)
            counts[mode].append(len(boxes))
    told: dict[str, object] = {"images": len(clock["fast"]), "true_boxes": sum(map(len, best["fast"]))}
    for mode in MODES:
        overlaps = torch.cat(best[mode])
        told[mode] = {
            "seconds": round(statistics.median(clock[mode]), 3),
            "quartiles": [round(value, 3) for value in quartiles(tuple(clock[mode]))],
            "seconds_of_the_processor": round(statistics.median(processor[mode]), 3),
            "boxes": statistics.median(counts[mode]),
            "mean_best_overlap": round(float(overlaps[:, -1].mean()), 3),
            **{
                f"recall_{least}": {
                    str(most): round(float((overlaps[:, column] >= least).float().mean()), 3)
                    for column, most in enumerate(COUNTS)
                }
                for least in OVERLAPS
            },
        }
    return told


def main(number: str = "30") -> None:
    header()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    figures = {}
    for name in SETS:
        place = Path(os.environ["SACCADE_DATA"], name)
        figures[name.partition("/")[0]] = result = one_set(place, int(number))
        print(f"{name}: {result['images']} images, {result['true_boxes']} true boxes")
        for mode in MODES:
            print(f"  {mode}")
            for what, value in dict(result[mode]).items():  # pyright: ignore
                print(f"    {what:26} {value}")
    record("selective_search", {"longer_side": LONGER_SIDE, "figures": figures})


if __name__ == "__main__":
    main(*sys.argv[1:])
