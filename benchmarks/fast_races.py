"""The recipe `fast`, unchanged, beside ResNet-18 with momentum and cosine decay, at equal operations, on any data.

    ./do bench fast_races DATA [FOLDER [SEEDS [SETTING=VALUE …]]]

DATA is what `saccade train` takes, with test images. First `fast` is trained for its own epochs, once for each seed;
then ResNet-18 for as many as fit the same operations. Every run is judged on the test images. With the same FOLDER,
what is done costs nothing. Settings, such as device=cuda and workers=4, are for both.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from statistics import fmean

import saccade
from measure import header, record
from saccade.cli._settings import setting_value
from saccade.training.settings import TrainingSettings, field_types

RIVAL = {
    "model": "resnet18", "optimizer": "momentum", "momentum": 0.9, "learning_rate": 0.1, "weight_decay": 5e-4,
    "schedule": "cosine", "batch_size": 256, "epochs": 1000,
}  # fmt: skip


def main(data: str, folder: str = "", seeds: str = "3", *words: str) -> None:
    """Train both, judge, print and record."""
    header()
    place = Path(folder or tempfile.mkdtemp())
    kinds = field_types(TrainingSettings)
    both = {name: setting_value(kinds[name], value) for name, _, value in (word.partition("=") for word in words)}
    figures, within = {}, None
    for name, contender in (("fast", {"recipe": "fast"}), ("resnet18", RIVAL)):
        race = saccade.time_to_accuracy(
            data, 0.9, {name: {**contender, **both}}, within=within, seeds=int(seeds), out=place / name, listeners=[]
        )
        ends = [attempt.marks[-1] for attempt in race.standings[0].attempts]
        within = within or ends[0].operations
        runs = [saccade.Run(file.parent) for file in sorted(place.glob(f"{name}/*/run.json"))]
        figures[name] = {
            "epochs": ends[0].epoch, "operations": ends[0].operations, "seconds": [end.seconds for end in ends],
            "validation": [end.figure for end in ends],
            "test": [run.evaluate().numbers()["accuracy"][0] for run in runs],
        }  # fmt: skip
        print(f"{name:<10} {fmean(figures[name]['test']):.4f} on test images, {ends[0].operations:.3g} operations")
    record("fast_races", {"data": data, **figures})


if __name__ == "__main__":
    main(*sys.argv[1:])
