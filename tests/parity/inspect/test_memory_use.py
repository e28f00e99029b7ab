"""Peaks of memory without content against those of PyTorch's profiler on a real run.

The profiler sees every allocation. What one operation allocates and frees again before it returns (oneDNN's reordered
weights) is left out here, as it is there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import torch
from torch import nn
from torch._C._profiler import _EventType
from torch.profiler import ProfilerActivity, profile

from saccade.architectures.lenet import lenet5
from saccade.architectures.resnet import resnet18
from saccade.inspect.layer_table import layer_table
from saccade.inspect.memory_use import training_memory

CASES = {
    "line": (lambda: nn.Sequential(nn.Conv2d(3, 16, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 8, 3)), 3, 40),
    "lenet5": (lenet5, 1, 32),
    "resnet18": (resnet18, 3, 64),
}
each_network = pytest.mark.parametrize(("make", "channels", "side"), CASES.values(), ids=CASES)


def allocations(node: Any, operation: int | None) -> Iterator[tuple[int, int, int, int | None]]:
    """Time, address, bytes (below zero: freed) and the outermost operation of each allocation."""
    kind, fields = node.typed
    if kind == _EventType.Allocation:
        yield node.start_time_ns, fields.ptr, fields.alloc_size, operation
    inner = id(node) if operation is None and node.name.startswith("aten::") else operation
    for child in node.children:
        yield from allocations(child, inner)


def measured(run: Callable[[], None]) -> int:
    run()
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        run()
    roots = profiler.profiler.kineto_results.experimental_event_tree()
    found = sorted((event for root in roots for event in allocations(root, None)), key=lambda event: event[0])
    begun, within = {}, set()
    for place, (_, address, size, operation) in enumerate(found):
        if size > 0:
            begun[address] = place
        elif address in begun:
            first = begun.pop(address)
            within |= {first, place} if operation is not None and found[first][3] == operation else set()
    alive = peak = 0
    for place, (_, _, size, _) in enumerate(found):
        alive += 0 if place in within else size
        peak = max(peak, alive)
    return peak


@each_network
def test_inference_needs_what_is_predicted(make: Callable[[], nn.Module], channels: int, side: int) -> None:
    network = make().eval()

    def run() -> None:
        with torch.no_grad():
            network(torch.zeros(1, channels, side, side))

    memory = layer_table(network, (side, side)).memory
    assert memory is not None
    assert measured(run) == memory.inference


@each_network
def test_training_needs_what_is_predicted(make: Callable[[], nn.Module], channels: int, side: int) -> None:
    network = make().train()

    def run() -> None:
        network.zero_grad()
        output = network(torch.zeros(3, channels, side, side))
        output.sum().backward()

    network.zero_grad()
    assert measured(run) == pytest.approx(training_memory(network, (side, side), batch=3).together, rel=0.01)
