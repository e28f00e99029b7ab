"""Degradation on CIFAR-10, the small form: training and test error of plain and residual networks, 20 and 56 layers.

    SACCADE_DATA=… ./do bench degradation [FOLDER] [THREADS]

Trains each network twice in FOLDER (by default a temporary one), or goes on with what is there, and records the errors
of each epoch and the norm of the gradient of each layer at the first step.
"""

from __future__ import annotations

import sys
import tempfile

import saccade
from measure import header, record
from saccade.lab.degradation import degradation


def main(words: list[str]) -> None:
    saccade.tune_memory()
    header()
    threads = int(words.pop()) if words and words[-1].isdigit() else 0
    with tempfile.TemporaryDirectory() as temporary:
        found = degradation(
            settings={"seeds": 2, "threads": threads}, out=words[0] if words else temporary, watch=announce
        )
    for row in [list(found.head), *found.rows()]:
        print("  ".join(text.rjust(19) for text in row))
    print("\n".join(found.finding()))
    networks = {
        name: {
            "parameters": one.parameters,
            "epochs": [{part: round(row[part], 5) for part in row if part.endswith("_error")} for row in one.epochs],
            "gradients": [round(norm, 6) for norm in one.gradients[0]["norms"].values()],
        }
        for name, one in found.records.items()
    }
    counts = found.data["counts"]
    record(
        "degradation", {"data": found.data["name"], "counts": counts, "settings": found.settings, "networks": networks}
    )


def announce(name: str):
    print(name, flush=True)
    return lambda _: None


if __name__ == "__main__":
    main(sys.argv[1:])
