"""What the tests of the verbs share: pictures of two colours, and one tiny run that many look at and none changes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from PIL import Image

import saccade
from saccade.weights import ledger
from saccade.weights.convert import content_hash
from saccade.weights.files import write_tensors

LINE = "conv 4 3, pool 2, gap"
COLOURS = {"blue": (40, 60, 220), "green": (60, 200, 60), "red": (220, 50, 40)}


def picture(colour: tuple[int, int, int], number: int, size: int = 16) -> np.ndarray:
    """One colour with some noise."""
    noise = np.random.default_rng(number).integers(-30, 30, (size, size, 3))
    return np.clip(np.array(colour) + noise, 0, 255).astype(np.uint8)


@pytest.fixture(scope="session")
def arrays():
    """Sixty pictures, and the number of the colour of each."""
    colours = list(COLOURS.values())
    return np.stack([picture(colours[n % 3], n) for n in range(60)]), np.arange(60) % 3


@pytest.fixture(scope="session")
def photos(tmp_path_factory):
    """A folder with twelve PNGs in each of three class folders; nobody writes to it."""
    root = tmp_path_factory.mktemp("data") / "photos"
    for name, colour in COLOURS.items():
        (root / name).mkdir(parents=True)
        for number in range(12):
            Image.fromarray(picture(colour, number)).save(root / name / f"{number}.png")
    return root


@pytest.fixture
def quick(tmp_path):
    """Train as little as possible, into a folder of the test's own."""

    def train(data, *, model=LINE, out="run", epochs=1, listeners=(), **settings):
        settings = {"threads": 1, "mirror": False, "crop_rate": 0.0, **settings}
        return saccade.train(
            data, model=model, settings=settings, epochs=epochs, out=tmp_path / out, listeners=list(listeners)
        )

    return train


@pytest.fixture(scope="session")
def trained(photos, tmp_path_factory):
    """A run on the photos that has learnt the colours, its predictor, and where things are; nobody changes it."""
    run = saccade.train(
        photos,
        model=LINE,
        settings={"threads": 1, "learning_rate": 0.05, "mirror": False, "batch_size": 8},
        epochs=8,
        out=tmp_path_factory.mktemp("runs") / "colours",
        listeners=[],
    )
    return SimpleNamespace(run=run, predictor=run.predictor(), photos=Path(photos))


@pytest.fixture
def mirror(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, torch.Tensor]:
    """Weights for resnet20/cifar10 in a mirror, and a ledger that knows their hash; gives the weights."""
    tensors = saccade.create("resnet20").state_dict()
    write_tensors(tmp_path / "mirror" / "resnet20-12fca82f.safetensors", tensors, {})
    table = dict(ledger.entries())
    table["resnet20/cifar10"] = replace(table["resnet20/cifar10"], content=content_hash(tensors))
    monkeypatch.setattr(ledger, "_table", lambda: table)
    monkeypatch.setenv("SACCADE_WEIGHTS", str(tmp_path / "mirror"))
    monkeypatch.setenv("SACCADE_CACHE", str(tmp_path / "cache"))
    monkeypatch.delenv("SACCADE_COMMERCIAL_ONLY", raising=False)
    return tensors
