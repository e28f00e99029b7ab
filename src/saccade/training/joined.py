"""Processes joined by torch.distributed: how they meet, what travels, and who is missing when one does not answer.

Who waits too long, or loses another, says so in the store where they met, waits a moment for what the others say there,
and names those that say nothing.

Source: ours, on torch.distributed.
"""

from __future__ import annotations

import contextlib
import datetime
import functools
import re
import time
from collections.abc import Iterable, Iterator
from typing import Any

import torch
from torch import Tensor, distributed
from torch.distributed import PrefixStore, rendezvous  # pyright: ignore[reportPrivateImportUsage]

from saccade.errors import BadConfig, Diverged, Interrupted, SaccadeError, printable
from saccade.training.launch import Launch
from saccade.training.processes import Processes, named

_GRACE = 3.0  # seconds for what the others have to say
_WAITS, _FAILED, _LEFT = "waits", "failed", "left"


class Lost(SaccadeError):
    """Another process does not answer.

    Args:
        message: Who, and what to do.
        told: Whether another process says so, or says more, to the user.
    """

    def __init__(self, message: str, told: bool = False) -> None:
        super().__init__(message)
        self.told = told


@contextlib.contextmanager
def joined(launch: Launch, call: int) -> Iterator[Processes]:
    """Join the processes of a launch, and part from them at the end, however that comes.

    Args:
        launch: With more than one process.
        call: Which of the groups of this process, from 0.

    Returns:
        A context manager that gives the processes.

    Raises:
        BadConfig: If they cannot meet.

    Source: ours.
    """
    if torch.cuda.is_available() and launch.local_rank < torch.cuda.device_count():
        torch.cuda.set_device(launch.local_rank)
    if distributed.is_initialized():  # by whoever called us
        yield JoinedProcesses(launch, call, None)
        return
    # a launcher may keep the store when it begins again, with what those who are gone wrote there
    store = PrefixStore(f"saccade {launch.attempt} {call}", _meeting_place(launch))
    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() and distributed.is_nccl_available() else "gloo"
    patience = datetime.timedelta(seconds=launch.patience)
    try:
        distributed.init_process_group(
            backend, store=store, rank=launch.rank, world_size=launch.world, timeout=patience
        )
    except RuntimeError as error:
        raise _not_met(launch, error) from error
    processes = JoinedProcesses(launch, call, store)
    try:
        yield processes
        processes.told(None)  # nobody takes the store away while others need it
    except BaseException as error:
        processes.part(error)
        raise
    finally:
        distributed.destroy_process_group()
        processes.linger()


class JoinedProcesses(Processes):
    """The processes of torch.distributed's group of all.

    Args:
        launch: What the launcher said.
        call: Which of the groups of this process, from 0.
        store: Where they met; None if that was not our doing.

    Source: ours.
    """

    def __init__(self, launch: Launch, call: int, store: Any) -> None:
        super().__init__(launch, call)
        self._store, self._failed, self._missing = store, False, list[int]()

    def rows(self, row: Tensor) -> Tensor:
        """Give everyone's row, one below the other."""
        rows = [torch.empty_like(row) for _ in range(self.world)]
        with self._answered():
            distributed.all_gather(rows, row.contiguous())
        return torch.stack(rows)

    def add_up(self, tensor: Tensor) -> None:
        """Add everyone's tensor up, in place."""
        with self._answered():
            distributed.all_reduce(tensor)

    def share(self, tensors: Iterable[Tensor]) -> None:
        """Give everyone the first process's tensors, in place."""
        for tensor in tensors:
            flat = tensor.detach().to(torch.uint8 if tensor.dtype == torch.bool else tensor.dtype).contiguous()
            with self._answered():
                distributed.broadcast(flat, 0)
            tensor.detach().copy_(flat)

    def part(self, error: BaseException) -> None:
        """Tell the others, in the store, with what this process ends; say nothing twice to the user.

        Args:
            error: What ends it; it is marked as told where the first process tells the user the very same.
        """
        self._failed = True
        if self._store is None or isinstance(error, Lost):
            return
        with contextlib.suppress(RuntimeError):
            told = f"{type(error).__name__}: {error}"
            self._store.set(f"{_FAILED} {self.rank}", told)
            if self.first:
                return
            everywhere = isinstance(error, Interrupted | Diverged)  # the loop raises them in all processes at once
            vars(error)["told"] = everywhere or _gist(self._said(f"{_FAILED} 0")) == _gist(told)

    def linger(self) -> None:
        """Stay a moment after a failure, if the store is here, until the others have read what happened."""
        if not self._failed or self._store is None:
            return
        with contextlib.suppress(RuntimeError):
            self._store.set(f"{_LEFT} {self.rank}", "")
            if self.first:
                for rank in set(range(1, self.world)) - set(self._missing):
                    self._said(f"{_LEFT} {rank}", 2 * _GRACE)

    @contextlib.contextmanager
    def _answered(self) -> Iterator[None]:
        began = time.monotonic()
        try:
            yield
        except RuntimeError as error:
            raise self._explained(error, time.monotonic() - began) from error

    def _explained(self, error: RuntimeError, seconds: float) -> SaccadeError:
        """Find out who did not answer, and why, after so many seconds."""
        others = [rank for rank in range(self.world) if rank != self.rank]
        failed, waiting, gone = dict[int, str](), list[int](), self._store is None
        try:
            if self._store is not None:
                self._store.set(f"{_WAITS} {self.rank}", "")
                deadline = time.monotonic() + _GRACE
                while time.monotonic() < deadline and len(failed) + len(waiting) < len(others):
                    waiting = [rank for rank in others if self._store.check([f"{_WAITS} {rank}"])]
                    failed = {
                        rank: self._store.get(f"{_FAILED} {rank}").decode("utf-8", "replace")
                        for rank in others
                        if self._store.check([f"{_FAILED} {rank}"])
                    }
                    time.sleep(0.05)
        except RuntimeError:
            gone = True
        if failed:
            what = "; ".join(f"process {rank} ended with {printable(told)}" for rank, told in failed.items())
            return Lost(f"this one goes no further, since {what}", told=True)
        missing = self._missing = [rank for rank in others if rank not in waiting]
        who = "another process" if gone and self.first else named([0] if gone else missing)
        if seconds < self.launch.patience:
            how, cure = (
                f"({_said_by_torch(error)})",
                "look at what it said (a machine without memory left kills without a word)",
            )
        else:
            how = f"in {self.launch.patience:g} s"
            cure = "look at what it does, or let the others wait longer with SACCADE_PATIENCE"
        return Lost(
            f"got no word from {who} {how}; taken are processes that all go on; {cure}, and go on with --resume",
            told=bool(waiting) and min(waiting) < self.rank,
        )

    def _said(self, key: str, seconds: float = _GRACE) -> str:
        """Read a word in the store, if it is there within some seconds; else ""."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            if self._store.check([key]):
                return self._store.get(key).decode("utf-8", "replace")
            time.sleep(0.02)
        return ""


@functools.cache
def _meeting_place(launch: Launch) -> Any:
    """Open the store of a launch; it stays open, since where the first process keeps it others may need it."""
    patience = datetime.timedelta(seconds=launch.patience)
    try:
        return next(iter(rendezvous("env://", timeout=patience)))[0]
    except (RuntimeError, ValueError, OSError) as error:
        raise _not_met(launch, error) from error


def _said_by_torch(error: Exception) -> str:
    """The first sentence of an error, without the line of C++ that it comes from."""
    words = re.sub(r"\[\S+:\d+\] ", "", " ".join(str(error).split()))
    return printable(words.partition(". ")[0][:200])


def _gist(message: str) -> str:
    """What went wrong; what to do about it may name other paths elsewhere."""
    return message.partition(";")[0]


def _not_met(launch: Launch, error: Exception) -> BadConfig:
    return BadConfig(
        f"got {launch.world} processes that do not all meet at MASTER_ADDR and MASTER_PORT ({_said_by_torch(error)}); "
        f"taken are a machine and a port that each can reach, and {launch.world} processes that start together; check "
        "these variables, and that no other job uses the port"
    )
