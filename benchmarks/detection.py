"""Detection on real pictures by the default command: precision against minutes, and what it comes to on new pictures.

`saccade train DATA`, with nothing tuned to the set, on blood cells (bccd) and on 128 photographs of COCO (coco128) from
SACCADE_DATA, or on any folders that are named. The curve is that of the validation images, the last figures are those
of the test images, where there are any. `./do bench detection [DATA…]`; about forty minutes of two cores for bccd.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import saccade
from measure import header, record
from saccade.training.events import EpochDone

SETS = ("bccd", "coco128/object_detection")
SHOWN = 8


def measured(data: Path, folder: Path) -> dict[str, object]:
    """Train by the default command, and judge; the settings are those of the recipe."""
    run = saccade.train(str(data), out=folder / data.name, listeners=[])
    minutes, curve = 0.0, []
    for event in run.events():
        if isinstance(event, EpochDone):
            minutes += event.seconds / 60
            curve.append((round(minutes, 2), event.validation["map50"], event.validation["map"]))
    evaluation = run.evaluate()
    figures = {name: evaluation.numbers()[name] for name in ("map50", "map", "map_small", "precision", "recall")}
    return {
        "split": evaluation.split, "images": evaluation.images, "minutes": minutes, "epochs": len(curve),
        "size": run.description["preprocessing"]["size"], "figures": figures, "curve": curve,
    }  # fmt: skip


def main(*data: str) -> None:
    header()
    places = [Path(one) for one in data] or [Path(os.environ["SACCADE_DATA"], name) for name in SETS]
    told = {}
    with tempfile.TemporaryDirectory() as folder:
        for place in places:
            told[place.name] = result = measured(place, Path(folder))
            curve = result["curve"]
            assert isinstance(curve, list)
            print(
                f"{place.name}: {result['images']} images of the {result['split']} split, {result['minutes']:.1f} min"
            )
            for minutes, map50, precision in curve[:: max(1, len(curve) // SHOWN)] + curve[-1:]:
                print(f"  {minutes:6.1f} min  mAP50 {map50:.3f}  mAP {precision:.3f}")
            for name, (value, low, high) in dict(result["figures"]).items():  # pyright: ignore
                print(f"  {name:<12} {value:.3f} ({low:.3f} to {high:.3f})")
    record("detection", told)


if __name__ == "__main__":
    main(*sys.argv[1:])
