"""What every benchmark shares: a header that says where it ran, and timings that take turns.

Each benchmark is one file here. Its docstring's first line says what it measures; `./do bench NAME` runs it. Run by
itself, this file lists them.
"""

from __future__ import annotations

import ast
import datetime
import gc
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
RESULTS = HERE / "results"


@dataclass(frozen=True)
class Timing:
    """How long each round took, in seconds."""

    rounds: tuple[float, ...]

    @property
    def median(self) -> float:
        """Give the middle one."""
        return statistics.median(self.rounds)

    @property
    def spread(self) -> tuple[float, float]:
        """Give the quartiles: half of the rounds lie between them."""
        return quartiles(self.rounds)


def quartiles(values: tuple[float, ...]) -> tuple[float, float]:
    """Give the first and the third quartile.

    Args:
        values: At least one number.

    Returns:
        The two bounds between which the middle half lies.
    """
    if len(values) == 1:
        return values[0], values[0]
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return low, high


def interleaved(functions: Mapping[str, Callable[[], object]], rounds: int, warm_up: int = 1) -> dict[str, Timing]:
    """Time several rivals in turns, so that whatever else the machine does meets them all alike.

    Each round runs every function once; the order turns by one place from round to round. The collector of garbage
    rests meanwhile.

    Args:
        functions: What to time, by name.
        rounds: How many times each is timed.
        warm_up: Rounds before those, not timed.

    Returns:
        The timing of each, by name.
    """
    names, seconds = list(functions), {name: [] for name in functions}
    for turn in range(-warm_up, rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            gc.collect()
            gc.disable()
            start = time.perf_counter()
            functions[name]()
            taken = time.perf_counter() - start
            gc.enable()
            if turn >= 0:
                seconds[name].append(taken)
    return {name: Timing(tuple(values)) for name, values in seconds.items()}


def ratio(rival: Timing, ours: Timing) -> tuple[float, float, float]:
    """Say how many times faster ours is, round by round.

    Args:
        rival: Timed in the same turns.
        ours: Timed in the same turns.

    Returns:
        The median of the rounds' ratios, and their quartiles; above 1 ours is faster.
    """
    ratios = tuple(theirs / mine for theirs, mine in zip(rival.rounds, ours.rounds, strict=True))
    return statistics.median(ratios), *quartiles(ratios)


def table(timings: Mapping[str, Timing], base: str, unit: float = 1.0) -> str:
    """Lay out timings as lines: n, median, quartiles, and how many times faster than the base.

    Args:
        timings: From `interleaved`.
        base: The name that the others are compared with.
        unit: Divides every time, such as the number of steps in a round.

    Returns:
        Several lines; times are in milliseconds.
    """
    width = max(map(len, timings))
    lines = [f"{'':{width}}    n  median ms      quartiles ms   × {base}"]
    for name, timing in timings.items():
        low, high = timing.spread
        middle, less, more = ratio(timings[base], timing)
        lines.append(
            f"{name:{width}}  {len(timing.rounds):3d} {timing.median / unit * 1e3:10.3f}  "
            f"{low / unit * 1e3:8.3f}–{high / unit * 1e3:<8.3f}  {middle:.3f} ({less:.3f}–{more:.3f})"
        )
    return "\n".join(lines)


def machine() -> dict[str, Any]:
    """Say what this ran on: hardware, versions, commit, date and command."""
    return {
        "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        "command": "./do bench " + " ".join([Path(sys.argv[0]).stem, *sys.argv[1:]]),
        "commit": _commit(),
        "processor": _processor(),
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30, 1),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        **{name: _version(name) for name in ("saccade", "torch", "numpy")},
    }


def header() -> None:
    """Print what this runs on, before anything is measured."""
    for name, value in machine().items():
        print(f"{name:10} {value}")
    print()


def record(name: str, figures: Mapping[str, Any]) -> Path:
    """Append figures with the machine they were measured on to benchmarks/results/NAME.jsonl.

    Args:
        name: The benchmark.
        figures: Plain values.

    Returns:
        The file.
    """
    RESULTS.mkdir(exist_ok=True)
    path = RESULTS / f"{name}.jsonl"
    with path.open("a", encoding="utf-8") as file:
        file.write(json.dumps({**machine(), **figures}, ensure_ascii=False) + "\n")
    return path


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _commit() -> str:
    done = subprocess.run(
        ["git", "describe", "--always", "--dirty"],
        cwd=HERE,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "unknown"


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    facts = dict(line.split(":", 1) for line in lines if ":" in line)
    facts = {name.strip(): value.strip() for name, value in facts.items()}
    width = "AVX-512" if "avx512f" in facts.get("flags", "") else "AVX2" if "avx2" in facts.get("flags", "") else ""
    return " ".join(filter(None, [facts.get("model name", platform.machine()), width]))


def main() -> None:
    """List the benchmarks, each with what it measures."""
    for path in sorted(HERE.glob("*.py")):
        if path != Path(__file__):
            text = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
            print(f"./do bench {path.stem:20} {text.splitlines()[0] if text else ''}")


if __name__ == "__main__":
    main()
