"""Threads that work beside this one, and hand back results in order: what `Workers` does without processes.

What takes the time, decoding and resizing, lets other threads run meanwhile; the few lines of Python between do not.

Source: ours.
"""

from __future__ import annotations

import collections
import itertools
import weakref
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

_AHEAD = 2


class Threads:
    """Threads that each call the same function.

    Args:
        count: How many.
        work: Called with each task, in one of the threads.

    Source: ours.
    """

    def __init__(self, count: int, work: Callable[..., Any]) -> None:
        self._count, self._work = count, work
        self._pool = ThreadPoolExecutor(count, thread_name_prefix="saccade")
        self._asked: collections.deque[Future[Any]] = collections.deque()
        self._end = weakref.finalize(self, self._pool.shutdown, wait=True, cancel_futures=True)

    def results(self, tasks: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
        """Work through tasks.

        Args:
            tasks: Arguments for each call; taken as results are taken, a few ahead.

        Returns:
            The results, in the order of the tasks. What the work raises is raised here, in its turn.

        Source: ours.
        """
        self._give_up()
        waiting, asked = iter(tasks), self._asked
        asked.extend(self._pool.submit(self._work, *task) for task in itertools.islice(waiting, _AHEAD * self._count))
        while asked:
            answer = asked.popleft().result()
            asked.extend(self._pool.submit(self._work, *task) for task in itertools.islice(waiting, 1))
            yield answer

    def close(self) -> None:
        """End the threads, each when it has done what it is doing."""
        self._end()

    def _give_up(self) -> None:
        """Wait for what an earlier call, given up half-way, had asked for; drop what has not begun."""
        while self._asked:
            left = self._asked.popleft()
            if not left.cancel():
                left.exception()
