"""Stripes across, down, or both."""

from __future__ import annotations

import numpy as np

from saccade.tasks.classification import classification
from task_example import TaskExample, striped, tiny_network


def example() -> TaskExample:
    rng = np.random.default_rng(0)
    samples = [
        striped(rng, across=target != 1, down=target != 0, key=f"{number}.png", target=target)
        for number, target in enumerate([0, 1, 2, 0, 1, 2])
    ]
    task = classification(["across", "down", "both"])
    return TaskExample(task, tiny_network(3), samples, about="down", bad_targets=[3, -1, "down", None, 1.0, True])
