"""Tell what this machine has, or what is in a run, a model file or published weights.

Without PATH: versions, devices, threads. With the folder of a run, or a
.safetensors file: what it says of itself, and whether its weights are finite
(exit code 1 when they are not). With a name such as resnet18/imagenet: where those
weights come from, and under which terms; nothing is fetched.

for example:
  saccade info
  saccade info runs/photos-resnet18-1
  saccade info model.safetensors --json
  saccade info squeezenet1_1/imagenet
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

from saccade.cli._streams import print_facts, print_json, tell
from saccade.errors import SaccadeError, printable
from saccade.weights.ledger import entries


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.add_argument("path", metavar="PATH", nargs="?", help="folder of a run, a .safetensors file, or NAME/TAG")
    parser.add_argument("--json", action="store_true", help="everything, as one JSON object")


def run(options: argparse.Namespace) -> int:
    """Tell.

    Args:
        options: What the words said.

    Returns:
        0; 1 when weights are not finite.

    Source: ours.
    """
    if options.path is None:
        return _print(_of_machine(), options.json)
    if options.path in entries():
        return _print(_of_weights(options.path), options.json)
    path = Path(options.path)
    values = _of_run(path) if path.is_dir() else _of_file(path)
    code = _print(values, options.json)
    if values.get("not finite"):
        names = values["not finite"]
        more = f" and {len(names) - 5} more" if len(names) > 5 else ""
        tell(f"got weights that are not finite in {', '.join(names[:5])}{more}; taken are finite ones; "
             "do not use this model")  # fmt: skip
        return SaccadeError.exit_code
    return code


def _of_machine() -> dict[str, Any]:
    from saccade.memory import tune_memory

    tuned = os.environ.get("SACCADE_MEMORY") != "0" and tune_memory()

    import torch

    from saccade.reporting.environment import machine, versions

    devices = [f"cuda:{number} {torch.cuda.get_device_name(number)}" for number in range(torch.cuda.device_count())]
    devices += ["mps"] if torch.backends.mps.is_available() else []
    return {
        **versions(),
        **machine(),
        "devices": [*devices, "cpu"],
        "threads": torch.get_num_threads(),
        "memory": "tuned" if tuned else "left alone",
    }


def _of_weights(name: str) -> dict[str, Any]:
    from saccade.weights.fetching import cache_folder

    entry = entries()[name]
    path = cache_folder() / f"{entry.stem}.safetensors"
    values = {"weights": entry.name, **entry.to_dict(), "fetched": str(path) if path.is_file() else "no"}
    return {key: value for key, value in values.items() if value not in ("", None, ())}


def _of_run(folder: Path) -> dict[str, Any]:
    import saccade

    run = saccade.Run(folder)
    values = {"run": str(folder), "state": run.state, **run.description}
    if run.best.is_file():
        values["best model"] = str(run.best)
        values["not finite"] = _of_file(run.best)["not finite"]
    return values


def _of_file(path: Path) -> dict[str, Any]:
    from saccade.weights.files import non_finite, read_tensors

    tensors, description = read_tensors(path)
    kinds = sorted({str(tensor.dtype).removeprefix("torch.") for tensor in tensors.values()})
    return {
        "file": str(path),
        "bytes": path.stat().st_size,
        "tensors": len(tensors),
        "numbers": sum(tensor.numel() for tensor in tensors.values()),
        "types": kinds,
        **description,
        "not finite": non_finite(tensors),
    }


def _print(values: dict[str, Any], as_json: bool) -> int:
    if as_json:
        print_json(values)
    else:
        print_facts(_flat(values))
    return 0


def _flat(values: dict[str, Any], before: str = "") -> list[tuple[str, str]]:
    """Name and text of each value; those inside others are named after them."""
    facts: list[tuple[str, str]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            facts += _flat(value, f"{before}{name}.")
        else:
            facts.append((before + name.replace("_", " "), _told(value)))
    return facts


def _told(value: Any) -> str:
    if value is None or value in ([], ""):
        return "none"
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}" if abs(value) >= 10_000 else str(value)
    if isinstance(value, list | tuple):
        shown = ", ".join(str(item) for item in value[:8])
        return printable(shown + (f", … ({len(value)} in all)" if len(value) > 8 else ""))
    return printable(str(value))
