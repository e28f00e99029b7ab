"""A small CycleGAN learns to make cold scenes of warm ones and back, without a pair; planted errors miss the target.

What is right is known here: the same scene with red and blue changed. It never sees two pictures of one scene.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest
import torch
from torch import Tensor

from saccade.architectures.cycle_gan import cycle_gan_small
from saccade.layers.translator import Translator
from saccade.tasks.translation import TranslationTask, translation
from saccade.types.batch import Batch

SIDE, SCENES, STEPS, OF_EACH, RATE = 24, 200, 120, 3, 2e-3
WRONG, RETURN, DISTANCE = 0.08, 0.085, 0.015
TASK = translation(["warm", "cold"])


def scene(rng: np.random.Generator) -> np.ndarray:
    """Two squares of orange on dark noise."""
    image = 0.1 + 0.1 * rng.random((3, SIDE, SIDE))
    for _ in range(2):
        side = int(rng.integers(6, 11))
        top, left = rng.integers(0, SIDE - side, 2)
        image[:, top : top + side, left : left + side] = np.array([0.9, 0.5 + 0.4 * rng.random(), 0.2])[:, None, None]
    return image


@cache
def heaps(seed: int, count: int) -> tuple[Tensor, Tensor]:
    """Warm scenes, and cold ones of other scenes."""
    warm, cold = (
        torch.tensor(np.stack([scene(rng) for _ in range(count)]), dtype=torch.float32)
        for rng in map(np.random.default_rng, (seed, seed + 1))
    )
    return warm, cold.flip(1)


def together(warm: Tensor, cold: Tensor) -> Batch:
    images = torch.cat([warm, cold])
    return Batch(images, torch.full((len(images), 2), SIDE), torch.tensor([0] * len(warm) + [1] * len(cold)))


def trained(task: TranslationTask = TASK, *, still: str = "") -> Translator:
    """Train for some seconds, each group in turn, but for one that stays as it is."""
    torch.manual_seed(0)
    network = cycle_gan_small(generator_width=8, blocks=1, critic_width=8).train()
    (warm, cold), generator = heaps(1, SCENES), torch.Generator().manual_seed(0)
    optimizers = {
        group: torch.optim.Adam(parameters, RATE, betas=(0.5, 0.999))
        for group, parameters in task.groups(network).items()
    }
    for step in range(STEPS):
        rows = torch.randint(0, SCENES, (2, OF_EACH), generator=generator)
        batch = together(warm[rows[0]], cold[rows[1]])
        for group, optimizer in optimizers.items():
            optimizer.param_groups[0]["lr"] = RATE * min(1.0, 2 - 2 * step / STEPS)
            network.zero_grad()
            torch.stack(list(task.loss(network, batch, group).values())).sum().backward()
            if group != still:
                optimizer.step()
    return network.eval()


def judged(network: Translator) -> dict[str, float]:
    """How wrong new scenes are, how wrong they are when they are back, and the figure that needs no pairs."""
    warm, cold = heaps(7, 48)
    batch, metric = together(warm, cold), TASK.metric()
    with torch.inference_mode():
        made = [network.translated(warm, "b"), network.translated(cold, "a")]
        back = [network.translated(made[0], "a"), network.translated(made[1], "b")]
        metric.update(network(batch.images), batch)
    wrong = torch.cat([made[0] - warm.flip(1), made[1] - cold.flip(1)]).abs().mean().item()
    return {"wrong": wrong, "return": (torch.cat(back) - batch.images).abs().mean().item(), **metric.compute()}


def reaches(figures: dict[str, float]) -> bool:
    return figures["wrong"] <= WRONG and figures["return"] <= RETURN and figures["distance"] <= DISTANCE


def test_two_kinds_of_scenes_are_translated_into_each_other():
    figures = judged(trained())
    assert reaches(figures), figures
    assert figures["distance"] < 0.25 * figures["distance_before"]


def test_the_control_no_way_back_is_asked_for_and_the_scene_is_lost():
    figures = judged(trained(translation(["warm", "cold"], cycle_weight=0)))
    assert not reaches(figures)
    assert figures["return"] > 1.4 * RETURN


def test_the_control_critics_that_never_learn_teach_no_colour():
    figures = judged(trained(still="critics"))
    assert not reaches(figures)
    assert figures["return"] <= RETURN  # what comes back is right: nothing was asked of the way there
    assert figures["distance"] > 1.5 * DISTANCE


@pytest.mark.full
def test_the_control_generators_that_never_learn():
    assert not reaches(judged(trained(still="generators")))
