"""Decoding JPEG, PNG and WebP: Pillow, OpenCV, simplejpeg and saccade, on one core, whole and down to a crop of 224.

    ./do bench decoding

Files are photographs of `imagenet_sample` (about 500 × 375) and one of 12 megapixels, made of the largest of
`style_images` by enlarging it and adding noise of a sensor (deviation 4 levels). "To 224" is what a network gets: the
shorter side at 224, the middle cut out, normalised floats. Rivals are called as their documentation says; saccade's
figure holds every check that `read_image` makes. Taking turns, call by call; simplejpeg only where it is installed.
"""

from __future__ import annotations

import importlib.util
import io
import os
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import torch
from PIL import Image

from measure import Timing, header, interleaved, ratio, record, table
from saccade.data.preprocess import preprocess
from saccade.data.reading import read_image
from saccade.types.preprocessing import Preprocessing

SMALL, ROUNDS, SIDE = 24, 9, 224
TAKEN = Preprocessing((SIDE, SIDE), 3, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
MEAN, STD = (np.array(values, np.float32) for values in (TAKEN.mean, TAKEN.std))
PILLOW, OPENCV, SIMPLE, OURS = "Pillow", "OpenCV", "simplejpeg", "saccade"


def by_pillow(data: bytes) -> np.ndarray:
    return np.array(Image.open(io.BytesIO(data)).convert("RGB"))


def by_opencv(data: bytes) -> np.ndarray:
    return cv2.cvtColor(cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def by_simplejpeg(data: bytes) -> np.ndarray:
    import simplejpeg

    return simplejpeg.decode_jpeg(data)


def normalised(pixels: np.ndarray) -> torch.Tensor:
    return torch.from_numpy(((pixels.astype(np.float32) / 255 - MEAN) / STD).transpose(2, 0, 1))


def crop_by_pillow(data: bytes) -> torch.Tensor:
    image = Image.open(io.BytesIO(data)).convert("RGB")
    scale = SIDE / min(image.size)
    image = image.resize((round(image.width * scale), round(image.height * scale)), Image.Resampling.BILINEAR)
    left, top = (image.width - SIDE) // 2, (image.height - SIDE) // 2
    return normalised(np.array(image.crop((left, top, left + SIDE, top + SIDE))))


def crop_whole(data: bytes) -> torch.Tensor:
    return normalised(preprocess(read_image(data), TAKEN))


def crop_reduced(data: bytes) -> torch.Tensor:
    return normalised(preprocess(read_image(data, at_least=(SIDE, SIDE)), TAKEN))


def photographs(folder: Path) -> tuple[list[bytes], bytes]:
    """Some photographs as JPEG at 500 × 375, and one of 12 megapixels."""
    paths = sorted((folder / "imagenet_sample/images").rglob("*.[jJ]*"))[:: 1000 // SMALL][:SMALL]
    small = [encoded(Image.open(path).convert("RGB").resize((500, 375)), "JPEG", quality=90) for path in paths]
    largest = max((folder / "style_images").rglob("*.jpg"), key=lambda path: np.prod(Image.open(path).size))
    pixels = np.array(Image.open(largest).convert("RGB").resize((4000, 3000), Image.Resampling.BICUBIC), np.float32)
    pixels += np.random.default_rng(0).normal(0, 4, pixels.shape).astype(np.float32)
    return small, encoded(Image.fromarray(pixels.clip(0, 255).astype(np.uint8)), "JPEG", quality=90)


def encoded(image: Image.Image, kind: str, **options: object) -> bytes:
    file = io.BytesIO()
    image.save(file, kind, **options)
    return file.getvalue()


def each(way: Callable[[bytes], object], files: list[bytes]) -> Callable[[], None]:
    def run() -> None:
        for file in files:
            way(file)

    return run


def main() -> None:
    header()
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    small, large = photographs(Path(os.environ["SACCADE_DATA"]))
    simple = {SIMPLE: by_simplejpeg} if importlib.util.find_spec("simplejpeg") else {}
    kinds = {kind: [encoded(Image.open(io.BytesIO(file)), kind) for file in small] for kind in ("PNG", "WebP")}
    whole = {PILLOW: by_pillow, OPENCV: by_opencv}
    crops = {f"{PILLOW}, whole": crop_by_pillow, f"{OURS}, whole": crop_whole, f"{OURS}, reduced": crop_reduced}
    runs = {
        "JPEG 500 × 375": ({**whole, **simple, OURS: read_image}, small),
        "JPEG 12 megapixels": ({**whole, **simple, OURS: read_image}, [large]),
        "PNG 500 × 375": ({**whole, OURS: read_image}, kinds["PNG"]),
        "WebP 500 × 375": ({**whole, OURS: read_image}, kinds["WebP"]),
        "JPEG 500 × 375 to 224": (crops, small),
        "JPEG 12 megapixels to 224": (crops, [large]),
    }
    levels = {
        "whole": int(np.abs(by_pillow(large).astype(int) - read_image(large)).max()),
        "reduced to 224": mean_levels(crop_by_pillow(large), crop_reduced(large)),
    }
    print(f"difference from Pillow in levels, 12 megapixels: {levels}\n")
    for name, (ways, files) in runs.items():
        timings = interleaved({way: each(function, files) for way, function in ways.items()}, ROUNDS, warm_up=1)
        base = next(iter(ways))
        print(f"{name}, ms a picture\n{table(timings, base, len(files))}\n", flush=True)
        figures = {way: row(timings[base], timing, len(files)) for way, timing in timings.items()}
        record("decoding", {"what": name, "rounds": ROUNDS, "levels": levels, "figures": figures})


def mean_levels(one: torch.Tensor, other: torch.Tensor) -> float:
    """The mean difference of two normalised pictures, in levels of 255."""
    return round(float(((one - other).abs() * torch.tensor(TAKEN.std)[:, None, None]).mean()) * 255, 3)


def row(base: Timing, timing: Timing, count: int) -> dict[str, object]:
    return {
        "ms": round(timing.median / count * 1e3, 3),
        "times_base": [round(number, 3) for number in ratio(base, timing)],
    }


if __name__ == "__main__":
    main()
