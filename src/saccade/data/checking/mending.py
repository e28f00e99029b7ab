"""A repaired copy of a data set: what no network can learn from is left out, pictures are copied byte for byte.

Source: ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from saccade import catalog
from saccade.data.checking.engine import Checked
from saccade.data.files import Files
from saccade.data.format import Format
from saccade.data.splitting import Divisible
from saccade.errors import BadData, BadImage, BadLabel, printable
from saccade.types.annotations import Annotations
from saccade.types.sample import DataSet, Source

_ROOM = "data.formats"
_ROUNDING = 0.01  # pixels; what shares with six digits are off by is no fault


@dataclass(frozen=True)
class Mended:
    """A data set whose faults are mended, not yet written.

    Args:
        dataset: What is left.
        deeds: What was done, a line for each thing.

    Source: ours.
    """

    dataset: DataSet
    deeds: tuple[str, ...]


def mend(checked: Checked) -> Mended:
    """Leave out what cannot be used, and clip what reaches too far.

    * A picture that cannot be read, or whose label cannot, is left out.
    * Of exact copies one stays. A leak is removed from train, and never a copy from test: what a model is judged on
      must stay what it was, or its figures can no longer be compared with those of others; and it is the copy in
      train that makes them too good. Between val and test, the copy in val goes.
    * Boxes and outlines are cut off at the edge of their picture; those without an area are left out.
    * Copies whose classes differ stay, both of them, when they are in one split: which one is right, only a person
      can say.

    Args:
        checked: What was found.

    Returns:
        The mended data set.

    Raises:
        BadData: If its pictures do not lie in files, or nothing is left to learn from.

    Source: ours.
    """
    gathered = checked.gathered
    dataset = gathered.dataset
    deeds: list[str] = []
    gone = _left_out(checked, deeds)
    splits: dict[str, Source] = {}
    first = 0
    for split, source in dataset.splits.items():
        rows = [index for index in range(len(source)) if first + index not in gone]
        first += len(source)
        if rows:
            splits[split] = _clipped(_picked(source, rows), split, deeds)
    if "train" not in splits:
        raise BadData(
            "got no training picture that can be used; taken are data sets with some; see what is wrong with them: "
            "saccade data check"
        )
    return Mended(replace(dataset, splits=splits, findings=()), tuple(deeds))


def _left_out(checked: Checked, deeds: list[str]) -> set[int]:
    gathered = checked.gathered
    conflicts = {(one.key, getattr(one, "split", "")) for one in checked.findings if one.code == "label-conflict"}
    gone = set()
    for row in np.flatnonzero(~gathered.readable).tolist():
        gone.add(row)
        deeds.append(f"left out {_told(gathered.name(row))}: it cannot be read")
    for row, first in sorted(gathered.copies.items()):
        (split, key), other = gathered.name(row), gathered.name(first)
        if split == "test":
            deeds.append(f"kept {_told((split, key))}, a copy of {_told(other)}: the test stays what it was")
            continue
        if (key, split) in conflicts and split == other[0]:
            deeds.append(f"kept {_told((split, key))} and {_told(other)}, copies with different labels: decide")
            continue
        gone.add(row)
        why = ", which must stay as it was" if split != other[0] else ""
        deeds.append(f"left out {_told((split, key))}: a copy of {_told(other)}{why}")
    return gone


def _picked(source: Source, rows: Sequence[int]) -> Files:
    if not isinstance(source, Files) or not isinstance(source, Divisible):
        raise BadData(
            f"got data whose pictures do not lie in files ({type(source).__name__}); taken to be mended are files; "
            "leave the numbers of those pictures out of your arrays instead"
        )
    return source.pick(rows)


def _clipped(source: Files, split: str, deeds: list[str]) -> Files:
    targets: list[Any] = []
    kept: list[int] = []
    for index, raw in enumerate(source.targets):
        name = _told((split, source.key(index)))
        try:
            target = raw if isinstance(raw, int | tuple) else source.target(index)
        except (BadImage, BadLabel):
            deeds.append(f"left out {name}: its label cannot be read")
            continue
        mended = clip(target, name, deeds)
        targets.append(raw if mended is target else mended)  # where nothing is mended, what the source held stays
        kept.append(index)
    return replace(source.pick(kept), targets=tuple(targets))


def clip(target: Any, name: str, deeds: list[str]) -> Any:
    """Cut boxes and outlines off at the edge of their picture, and leave out those without an area.

    Args:
        target: Of one picture; what has no boxes stays as it is.
        name: Of the picture, for what is told.
        deeds: Gets a line for each thing that was done.

    Returns:
        The target itself where there was nothing to do.

    Source: ours.

    Example:
        >>> clip(3, "a.jpg", [])
        3
    """
    if not isinstance(target, Annotations) or target.boxes is None or not len(target):
        return target
    clipped = target.boxes.clip()
    changed = ((clipped.coordinates - target.boxes.coordinates).abs() > _ROUNDING).any(1)
    empty = clipped.area() <= 0
    if not (changed | empty).any():
        return target
    deeds += [f"clipped box {row + 1} of {name}" for row in (changed & ~empty).nonzero()[:, 0].tolist()]
    deeds += [f"left out box {row + 1} of {name}: nothing of it is on the picture" for row in _rows(empty)]
    polygons = target.polygons.clip() if target.polygons is not None else None
    return replace(target, boxes=clipped, polygons=polygons).select(~empty)


def _rows(which: Any) -> list[int]:
    return which.nonzero()[:, 0].tolist()


def _told(name: tuple[str, str]) -> str:
    return f"{printable(name[1])} ({name[0]})"


def writing_format(dataset: DataSet) -> tuple[str, Format]:
    """Find the format that a data set came in, if it can be written, or else one that can hold it.

    Args:
        dataset: Opened from a path.

    Returns:
        The name of the format, and the format.

    Raises:
        BadData: If there is none that could hold it.

    Source: ours.
    """
    for name in [*_formats_of(dataset), *_standing_in(dataset.task)]:
        found = catalog.find(_ROOM, name)()
        if found.write is not None:
            return name, found
    raise BadData(
        f"got data for {dataset.task} in a form that cannot be written; taken are "
        f"{', '.join(writable())}; convert it first: saccade data convert"
    )


def writable() -> list[str]:
    """List the formats that can be written.

    Returns:
        Their names, sorted.

    Source: ours.
    """
    return [name for name in catalog.offers(_ROOM) if catalog.find(_ROOM, name)().write is not None]


def _formats_of(dataset: DataSet) -> list[str]:
    """What a data set was opened as: named outright, or recognised."""
    where = str((dataset.origin or {}).get("data", ""))
    known = catalog.offers(_ROOM)
    name, colon, _ = where.partition(":")
    if colon and name in known:
        return [name]
    path = Path(where)
    formats = {known_as: catalog.find(_ROOM, known_as)() for known_as in known}
    return [
        known_as for known_as, one in formats.items() if where and one.recognises is not None and one.recognises(path)
    ]


def _standing_in(task: str) -> Iterable[str]:
    return {"classification": ("class_folders",), "multi_label": ("manifest",)}.get(task, ())


def refuse_place(out: Path, data: str) -> None:
    """Refuse to write where something lies already, or into the data themselves.

    Args:
        out: Where to write.
        data: What was opened: a path, or "format:path".

    Raises:
        BadData: If the place is not empty, or inside the data, or the data inside of it.

    Source: ours.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise BadData(
            f"got {printable(str(out))} to write to, which is not empty; taken is a folder that is empty or not there; "
            "name another one"
        )
    whole, _, rest = data.partition(":")
    source = Path(rest if rest and whole in catalog.offers(_ROOM) else data)
    root = source if source.is_dir() else source.parent
    if source.exists() and (_inside(out, root) or _inside(root, out)):
        raise BadData(
            f"got {printable(str(out))} to write to, inside {printable(str(root))} or around it; taken is a folder "
            "apart from the data; name another one"
        )


def _inside(inner: Path, outer: Path) -> bool:
    return inner.resolve().is_relative_to(outer.resolve())
