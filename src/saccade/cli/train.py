"""Train a network on your own images, go on with a run, extend it, or repeat it.

DATA is a folder with one folder of images for each class (with or without
train/, val/ and test/ above them), a file of images, or a name such as digits or
synthetic. MODEL is a name (see saccade models) or a line of layers such as
"conv 32 3, pool 2, conv 64 3, gap"; without one it is that of the recipe, the best
at hand for --transfer and --budget, else resnet18. With --weights, a model by name
begins with what others trained. A run that Ctrl-C stops is saved first, and --resume
goes on at the very step.

for example:
  saccade train photos/ --model resnet18 --epochs 20
  saccade train photos/ --model resnet18 --weights imagenet --learning-rate 2e-4
  saccade train photos/ --budget 60s
  saccade train photos/ --transfer auto
  saccade train digits --model lenet5 --no-mirror
  saccade train --resume runs/photos-resnet18-1
  saccade train --resume runs/photos-resnet18-1 --epochs 40
  saccade train --repeat runs/photos-resnet18-1
"""

from __future__ import annotations

import argparse
import contextlib
import json
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any

from saccade.cli._settings import SETTING, add_settings, given_settings
from saccade.cli._streams import print_facts, print_json
from saccade.cli._what import add_model, wrong_names
from saccade.errors import BadConfig, printable
from saccade.training.launch import read_launch
from saccade.training.recipes import expanded
from saccade.training.settings import TrainingSettings


def configure(parser: argparse.ArgumentParser) -> None:
    """Name the words of this verb: its own, and one flag for each training setting.

    Args:
        parser: Takes them.

    Source: ours.
    """
    parser.usage = (
        f"{parser.prog} DATA [--model MODEL] [--SETTING …]\n       {parser.prog} [DATA] (--resume | --repeat) RUN"
    )
    parser.add_argument("data", metavar="DATA", nargs="?", help="what to learn from; with a run: where that lies now")
    add_model(parser, "resnet18, or what recipe or transfer name")
    parser.add_argument("--out", metavar="FOLDER", help="folder of the new run (default: the next free one in runs/)")
    parser.add_argument("--resume", metavar="RUN", help="go on with a run; with --epochs, extend it")
    parser.add_argument("--repeat", metavar="RUN", help="train again from a run's description, to the same bits")
    parser.add_argument("--settings", metavar="FILE", help="settings from a .json or .toml file; flags go before it")
    parser.add_argument("--tensorboard", metavar="FOLDER", help="write the figures there for TensorBoard")
    parser.add_argument("--json", action="store_true", help="events as JSON lines on stdout, instead of the progress")
    add_settings(parser.add_argument_group("settings"), TrainingSettings)


def wrong(options: argparse.Namespace) -> list[str]:
    """List everything that is wrong with the words, before anything heavy is loaded.

    Args:
        options: What the words said.

    Returns:
        A message for each mistake.

    Source: ours.
    """
    problems = []
    ways = [way for way in ("resume", "repeat") if getattr(options, way) is not None]
    if len(ways) == 2 or not (ways or options.data is not None):
        given = "--resume and --repeat" if ways else "neither DATA nor a run"
        problems.append(f"got {given}; taken is one of DATA, --resume RUN, --repeat RUN; give one of them")
    elif ways:
        problems += _not_with_a_run(options, ways[0])
    problems += wrong_names(options)
    try:
        TrainingSettings.from_dict(expanded(_settings(options)))
    except BadConfig as error:
        problems += str(error).split("\n")
    return problems


def run(options: argparse.Namespace) -> int:
    """Train, and say where the run is.

    Args:
        options: What the words said; nothing is wrong with them.

    Returns:
        The exit code.

    Source: ours.
    """
    import saccade
    from saccade.api.watching.progress import Progress

    first = read_launch().rank == 0  # of several processes, only one speaks
    with contextlib.ExitStack() as stack:
        listeners: list[Any] = [_print_event] if options.json else [stack.enter_context(Progress())]
        if options.tensorboard and first:
            from saccade.api.watching.tensorboard import TensorBoard

            listeners.append(stack.enter_context(TensorBoard(options.tensorboard)))
        settings = _settings(options)
        if options.resume:
            done = saccade.Run(options.resume).resume(
                epochs=settings.get("epochs"), data=options.data, listeners=listeners
            )
        elif options.repeat:
            done = saccade.Run(options.repeat).repeat(options.out, data=options.data, listeners=listeners)
        else:
            done = saccade.train(
                options.data,
                model=options.model,
                task=options.task or "auto",
                settings=settings,
                out=options.out,
                listeners=listeners,
            )
    if not first:
        return 0
    path = printable(str(done.path))
    if options.json:
        print_json({"run": str(done.path), "state": done.state, "model": str(done.best)})
        return 0
    print_facts([
        ("run", path),
        ("state", done.state),
        ("model", printable(str(done.best))),
        ("next", f"saccade evaluate {path}"),
        ("", f"saccade report {path}"),
        ("", f"saccade predict {path} IMAGE…"),
    ])  # fmt: skip
    return 0


def _settings(options: argparse.Namespace) -> dict[str, Any]:
    """The settings of the file and of the flags, the flags' before the file's."""
    return {
        **(_from_file(Path(options.settings)) if options.settings else {}),
        **given_settings(options, TrainingSettings),
    }


def _from_file(path: Path) -> dict[str, Any]:
    reader = {".json": json.loads, ".toml": tomllib.loads}.get(path.suffix)
    if reader is None:
        raise BadConfig(f"got --settings {printable(str(path))}; taken are .json and .toml files; rename or convert it")
    try:
        values = reader(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        told = printable(getattr(error, "strerror", None) or str(error))
        raise BadConfig(f"got --settings {printable(str(path))}, which cannot be read ({told}); taken is a mapping of "
                        "settings to values; mend the file") from error  # fmt: skip
    if not isinstance(values, dict):
        raise BadConfig(f"got --settings {printable(str(path))}, a {type(values).__name__}; taken is a mapping of "
                        "settings to values; write {\"epochs\": 10}")  # fmt: skip
    return values


def _not_with_a_run(options: argparse.Namespace, way: str) -> list[str]:
    """A run brings its own model, task and settings."""
    free = {"resume": {"setting_epochs"}, "repeat": {"out"}}[way]
    names = ["model", "task", "out", "settings", *(name for name in vars(options) if name.startswith(SETTING))]
    given = [name for name in names if getattr(options, name) is not None and name not in free]
    flags = ", ".join("--" + name.removeprefix(SETTING).replace("_", "-") for name in given)
    taken = {"resume": "--epochs", "repeat": "--out"}[way]
    return [f"got {flags} with --{way}; taken with it is only {taken}; the rest comes from the run"] if given else []


def _print_event(event: Any) -> None:
    print_json({"event": type(event).__name__, **asdict(event)})
