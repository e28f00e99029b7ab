"""How long the layer table of ResNet-152 at 224×224 takes, on one thread, beside torchinfo where it is installed.

    ./do bench summary_speed

To have the rival measured in the same turns: `.venv/bin/python -m pip install -c constraints.txt torchinfo`. It runs
the network on a real image; `saccade.summary` runs it, and a step of its training, on images without content. Asked
for is less than two seconds, imports apart.
"""

from __future__ import annotations

import importlib
import importlib.util
import subprocess
import sys

import torch

from measure import Timing, header, interleaved, record, table
from saccade.api.networks.models import create
from saccade.api.networks.summary import summary
from saccade.inspect.layer_table import layer_table

SIZE, ROUNDS, LIMIT = (224, 224), 7, 2.0
FIRST = """
import time, torch, torch._dynamo.config
from saccade.api.networks.models import create
from saccade.api.networks.summary import summary
torch.set_num_threads(1)
network = create("resnet152")
began = time.perf_counter()
summary(network, (224, 224))
print(time.perf_counter() - began)
"""


def first_call() -> float:
    """Time the first summary of a process, which also fills PyTorch's caches; imports apart."""
    done = subprocess.run([sys.executable, "-c", FIRST], capture_output=True, text=True, check=True)
    return float(done.stdout)


def main() -> None:
    torch.set_num_threads(1)
    header()
    network = create("resnet152").eval()
    functions = {
        "summary, with training": lambda: summary(network, SIZE),
        "layer table alone": lambda: layer_table(network, SIZE),
    }
    if importlib.util.find_spec("torchinfo"):
        rival = importlib.import_module("torchinfo").summary
        functions["torchinfo"] = lambda: rival(network, (1, 3, *SIZE), verbose=0, depth=9)
    else:
        print("torchinfo is not installed and so not measured; the first lines of this file say how to get it\n")
    timings: dict[str, Timing] = interleaved(functions, ROUNDS)
    print(table(timings, "summary, with training"))
    first = Timing(tuple(first_call() for _ in range(3)))
    taken = timings["summary, with training"].median
    print(f"\nsummary of ResNet-152: {taken:.2f} s, the first of a process {first.median:.2f} s, imports apart")
    print(f"asked for is less than {LIMIT:.0f} s")
    timings["first of a process"] = first
    figures = {
        name: [round(seconds, 3) for seconds in (timing.median, *timing.spread)] for name, timing in timings.items()
    }
    record("summary_speed", {"seconds": figures, "rounds": ROUNDS})


if __name__ == "__main__":
    main()
