"""What a step costs in use: how many pictures a second it predicts, and how much memory that takes.

It is measured in a process of its own that does nothing else, since one that has trained keeps the memory of that.

Source: ours.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from jaxtyping import Shaped

import saccade
from saccade.errors import BadCheckpoint, printable
from saccade.weights.files import json_bytes

_SECONDS = 10.0
# no picture comes twice, since regions that were searched for in one are remembered
_TURNS: tuple[Callable[[np.ndarray], np.ndarray], ...] = (
    np.ascontiguousarray,
    lambda picture: np.ascontiguousarray(picture[:, ::-1]),
    lambda picture: np.ascontiguousarray(picture[::-1]),
    lambda picture: np.ascontiguousarray(picture[::-1, ::-1]),
)
_START = "from saccade.lab.using import answer; answer()"


@dataclass(frozen=True)
class Use:
    """What predicting costs.

    Args:
        seconds: From the pixels of a picture to what was found in it, one picture at a time, each new to the model: the
            median.
        memory: Bytes that the process had at its peak, above what it had before the model was loaded; on a GPU, bytes
            of its memory.

    Source: ours.
    """

    seconds: float
    memory: int

    @property
    def images_per_second(self) -> float:
        """How many pictures are predicted in a second."""
        return 1 / self.seconds

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return {**asdict(self), "images_per_second": self.images_per_second}


def use_of(
    run: Path,
    pictures: Sequence[Shaped[np.ndarray, "_ _ _"]],
    *,
    windows: Sequence[int] = (),
    device: str = "auto",
    threads: int = 0,
) -> Use:
    """Measure what a run costs in use, in a process of its own.

    Args:
        run: Its folder.
        pictures: To be predicted, as they were decoded.
        windows: Sides of windows in which a classifier slides; none for a detector.
        device: "auto", "cpu", "cuda" or "mps".
        threads: Of the processor; 0: as torch has it.

    Returns:
        What was measured.

    Raises:
        BadCheckpoint: If the process came to no end, as when there is not enough memory.

    Source: ours.
    """
    home = str(Path(saccade.__file__).parents[1])
    paths = os.pathsep.join(filter(None, (home, os.environ.get("PYTHONPATH", ""))))
    with tempfile.TemporaryDirectory() as folder:
        kept = Path(folder, "pictures.npz")
        np.savez(kept, *pictures)
        asked = {"run": str(run.resolve()), "pictures": str(kept), "windows": list(windows), "device": device,
                 "threads": threads}  # fmt: skip
        done = subprocess.run(  # noqa: S603 - this very Python, and nothing that anyone has given
            [sys.executable, "-P", "-c", _START],
            input=json_bytes(asked), capture_output=True, check=False, env={**os.environ, "PYTHONPATH": paths},
        )  # fmt: skip
    if done.returncode:
        told = printable(done.stderr.decode(errors="replace").strip().rpartition("\n")[2] or "no word")
        raise BadCheckpoint(
            f"got {printable(str(run))}, whose measuring ended with code {done.returncode} ({told}); taken is a model "
            "that predicts; see whether saccade predict can use it, and whether there is memory for it"
        )
    return Use(**json.loads(done.stdout.splitlines()[-1]))


def answer() -> None:
    """Measure what the standard input asks for, and tell it on the standard output; the whole of that process.

    Source: ours.
    """
    asked = json.load(sys.stdin)
    with np.load(asked["pictures"], allow_pickle=False) as kept:
        pictures = [kept[name] for name in kept.files]
    if asked["threads"]:
        torch.set_num_threads(asked["threads"])
    use = _measured(asked["run"], pictures, asked["windows"], asked["device"])
    sys.stdout.write(json.dumps(asdict(use)) + "\n")


def _measured(run: str, pictures: Sequence[np.ndarray], windows: Sequence[int], device: str) -> Use:
    from saccade.api.predictor import load
    from saccade.lab.windows import sliding_over

    before, on_gpu = _resident(), torch.cuda.is_available() and device in ("auto", "cuda")
    model = sliding_over(run, windows, device=device) if windows else load(run, device=device)
    model.answers([("", model.prepared(np.roll(pictures[0], 1, axis=1)))])
    taken, began = [], time.perf_counter()
    for turn, turned in enumerate(_TURNS):
        if turn and time.perf_counter() - began > _SECONDS:
            break
        for picture in map(turned, pictures):
            start = time.perf_counter()
            model.answers([("", model.prepared(picture))])
            taken.append(time.perf_counter() - start)
    memory = torch.cuda.max_memory_allocated() if on_gpu else max(0, _highest() - before)
    return Use(statistics.median(taken), memory)


def _resident() -> int:
    """The bytes of memory that this process has now."""
    status = Path("/proc/self/status")
    return _line(status, "VmRSS") if status.exists() else _highest()


def _highest() -> int:
    """The most bytes of memory that this process has had."""
    status = Path("/proc/self/status")
    if status.exists():
        return _line(status, "VmHWM")
    try:
        import resource
    except ModuleNotFoundError:  # Windows
        return 0
    highest = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return highest if sys.platform == "darwin" else highest * 1024


def _line(status: Path, name: str) -> int:
    lines = status.read_text(encoding="ascii").splitlines()
    return 1024 * next((int(line.split()[1]) for line in lines if line.startswith(f"{name}:")), 0)
