"""What non-maximum suppression costs beside OpenCV's, at 1,000 and 10,000 boxes, scattered and in clusters.

    ./do bench nms

All take turns on one core, in one process. Ours is `ops.suppression.suppress` on tensors; OpenCV's is
`cv2.dnn.NMSBoxes` on arrays that have its form already. "IoU matrix" is the plain way: the overlap of every pair, then
the greedy loop; it is left out at 10,000 boxes, where it takes many seconds. Boxes are as detectors give them: in
clusters, thirty around each of some objects; and scattered, each on its own, which leaves the most to compare. Crowded
ones all cover one point, in every size and shape.

Before anything is timed, ours is checked against the notes' algorithm, `ops.nms.nms`. OpenCV's may keep others, since
it computes in another precision; how many is told.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import torch
from torch import Tensor

from measure import header, interleaved, ratio, record, table
from saccade.ops.boxes import iou
from saccade.ops.nms import nms
from saccade.ops.suppression import suppress

THRESHOLD, ROUNDS = 0.5, {1000: 31, 10_000: 5}


def scattered(number: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return generator.uniform(0, 1000, (number, 2)), generator.uniform(10, 100, (number, 2))


def clusters(number: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    objects = number // 30
    which = generator.integers(0, objects, number)
    size = generator.uniform(20, 200, (objects, 2))[which]
    middle = generator.uniform(0, 1000, (objects, 2))[which] + generator.normal(0, 0.08, (number, 2)) * size
    return middle, size * np.exp(generator.normal(0, 0.15, (number, 2)))


def crowded(number: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    return np.full((number, 2), 500.0), np.exp(generator.uniform(0, 7, (number, 2)))


def matrix(boxes: Tensor, confidences: Tensor) -> list[int]:
    covers, kept = iou(boxes, boxes) > THRESHOLD, []
    gone = torch.zeros(len(boxes), dtype=torch.bool)
    for number in confidences.argsort(descending=True, stable=True).tolist():
        if not gone[number]:
            kept.append(number)
            gone |= covers[number]
    return kept


def one_case(make: Callable[..., tuple[np.ndarray, np.ndarray]], number: int) -> dict[str, object]:
    generator = np.random.default_rng(0)
    middle, size = make(number, generator)
    corners = np.concatenate([middle - size / 2, middle + size / 2], 1).astype(np.float32)
    boxes, confidences = torch.from_numpy(corners), torch.from_numpy(generator.random(number, np.float32))
    rectangles, plain = np.concatenate([corners[:, :2], corners[:, 2:] - corners[:, :2]], 1), confidences.numpy()
    kept = suppress(boxes, confidences, THRESHOLD)
    if not torch.equal(kept, nms(boxes, confidences, iou_threshold=THRESHOLD, confidence_threshold=0)):
        raise SystemExit(f"{make.__name__}, {number}: ours is not the notes' algorithm")
    theirs = cv2.dnn.NMSBoxes(rectangles, plain, 0.0, THRESHOLD)
    rivals: dict[str, Callable[[], object]] = {
        "OpenCV": lambda: cv2.dnn.NMSBoxes(rectangles, plain, 0.0, THRESHOLD),
        "saccade": lambda: suppress(boxes, confidences, THRESHOLD),
    }
    if number <= 1000:
        rivals["IoU matrix"] = lambda: matrix(boxes, confidences)
    timings = interleaved(rivals, ROUNDS[number])
    differ = len(set(kept.tolist()) ^ set(np.asarray(theirs).reshape(-1).tolist()))
    print(
        f"{number} boxes, {make.__name__}: {len(kept)} kept, OpenCV differs in {differ}\n{table(timings, 'OpenCV')}\n"
    )
    middle_ratio, low, high = (round(1 / value, 3) for value in ratio(timings["OpenCV"], timings["saccade"]))
    return {
        "kept": len(kept),
        "times_opencv": middle_ratio,
        "quartiles": sorted([low, high]),
        "milliseconds": {name: round(1e3 * timing.median, 3) for name, timing in timings.items()},
    }


def main() -> None:
    header()
    torch.set_num_threads(1)
    cv2.setNumThreads(1)
    figures = {
        f"{make.__name__} {number}": one_case(make, number)
        for number in ROUNDS
        for make in (scattered, clusters, crowded)
    }
    worst = max(float(str(case["times_opencv"])) for case in figures.values())
    print(f"at most {worst:.2f} times the time of OpenCV")
    record("nms", {"opencv": cv2.__version__, "threshold": THRESHOLD, "figures": figures})


if __name__ == "__main__":
    main()
