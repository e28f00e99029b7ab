"""Synthetic: scenes with perfect labels for every task, drawn on demand.

    synthetic                                            2,000 pictures of 32×32 pixels, difficulty 0.5, one shape each
    synthetic:count=500,size=64,difficulty=0.8           other ones
    synthetic:shapes=3                                   up to three different shapes in each: several labels
    synthetic:task=detection,classes=star+ring           stars and rings with boxes

Source: ours.
"""

from __future__ import annotations

import dataclasses
from typing import Any

from saccade import catalog
from saccade.data.format import Format
from saccade.data.scenes.plan import RANGES, ROOM, Kind, Plan, kind_of
from saccade.data.splitting import Splitting, complete
from saccade.errors import BadConfig, offer, printable
from saccade.types.sample import DataSet

__all__ = ["synthetic"]

_SHARED = ("task", "count", "size", "difficulty", "seed")


def synthetic() -> Format:
    """Scenes with perfect labels, as many, as large and as difficult as one likes."""
    return Format(
        '"synthetic", or such as "synthetic:task=detection,count=500,size=64,difficulty=0.6", for drawn scenes', _open
    )


def _open(options: str, splitting: Splitting) -> DataSet:
    kind, plan = _asked(options)
    splits = complete({"train": kind.source(plan, range(plan.count))}, splitting)
    return DataSet(
        "synthetic",
        kind.labels(plan),
        splits,
        kind.task,
        pairs={split: kind.pairs(source, plan.seed) for split, source in splits.items()} if kind.pairs else {},
        keypoint_names=kind.keypoint_names,
        skeleton=kind.skeleton,
    )


def _asked(options: str) -> tuple[Kind, Plan]:
    """Read name=value pairs; every wrong one is listed."""
    parts = (part.partition("=") for part in options.split(",") if part.strip())
    given = [(name.strip(), text.strip()) for name, _, text in parts]
    task, problems = _task(given)
    kind = kind_of(task)
    defaults = {one.name: one.default for one in dataclasses.fields(Plan) if one.name in (*_SHARED, *kind.options)}
    values: dict[str, Any] = {**defaults, **kind.options, "task": task, "classes": ()}
    for name, text in given:
        if name == "task":
            continue
        if name not in defaults:
            problems.append(f"got option {printable(name)!r}; {offer(name, defaults)}")
        elif name == "classes":
            values[name], wrong = _classes(text, kind)
            problems += wrong
        else:
            values[name], wrong = _number(name, text, values[name])
            problems += wrong
    if "shapes" not in dict(given) and kind.task == "multi_label":
        values["shapes"] = min(values["shapes"], len(values["classes"] or kind.options["classes"]))
    problems += _out_of_range(values, kind)
    if problems:
        raise BadConfig("\n".join(problems))
    return kind, Plan(**values)


def _task(given: list[tuple[str, str]]) -> tuple[str, list[str]]:
    """The task that is named; without a name, several shapes mean several labels."""
    names = catalog.offers(ROOM)
    named = dict(given)
    several = named.get("shapes", "1") != "1"
    task = named.get("task", "multi_label" if several else "classification")
    if task not in names:
        return "classification", [f"got task={printable(task)}; {offer(task, names)}"]
    if task == "classification" and several:
        return task, [f"got shapes={printable(named['shapes'])} with one class; taken is 1; write task=multi_label"]
    return task, []


def _number(name: str, text: str, default: Any) -> tuple[Any, list[str]]:
    try:
        return type(default)(text), []
    except ValueError:
        wanted = "a whole number" if isinstance(default, int) else "a number"
        return default, [f"got {name}={printable(text)}; taken is {wanted}; write {name}={default}"]


def _classes(text: str, kind: Kind) -> tuple[tuple[str, ...], list[str]]:
    """Names joined by "+"."""
    known, names = kind.options["classes"], tuple(filter(None, (name.strip() for name in text.split("+"))))
    wrong = [f"got class {printable(name)!r}; {offer(name, known)}" for name in names if name not in known]
    if len(set(names)) < len(names) or not names:
        wrong.append(
            f"got classes={printable(text)}; taken are different names joined by +; write {'+'.join(known[:8])}"
        )
    return (() if wrong else names), wrong


def _out_of_range(values: dict[str, Any], kind: Kind) -> list[str]:
    """Values outside their ranges, as one line."""
    ranges = {**RANGES, "size": (kind.least_size, RANGES["size"][1])}
    if kind.task in ("classification", "multi_label"):
        ranges["shapes"] = (1, len(values["classes"] or kind.options.get("classes", ())))
    wrong = [
        f"got {name}={values[name]}; taken is {low} to {high}"
        for name, (low, high) in ranges.items()
        if name in values and not low <= values[name] <= high
    ]
    return ["; ".join(wrong) + "; change it"] if wrong else []
