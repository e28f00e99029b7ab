"""Judging a network on batches: the same for an epoch's validation and for the last word on a test split.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, NoReturn

import torch
from torch import nn

from saccade.errors import SaccadeError
from saccade.training.execution import Execution
from saccade.training.job import Batches
from saccade.training.processes import Processes
from saccade.types.batch import Batch
from saccade.types.task import Metric, Task

_TOLD = ("sizes", "targets", "keys", "placements")


def run_metric(
    network: nn.Module,
    task: Task,
    batches: Batches,
    execution: Execution,
    *,
    between: Callable[[Batch], None] = lambda _: None,
    processes: Processes | None = None,
) -> Metric:
    """Run a network over batches, in evaluation mode and without gradients, and accumulate the task's metric.

    Args:
        network: Takes images in [0, 1]; left in evaluation mode.
        task: Gives the metric.
        batches: What to judge with.
        execution: How the arithmetic is done.
        between: Called with each batch before it is used.
        processes: Those that judge together, each with its part of the batches. What they find goes to the metric of
            the first one in the order of one process, each image once; the metric sees images without pixels there.

    Returns:
        The metric; in processes other than the first one it is empty.

    Raises:
        SaccadeError: What the metric raised, in every process.

    Source: ours.
    """
    joined = processes or Processes()
    metric, failure = task.metric(), None
    network.eval()
    device = torch.device(execution.device)
    for batch in batches.epoch(0):
        between(batch)
        outputs = None
        moved = batch.to(device, execution.torch_memory_format)
        if len(batch):
            with torch.inference_mode(), execution.autocast():
                outputs = network(moved.images)
        try:
            for said, about in _answers(outputs, moved, joined):
                metric.update(said, about)
        except SaccadeError as error:
            if not joined.several:
                raise
            failure = failure or error
    if joined.several:
        joined.from_first(lambda: None if failure is None else _raise(failure))
    return metric


def _answers(outputs: Any, batch: Batch, processes: Processes) -> Iterator[tuple[Any, Batch]]:
    """Everyone's outputs with what they are about, but for the pixels; in the first process."""
    if not processes.several:
        if len(batch):
            yield outputs, batch
        return
    count, channels = batch.images.shape[:2]
    found = processes.collected(
        {"outputs": outputs, "channels": channels, **{name: getattr(batch, name) for name in _TOLD}} if count else None
    )
    for one in filter(None, found):
        images = torch.zeros(len(one["sizes"]), one["channels"], 0, 0)
        yield one["outputs"], replace(batch, images=images, **{name: one[name] for name in _TOLD})


def _raise(error: SaccadeError) -> NoReturn:
    raise error
