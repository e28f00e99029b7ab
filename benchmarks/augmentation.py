"""Augmentation on one core, beside other libraries in the same run: pictures a second, and how near to the truth.

    ./do bench augmentation [ROUNDS]

From photographs as they were decoded (500 × 375, of SACCADE_DATA/imagenet_sample) to a normalised float tensor of
(3, 224, 224), and for detection from photographs with boxes to four of them on one canvas of 640 × 640. The rivals are
taken where they are installed: torchvision (transforms v2), albumentations, kornia. All work with one thread, and take
turns batch by batch. (Where torchvision does not load beside a CPU build of torch, a module `load_torchvision` on the
path, which makes it load, is imported first.) Ours ends with `preprocess.normalised`, so that all give the same; in
training it is the network that normalises, a whole batch at once.

    crop             random resized crop, mirror, normalise
    crop and colour  the same, with brightness, contrast, saturation and hue, each at random
    mosaic           scale, mirror and colour of four pictures, their boxes, a mosaic of 640 × 640

Quality: the same window, resampled by each, against 8 × 8 points in each pixel by Lanczos' filter, as a peak
signal-to-noise ratio. The windows are of photographs of at least 256 pixels, so the shrink is at most 2; more of it is
measured on windows of the whole picture for smaller results.
"""

from __future__ import annotations

import importlib
import math
import os
import sys
from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from PIL import Image

from measure import Timing, header, interleaved, ratio, record, table
from saccade.data.augmentations.colours import Brightness, Contrast, Hue, Saturation
from saccade.data.augmentations.cropping import RandomResizedCrop
from saccade.data.augmentations.mixing import Mosaic
from saccade.data.augmentations.placing import Mirror
from saccade.data.augmentations.turning import Scale
from saccade.data.augmenting.augmenter import Augmenter
from saccade.data.augmenting.resampling import resample
from saccade.data.preprocess import normalised
from saccade.data.randomness import Draws
from saccade.types.annotations import Annotations
from saccade.types.boxes import Boxes
from saccade.types.preprocessing import Preprocessing
from saccade.types.sample import Sample
from saccade.types.warp import Warp

MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
SIDE, CANVAS, PICTURES, ROUNDS, BOXES = 224, 640, 32, 15, 8
FAMILY = (Brightness(0.4), Contrast(0.4), Saturation(0.4), Hue(36.0))
Work = Callable[[], object]


def photographs() -> list[np.ndarray]:
    folder = Path(os.environ["SACCADE_DATA"], "imagenet_sample", "images")
    files = sorted(path for path in folder.rglob("*") if path.is_file())[:: 1000 // PICTURES][:PICTURES]
    sizes = [Image.open(file).convert("RGB").resize((500, 375), Image.Resampling.BICUBIC) for file in files]
    return [np.array(picture) for picture in sizes]


def boxes_of(number: int) -> np.ndarray:
    draws = np.random.default_rng(number)
    first = draws.uniform(0, [400, 300], (BOXES, 2))
    return np.concatenate([first, first + draws.uniform(20, 75, (BOXES, 2))], 1)


def ours(pictures: list[np.ndarray], colour: bool) -> Work:
    plain = Preprocessing((SIDE, SIDE), 3, MEAN, STD)
    augmenter = Augmenter((RandomResizedCrop(), Mirror(), *(FAMILY if colour else ())))
    count = iter(range(sys.maxsize))
    samples = [Sample(picture, 1) for picture in pictures]
    return lambda: [
        normalised(augmenter.placed(sample, plain, Draws(0, next(count))).image, plain) for sample in samples
    ]


def our_mosaic(pictures: list[np.ndarray]) -> Work:
    plain = Preprocessing((CANVAS, CANVAS), 3, MEAN, STD, "pad")
    augmenter = Augmenter((Scale(0.5, 1.5), Mirror(), *FAMILY, Mosaic()))
    count = iter(range(sys.maxsize))
    targets = [
        Annotations((375, 500), torch.arange(BOXES), Boxes(torch.from_numpy(boxes_of(number)), (375, 500)))
        for number in range(len(pictures))
    ]
    samples = [Sample(picture, target) for picture, target in zip(pictures, targets, strict=True)]

    def run() -> object:
        placed = [augmenter.placed(sample, plain, Draws(0, next(count))) for sample in samples]
        return [normalised(sample.image, plain) for sample in augmenter.mixed(placed, Draws(1, next(count)))]

    return run


def torchvision_works(pictures: list[np.ndarray]) -> dict[str, Work]:
    if importlib.util.find_spec("load_torchvision"):
        importlib.import_module("load_torchvision")
    v2 = importlib.import_module("torchvision.transforms.v2")
    last = [v2.ToDtype(torch.float32, scale=True), v2.Normalize(MEAN, STD)]
    crop = [v2.RandomResizedCrop(SIDE, antialias=True), v2.RandomHorizontalFlip()]
    given = [torch.from_numpy(picture).permute(2, 0, 1).contiguous() for picture in pictures]
    found = {}
    for name, steps in {"crop": [], "crop and colour": [v2.ColorJitter(0.4, 0.4, 0.4, 0.1)]}.items():
        found[name] = _each(v2.Compose([*crop, *steps, *last]), given)
    return found


def kornia_works(pictures: list[np.ndarray]) -> dict[str, Work]:
    K = importlib.import_module("kornia.augmentation")  # noqa: N806
    crop = [K.RandomResizedCrop((SIDE, SIDE)), K.RandomHorizontalFlip()]
    last = [K.Normalize(torch.tensor(MEAN), torch.tensor(STD))]
    found = {}
    for name, steps in {"crop": [], "crop and colour": [K.ColorJitter(0.4, 0.4, 0.4, 0.1)]}.items():
        whole = K.AugmentationSequential(*crop, *steps, *last, data_keys=["input"])
        found[name] = _each(
            lambda image, whole=whole: whole(torch.from_numpy(image).permute(2, 0, 1)[None].float().div_(255)), pictures
        )
    return found


def albumentations_works(pictures: list[np.ndarray]) -> dict[str, Work]:
    os.environ["NO_ALBUMENTATIONS_UPDATE"] = "1"
    A = importlib.import_module("albumentations")  # noqa: N806
    to_tensor = importlib.import_module("albumentations.pytorch").ToTensorV2
    jitter = A.ColorJitter((0.6, 1.4), (0.6, 1.4), (0.6, 1.4), (-0.1, 0.1), p=1.0)
    last = [A.Normalize(MEAN, STD), to_tensor()]
    crop = [A.RandomResizedCrop((SIDE, SIDE)), A.HorizontalFlip()]
    found: dict[str, Work] = {}
    for name, steps in {"crop": [], "crop and colour": [jitter]}.items():
        whole = A.Compose([*crop, *steps, *last])
        found[name] = _each(lambda image, whole=whole: whole(image=image)["image"], pictures)
    boxes = [boxes_of(number) for number in range(len(pictures))]
    mosaic = A.Compose(
        [
            A.Mosaic((2, 2), (CANVAS, CANVAS), (CANVAS, CANVAS), fit_mode="contain", p=1.0),
            A.Affine((0.5, 1.5)), A.HorizontalFlip(), jitter, *last,
        ],
        bbox_params=A.BboxParams("pascal_voc", ["labels"], min_visibility=0.1),
    )  # fmt: skip
    labels = list(range(BOXES))
    every = [{"image": picture, "bboxes": box, "labels": labels} for picture, box in zip(pictures, boxes, strict=True)]

    def run() -> object:
        return [
            mosaic(**one, mosaic_metadata=[every[(number + step) % len(every)] for step in (1, 2, 3)])
            for number, one in enumerate(every)
        ]

    found["mosaic"] = run
    return found


RIVALS = {"torchvision": torchvision_works, "albumentations": albumentations_works, "kornia": kornia_works}


def _each(change: Callable[[Any], object], pictures: Sequence[Any]) -> Work:
    return lambda: [change(picture) for picture in pictures]


def installed() -> dict[str, str]:
    return {name: version(name) for name in RIVALS if importlib.util.find_spec(name)}


def speed(pictures: list[np.ndarray], rounds: int) -> None:
    works = {"crop": ours(pictures, False), "crop and colour": ours(pictures, True), "mosaic": our_mosaic(pictures)}
    rivals = {name: RIVALS[name](pictures) for name in installed()}
    for what, work in works.items():
        ways = {"saccade": work, **{name: found[what] for name, found in rivals.items() if what in found}}
        timings = interleaved(ways, rounds, warm_up=3)
        base = "albumentations" if "albumentations" in ways else "saccade"
        print(f"{what}\n{table(timings, base, len(pictures))}\n", flush=True)
        record("augmentation", {"what": what, "rivals": installed(), "figures": figures(timings)})


def figures(timings: dict[str, Timing]) -> dict[str, Any]:
    return {
        name: {
            "pictures_per_second": round(PICTURES / timing.median),
            "saccade_times": [round(number, 2) for number in ratio(timing, timings["saccade"])],
        }
        for name, timing in timings.items()
    }


def truth(image: np.ndarray, window: tuple[int, int, int, int], size: int) -> np.ndarray:
    """8 × 8 points in each pixel, by Lanczos' filter."""
    (x1, y1, x2, y2), points = window, 8 * size
    x, y = ((np.arange(points) + 0.5) * (end - start) / points + start - 0.5 for start, end in ((x1, x2), (y1, y2)))
    across, down = (np.ascontiguousarray(grid, np.float32) for grid in np.meshgrid(x, y))
    fine = cv2.remap(image.astype(np.float32), across, down, cv2.INTER_LANCZOS4, borderMode=cv2.BORDER_REPLICATE)
    return fine.reshape(size, 8, size, 8, 3).mean((1, 3)).clip(0, 255)


def ways_to_resample() -> dict[str, Callable[[np.ndarray, tuple[int, int, int, int], int], np.ndarray]]:
    def saccade(image: np.ndarray, window: tuple[int, int, int, int], size: int) -> np.ndarray:
        x1, y1, x2, y2 = window
        across, down = size / (x2 - x1), size / (y2 - y1)
        matrix = np.array([[across, 0.0, -x1 * across], [0.0, down, -y1 * down], [0.0, 0.0, 1.0]])
        return resample(image, Warp(matrix, image.shape[:2], (size, size)))

    def albumentations(image: np.ndarray, window: tuple[int, int, int, int], size: int) -> np.ndarray:
        x1, y1, x2, y2 = window  # what its RandomResizedCrop does as it comes
        return cv2.resize(image[y1:y2, x1:x2], (size, size), interpolation=cv2.INTER_LINEAR)

    found = {"saccade": saccade, "albumentations": albumentations}
    if "torchvision" in installed():
        resized = importlib.import_module("torchvision.transforms.v2.functional").resized_crop

        def torchvision(image: np.ndarray, window: tuple[int, int, int, int], size: int) -> np.ndarray:
            (x1, y1, x2, y2), given = window, torch.from_numpy(image).permute(2, 0, 1)
            return resized(given, y1, x1, y2 - y1, x2 - x1, [size, size], antialias=True).permute(1, 2, 0).numpy()

        found["torchvision"] = torchvision
    if "kornia" in installed():
        crop = importlib.import_module("kornia.geometry.transform").crop_and_resize

        def kornia(image: np.ndarray, window: tuple[int, int, int, int], size: int) -> np.ndarray:
            x1, y1, x2, y2 = window
            corners = torch.tensor([[[x1, y1], [x2 - 1, y1], [x2 - 1, y2 - 1], [x1, y2 - 1]]]).float()
            given = torch.from_numpy(image).permute(2, 0, 1)[None].float()
            return crop(given, corners, (size, size))[0].permute(1, 2, 0).numpy()

        found["kornia"] = kornia
    return found


def quality() -> None:
    folder = Path(os.environ["SACCADE_DATA"], "imagenet_sample", "images")
    files = sorted(path for path in folder.rglob("*") if path.is_file())[::50]
    pictures = [np.asarray(Image.open(file).convert("RGB")) for file in files]
    found: dict[str, dict[str, float]] = {}
    for shrink in (0.5, 0.8, 1.0, 1.2, 1.5, 1.7, 2.0, 3.0, 4.0):
        ratios: dict[str, list[float]] = {}
        for picture in pictures:
            side = min(picture.shape[:2]) - 8
            size = round(side / shrink) if shrink > 1 else SIDE
            side = round(size * shrink)
            window = (4, 4, 4 + side, 4 + side)
            right = truth(picture, window, size)
            for name, way in ways_to_resample().items():
                error = np.mean((way(picture, window, size).astype(np.float64) - right) ** 2)
                ratios.setdefault(name, []).append(10 * math.log10(255**2 / error))
        found[str(shrink)] = {name: round(float(np.mean(values)), 1) for name, values in ratios.items()}
        print(f"shrink {shrink}: " + ", ".join(f"{name} {value} dB" for name, value in found[str(shrink)].items()))
    record("augmentation", {"what": "quality in dB by shrink", "rivals": installed(), "figures": found})


def main(rounds: int) -> None:
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    header()
    print(f"{installed()}; {PICTURES} pictures a round, one thread; milliseconds are of one picture\n")
    speed(photographs(), rounds)
    quality()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else ROUNDS)
