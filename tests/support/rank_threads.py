"""Processes that are threads of one: each sees the others through a barrier, and all sums are made in order of rank."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import torch
from torch import Tensor

from saccade.training.launch import Launch
from saccade.training.processes import Processes

Value = TypeVar("Value")


class Table:
    """Where each thread lays down what the others may see."""

    def __init__(self, world: int) -> None:
        self.barrier = threading.Barrier(world, timeout=60)
        self.rows: list[Any] = [None] * world


class RankThread(Processes):
    """One of several threads that play processes."""

    def __init__(self, rank: int, world: int, table: Table) -> None:
        super().__init__(Launch(rank=rank, world=world))
        self._table = table
        self.rounds = 0

    def rows(self, row: Tensor) -> Tensor:
        self.rounds += 1
        self._table.rows[self.rank] = row.detach().clone()
        self._table.barrier.wait()
        rows = torch.stack(self._table.rows)
        self._table.barrier.wait()
        return rows

    def add_up(self, tensor: Tensor) -> None:
        tensor.copy_(self.rows(tensor).sum(0))

    def share(self, tensors: Iterable[Tensor]) -> None:
        for tensor in tensors:
            tensor.detach().copy_(self.rows(tensor)[0])


def in_threads(world: int, work: Callable[[Processes], Value]) -> list[Value]:
    """Let so many threads do the same work as one process each; an error of one ends all."""
    table = Table(world)

    def begin(rank: int) -> Value:
        try:
            return work(RankThread(rank, world, table))
        except BaseException:
            table.barrier.abort()
            raise

    with ThreadPoolExecutor(world) as pool:
        futures = [pool.submit(begin, rank) for rank in range(world)]
        errors = [future.exception() for future in futures]
        first = [error for error in errors if error and not isinstance(error, threading.BrokenBarrierError)]
        for error in [*first, *filter(None, errors)]:
            raise error
        return [future.result() for future in futures]
