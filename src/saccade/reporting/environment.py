"""What a run ran on: versions and machine, for its description and its card.

Source: ours.
"""

from __future__ import annotations

import platform
import shlex
import sys
import warnings
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import torch

import saccade
from saccade.reporting.speed import processor_name
from saccade.training.execution import available_cores

_LIBRARIES = ("torch", "numpy", "pillow", "opencv-python-headless", "scikit-learn", "safetensors")


class ReproducibilityWarning(UserWarning):
    """A run goes on, or is repeated, where it may not come to the same bits."""


def versions() -> dict[str, str]:
    """Give the versions of what decides a run's result.

    Returns:
        Name and version of Python, saccade and the libraries beneath it.

    Source: ours.
    """
    found = {"python": platform.python_version(), "saccade": saccade.__version__}
    for name in _LIBRARIES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not found"
    return found


def machine() -> dict[str, str]:
    """Describe this machine in the words that a reader of a benchmark wants.

    Returns:
        System, processor, cores, and the GPU where there is one.

    Source: ours.
    """
    described = {
        "system": f"{platform.system()} {platform.release()}",
        "processor": processor_name(),
        "cores": str(available_cores()),
        "instructions": torch.backends.cpu.get_cpu_capability(),
    }
    if torch.cuda.is_available():
        described["gpu"] = torch.cuda.get_device_name()
    return described


def command() -> str:
    """Give the command line that started this process, ready to be pasted into a shell.

    Returns:
        "saccade …", or the name of the script with its arguments; "" in a notebook, which has none.

    Source: ours.
    """
    if "ipykernel" in sys.modules or not sys.argv or not sys.argv[0]:
        return ""
    program = Path(sys.argv[0])
    name = program.parent.name if program.name == "__main__.py" else program.name
    return shlex.join([name, *sys.argv[1:]])


def warn_of_differences(description: Mapping[str, Any]) -> None:
    """Say what is other here than where a run began, if it decides about bits.

    The number of threads is no such thing, since a run keeps its own; but more threads than cores are slow.

    Args:
        description: Of the run: `versions`, `machine`, `execution`, `settings`.

    Source: ours.
    """
    libraries = ("saccade", "torch", "numpy", "pillow", "opencv-python-headless")
    found = _other(libraries, description["versions"], versions())
    parts = ("gpu",) if description["execution"]["device"] == "cuda" else ("instructions",)
    parts = ("processor", *parts) if description["settings"].get("deterministic") else parts
    found += _other(parts, description.get("machine", {}), machine())
    if found:
        _warn(f"got {', '.join(found)}; taken for the same bits is what it began with; the end will be nearly the same")
    threads, cores = int(description["execution"]["threads"]), available_cores()
    if threads > cores:
        _warn(f"got a run of {threads} threads on {cores} cores; it keeps them for the same bits; it will be slow")


def _other(names: Sequence[str], before: Mapping[str, str], now: Mapping[str, str]) -> list[str]:
    differing = [name for name in names if before.get(name) != now.get(name)]
    return [f"{name} {now.get(name)} instead of {before.get(name)}" for name in differing]


def _warn(message: str) -> None:
    warnings.warn(message, ReproducibilityWarning, stacklevel=4)
