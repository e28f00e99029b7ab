"""Accuracy of published weights on real images: SqueezeNet 1.1 and 1.0, Tiny Darknet, the CIFAR-10 residual networks.

    SACCADE_DATA=… ./do bench published [NAME …]

Each is judged on the images that the README of SACCADE_DATA names, with its publisher's preprocessing, and compared
with the figure given there for those very files. The photographs are training images, so the figures run a few points
above those on ImageNet's validation images.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

import saccade
from measure import header, record
from saccade.api.predictor import Predictor
from saccade.exports.model_file import ModelDescription
from saccade.layers.normalised import Normalised
from saccade.types.preprocessing import Preprocessing
from saccade.weights.files import read_tensors
from saccade.weights.importers import DARKNET_LINE, bgr_to_rgb, darknet_tiny
from saccade.weights.ledger import entry_of, labels_of


class Case(NamedTuple):
    """Weights, images, and the percentages that are expected: first, and among the first five (0 where not given)."""

    make: Callable[[Path], Predictor]
    images: Callable[[Path], tuple[list[Any], np.ndarray]]
    top1: float
    top5: float


def squeezenet1_1(data: Path) -> Predictor:
    return saccade.load("squeezenet1_1", weights=data / "weights/squeezenet1_1_fp16/squeezenet1_1_fp16.safetensors")


def squeezenet1_0(data: Path) -> Predictor:
    """Caffe's images: blue before red, 0 to 255, less a mean; warped to 256 × 256, the middle 227 × 227."""
    tensors, _ = read_tensors(data / "weights/squeezenet1_0_deepcompression/squeezenet1_0_dc.safetensors")
    network = saccade.create("squeezenet1_0")
    network.load_state_dict(bgr_to_rgb(tensors, "features.0.weight"))
    mean = (123 / 255, 117 / 255, 104 / 255)
    taken = Preprocessing((227, 227), 3, mean, (1 / 255,) * 3, fit="stretch", scaled=(256, 256))
    return predictor("squeezenet1_0", network, taken)


def darknet(data: Path) -> Predictor:
    tensors, _ = read_tensors(data / "weights/darknet_tiny_imagenet/darknet_tiny.safetensors")
    network = saccade.catalog.find("architectures", "dcnn")(DARKNET_LINE)
    network.load_state_dict(darknet_tiny(tensors, network))
    order = (data / "weights/darknet_tiny_imagenet/darknet_class_order_synsets.txt").read_text().split()
    standard = np.argsort(np.argsort(order))  # output i is the class of this number
    names = labels_of(entry_of("squeezenet1_1", "imagenet"))
    taken = Preprocessing((224, 224), 3, (0.0,) * 3, (1.0,) * 3, scaled=(256, 256))
    return predictor("dcnn", network, taken, tuple(names[number] for number in standard))


def cifar(name: str, file: str) -> Callable[[Path], Predictor]:
    return lambda data: saccade.load(name, weights=data / f"weights/resnet_cifar10/{file}.safetensors")


def predictor(
    name: str, network: torch.nn.Module, taken: Preprocessing, labels: tuple[str, ...] | None = None
) -> Predictor:
    labels = labels or labels_of(entry_of("squeezenet1_1", "imagenet"))
    described = ModelDescription(name, {}, "classification", labels, taken)
    return Predictor(Normalised(network, taken.mean, taken.std).eval(), described, device="cpu")


def photographs(data: Path) -> tuple[list[Any], np.ndarray]:
    paths = sorted((data / "imagenet_sample/images").glob("*.jpg"))
    return list(paths), np.arange(len(paths))


def cifar_images(data: Path) -> tuple[list[Any], np.ndarray]:
    arrays = np.load(data / "cifar10/cifar10_lossless_4k_1k.npz")
    return list(arrays["x_test"]), arrays["y_test"].reshape(-1)


CASES = {
    "squeezenet1_1": Case(squeezenet1_1, photographs, 63.6, 85.0),
    "squeezenet1_0": Case(squeezenet1_0, photographs, 65.4, 85.9),
    "darknet": Case(darknet, photographs, 66.1, 87.4),
    "resnet20": Case(cifar("resnet20", "resnet20-12fca82f"), cifar_images, 91.5, 0),
    "resnet56": Case(cifar("resnet56", "resnet56-4bfd9763"), cifar_images, 92.6, 0),
}


def measure(case: Case, data: Path, every: int = 1) -> tuple[float, float, int]:
    """Give the percentages of right first answers, and of classes among the first five, and how many images."""
    model, (images, targets) = case.make(data), case.images(data)
    names = labels_of(entry_of("squeezenet1_1" if len(model.labels) == 1000 else "resnet20",
                               "imagenet" if len(model.labels) == 1000 else "cifar10"))  # fmt: skip
    first = five = 0
    chosen, wanted = images[::every], targets[::every]
    for prediction, target in zip(model.stream(chosen), wanted, strict=True):
        answers = [name for name, _ in prediction.top(5)]
        first += answers[0] == names[target]
        five += names[target] in answers
    return 100 * first / len(chosen), 100 * five / len(chosen), len(chosen)


def main(names: list[str]) -> None:
    saccade.tune_memory()
    header()
    data = Path(os.environ["SACCADE_DATA"])
    for name in names or list(CASES):
        case, start = CASES[name], time.perf_counter()
        top1, top5, images = measure(case, data)
        seconds = time.perf_counter() - start
        given = f"{case.top1} / {case.top5}" if case.top5 else f"{case.top1}"
        print(f"{name:14} {top1:.1f} / {top5:.1f} % of {images:,} images; given {given}; {seconds:.0f} s", flush=True)
        figures = {"top1": round(top1, 2), "top5": round(top5, 2), "images": images}
        record("published", {"model": name, **figures, "given_top1": case.top1, "given_top5": case.top5 or None})


if __name__ == "__main__":
    main(sys.argv[1:])
