"""Time to accuracy on CIFAR-10: `saccade train --recipe fast` beside the record's own script, at the same time.

The pictures are the strongly compressed copy in SACCADE_DATA, on which the literature's accuracies cannot be reached;
so both are trained and judged on it, side by side, each with half of the cores, for ten epochs. Operations are those of
forward and backward passes. `./do bench time_to_accuracy [FOLDER [SEED]]`; with the same folder, what is done costs
nothing (what was stopped half-way begins in a new one). Two to three hours of two cores for a seed.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

import saccade
from measure import HERE, header, record
from saccade.api.races.contenders import read_log
from saccade.inspect.operations import operations
from saccade.training.events import EpochDone

RECORD = 0.29e15  # operations of the record for 94 % on the pictures as they are, by its paper


def pictures(folder: Path) -> Path:
    """Unpack the pictures once; those that judge are the validation images."""
    made = folder / "cifar10"
    if not made.exists():
        with tarfile.open(Path(os.environ["SACCADE_DATA"], "cifar10", "cifar10_jpg.tar.xz")) as packed:
            packed.extractall(folder / "unpacked", filter="data")
        shutil.move(folder / "unpacked" / "test", folder / "unpacked" / "val")
        shutil.move(folder / "unpacked", made)
    return made


def main(work: str = "", seed: str = "0") -> None:
    header()
    folder = Path(work or tempfile.mkdtemp())
    folder.mkdir(parents=True, exist_ok=True)
    data, threads = pictures(folder), str(max(1, (os.cpu_count() or 2) // 2))
    log, run = folder / f"record-{seed}.tsv", folder / f"fast-{seed}"
    both = {
        log: [sys.executable, HERE / "record_script.py", data, log, "--seed", seed, "--threads", threads],
        run: [
            Path(sys.executable).with_name("saccade"), "train", data, "--recipe", "fast", "--seed", seed,
            "--threads", threads, "--out", run, "--json",
        ],
    }  # fmt: skip
    begun = [
        subprocess.Popen(
            [str(word) for word in words], stdout=subprocess.DEVNULL, env=os.environ | {"OMP_WAIT_POLICY": "PASSIVE"}
        )
        for place, words in both.items()
        if not place.exists()
    ]
    codes = [one.wait() for one in begun]
    if any(codes):
        raise SystemExit("one of the two has failed; what it said stands above")
    ours, theirs = saccade.Run(run), read_log(log)
    described = ours.description
    network = saccade.load(ours).network
    image = operations(network, tuple(described["preprocessing"]["size"]), in_channels=3).learning
    epochs = [event for event in ours.events() if isinstance(event, EpochDone)]
    figures = {
        "saccade train --recipe fast": {
            "accuracies": [event.validation["accuracy"] for event in epochs],
            "seconds": sum(event.seconds for event in epochs),
            "operations": image * sum(event.images for event in epochs),
        },
        "the record's script": {
            "accuracies": [mark.figure for mark in theirs], "seconds": theirs[-1].seconds,
            "operations": image * (50_000 // 1024 * 1024) * len(theirs),
        },
    }  # fmt: skip
    for name, told in figures.items():
        print(f"{name:<30} {told['accuracies'][-1]:.4f}  {told['seconds'] / 60:.1f} min  {told['operations']:.3g}")
    share = figures["saccade train --recipe fast"]["operations"] / RECORD
    print(f"operations, as a share of the record's {RECORD:.2g}: {share:.2f}")
    record("time_to_accuracy", {"seed": int(seed), "threads_each": int(threads), "share_of_record": share, **figures})


if __name__ == "__main__":
    main(*sys.argv[1:])
