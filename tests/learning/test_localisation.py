"""A small network finds the one star or ring of a scene, or says that there is none; planted errors miss the target."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from saccade.data.opening import open_data
from saccade.losses.localisation import localisation_losses
from saccade.metrics.detection.localisation import LocalisationMetric
from saccade.tasks.localisation import LocalisationTask, encode, localisation
from saccade.types.batch import Batch

SCENES = "synthetic:task=detection,shapes=1,classes=star+ring+square+cross,count=1500,size=24,difficulty=0.3"
TRAINING, STEPS, BATCH, SIDE = 1200, 300, 64, 24
TASK = localisation(["star", "ring"])  # squares and crosses are background
LOCALISED, OVERLAP = 0.92, 0.68
Loss = Callable[[Tensor, Tensor], dict[str, Tensor]]


@cache
def scenes() -> tuple[Batch, Batch]:
    """For learning, and for judging."""
    source = open_data(SCENES, shares=(1.0, 0.0, 0.0)).splits["train"]
    samples = [source.read(index) for index in range(len(source))]
    images = torch.from_numpy(np.stack([sample.image for sample in samples])).permute(0, 3, 1, 2) / 255
    targets = TASK.targets([one.target.select(one.target.class_ids < 2) for one in samples])
    sizes = torch.full((len(samples), 2), SIDE)
    parts = slice(0, TRAINING), slice(TRAINING, None)
    first, second = (Batch(images[part], sizes[part], targets[part]) for part in parts)
    return first, second


def layers(inside: int, outside: int) -> list[nn.Module]:
    return [
        nn.Conv2d(inside, outside, 3, padding=1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(), nn.MaxPool2d(2),
    ]  # fmt: skip


def trained(loss: Loss) -> nn.Module:
    torch.manual_seed(0)
    body = [*layers(3, 16), *layers(16, 32), *layers(32, 64), nn.Flatten(), nn.Linear(64 * 9, 64), nn.ReLU()]
    network, (known, _) = nn.Sequential(*body, nn.Linear(64, TASK.outputs)), scenes()
    wanted = torch.stack([encode(target, 2) for target in known.targets])
    optimizer = torch.optim.Adam(network.parameters())
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 4e-3, total_steps=STEPS)
    generator = torch.Generator().manual_seed(0)
    for _ in range(STEPS):
        rows = torch.randint(0, TRAINING, (BATCH,), generator=generator)
        optimizer.zero_grad()
        torch.stack(list(loss(network(known.images[rows]), wanted[rows]).values())).sum().backward()
        optimizer.step()
        schedule.step()
    return network.eval()


@pytest.fixture(scope="module")
def network() -> nn.Module:
    return trained(localisation_losses)


def judged(network: nn.Module, task: LocalisationTask = TASK) -> dict[str, float]:
    _, unknown = scenes()
    metric: LocalisationMetric = task.metric()
    with torch.inference_mode():
        metric.update(network(unknown.images), unknown)
    return metric.compute()


def reaches(figures: dict[str, float]) -> bool:
    return figures["localised"] >= LOCALISED and figures["mean_iou"] >= OVERLAP


def test_one_object_is_found_where_there_is_one(network):
    figures = judged(network)
    assert reaches(figures), figures
    assert figures["presence_accuracy"] >= LOCALISED


def test_the_control_a_box_whose_sides_are_swapped_misses_the_target(network):
    """As if y were (p_c, b_y, b_x, b_w, b_h)."""

    @dataclass(frozen=True)
    class Swapped(LocalisationTask):
        def decode(self, outputs, batch):
            return super().decode(outputs[:, [0, 2, 1, 4, 3, 5, 6]], batch)

    figures = judged(network, Swapped(TASK.labels))
    assert figures["presence_accuracy"] >= LOCALISED
    assert not reaches(figures)


def test_the_control_a_loss_without_its_mask_misses_the_target():
    """Where nothing is, the box is drawn towards 0, which is a place like any other."""

    def unmasked(outputs: Tensor, wanted: Tensor) -> dict[str, Tensor]:
        right = localisation_losses(outputs, wanted)
        return {**right, "box": ((outputs[:, 1:5] - wanted[:, 1:5]) ** 2).sum() / len(wanted)}

    figures = judged(trained(unmasked))
    assert figures["presence_accuracy"] >= LOCALISED
    assert not reaches(figures)


@pytest.mark.full
@pytest.mark.parametrize("form", ["mixed", "squared"])
def test_both_forms_of_the_loss_reach_it(form):
    assert reaches(judged(trained(lambda outputs, wanted: localisation_losses(outputs, wanted, form=form))))
