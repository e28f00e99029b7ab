"""Drawn scenes with boxes, held in memory, and how well a detector finds what is on them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from saccade.data.opening import open_data
from saccade.layers.detector import Detector
from saccade.tasks.detection import DetectionTask
from saccade.types.annotations import Annotations
from saccade.types.batch import Batch

Scenes = tuple[Tensor, list[Annotations]]


def drawn(scenes: str, judging: float, *, deviation: float = 1.0) -> tuple[Scenes, Scenes]:
    """Scenes to learn from, and that share of them to be judged by; images are around 0."""
    splits = open_data(scenes, shares=(1 - judging, 0.0, judging)).splits
    found = []
    for source in (splits["train"], splits["test"]):
        samples = [source.read(row) for row in range(len(source))]
        images = torch.from_numpy(np.stack([sample.image for sample in samples])).permute(0, 3, 1, 2)
        found.append(((images / 255 - 0.5) / deviation, [sample.target for sample in samples]))
    return found[0], found[1]


@torch.no_grad()
def precision(network: Detector, scenes: Scenes, task: DetectionTask) -> tuple[float, float]:
    """Mean average precision at an overlap of a half, and over overlaps from there to 0.95."""
    (images, targets), metric = scenes, task.metric()
    sizes = torch.tensor([images.shape[2:]] * len(images))
    keys = tuple(str(number) for number in range(len(images)))
    metric.update(network(images), Batch(images, sizes, tuple(targets), keys))
    figures = metric.compute()
    return figures["map50"], figures["map"]
