"""YOLO-nano from JPEG to boxes at 640 pixels: images per second, and where the time goes.

Photographs of COCO (coco128 in SACCADE_DATA) go through `Predictor.stream`, as `saccade predict` does it; then each
part by itself, in turns: reading and decoding, bringing to size, the network, choosing boxes.
`./do bench detector_speed`
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import torch

from measure import header, interleaved, record
from saccade.api.predictor import Predictor
from saccade.architectures.yolo import yolo_nano
from saccade.data.preprocess import preprocess, to_images
from saccade.data.reading import as_image
from saccade.exports.model_file import ModelDescription
from saccade.layers.normalised import Normalised
from saccade.types.batch import Batch
from saccade.types.preprocessing import Preprocessing

SIDE, IMAGES, BATCH, ROUNDS = 640, 32, 8, 5


def predictor() -> Predictor:
    torch.manual_seed(0)
    labels = tuple(f"class {number}" for number in range(80))
    taken = Preprocessing((SIDE, SIDE), 3, (0.0,) * 3, (1.0,) * 3, "pad")
    description = ModelDescription("yolo_nano", {"num_classes": 80, "in_channels": 3}, "detection", labels, taken, {})
    return Predictor(Normalised(yolo_nano(), (0.0,) * 3, (1.0,) * 3), description, device="cpu")


def main() -> None:
    header()
    files = sorted(Path(os.environ["SACCADE_DATA"], "coco128").rglob("*.jpg"))[:IMAGES]
    model = predictor()
    images = [as_image(file) for file in files]
    arrays = [preprocess(image, model.description.preprocessing) for image in images]
    batches = [to_images(arrays[start : start + BATCH]) for start in range(0, IMAGES, BATCH)]
    sizes = torch.tensor([[SIDE, SIDE]] * BATCH)
    with torch.inference_mode():
        outputs = [model.network(batch.contiguous(memory_format=torch.channels_last)) for batch in batches]

        def network() -> None:
            for batch in batches:
                model.network(batch.contiguous(memory_format=torch.channels_last))

        def choosing() -> None:
            for batch, said in zip(batches, outputs, strict=True):
                model.shown.decode(said, Batch(batch, sizes, None, ("",) * BATCH))

        parts = interleaved(
            {
                "reading and decoding": lambda: [as_image(file) for file in files],
                "bringing to size": lambda: [preprocess(image, model.description.preprocessing) for image in images],
                "the network": network,
                "choosing boxes": choosing,
            },
            ROUNDS,
        )
    start = time.perf_counter()
    done = sum(1 for _ in model.stream(files, batch_size=BATCH))
    rate = done / (time.perf_counter() - start)
    print(f"from JPEG to boxes: {rate:.1f} images a second, {done} images of {SIDE} × {SIDE}")
    shares = {name: timing.median / IMAGES for name, timing in parts.items()}
    for name, seconds in shares.items():
        print(f"  {name:<22} {1000 * seconds:7.2f} ms an image, {100 * seconds / sum(shares.values()):4.1f} %")
    record("detector_speed", {"images_per_second": rate, "seconds_an_image": shares, "size": SIDE, "images": done})


if __name__ == "__main__":
    main()
