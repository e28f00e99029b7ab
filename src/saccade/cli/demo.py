"""Train, judge and use two small networks on real handwritten digits, in two minutes.

The digits come with scikit-learn (1,797 of them); nothing is downloaded. It trains
the modern LeNet-5 and a residual network of eight layers, judges both on digits
that they never saw, writes their model cards, exports one model and predicts one
digit. The same words do it with your own images.

for example:
  saccade demo
  saccade demo --out somewhere/ --quick
"""

from __future__ import annotations

import argparse
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Any

from saccade.cli.evaluate import print_evaluation
from saccade.errors import printable

if TYPE_CHECKING:
    from saccade.api.run import Run

DATA = "digits"
NETWORKS: dict[str, dict[str, Any]] = {  # one thread: the same figures on any number of cores
    "lenet5": {"epochs": 20, "learning_rate": 0.003, "mirror": False, "threads": 1},
    "resnet8": {"epochs": 8, "learning_rate": 0.004, "mirror": False, "threads": 1},
}


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("--out", metavar="FOLDER", default="runs", help="where the runs go (default runs/)")
    parser.add_argument("--quick", action="store_true", help="one epoch each, to see that everything works")


def run(options: argparse.Namespace) -> int:
    """Do it, step by step, each with the words that do the same.

    Args:
        options: What the words said.

    Returns:
        The exit code.

    Source: ours.
    """
    import saccade

    runs, made = [], []
    for model, settings in NETWORKS.items():
        folder = _free(Path(options.out), f"demo-{model}")
        chosen = {**settings, "epochs": 1} if options.quick else settings
        _step("train", DATA, "--model", model, *_flags(chosen), "--out", str(folder))
        run_done = saccade.train(DATA, model=model, settings=chosen, out=folder)
        _step("evaluate", str(folder))
        print_evaluation(saccade.evaluate(run_done))
        _step("report", str(folder))
        made.append(("model card", run_done.report()))
        print(printable(str(made[-1][1])), flush=True)
        runs.append(run_done)
    made.append(("one-file model", _exported(runs[0])))
    made.append(("digit", _predicted(runs[0])))
    print("\nEverything is here:")
    for name, path in [*(("run", one.path) for one in runs), *made]:
        print(f"  {name:<15} {printable(str(path))}")
    print("\nYour own images, a folder for each class:\n  saccade train photos/")
    return 0


def _exported(run: Run) -> Path:
    _step("export", str(run.path))
    path = run.export()
    print(printable(str(path)), flush=True)
    return path


def _predicted(run: Run) -> Path:
    """Keep one digit of the test split as a picture, and say what it is."""
    from PIL import Image

    from saccade.data.opening import open_data

    sample = open_data(DATA).splits["test"].read(0)
    path = run.path / "digit.png"
    Image.fromarray(sample.image.squeeze()).save(path)
    _step("predict", str(run.path), str(path))
    print(run.predictor()(path), f"(it is a {run.labels[sample.target]})", flush=True)
    return path


def _step(*words: str) -> None:
    print(f"\n$ saccade {printable(shlex.join(words))}", flush=True)


def _flags(settings: dict[str, Any]) -> list[str]:
    """The flags that say the same as some settings."""
    words: list[str] = []
    for name, value in settings.items():
        flag = name.replace("_", "-")
        words += [f"--{flag}" if value else f"--no-{flag}"] if isinstance(value, bool) else [f"--{flag}", str(value)]
    return words


def _free(folder: Path, name: str) -> Path:
    """The first name that is not taken, so that a demo can be run again."""
    number = 1
    while (folder / f"{name}-{number}").exists():
        number += 1
    return folder / f"{name}-{number}"
