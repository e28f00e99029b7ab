"""Published CIFAR weights load unmodified and classify real images as well as they did for their author."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from saccade import catalog
from saccade.layers.normalised import Normalised

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


@pytest.mark.parametrize(
    ("name", "file", "accuracy"),
    [
        ("resnet20", "resnet20-12fca82f.safetensors", 0.915),
        pytest.param("resnet56", "resnet56-4bfd9763.safetensors", 0.926, marks=pytest.mark.full),
    ],
)
def test_accuracy_on_a_thousand_images_is_the_published_one(
    name: str, file: str, accuracy: float, saccade_data: Path
) -> None:
    published = load_file(saccade_data / "weights" / "resnet_cifar10" / file)
    network = catalog.find("architectures", name)()
    network.load_state_dict({key.removeprefix("module."): value for key, value in published.items()})
    with np.load(saccade_data / "cifar10" / "cifar10_lossless_4k_1k.npz") as data:
        images, labels = torch.from_numpy(data["x_test"]), torch.from_numpy(data["y_test"])
    model = Normalised(network, MEAN, STD).eval()
    with torch.no_grad():
        found = [model(part.permute(0, 3, 1, 2) / 255).argmax(1) for part in images.split(250)]
    assert (torch.cat(found) == labels).float().mean().item() == pytest.approx(accuracy, abs=5e-4)
