"""The published encoder, with its own decoder behind it, gives a photograph back."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from PIL import Image
from safetensors.torch import load_file
from torch import nn

import saccade


def decoder() -> nn.Sequential:
    """The published way back from relu3_1, whose parts are called by their numbers."""

    def convolved(before: int, after: int) -> list[nn.Module]:
        return [nn.ReflectionPad2d(1), nn.Conv2d(before, after, 3), nn.ReLU()]

    larger = nn.UpsamplingNearest2d(scale_factor=2)
    parts = [*convolved(256, 128), larger, *convolved(128, 128), *convolved(128, 64), larger, *convolved(64, 64)]
    return nn.Sequential(*parts, nn.ReflectionPad2d(1), nn.Conv2d(64, 3, 3))


def test_a_photograph_comes_back_at_the_recorded_likeness(saccade_data: Path) -> None:
    folder = saccade_data / "weights" / "vgg19_normalised_relu3"
    encoder = saccade.create("vgg19_normalised", weights=folder / "vgg_normalised_conv3_1.safetensors").eval()
    back = decoder()
    back.load_state_dict(load_file(folder / "feature_invertor_conv3_1.safetensors"))
    with Image.open(saccade_data / "style_images" / "neural_style_inputs" / "tubingen.jpg") as file:
        picture = file.convert("RGB").resize((512, 384))
    images = torch.from_numpy(np.asarray(picture).copy()).permute(2, 0, 1)[None] / 255
    with torch.no_grad():
        error = (back(encoder(images)) - images).square().mean()
    assert -10 * error.log10().item() > 25  # decibels; 25.7 was recorded for it
