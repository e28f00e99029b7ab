"""A small network learns to paint scenes in stripes, and keeps what is on them; planted errors miss the target.

The extractor knows nothing: its weights are drawn, which is enough to tell one texture from another.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from saccade.architectures.style_network import StyleNetwork, style_network
from saccade.tasks.style import StyleTask, style
from saccade.types.batch import Batch

SIDE, SCENES, STEPS, AT_ONCE = 24, 64, 120, 4
STYLE, CONTENT = 0.6, 0.4  # of what the scenes themselves are away from the style; of what a blank is from its content


@pytest.fixture(scope="module")
def task(tmp_path_factory: pytest.TempPathFactory) -> StyleTask:
    """To paint like slanting stripes of blue and yellow."""
    rows, columns = np.mgrid[:48, :48]
    bright = (((rows + columns) // 3) % 2)[..., None]
    stripes = np.where(bright, np.array([230, 200, 40]), np.array([20, 40, 160])).astype(np.uint8)
    path = tmp_path_factory.mktemp("style") / "stripes.png"
    Image.fromarray(stripes).save(path)
    return style(style_image=str(path), extractor="resnet20", smoothness_weight=0.0)


@cache
def scenes(seed: int, count: int) -> Batch:
    """A bright square somewhere on a dark ground."""
    rng = np.random.default_rng(seed)
    images = 0.2 + 0.05 * rng.random((count, 3, SIDE, SIDE), dtype=np.float32)
    for image in images:
        side = int(rng.integers(8, 14))
        top, left = rng.integers(0, SIDE - side, 2)
        image[:, top : top + side, left : left + side] = rng.uniform(0.6, 1.0, 3)[:, None, None]
    return Batch(torch.from_numpy(images), torch.full((count, 2), SIDE))


def trained(task: StyleTask, loss: Callable[[StyleTask, StyleNetwork, Batch], dict[str, Tensor]]) -> StyleNetwork:
    torch.manual_seed(0)
    network, known = style_network(width=8, blocks=2).train(), scenes(0, SCENES)
    optimizer, generator = torch.optim.Adam(network.parameters(), 3e-3), torch.Generator().manual_seed(0)
    for _ in range(STEPS):
        rows = torch.randint(0, SCENES, (AT_ONCE,), generator=generator)
        optimizer.zero_grad()
        terms = loss(task, network, Batch(known.images[rows], known.sizes[rows]))
        torch.stack(list(terms.values())).sum().backward()
        optimizer.step()
    return network.eval()


def judged(task: StyleTask, network: StyleNetwork) -> dict[str, float]:
    """On scenes that it has never seen."""
    unknown, metric = scenes(1, 32), task.metric()
    with torch.inference_mode():
        metric.update(network(unknown.images), unknown)
    return metric.compute()


def reaches(figures: dict[str, float]) -> bool:
    return figures["style_cost"] <= STYLE * figures["style_cost_before"] and figures["content_cost"] <= CONTENT


def test_new_scenes_are_painted_in_the_style_and_keep_what_is_on_them(task):
    torch.manual_seed(0)
    fresh = judged(task, style_network(width=8, blocks=2).eval())
    figures = judged(task, trained(task, lambda task, network, batch: task.loss(network, batch)))
    assert reaches(figures), figures
    assert figures["style_cost"] < 0.5 * fresh["style_cost"]


def test_the_control_a_content_that_is_not_asked_for_is_lost(task):
    def styled(task: StyleTask, network: StyleNetwork, batch: Batch) -> dict[str, Tensor]:
        return {"style": task.loss(network, batch)["style"]}

    assert not reaches(judged(task, trained(task, styled)))


def test_the_control_a_style_that_is_not_asked_for_is_not_there(task):
    def copied(task: StyleTask, network: StyleNetwork, batch: Batch) -> dict[str, Tensor]:
        return {"content": task.loss(network, batch)["content"]}

    assert not reaches(judged(task, trained(task, copied)))
