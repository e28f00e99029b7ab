"""What several models or views gain over one, and what they cost: "+1–2 %, not in production", tested.

    SACCADE_DATA=… ./do bench ensembling [NAME …]

    views       published ResNet-20 and ResNet-56 on the lossless thousand of CIFAR-10: mirrored, 10 crops, 3 sizes
    published   the two of them together
    crops       published SqueezeNet 1.1 on a photograph of each ImageNet class (its training images): 10 crops and more
    seeds       three small ResNets, each trained from another seed on the same 4,000 images of Fashion-MNIST; 1,000 to
                judge on; two and three of them together, and one of them mirrored

Each line is one way of answering against one model or one view: the gain in accuracy in points, its interval at 95 %
by a paired bootstrap, and how many times as long a picture takes alone and in a batch.
"""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

import saccade
from measure import header, record
from saccade.api.ensembles.evaluation import EnsembleEvaluation
from saccade.data.opening import open_data
from saccade.types.sample import DataSet
from saccade.weights.ledger import entry_of, labels_of

VIEWS = (
    saccade.Views(flips=True),
    saccade.Views(crops=5),
    saccade.Views(crops=10),
    saccade.Views(scales=(1.0, 1.15, 1.3)),
    saccade.Views(flips=True, scales=(1.0, 1.15, 1.3)),
)
Case = Iterator[tuple[str, EnsembleEvaluation]]


def residual(data: Path) -> list[saccade.Predictor]:
    files = {"resnet20": "resnet20-12fca82f", "resnet56": "resnet56-4bfd9763"}
    return [
        saccade.load(name, weights=data / f"weights/resnet_cifar10/{file}.safetensors") for name, file in files.items()
    ]


def lossless(data: Path) -> Any:
    arrays = np.load(data / "cifar10/cifar10_lossless_4k_1k.npz")
    return arrays["x_test"], named(arrays["y_test"].reshape(-1), labels_of(entry_of("resnet20", "cifar10")))


def named(numbers: np.ndarray, labels: tuple[str, ...]) -> list[str]:
    return [labels[number] for number in numbers]


def views(data: Path) -> Case:
    for model in residual(data):
        for one in VIEWS:
            evaluation = saccade.evaluate(model, lossless(data), views=one)
            yield f"{model.description.architecture}, {one}", evaluation


def published(data: Path) -> Case:
    yield "resnet20 and resnet56", saccade.evaluate(residual(data), lossless(data))


def crops(data: Path) -> Case:
    model = saccade.load("squeezenet1_1", weights=data / "weights/squeezenet1_1_fp16/squeezenet1_1_fp16.safetensors")
    paths = sorted((data / "imagenet_sample/images").glob("*.jpg"))
    with tempfile.TemporaryDirectory() as folder:
        table = Path(folder) / "labels.csv"
        lines = [f'{path},"{label}"' for path, label in zip(paths, model.labels, strict=True)]
        table.write_text("path,label\n" + "\n".join(lines) + "\n", encoding="utf-8")
        for one in VIEWS:
            yield f"squeezenet1_1, {one}", saccade.evaluate(model, table, views=one)


def seeds(data: Path, models: int = 3, epochs: int = 6) -> Case:
    garments = few(open_data(str(data / "fashion_mnist/fashion_mnist.npz")))
    with tempfile.TemporaryDirectory() as folder:
        runs = [
            saccade.train(
                garments,
                model="resnet8",
                settings={"seed": seed, "learning_rate": 0.004, "threads": 1},
                epochs=epochs,
                out=Path(folder) / f"seed {seed}",
                listeners=[],
            )
            for seed in range(models)
        ]
        for count in range(2, models + 1):
            yield f"{count} seeds of resnet8", saccade.evaluate(runs[:count], garments)
        yield "resnet8, mirrored too", saccade.evaluate(runs[0], garments, views=saccade.Views(flips=True))


def few(dataset: DataSet) -> Any:
    """The first 4,000 to learn from, the next 1,000 to choose the epoch, the first 1,000 of the test split to judge."""
    train, test = dataset.splits["train"], dataset.splits["test"]
    parts = {"train": (train, range(4000)), "val": (train, range(4000, 5000)), "test": (test, range(1000))}
    return {
        split: (
            np.stack([source.read(row).image for row in rows]),
            np.array([source.target(row) for row in rows]),
        )
        for split, (source, rows) in parts.items()
    }


CASES: dict[str, Callable[[Path], Case]] = {"views": views, "published": published, "crops": crops, "seeds": seeds}


def told(name: str, evaluation: EnsembleEvaluation) -> None:
    """Print and record what is gained over each lesser way."""
    for gain in evaluation.gains:
        value, low, high = (100 * number for number in gain.figures["accuracy"])
        whole = 100 * evaluation.numbers()["accuracy"][0]
        print(
            f"{name:44} {whole:5.1f} %  over {gain.over:8} {value:+6.2f} ({low:+6.2f} to {high:+6.2f})"
            f"  × {gain.times[0]:5.2f} alone, × {gain.times[1]:5.2f} in a batch",
            flush=True,
        )
    record("ensembling", {"what": name, "images": evaluation.images, "accuracy": round(whole, 2),
                          "standings": [one.to_dict() for one in evaluation.standings],
                          "gains": [one.to_dict() for one in evaluation.gains]})  # fmt: skip


def main(names: list[str]) -> None:
    saccade.tune_memory()
    header()
    data = Path(os.environ["SACCADE_DATA"])
    for name in names or list(CASES):
        for what, evaluation in CASES[name](data):
            told(what, evaluation)


if __name__ == "__main__":
    main(sys.argv[1:])
