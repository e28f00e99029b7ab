"""Judging a network on batches: the same for an epoch's validation and for the last word on a test split.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import nn

from saccade.training.execution import Execution
from saccade.training.job import Batches
from saccade.types.batch import Batch
from saccade.types.task import Metric, Task


def run_metric(
    network: nn.Module,
    task: Task,
    batches: Batches,
    execution: Execution,
    *,
    between: Callable[[Batch], None] = lambda _: None,
) -> Metric:
    """Run a network over batches, in evaluation mode and without gradients, and accumulate the task's metric.

    Args:
        network: Takes images in [0, 1]; left in evaluation mode.
        task: Gives the metric.
        batches: What to judge with.
        execution: How the arithmetic is done.
        between: Called with each batch before it is used.

    Returns:
        The metric.

    Source: ours.
    """
    metric = task.metric()
    network.eval()
    device = torch.device(execution.device)
    for batch in batches.epoch(0):
        between(batch)
        if len(batch):
            moved = batch.to(device, execution.torch_memory_format)
            with torch.inference_mode(), execution.autocast():
                outputs = network(moved.images)
            metric.update(outputs, moved)
    return metric
