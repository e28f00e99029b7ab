"""Features kept on disk beside features computed in every epoch: the same pictures, the same frozen network.

A thousand pictures of CIFAR-10 (SACCADE_DATA) as PNG files. Cold: `--transfer features` with an empty cache; warm: the
same again; beside them the same network frozen by `--freeze`, whose head learns from features computed anew in each of
ten epochs, as a tool without such a cache does it. `./do bench feature_cache`
"""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import saccade
from measure import header, quartiles, record
from minute import SIDE, written
from saccade.architectures.resnet_half import resnet14_half

ROUNDS, EPOCHS = 3, 10
FEATURES = {"weights": "saccade", "transfer": "features", "height": SIDE}
ANEW = {
    "weights": "saccade", "freeze": resnet14_half().stages[-1].name, "height": SIDE, "epochs": EPOCHS,
    "augment": "none", "batch_size": 32, "learning_rate": 0.01,
}  # fmt: skip


def main() -> None:
    header()
    seconds: dict[str, list[float]] = {"cold": [], "warm": [], "anew": []}
    accuracy: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        train, test = written(folder)
        for turn in range(ROUNDS):
            os.environ["SACCADE_CACHE"] = str(folder / f"cache-{turn}")
            for name, settings in (("cold", FEATURES), ("warm", FEATURES), ("anew", ANEW)):
                begun = time.perf_counter()
                run = saccade.train(
                    train, model="resnet14_half", settings=settings, out=folder / f"{name}-{turn}", listeners=[]
                )
                seconds[name].append(time.perf_counter() - begun)
                accuracy[name] = saccade.evaluate(run, test).numbers()["accuracy"][0]
            print({name: round(times[-1], 2) for name, times in seconds.items()}, flush=True)
    figures = {
        name: {
            "seconds": sorted(times)[len(times) // 2], "quartiles": quartiles(tuple(times)), "accuracy": accuracy[name]
        }
        for name, times in seconds.items()
    }  # fmt: skip
    for name, told in figures.items():
        print(name, told)
    ratios = {name: figures["anew"]["seconds"] / figures[name]["seconds"] for name in ("cold", "warm")}
    print("times as long without:", {name: round(ratio, 1) for name, ratio in ratios.items()})
    record("feature_cache", {"pictures": 1000, "epochs": EPOCHS, "figures": figures, "ratios": ratios})


if __name__ == "__main__":
    main()
