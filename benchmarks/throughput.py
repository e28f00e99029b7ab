"""Training throughput of ResNet-18 at 64×64, batch 64: what a plain loop does, and what each of our levers adds.

    ./do bench throughput

Each variant is a process of its own, since the allocator can only be set before torch loads; they take turns. One
step is forward, loss, backward and the optimiser, on images that are in memory.

    plain       torch alone: eager, contiguous, float32, the allocator as it is
    allocator   + saccade.tune_memory()
    layout      + channels-last (and the fused optimiser)
    saccade     + bfloat16 where the processor multiplies it itself: the defaults of `saccade train`
"""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
import time

from measure import Timing, header, ratio, record, table

VARIANTS = ("plain", "allocator", "layout", "saccade")
ROUNDS, STEPS, SKIPPED = 5, 12, 3


def child(variant: str) -> None:
    if variant != "plain":
        import saccade

        saccade.tune_memory()
    import torch
    from torch.nn import functional as F

    from saccade.api.networks.models import create
    from saccade.training.execution import Execution, resolve
    from saccade.training.optimizers import make_optimizer
    from saccade.training.settings import TrainingSettings

    torch.manual_seed(0)
    network = create("resnet18")
    images, labels = torch.rand(64, 3, 64, 64), torch.randint(0, 1000, (64,))
    settings = TrainingSettings(optimizer="momentum", learning_rate=0.01, weight_decay=0.0)
    execution = Execution() if variant in ("plain", "allocator") else resolve(settings, network)
    if variant == "layout":
        execution = Execution(execution.device, "float32", "channels_last")
    network = network.to(memory_format=execution.torch_memory_format)
    images = images.contiguous(memory_format=execution.torch_memory_format)
    if variant in ("plain", "allocator"):
        optimizer = torch.optim.SGD(network.parameters(), lr=0.01, momentum=0.9)
    else:
        optimizer = make_optimizer(network.parameters(), settings)
    seconds = []
    for _ in range(STEPS):
        start = time.perf_counter()
        optimizer.zero_grad()
        with execution.autocast():
            loss = F.cross_entropy(network(images), labels)
        loss.backward()
        optimizer.step()
        seconds.append(time.perf_counter() - start)
    print(json.dumps({"seconds": statistics.median(seconds[SKIPPED:]), "precision": execution.precision}))


def main() -> None:
    header()
    seconds: dict[str, list[float]] = {variant: [] for variant in VARIANTS}
    precision = ""
    for _ in range(ROUNDS):
        for variant in VARIANTS:
            command = [sys.executable, __file__, variant]
            answer = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
            seconds[variant].append(answer["seconds"])
            precision = answer["precision"]
    timings = {variant: Timing(tuple(values)) for variant, values in seconds.items()}
    print(table(timings, "plain"), f"\n\nsaccade computed in {precision}")
    figures = {
        variant: {
            "images_per_second": round(64 / timing.median, 1),
            "times_plain": round(ratio(timings["plain"], timing)[0], 3),
        }
        for variant, timing in timings.items()
    }
    record("throughput", {"precision": precision, "figures": figures})


if __name__ == "__main__":
    child(sys.argv[1]) if len(sys.argv) > 1 else main()
