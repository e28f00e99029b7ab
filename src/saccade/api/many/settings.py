"""How a great many pictures are predicted, and where.

Source: ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from saccade.errors import BadConfig

_BATCHES = 32  # in a part, unless said otherwise
_DEVICES = ("auto", "cpu", "cuda", "mps")


@dataclass(frozen=True)
class ManySettings:
    """How a great many pictures are predicted.

    Args:
        batch_size: Pictures that go through the network together.
        top: How many of the likeliest classes a row lists.
        part_size: Pictures in a file of results, a multiple of `batch_size`; None: 32 batches.
        confidence: Of a detector: from which on boxes are in a row; None: what is usual.
        device: "auto", "cpu", "cuda" or "mps".
        threads: Of the processor, for each network; None: what torch takes here, one for each worker of a cluster.
        commercial_only: See `saccade.load`.

    Raises:
        BadConfig: If a number is out of range; all that is wrong is listed.

    Source: ours.

    Example:
        >>> ManySettings(batch_size=10).images_in_part
        320
    """

    batch_size: int = 32
    top: int = 5
    part_size: int | None = None
    confidence: float | None = None
    device: str = "auto"
    threads: int | None = None
    commercial_only: bool | None = None

    def __post_init__(self) -> None:
        numbers = {"batch_size": self.batch_size, "top": self.top, "part_size": self.part_size, "threads": self.threads}
        problems = [
            f"got {name}={value}; taken is 1 or more; leave it out for what is usual"
            for name, value in numbers.items()
            if value is not None and value < 1
        ]
        if not problems and self.images_in_part % self.batch_size:
            near = max(1, self.images_in_part // self.batch_size) * self.batch_size
            problems.append(
                f"got part_size={self.part_size} with batch_size={self.batch_size}; taken are multiples of it, as "
                f"batches end where parts do; use {near}"
            )
        if self.device not in _DEVICES:
            problems.append(f"got device={self.device!r}; taken are {', '.join(_DEVICES)}; choose one of them")
        if problems:
            raise BadConfig("\n".join(problems))

    @property
    def images_in_part(self) -> int:
        """Pictures in a file of results, the last one aside."""
        return self.part_size if self.part_size is not None else _BATCHES * self.batch_size


@dataclass(frozen=True)
class Cluster:
    """Where Ray computes.

    Args:
        address: "local": on the processors of this machine, by a Ray that is started for it and ended after it.
            "auto": on the cluster that this machine belongs to. HOST:PORT: on that one, from one of its machines.
        workers: Processes, each with the model; None: as many as there are CUDA devices, or else processors for.

    Raises:
        BadConfig: If there would be no workers, or the address is one from outside of a cluster.

    Source: ours.
    """

    address: str = "local"
    workers: int | None = None

    def __post_init__(self) -> None:
        problems = []
        if self.workers is not None and self.workers < 1:
            problems.append(
                f"got workers={self.workers}; taken is 1 or more; leave it out for as many as there is room"
            )
        if not self.address or "://" in self.address:
            problems.append(
                f"got the cluster {self.address!r}; taken are local, auto and HOST:PORT, from one of its machines; "
                "send the command there: ray job submit -- saccade predict … --cluster auto"
            )
        if problems:
            raise BadConfig("\n".join(problems))
