"""Explanations: occlusion beside captum's, RISE beside a direct loop, Grad-CAM of a folder beside plain prediction.

    SACCADE_DATA=… ./do bench explanations [ROUNDS]

SqueezeNet 1.1 with published weights on photographs of imagenet_sample, all on two threads, taking turns; so many
rounds, 5 by default, medians, and the ratio of each round. captum gets each number of windows at once that is a power
of two up to 64, and its best counts.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path

import torch

import saccade
from measure import header, record
from saccade.api.explaining.explaining import explainer
from saccade.data.preprocess import preprocess, to_images
from saccade.data.reading import read_image
from saccade.explanations.asking.question import Question
from saccade.explanations.asking.sealed import answered
from saccade.explanations.occlusion import Occlusion
from saccade.explanations.rise import Rise

WINDOW, STRIDE, MASKS = 32, 16, 256


def direct_rise(network: torch.nn.Module, image: torch.Tensor, label: int, empty: torch.Tensor) -> torch.Tensor:
    """RISE as its formula reads: a mask at a time."""
    masks = Rise(masks=MASKS)._masks(MASKS, (image.shape[2], image.shape[3]), torch.Generator().manual_seed(0))
    total = torch.zeros(image.shape[2:])
    with torch.no_grad():
        for mask in masks:
            total += network(image * mask + empty * (1 - mask)).softmax(1)[0, label] * mask
    return total / (MASKS * 0.5)


def timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def rounds(ways: dict[str, Callable[[], object]], number: int) -> dict[str, list[float]]:
    found = {name: [] for name in ways}
    for work in ways.values():
        work()
    for turn in range(number):
        for name in list(ways) if turn % 2 else list(ways)[::-1]:
            found[name].append(timed(ways[name]))
    return found


def told(found: dict[str, list[float]], ours: str, theirs: str) -> dict[str, object]:
    ratios = sorted(b / a for a, b in zip(found[ours], found[theirs], strict=True))
    return {
        "seconds": {name: round(statistics.median(values), 3) for name, values in found.items()},
        f"{ours} is so many times as fast": [
            round(statistics.median(ratios), 2),
            round(ratios[0], 2),
            round(ratios[-1], 2),
        ],
    }


def main(number: str = "5") -> None:
    header()
    torch.set_num_threads(2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from captum import attr
    data = Path(os.environ["SACCADE_DATA"])
    weights = data / "weights/squeezenet1_1_fp16/squeezenet1_1_fp16.safetensors"
    model = saccade.load("squeezenet1_1", weights=weights, device="cpu")
    paths = sorted((data / "imagenet_sample").rglob("*.jp*g"))[:128]
    taken = model.description.preprocessing
    images = to_images([preprocess(read_image(path), taken) for path in paths[:1]])
    images = images.to(memory_format=model.execution.torch_memory_format)
    network, empty = model.network, torch.tensor(taken.mean)[None, :, None, None]
    label = int(network(images).argmax())
    question = Question(
        network, images, model.task.score, model.task.asked(network(images), label), model.task.confidence_in,
        torch.tensor(taken.mean),
    )  # fmt: skip

    def by_captum(at_once: int) -> object:
        return attr.Occlusion(network).attribute(
            images, (3, WINDOW, WINDOW), strides=(3, STRIDE, STRIDE), baselines=empty.expand_as(images), target=label,
            perturbations_per_eval=at_once,
        )  # fmt: skip

    with torch.no_grad():
        best = min((1, 2, 4, 8, 16, 32, 64), key=lambda size: min(timed(lambda: by_captum(size)) for _ in range(3)))
    occluded = rounds(
        {
            "saccade": lambda: answered(Occlusion(window=WINDOW, stride=STRIDE), question),
            "captum": lambda: by_captum(best),
        },
        int(number),
    )
    difference = answered(Occlusion(window=WINDOW, stride=STRIDE), question).maps[0] - by_captum(best)[0, 0].detach()
    risen = rounds(
        {
            "saccade": lambda: answered(Rise(masks=MASKS), question),
            "a mask at a time": lambda: direct_rise(network, images, label, empty),
        },
        int(number),
    )
    explaining = explainer(model, method="grad_cam")
    folder = rounds(
        {
            "grad_cam": lambda: list(explaining.stream(paths, batch_size=16)),
            "predict": lambda: list(model.stream(paths, batch_size=16)),
        },
        max(3, int(number) // 2),
    )
    figures = {
        "occlusion": {**told(occluded, "saccade", "captum"), "captum's best at once": best,
                      "largest difference": float(difference.abs().max())},
        "rise": told(risen, "saccade", "a mask at a time"),
        "grad_cam of 128 pictures": told(folder, "grad_cam", "predict"),
    }  # fmt: skip
    for name, values in figures.items():
        print(name, values)
    record("explanations", {"window": WINDOW, "stride": STRIDE, "masks": MASKS, "figures": figures})


if __name__ == "__main__":
    main(*sys.argv[1:])
