"""How batches are fed to training: who reads them, what is kept, for whom they are, and where they go.

Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from saccade.errors import BadConfig, offer

Cache = Literal["auto", "memory", "disk", "off"]


@dataclass(frozen=True)
class Feeding:
    """How batches are fed to training; none of it changes a single bit of them, but for `rank`, `world` and `in_turn`.

    Args:
        workers: How many read and augment beside the process that trains; 0: that process does it.
        threads: Whether workers are threads instead of processes: where processes cannot be had or start slowly, as in
            a notebook and on Windows. Decoding and resizing run side by side all the same.
        cache: Where pictures are kept once they are read: "memory" (up to 512 MiB), "disk" (in SACCADE_CACHE, up to
            20 GiB, for later runs too), "off" (nowhere); "auto" is memory.
        rank: The number of this process among those that train together.
        world: How many those are; each gets its own part of every batch.
        device: Where batches go; where that is a CUDA device, each is on its way while the one before is used.
        in_turn: Whether classes take turns in an epoch of training, the rarer ones coming again (see
            `data.sampling`), instead of one shuffle of all.

    Raises:
        BadConfig: If a number is out of range, or the cache is none of these.

    Source: ours.

    Example:
        >>> Feeding(workers=2).threads
        False
    """

    workers: int = 0
    threads: bool = False
    cache: Cache = "auto"
    rank: int = 0
    world: int = 1
    device: str = "cpu"
    in_turn: bool = False

    def __post_init__(self) -> None:
        if self.workers < 0:
            raise BadConfig(f"got workers={self.workers}; taken is at least 0; change it")
        if not 0 <= self.rank < self.world:
            raise BadConfig(
                f"got rank={self.rank} of world={self.world}; taken are ranks from 0 to world − 1; change one of them"
            )
        if self.cache not in get_args(Cache):
            raise BadConfig(f"got cache={self.cache!r}; {offer(self.cache, get_args(Cache))}")


def feeding_of(workers: int | str | Feeding) -> Feeding:
    """Read how many workers are wanted, in the short forms that people write.

    Args:
        workers: A number of processes, "2" as well, "threads:2", or all of it.

    Returns:
        All of it.

    Raises:
        BadConfig: If it means nothing.

    Source: ours.

    Example:
        >>> feeding_of("threads:2") == Feeding(workers=2, threads=True)
        True
    """
    if isinstance(workers, Feeding):
        return workers
    if isinstance(workers, int):
        return Feeding(workers)
    kind, _, number = workers.rpartition(":")
    if kind not in ("", "threads") or not number.isdecimal():
        raise BadConfig(f"got workers={workers!r}; taken are a number, or threads:2 for threads; write one of them")
    return Feeding(int(number), threads=kind == "threads")
