"""Who is compared: models, each with one run or with several that differ by their seed.

Source: ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from saccade.api.predictor import Predictor, as_run, load
from saccade.api.run import Run
from saccade.errors import BadConfig, printable

Model = str | Path | Run | Predictor
_ELSEWHERE = ("seed", "threads", "device", "workers", "worker_kind", "cache", "checkpoint_steps", "deterministic")


@dataclass(frozen=True, eq=False)
class Member:
    """One network that is judged.

    Args:
        name: What to call it.
        predictor: Ready to predict.
        run: Where it comes from; None for a file or a predictor.

    Source: ours.
    """

    name: str
    predictor: Predictor
    run: Run | None = None

    @property
    def seed(self) -> int | None:
        """The seed that it was trained with, where that is known."""
        return None if self.run is None else int(self.run.description["settings"]["seed"])

    @property
    def fingerprints(self) -> Mapping[str, str]:
        """Those of the splits of its own data, as it remembers them; empty where it does not."""
        if self.run is not None:
            return self.run.description["data"]["fingerprints"]
        known = self.predictor.description.origin.get("fingerprints", {})
        return known if isinstance(known, Mapping) else {}


@dataclass(frozen=True, eq=False)
class Contestant:
    """One model of a comparison.

    Args:
        name: What to call it.
        members: Its runs: one, or several that differ by their seed.

    Source: ours.
    """

    name: str
    members: tuple[Member, ...]


def contestants(models: Any, *, group_seeds: bool = False, device: str = "auto") -> tuple[Contestant, ...]:
    """Load all models that are compared.

    Args:
        models: Two or more of what `saccade.load` takes; or a mapping from names to such models, or to several runs of
            one model with different seeds.
        group_seeds: Take runs that differ by their seed alone as one model.
        device: "auto", "cpu", "cuda" or "mps".

    Returns:
        At least two, all of one task and of the same classes.

    Raises:
        BadConfig: If there are fewer, or one is given twice, or they cannot be compared.
        BadCheckpoint: If there is no model there, or it cannot be trusted.

    Source: ours.
    """
    if isinstance(models, Mapping):
        named = {str(name): _several(given) for name, given in models.items()}
    else:
        named = {"": _several(models)}
    given = [one for several in named.values() for one in several]
    _refuse_few(len(given) if not isinstance(models, Mapping) else len(named))
    _refuse_twice(given)
    runs = [as_run(one) for one in given]
    names = _distinct([(_short(one, run), _long(one, run)) for one, run in zip(given, runs, strict=True)])
    members = [
        Member(name, load(run or one, device=device), run) for name, one, run in zip(names, given, runs, strict=True)
    ]
    check_alike(members)
    if isinstance(models, Mapping):
        found = iter(members)
        groups = [Contestant(name, tuple(next(found) for _ in several)) for name, several in named.items()]
    else:
        groups = _grouped(members) if group_seeds else [Contestant(member.name, (member,)) for member in members]
    if len(groups) < 2:
        raise BadConfig(
            f"got {len(members)} runs that differ by their seed alone, and so one model; taken are two or more; add "
            "the runs of another model, or leave --group-seeds out to compare the seeds"
        )
    return tuple(groups)


def check_alike(members: Sequence[Member]) -> None:
    """Refuse models of different tasks or classes, and of tasks whose answers nothing here compares.

    Args:
        members: At least one.

    Raises:
        BadConfig: If they cannot be compared.

    Source: ours.
    """
    first, *others = members
    task, labels = first.predictor.task.name, set(first.predictor.labels)
    if task not in ("classification", "multi_label"):
        raise BadConfig(
            f"got {printable(first.name)}, a model for {task}; taken are models for classification and multi_label; "
            "evaluate it alone"
        )
    for other in others:
        if other.predictor.task.name != task:
            raise BadConfig(
                f"got {printable(first.name)} for {task} and {printable(other.name)} for {other.predictor.task.name}; "
                "taken are models for the same task; leave one out"
            )
        strange = sorted(labels ^ set(other.predictor.labels))
        if strange:
            shown = ", ".join(map(printable, strange[:5])) + (", …" if len(strange) > 5 else "")
            raise BadConfig(
                f"got {printable(first.name)} and {printable(other.name)}, of which only one knows {shown}; taken are "
                "models of the same classes, by name; leave one out, or train it on the same classes"
            )


def _several(given: Any) -> list[Any]:
    if isinstance(given, str | Path | Run | Predictor):
        return [given]
    if not isinstance(given, Iterable):
        raise BadConfig(
            f"got {type(given).__name__} to compare; taken are runs, their folders, model files and predictors; give "
            "two of them"
        )
    return list(given)


def _refuse_few(count: int) -> None:
    if count < 2:
        got = "one model" if count else "no models"
        raise BadConfig(f"got {got} to compare; taken are two or more; name another, or evaluate it alone")


def _refuse_twice(given: Sequence[Any]) -> None:
    places = [str(_place(one)) if not isinstance(one, Predictor) else str(id(one)) for one in given]
    for number, place in enumerate(places):
        if place in places[:number]:
            named = _long(given[number], None)
            raise BadConfig(f"got {printable(named)} twice; taken is each model once; leave it out once")


def _place(model: Any) -> Path | str:
    """Where a model lies; the best model of a run lies in its folder."""
    path = model.path if isinstance(model, Run) else Path(str(model)).expanduser()
    if not path.exists():
        return str(model)
    path = path.resolve()
    return path.parent if path.name == "best.safetensors" else path


def _short(model: Any, run: Run | None) -> str:
    if isinstance(model, Predictor):
        return model.description.architecture or "a module of your own"
    if run is not None:
        return run.path.resolve().name
    path = Path(str(model))
    if path.suffix != ".safetensors":
        return str(model)
    beside = path.resolve().parent
    return beside.name if path.stem == "best" and (beside / "run.json").is_file() else path.stem


def _long(model: Any, run: Run | None) -> str:
    return repr(model) if isinstance(model, Predictor) else str(run.path if run is not None else model)


def _distinct(names: Sequence[tuple[str, str]]) -> list[str]:
    """The short names where these differ, else the long ones, else with a number."""
    chosen: list[str] = []
    short = [one for one, _ in names]
    for one, other in names:
        name = one if short.count(one) == 1 else other
        same = sum(1 for taken in chosen if taken == name or taken.startswith(f"{name} ("))
        chosen.append(f"{name} ({same + 1})" if same else name)
    return chosen


def _grouped(members: Sequence[Member]) -> list[Contestant]:
    """Put runs together that differ by nothing but their seed, in the order in which each kind came first."""
    kinds: dict[str, list[Member]] = {}
    for number, member in enumerate(members):
        kinds.setdefault(_kind(member) or f"alone {number}", []).append(member)
    for several in kinds.values():
        seeds = [member.seed for member in several]
        for number, seed in enumerate(seeds):
            if seed is not None and seed in seeds[:number]:
                first = several[seeds.index(seed)]
                raise BadConfig(
                    f"got {printable(first.name)} and {printable(several[number].name)}, both of seed {seed} and "
                    "otherwise alike; taken are runs of different seeds; leave one out"
                )
    return [Contestant(name, tuple(several)) for name, several in zip(_kind_names(kinds), kinds.values(), strict=True)]


def _kind(member: Member) -> str:
    """All that decides what a run learns but for its seed; "" for what is no run."""
    return "" if member.run is None else json.dumps(_traits(member.run), sort_keys=True)


def _traits(run: Run) -> dict[str, Any]:
    told = run.description
    settings = {name: value for name, value in told["settings"].items() if name not in _ELSEWHERE}
    start = {"weights content": told["weights"].get("content")} if isinstance(told.get("weights"), Mapping) else {}
    size = {"size": told["preprocessing"]["size"], "task": told["task"], "data": told["data"]["name"]}
    return {"model": told["model"]["architecture"], **told["model"]["arguments"], **size, **settings, **start}


def _kind_names(kinds: Mapping[str, Sequence[Member]]) -> list[str]:
    """Call each kind by its architecture and by what sets it apart from others of that; a single run by its name."""
    traits = [_traits(several[0].run) if several[0].run is not None else {} for several in kinds.values()]
    names = []
    for several, own in zip(kinds.values(), traits, strict=True):
        beside = [other for other in traits if other.get("model") == own.get("model")]
        differing = sorted(name for name in own if any(other.get(name) != own[name] for other in beside))
        told = ", ".join(f"{name}={own[name]}" for name in differing)
        architecture = own.get("model") or "module"
        names.append((several[0].name if len(several) == 1 else f"{architecture} {told}".strip(),) * 2)
    return _distinct(names)
