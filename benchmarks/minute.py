"""The minute: `saccade train --budget 60s` on a thousand photographs in ten classes, beside other ways to spend it.

A hundred pictures a class of the lossless CIFAR-10 (SACCADE_DATA) are cut by the command itself; all are judged on the
thousand test pictures, of which none knows anything. Beside it, on the same training pictures: logistic regression of
scikit-learn on raw pixels; the same on features of the same network with random weights; the same network from scratch,
for as many epochs as fit the minute, by the same command. `./do bench minute`
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import warnings
from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.linear_model import LogisticRegression

import saccade
from measure import header, record
from saccade.architectures.resnet_half import resnet14_half
from saccade.data.opening import open_data
from saccade.layers.pooled import Pooled
from saccade.training.linear_head import fit_classes
from saccade.training.settings import TrainingSettings

BUDGET, SIDE, SLOWEST = 60.0, 64, 100
A_CLASS = 100


def written(folder: Path) -> tuple[Path, Path]:
    """Write the pictures as folders of PNG files."""
    stored = np.load(Path(os.environ["SACCADE_DATA"], "cifar10", "cifar10_lossless_4k_1k.npz"))
    names = [str(name) for name in stored["classes"]]
    for split, most in (("train", A_CLASS), ("test", SLOWEST * 100)):
        seen = dict.fromkeys(range(10), 0)
        for number, (image, label) in enumerate(zip(stored[f"x_{split}"], stored[f"y_{split}"].tolist(), strict=True)):
            if seen[label] < most:
                seen[label] += 1
                place = folder / split / names[label]
                place.mkdir(parents=True, exist_ok=True)
                Image.fromarray(image).save(place / f"{number:05}.png")
    return folder / "train", folder / "test"


def judged(run: saccade.Run, test: Path) -> tuple[float, float, float]:
    return saccade.evaluate(run, test).numbers()["accuracy"]


def arrays(data: Path, split: str) -> tuple[np.ndarray, np.ndarray]:
    opened = open_data(str(data), shares=(0.0, 0.0, 1.0)) if split == "test" else open_data(str(data))
    source = opened.splits[split]
    samples = [source.read(row) for row in range(len(source))]
    return np.stack([sample.image for sample in samples]), np.array([sample.target for sample in samples])


def by_pixels(train: Path, test: Path) -> float:
    (images, labels), (others, truth) = arrays(train, "train"), arrays(test, "test")
    scaled = [part.reshape(len(part), -1) / 255 - 0.5 for part in (images, others)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        best = max(
            (LogisticRegression(C=strength, max_iter=300).fit(scaled[0], labels) for strength in (0.001, 0.01, 0.1)),
            key=lambda model: model.score(scaled[1], truth),  # in its favour: chosen on the test pictures
        )
    return float(best.score(scaled[1], truth))


def by_random_features(train: Path, test: Path) -> float:
    import torch
    from torch.nn.functional import interpolate

    torch.manual_seed(0)
    network = Pooled(resnet14_half(num_classes=1), num_classes=1).eval()
    seen = []
    for images, _ in (parts := (arrays(train, "train"), arrays(test, "test"))):
        pixels = torch.from_numpy(images).permute(0, 3, 1, 2).float() / 255
        with torch.inference_mode():
            seen.append(torch.cat([
                network.features((interpolate(part, (SIDE, SIDE), mode="bilinear") - 0.45) / 0.25)
                for part in pixels.split(50)
            ]).numpy())  # fmt: skip
    head = fit_classes(seen[0], parts[0][1], 10)
    return float(((seen[1] @ head.weight.T + head.bias).argmax(1) == parts[1][1]).mean())


def main() -> None:
    header()
    os.environ["SACCADE_CACHE"] = tempfile.mkdtemp()
    figures: dict[str, object] = {}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        train, test = written(folder)
        begun = time.perf_counter()
        run = saccade.train(train, settings={"budget": f"{BUDGET:.0f}s"}, out=folder / "budget", listeners=[])
        seconds = time.perf_counter() - begun
        figures["saccade train --budget 60s"] = {"seconds": round(seconds, 1), "accuracy": judged(run, test)}
        print(*run.description["decisions"], figures, sep="\n", flush=True)
        settings = TrainingSettings.from_dict(run.description["settings"])
        begun = time.perf_counter()
        once = {"height": SIDE, "batch_size": settings.batch_size, "epochs": 1}
        saccade.train(train, model="resnet14_half", settings=once, out=folder / "pace", listeners=[])
        epochs = max(1, int(0.9 * BUDGET / (time.perf_counter() - begun)))
        begun = time.perf_counter()
        scratch = saccade.train(
            train, model="resnet14_half", settings={**once, "epochs": epochs}, out=folder / "scratch", listeners=[]
        )
        seconds = time.perf_counter() - begun
        figures["the same network from scratch"] = {
            "epochs": epochs, "seconds": round(seconds, 1), "accuracy": judged(scratch, test)
        }  # fmt: skip
        frozen = saccade.train(
            train, settings={"transfer": "features", "height": SIDE}, out=folder / "frozen", listeners=[]
        )
        figures["features of our own weights"] = {"accuracy": judged(frozen, test)}
        figures["features of random weights"] = {"accuracy": by_random_features(train, test)}
        figures["scikit-learn on raw pixels"] = {"accuracy": by_pixels(train, test)}
        for name, told in figures.items():
            print(name, told)
    record("minute", {"pictures": A_CLASS * 10, "decisions": run.description["decisions"], "figures": figures})


if __name__ == "__main__":
    main(*sys.argv[1:])
