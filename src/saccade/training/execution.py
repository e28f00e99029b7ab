"""Where and how the arithmetic runs: device, precision, memory format, threads; resolved once, then part of the run."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any, TypeVar

import torch
from torch import nn

from saccade.errors import BadConfig
from saccade.training.launch import read_launch
from saccade.training.settings import TrainingSettings

Network = TypeVar("Network", bound=nn.Module)
_DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float16": torch.float16}
_GAINS_BY_BFLOAT16 = 200_000  # parameters; smaller networks win nothing by it


@dataclass(frozen=True)
class Execution:
    """How the arithmetic of one run is done, with nothing left to "auto".

    Args:
        device: "cpu", "cuda" or "mps".
        precision: What convolutions and products are computed in; weights and sums stay float32.
        memory_format: "contiguous" (channels, then rows) or "channels_last".
        threads: Of the processor.
        deterministic: Whether operations whose result varies are refused; see `training.determinism`.

    Source: ours.
    """

    device: str = "cpu"
    precision: str = "float32"
    memory_format: str = "contiguous"
    threads: int = 1
    deterministic: bool = False

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return asdict(self)

    @property
    def torch_memory_format(self) -> torch.memory_format:
        """The memory format as torch names it."""
        return torch.channels_last if self.memory_format == "channels_last" else torch.contiguous_format

    def placed(self, network: Network) -> Network:
        """Move a network to the device, its weights in the memory format; gives the same network."""
        # torch's own type stubs forget this argument
        return network.to(self.device, memory_format=self.torch_memory_format)  # pyright: ignore[reportCallIssue]

    def autocast(self) -> torch.autocast:
        """Give the context in which the network runs."""
        return torch.autocast(self.device, _DTYPES[self.precision], enabled=self.precision != "float32")

    def seed(self, number: int) -> None:
        """Seed the generators that dropout draws from; much quicker than `torch.manual_seed`, which asks every device.

        Args:
            number: From 0 to 2⁶³ − 1.
        """
        torch.default_generator.manual_seed(number)
        if self.device == "cuda":
            torch.cuda.manual_seed(number)
        elif self.device == "mps":
            torch.mps.manual_seed(number)

    @contextlib.contextmanager
    def applied(self) -> Iterator[None]:
        """Set threads, determinism and random state for the duration, and put everything back."""
        threads, deterministic = torch.get_num_threads(), torch.are_deterministic_algorithms_enabled()
        devices = [torch.cuda.current_device()] if self.device == "cuda" else []
        if self.deterministic and self.device == "cuda":  # torch refuses matrix products without it
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
        with torch.random.fork_rng(devices=devices):
            try:
                torch.set_num_threads(self.threads)
                torch.use_deterministic_algorithms(self.deterministic)
                yield
            finally:
                torch.set_num_threads(threads)
                torch.use_deterministic_algorithms(deterministic)


def choose_device(wanted: str) -> str:
    """Pick the device: what was asked for, or the fastest that is here.

    Args:
        wanted: "auto", "cpu", "cuda" or "mps".

    Returns:
        "cpu", "cuda" or "mps".

    Raises:
        BadConfig: If that device is unknown or not on this machine.

    Source: ours.

    Example:
        >>> choose_device("cpu")
        'cpu'
    """
    here = [
        name
        for name, present in (
            ("cuda", torch.cuda.is_available()),
            ("mps", torch.backends.mps.is_available()),
            ("cpu", True),
        )
        if present
    ]
    if wanted == "auto":
        return here[0]
    if wanted not in here:
        raise BadConfig(f"got device {wanted!r}; taken on this machine are auto, {', '.join(here)}; choose one of them")
    return wanted


def resolve(settings: TrainingSettings, network: nn.Module) -> Execution:
    """Decide everything that the settings leave to "auto".

    Args:
        settings: The settings of the run.
        network: What will be trained; its size decides whether bfloat16 pays.

    Returns:
        The execution, to be recorded and used again when the run resumes.

    Raises:
        BadConfig: If the device is not here, or has no room for one more process, or float16 is asked for where nothing
            can scale it.

    Source: ours; the choice of memory format and precision is measured in benchmarks/throughput.py.
    """
    device = choose_device(settings.device)
    precision = settings.precision
    if precision == "auto":
        parameters = sum(parameter.numel() for parameter in network.parameters())
        precision = _fast_precision(device) if parameters >= _GAINS_BY_BFLOAT16 else "float32"
    if precision == "float16" and device != "cuda":
        raise BadConfig(f"got precision 'float16' on {device}; taken there are float32, bfloat16; choose one of them")
    memory_format = settings.memory_format
    if memory_format == "auto":
        bare = getattr(network, "network", network)
        own = getattr(bare, "learns_in", "channels_last") if device == "cpu" else "channels_last"
        memory_format = "contiguous" if device == "mps" else own
    threads = settings.threads or max(1, available_cores() // read_launch().local_world)
    return Execution(device, precision, memory_format, threads, settings.deterministic)


def available_cores() -> int:
    """Count the cores that this process may use.

    Returns:
        At least 1.

    Source: ours.
    """
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _fast_precision(device: str) -> str:
    if device == "cuda":
        return "bfloat16" if torch.cuda.is_bf16_supported(including_emulation=False) else "float16"
    if device == "cpu":
        # torch has no public question for "does this processor multiply bfloat16 itself"
        checks = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
        if any(getattr(torch.cpu, check, lambda: False)() for check in checks):
            return "bfloat16"
    return "float32"
