"""Accuracy on real data, and the minutes it takes: LeNet-5 on MNIST, ResNet-20 on Fashion-MNIST.

    SACCADE_DATA=… ./do bench accuracy [mnist | fashion] [THREADS]

Trains with the public verbs and the settings below, picks the epoch on images cut from the training split, and judges
once on the official 10,000 test images.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
from pathlib import Path

import saccade
from measure import header, record

CASES = {
    "mnist": (
        "mnist/mnist.npz",
        "lenet5",
        {"epochs": 8, "batch_size": 64, "learning_rate": 3e-3, "mirror": False},
    ),
    "fashion": (
        "fashion_mnist/fashion_mnist.npz",
        "resnet20",
        {"epochs": 15, "batch_size": 128, "learning_rate": 5e-3, "label_smoothing": 0.05},
    ),
}


def main(names: list[str]) -> None:
    saccade.tune_memory()
    header()
    threads = int(names.pop()) if names and names[-1].isdigit() else 0
    for name in names or list(CASES):
        path, model, settings = CASES[name]
        data = Path(os.environ["SACCADE_DATA"]) / path
        with tempfile.TemporaryDirectory() as folder:
            start = time.perf_counter()
            run = saccade.train(data, model=model, settings={**settings, "threads": threads}, out=Path(folder) / "run")
            minutes = (time.perf_counter() - start) / 60
            evaluation = run.evaluate()
            accuracy, low, high = evaluation.numbers()["accuracy"]
            execution = run.description["execution"]
        span = f"{100 * low:.2f} to {100 * high:.2f}"
        print(f"{model} on {name}: {100 * accuracy:.2f} % ({span}) in {minutes:.1f} minutes")
        figures = {"accuracy": accuracy, "low": low, "high": high, "minutes": round(minutes, 2)}
        record("accuracy", {"data": name, "model": model, "settings": settings, "execution": execution, **figures})


if __name__ == "__main__":
    main(sys.argv[1:])
