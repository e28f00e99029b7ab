"""Stripes across and stripes down, each there or not."""

from __future__ import annotations

import numpy as np

from saccade.tasks.multi_label import multi_label
from task_example import TaskExample, striped, tiny_network


def example() -> TaskExample:
    rng = np.random.default_rng(0)
    samples = [
        striped(rng, across=0 in target, down=1 in target, key=f"{number}.png", target=target)
        for number, target in enumerate([(0,), (1,), (0, 1), (), (0,), (1, 0)])
    ]
    bad = [(2,), (-1,), 1, "down", None, ("down",), (0.5,)]
    return TaskExample(multi_label(["across", "down"]), tiny_network(2), samples, about="down", bad_targets=bad)
