"""Checking ten thousand photographs, beside decoding each of them once with as many processes.

The photographs of `$SACCADE_DATA/imagenet_sample` are written under ten names, each time with a few other pixels, into
a temporary folder. The promise is a ratio of at most 1.3. `--copies 1` takes a tenth of the time.
"""

from __future__ import annotations

import argparse
import os
import statistics
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from PIL import Image

from measure import header, interleaved, ratio, record, table
from saccade.data.checking.engine import check
from saccade.data.checking.walking import walk
from saccade.data.opening import open_data
from saccade.data.randomness import Draws
from saccade.memory import tune_memory
from saccade.training.execution import available_cores
from saccade.types.sample import DataSet, Source


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--copies", type=int, default=10, help="how often each photograph is there (10)")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--workers", type=int, default=available_cores())
    options = parser.parse_args(arguments)
    tune_memory()
    header()
    with tempfile.TemporaryDirectory() as folder:
        count = write_photographs(Path(folder), options.copies)
        dataset = open_data(folder, shares=(1.0, 0.0, 0.0))
        spent: dict[str, list[float]] = {"decoding alone": [], "data check": []}
        timings = interleaved(
            {
                "decoding alone": lambda: weighed(spent["decoding alone"], lambda: decode(dataset, options.workers)),
                "data check": lambda: weighed(spent["data check"], lambda: check(dataset, workers=options.workers)),
            },
            options.rounds,
            warm_up=0 if options.copies > 1 else 1,
        )
        print(f"{count:,} photographs, {options.workers} processes\n")
        print(table(timings, "decoding alone"))
        work = statistics.median(spent["data check"]) / statistics.median(spent["decoding alone"])
        times = 1 / ratio(timings["decoding alone"], timings["data check"])[0]
        findings = len(check(dataset, workers=options.workers).findings)
    print(f"\ndata check takes {times:.3f} times as long as decoding (promised: at most 1.3); {findings:,} findings")
    print(f"in processor time, which other programs on the machine change less: {work:.3f} times")
    record(
        "data_check",
        {
            "photographs": count,
            "workers": options.workers,
            "ratio": round(times, 3),
            "ratio_of_processor_time": round(work, 3),
            "seconds": {name: [round(one, 3) for one in timing.rounds] for name, timing in timings.items()},
        },
    )


def weighed(spent: list[float], function: Callable[[], object]) -> None:
    """Run a function, and note the processor time of this process and of those that it started and ended."""
    before = sum(os.times()[:4])
    function()
    spent.append(sum(os.times()[:4]) - before)


def decode(dataset: DataSet, workers: int) -> int:
    return sum(walk(dataset, read_one, workers=workers))


def read_one(split: str, source: Source, index: int) -> int:
    del split
    return source.read(index).image.shape[0]


def write_photographs(folder: Path, copies: int) -> int:
    """Write each photograph so many times, each time with a hundred other pixels, in two classes that mean nothing."""
    photographs = sorted(Path(os.environ["SACCADE_DATA"], "imagenet_sample", "images").glob("*.jpg"))
    for number, path in enumerate(photographs):
        pixels = np.array(Image.open(path).convert("RGB"))
        for copy in range(copies):
            place = folder / ("odd" if number % 2 else "even") / f"{path.stem}_{copy}.jpg"
            place.parent.mkdir(exist_ok=True)
            draws, changed = Draws(number, copy), pixels.copy()
            for _ in range(100):
                changed[draws.below(len(pixels)), draws.below(pixels.shape[1])] = draws.below(256)
            Image.fromarray(changed).save(place, quality=90)
    return copies * len(photographs)


if __name__ == "__main__":
    main()
