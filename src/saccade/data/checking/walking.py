"""Going through every picture of a data set in several processes, with the results in order.

Source: ours.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from saccade.data.loading.workers import Workers
from saccade.types.sample import DataSet, Source

Result = TypeVar("Result")
_AT_ONCE, _FEW = 64, 64
_TOLD_SECONDS = 0.1


class _Walker:
    """What a worker process does: the same with each of some samples."""

    def __init__(self, splits: list[tuple[str, Source]], work: Callable[[str, Source, int], Any]) -> None:
        self.splits, self.work = splits, work

    def __call__(self, split: int, start: int, stop: int) -> list[Any]:
        name, source = self.splits[split]
        return [self.work(name, source, index) for index in range(start, stop)]


def walk(
    dataset: DataSet,
    work: Callable[[str, Source, int], Result],
    *,
    workers: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Iterator[Result]:
    """Do something with every sample of a data set.

    Args:
        dataset: Whose samples.
        work: Called with a split's name, its source and a number, in some process; must pickle where processes are
            spawned.
        workers: How many processes; 0: this one does it, as it does for a few dozen samples.
        progress: Told now and then how many samples of how many are done.

    Returns:
        The results, split after split, in the order of each.

    Source: ours.

    Example:
        >>> from saccade.data.opening import open_data
        >>> dataset = open_data("synthetic:count=12,size=16")
        >>> sum(walk(dataset, lambda split, source, index: 1))
        12
    """
    splits = list(dataset.splits.items())
    walker = _Walker(splits, work)
    total, done, told = sum(dataset.counts().values()), 0, 0.0
    step = max(1, min(_AT_ONCE, total // (8 * max(1, workers))))  # few and large, so that nobody waits for this process
    tasks = (
        (number, start, min(start + step, len(source)))
        for number, (_, source) in enumerate(splits)
        for start in range(0, len(source), step)
    )
    team = Workers(workers, walker) if workers and total >= _FEW else None
    try:
        for results in team.results(tasks) if team else (walker(*task) for task in tasks):
            yield from results
            done += len(results)
            if progress and (done == total or time.monotonic() - told >= _TOLD_SECONDS):
                told = time.monotonic()
                progress(done, total)
    finally:
        if team:
            team.close()
