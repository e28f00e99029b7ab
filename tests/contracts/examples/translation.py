"""Two heaps of the same pictures, so that to leave them as they are is right; and the smallest translator."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from saccade.layers.translator import Translator
from saccade.tasks.translation import translation
from task_example import TaskExample, striped


class OneConvolution(nn.Module):
    """Begins by making each picture lighter."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
        nn.init.dirac_(self.conv.weight)
        nn.init.constant_(self.conv.bias, 0.5)

    def forward(self, images: Tensor) -> Tensor:
        return self.conv(images)


def translator() -> Translator:
    with torch.random.fork_rng():
        torch.manual_seed(0)
        network = Translator("tiny", OneConvolution, lambda: nn.Conv2d(3, 1, 3), in_channels=3)
    network.smallest_size = (8, 8)
    return network


def example() -> TaskExample:
    rng = np.random.default_rng(0)
    heap = [striped(rng, across=number % 2 == 0, down=number < 2, key="", target=0) for number in range(3)]
    samples = [
        type(one)(one.image, kind, f"{2 * number + kind}.png") for number, one in enumerate(heap) for kind in (0, 1)
    ]
    task = translation(["flat", "striped"])
    return TaskExample(
        task,
        translator(),
        samples,
        about="flat",
        bad_targets=[2, -1, "flat", None, 0.5, True],
        learning_rate=0.003,
        steps=600,
    )
