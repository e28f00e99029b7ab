"""Drawn scenes with boxes, held in memory: a detector learns them, and is judged by them."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
import torch
from torch import Tensor

from saccade.data.opening import open_data
from saccade.layers.detector import Detector
from saccade.tasks.detection import DetectionTask, truth_of
from saccade.types.annotations import Annotations
from saccade.types.batch import Batch

Scenes = tuple[Tensor, list[Annotations]]
Learner = TypeVar("Learner", bound=Detector)


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


def taught(network: Learner, scenes: Scenes, *, epochs: int, rate: float, batch: int = 8) -> Learner:
    """Steps of AdamW on one cycle of rates, the scenes shuffled from a fixed seed; then in evaluation mode."""
    images, targets = scenes
    truths, draws = [truth_of(one) for one in targets], torch.Generator().manual_seed(0)
    batches = [part for _ in range(epochs) for part in torch.randperm(len(truths), generator=draws).split(batch)]
    optimizer = torch.optim.AdamW(network.parameters(), rate, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, rate, total_steps=len(batches), pct_start=0.1)
    for part in batches:
        optimizer.zero_grad()
        torch.stack(list(network(images[part], [truths[row] for row in part]).values())).sum().backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 10.0)
        optimizer.step()
        schedule.step()
    return network.eval()
