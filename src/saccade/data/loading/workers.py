"""Processes that work beside this one, and hand back results in order.

They are few lines on purpose: a task is three numbers, and nothing random or global is touched. Forked where that is
usual (Linux), spawned elsewhere, or started in the way that the program has set with
`multiprocessing.set_start_method`.

The arrays of a result come by memory that both share, where processes are forked: three places for each worker, one
that is read, one that is ready and one that is filled. (It is no file, so no shared-memory file system can be too
small.) Where processes are spawned, and for what is larger than a place, they come through the pipe. A batch of 64
pictures of 224 × 224 takes a seventh of the pipe's time that way: benchmarks/epoch.py.

Source: ours.
"""

from __future__ import annotations

import collections
import itertools
import mmap
import multiprocessing
import pickle
import signal
import sys
import warnings
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any

import cv2
import torch

from saccade.errors import SaccadeError

_AHEAD = 2
_PLACES = _AHEAD + 1  # one is with whoever took the last result
_MOST_ROOM = 1 << 28
_PAGE = 64  # arrays begin at multiples of it


class Workers:
    """Processes that each call the same function.

    Args:
        count: How many.
        work: Called with each task, in one of the processes; must pickle where processes are spawned.
        room: Bytes that the arrays of a result may take to come by shared memory; 256 MiB at most. Memory is taken
            only as it is used.

    Source: ours.
    """

    def __init__(self, count: int, work: Callable[..., Any], *, room: int = 0) -> None:
        self._links: list[Connection] = []
        self._processes: list[BaseProcess] = []
        self._owed = [0] * count
        method = _start_method()
        shared = method == "fork" and 0 < room <= _MOST_ROOM
        self._shelves = [Shelf(room) if shared else None for _ in range(count)]
        context: Any = multiprocessing.get_context(method)
        for number, shelf in enumerate(self._shelves):
            ours, theirs = context.Pipe()
            arguments = (work, theirs, shelf)
            process = context.Process(target=_serve, args=arguments, name=f"saccade-{number}", daemon=True)
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
            The results, in the order of the tasks. The arrays of one may lie in shared memory: copy what is to stay
            before the next is taken.

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
            answer = _received(self._links[number], self._shelves[number])
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


class Shelf:
    """Memory that a process shares with one that it forks, with a few places that are used in turn.

    Args:
        room: Bytes of each place.

    Source: ours.
    """

    def __init__(self, room: int) -> None:
        self._room = -(-room // mmap.PAGESIZE) * mmap.PAGESIZE
        self._memory = memoryview(mmap.mmap(-1, self._room * _PLACES))
        self._turn = 0

    def put(self, parts: Sequence[memoryview]) -> int | None:
        """Copy some bytes into the next place; None where they are too many."""
        if sum(_padded(part.nbytes) for part in parts) > self._room:
            return None
        self._turn = (self._turn + 1) % _PLACES
        for part, place in zip(parts, self.get(self._turn, [part.nbytes for part in parts]), strict=True):
            place[:] = part
        return self._turn

    def get(self, turn: int, sizes: Sequence[int]) -> list[memoryview]:
        """Give what lies in one place."""
        starts = itertools.accumulate(map(_padded, sizes), initial=self._room * turn)
        return [self._memory[start : start + size] for start, size in zip(starts, sizes, strict=False)]


def _padded(size: int) -> int:
    return -(-size // _PAGE) * _PAGE


def _send(answer: Any, link: Connection, shelf: Shelf | None) -> None:
    """Hand a result over: its arrays by the shelf if they fit there, all else through the pipe."""
    arrays: list[pickle.PickleBuffer] = []
    rest = pickle.dumps(answer, protocol=5, buffer_callback=arrays.append)
    parts = [array.raw() for array in arrays]
    turn = shelf.put(parts) if shelf and parts else None
    link.send((rest, turn, [part.nbytes for part in parts]))
    if turn is None:
        for part in parts:
            link.send_bytes(part)


def _received(link: Connection, shelf: Shelf | None) -> Any:
    rest, turn, sizes = link.recv()
    if turn is not None and shelf is not None:
        return pickle.loads(rest, buffers=shelf.get(turn, sizes))  # noqa: S301 - from a process of our own
    arrays = [bytearray(size) for size in sizes]
    for array in arrays:
        link.recv_bytes_into(array)
    return pickle.loads(rest, buffers=arrays)  # noqa: S301


def _start_method() -> str:
    return multiprocessing.get_start_method(allow_none=True) or ("fork" if sys.platform == "linux" else "spawn")


def _serve(work: Callable[..., Any], link: Connection, shelf: Shelf | None) -> None:
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
            _send(answer, link, shelf)
        except OSError:
            return


def _end(processes: list[BaseProcess], links: list[Connection]) -> None:
    for process in processes:
        process.kill()
    for process, link in zip(processes, links, strict=True):
        process.join()
        link.close()
