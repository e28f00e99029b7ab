"""Processes that work beside this one, and hand back results in order.

They are few lines on purpose: a task is three numbers, a result comes through a pipe (no shared-memory file system that
may be too small), and nothing random or global is touched. Forked where that is usual (Linux), spawned elsewhere, or
started in the way that the program has set with `multiprocessing.set_start_method`.

Source: ours.
"""

from __future__ import annotations

import collections
import itertools
import multiprocessing
import signal
import sys
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

import cv2
import torch

from saccade.errors import SaccadeError

_AHEAD = 2


class Workers:
    """Processes that each call the same function.

    Args:
        count: How many.
        work: Called with each task, in one of the processes; must pickle where processes are spawned.

    Source: ours.
    """

    def __init__(self, count: int, work: Callable[..., Any]) -> None:
        self._links: list[Connection] = []
        self._processes: list[BaseProcess] = []
        self._owed = [0] * count
        context: Any = multiprocessing.get_context(_start_method())
        for number in range(count):
            ours, theirs = context.Pipe()
            process = context.Process(target=_serve, args=(work, theirs), name=f"saccade-{number}", daemon=True)
            with warnings.catch_warnings():  # Python 3.12 warns of every fork beside threads, such as torch's own
                warnings.simplefilter("ignore", DeprecationWarning)
                process.start()
            theirs.close()
            self._links.append(ours)
            self._processes.append(process)
        self._end = weakref.finalize(self, _end, self._processes, self._links)

    def results(self, tasks: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
        """Work through tasks.

        Args:
            tasks: Arguments for each call; taken as results are taken, a few ahead.

        Returns:
            The results, in the order of the tasks.

        Raises:
            SaccadeError: What the work raised of the kind; or that a process has died.

        Source: ours.
        """
        for number, owed in enumerate(self._owed):
            for _ in range(owed):  # what an earlier call, given up half-way, had asked for
                self._receive(number)
        waiting = iter(tasks)
        turns = itertools.cycle(range(len(self._links)))
        asked = collections.deque(
            self._ask(number, task)
            for task, number in zip(itertools.islice(waiting, _AHEAD * len(self._links)), turns, strict=False)
        )
        while asked:
            number = asked.popleft()
            answer = self._receive(number)
            for task in itertools.islice(waiting, 1):
                asked.append(self._ask(number, task))
            if isinstance(answer, SaccadeError):
                raise answer
            yield answer

    def close(self) -> None:
        """End the processes, whatever they are doing."""
        self._end()

    def _ask(self, number: int, task: tuple[Any, ...]) -> int:
        try:
            self._links[number].send(task)
        except OSError as error:
            raise self._died(number) from error
        self._owed[number] += 1
        return number

    def _receive(self, number: int) -> Any:
        try:
            answer = self._links[number].recv()
        except (EOFError, OSError) as error:
            raise self._died(number) from error
        self._owed[number] -= 1
        return answer

    def _died(self, number: int) -> SaccadeError:
        self._processes[number].join(1)
        code = self._processes[number].exitcode
        how = f"signal {-code}" if code is not None and code < 0 else f"exit code {code}"
        return SaccadeError(
            f"got a worker process that died ({how}; 9 is often a lack of memory); taken are workers that live; "
            "set workers to a smaller number, or to 0 to see the error itself"
        )


def _start_method() -> str:
    return multiprocessing.get_start_method(allow_none=True) or ("fork" if sys.platform == "linux" else "spawn")


def _serve(work: Callable[..., Any], link: Connection) -> None:
    """Do tasks until the other end or the parent is gone; the parent alone decides what a signal means.

    A terminal, a queue system and a service manager send signals to the parent and to all of its children at once; a
    child that obeyed would take away what the parent needs to stop in an orderly way.
    """
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        if hasattr(signal, name):  # Windows has no SIGHUP
            signal.signal(getattr(signal, name), signal.SIG_IGN)
    torch.set_num_threads(1)
    cv2.setNumThreads(0)
    parent = multiprocessing.parent_process()
    assert parent is not None
    while link in wait([link, parent.sentinel]):
        try:
            task = link.recv()
        except EOFError:
            return
        try:
            answer = work(*task)
        except SaccadeError as error:
            answer = error
        try:
            link.send(answer)
        except OSError:
            return


def _end(processes: list[BaseProcess], links: list[Connection]) -> None:
    for process in processes:
        process.kill()
    for process, link in zip(processes, links, strict=True):
        process.join()
        link.close()
