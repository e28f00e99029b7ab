"""Pictures that are in the style already, all of them the style picture itself; and the smallest painter."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor, nn

from saccade.tasks.style import style
from saccade.types.sample import Sample
from task_example import TaskExample, striped


class Painter(nn.Module):
    """Begins by making each picture darker."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 3, 1)
        nn.init.dirac_(self.conv.weight)
        nn.init.zeros_(self.conv.bias)  # pyright: ignore[reportArgumentType]
        with torch.no_grad():
            self.conv.weight.mul_(0.2)

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        return {"images": images, "picture": self.conv(images)}


def example() -> TaskExample:
    picture = striped(np.random.default_rng(0), across=True, down=False, key="", target=None).image
    path = Path(tempfile.mkdtemp()) / "style.png"
    Image.fromarray(picture).save(path)
    samples = [Sample(np.roll(picture, 2 * number, 0), None, f"{number}.png") for number in range(3)]
    task = style(style_image=str(path), extractor="resnet8", smoothness_weight=0.0)
    return TaskExample(task, Painter(), samples, about="style", bad_targets=[], learning_rate=0.01, steps=400)
