"""The lineage of detection, every step on the same pictures: accuracy, seconds of each stage, images a second, memory.

    ./do bench lineage [FOLDER] [DATA] [IMAGE_SIZE]

What `saccade lab detectors` does, by default on 500 drawn scenes of 64 pixels in a temporary folder; in a folder that
is there it goes on. Records every number of its table.
"""

from __future__ import annotations

import sys
import tempfile

import saccade
from measure import header, record
from saccade.lab.detectors import detectors


def main(folder: str = "", data: str = "", image_size: str = "64") -> None:
    saccade.tune_memory()
    header()
    with tempfile.TemporaryDirectory() as temporary:
        settings = {"image_size": int(image_size)}
        found = detectors(data or None, settings=settings, out=folder or temporary, watch=announce)
    for row in [list(found.head), *found.rows()]:
        print("  ".join(text.rjust(19) for text in row))
    print("\n".join(found.finding()))
    steps = [
        {
            "step": one.step,
            "map50": [round(value, 4) for value in one.figures["map50"]],
            "map": [round(value, 4) for value in one.figures["map"]],
            "seconds": {stage: round(seconds, 2) for stage, seconds in one.stages.items()},
            "images_per_second": round(one.images_per_second, 1),
            "megabytes": round(one.memory / 1e6),
            "megabytes_on_disk": round(one.disk / 1e6),
        }
        for one in found.standings
    ]
    whole = round(sum(sum(one.stages.values()) for one in found.standings))
    told = {"data": found.data["name"], "counts": found.data["counts"], "settings": found.settings}
    record("lineage", {**told, "seconds": whole, "steps": steps})


def announce(name: str):
    print(name, flush=True)
    return lambda _: None


if __name__ == "__main__":
    main(*sys.argv[1:])
