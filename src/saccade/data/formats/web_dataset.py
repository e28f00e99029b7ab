"""WebDataset: tar archives in which the files of a sample stand together and share a name.

    shards/train-000000.tar     0001.jpg 0001.cls   0002.jpg 0002.cls …     (.cls: a class id or name)
    shards/train-000001.tar     or 0001.jpg 0001.json                       ({"label": 3}, {"labels": [1, 4]})
    shards/val-000000.tar       or 0001.jpg 0001.txt                        (a sentence)

A folder, one archive, or a pattern such as shards/train-{000..012}.tar. Samples are read where they lie, in any order.
`saccade data shard` writes such folders, with an index beside each archive and dataset.json, which keeps names and
task; its .json labels hold annotations of any kind, to the last bit.

Source: Aizman et al., "High performance I/O for large scale deep learning" (2019), and its library's documentation.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from saccade.data.files import sub_folders
from saccade.data.format import Format
from saccade.data.labelling import encode_labels
from saccade.data.labels.annotation_json import read_json
from saccade.data.shards.index import Entry, Index, index_of
from saccade.data.shards.samples import Caption, Shards, read_part
from saccade.data.shards.writing import ABOUT, write_shards
from saccade.data.splitting import Divisible, Splitting, complete
from saccade.errors import BadData, BadLabel, printable
from saccade.types.finding import Finding
from saccade.types.sample import DataSet

__all__ = ["web_dataset"]

_SPLITS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "dev": "val",
           "test": "test", "testing": "test"}  # fmt: skip
_RANGE = re.compile(r"\{(\d{1,9})\.\.(\d{1,9})\}")
_WORD = re.compile(r"[a-z]+")
_MOST_SHARDS, _MOST_LABEL = 1_000_000, 1 << 20
_FIELDS = ("cls", "label", "class", "class_id", "category", "labels", "classes")
_ANNOTATED = object()


def web_dataset() -> Format:
    """Tar archives with a picture and a label under one name for each sample."""
    return Format("a folder of .tar archives with a picture and a label for each sample", _open, _recognises, _write)


def _write(dataset: DataSet, folder: Path) -> Mapping[str, int]:
    return write_shards(dataset, folder)


def _recognises(path: Path) -> bool:
    if path.is_dir():
        return any(one.suffix == ".tar" and one.is_file() for one in path.iterdir()) and not sub_folders(path)
    return bool(_shards(path))


def _shards(path: Path) -> list[Path]:
    """The archives that a path or a pattern means."""
    if path.is_dir():
        return sorted(one for one in path.iterdir() if one.suffix == ".tar" and one.is_file())
    if path.suffix != ".tar":
        return []
    if path.is_file():
        return [path]
    found = _RANGE.search(path.name)
    if not found or int(found[2]) - int(found[1]) >= _MOST_SHARDS:
        return []
    names = (f"{number:0{len(found[1])}}" for number in range(int(found[1]), int(found[2]) + 1))
    paths = [path.with_name(path.name[: found.start()] + name + path.name[found.end() :]) for name in names]
    return paths if paths and paths[0].is_file() else []


def _open(place: str, splitting: Splitting) -> DataSet:
    path = Path(place)
    shards = _shards(path)
    root = path if path.is_dir() else path.parent
    about = _about(root / ABOUT)
    indexes = [index_of(shard) for shard in shards]
    findings = [
        Finding("path-outside" if "outside" in why else "missing-image", f"got {printable(name)}: {why}", shard.name)
        for shard, index in zip(shards, indexes, strict=True)
        for name, why in index.skipped
    ]
    raw: dict[str, list[Any]] = {}
    found: dict[str, list[tuple[int, Entry]]] = {}
    for number, (shard, index) in enumerate(zip(shards, indexes, strict=True)):
        split = _split_of(shard.name)
        rows, labels = _labelled(shard, number, index, findings)
        found.setdefault(split, []).extend(rows)
        raw.setdefault(split, []).extend(labels)
    labels, targets, task = _coded(raw, tuple(about.get("labels", ())), path, findings)
    names = tuple(shard.name for shard in shards)
    given: dict[str, Divisible] = {split: _source(root, names, found[split], targets[split]) for split in found}
    if about:
        splits: Mapping[str, Divisible] = {split: source for split, source in given.items() if len(source)}
        splits = splits if len(splits) > 1 else complete(given, splitting)
    else:
        splits = complete(given, splitting)
    points, bones = tuple(about.get("keypoint_names", ())), tuple((a, b) for a, b in about.get("skeleton", ()))
    name = str(about.get("name") or root.name or "shards")
    task = str(about.get("task", task))
    return DataSet(name, labels, splits, task, findings=tuple(findings), keypoint_names=points, skeleton=bones)


def _about(path: Path) -> dict[str, Any]:
    """What `write_shards` noted of the whole; {} for shards of others."""
    try:
        values = read_json(path.read_bytes())
        return {
            "name": str(values["name"]),
            "labels": [str(name) for name in values["labels"]],
            "task": str(values["task"]),
            "keypoint_names": [str(name) for name in values["keypoint_names"]],
            "skeleton": [(int(one), int(other)) for one, other in values["skeleton"]],
        }
    except FileNotFoundError:
        return {}
    except (OSError, BadLabel, KeyError, TypeError, ValueError) as error:
        raise BadData(
            f"got {printable(str(path))}, which cannot be read; taken is what saccade wrote; restore it, or remove it "
            "to read the archives alone"
        ) from error


def _split_of(name: str) -> str:
    words = _WORD.findall(name.lower())
    return next((_SPLITS[word] for word in words if word in _SPLITS), "train")


def _labelled(
    shard: Path, number: int, index: Index, findings: list[Finding]
) -> tuple[list[tuple[int, Entry]], list[Any]]:
    """The samples of a shard that have a label, and what it says."""
    rows, labels = [], []
    for entry in index.entries:
        try:
            label = _label(shard, entry)
        except (BadLabel, OSError) as error:
            message = str(error)
            findings.append(Finding("bad-json" if entry.kind == "json" else "wrong-class", message, shard.name,
                                    key=f"{shard.name}/{entry.key}"))  # fmt: skip
            continue
        if label is None:
            findings.append(Finding("missing-label", "got a picture without a label; taken is one each", shard.name,
                                    key=f"{shard.name}/{entry.key}"))  # fmt: skip
            continue
        rows.append((number, entry))
        labels.append(label)
    return rows, labels


def _label(shard: Path, entry: Entry) -> Any:
    """An id, a name, a tuple of them, a caption, or the word that annotations are there; None for nothing."""
    if not entry.kind:
        return None
    start, size = entry.label
    if entry.kind != "json" and size > _MOST_LABEL:
        raise BadLabel(f"got a label of {size:,} bytes; taken are at most {_MOST_LABEL:,}; repack it")
    data = read_part(shard, start, size)
    if entry.kind == "json":
        return _from_json(read_json(data))
    text = data.decode("utf-8", "replace").strip()
    if entry.kind == "txt":
        return Caption(tuple(line.strip() for line in text.splitlines() if line.strip()))
    if not text:
        raise BadLabel("got an empty label; taken is a class id or a name; fill it in")
    return _id_or_name(text)


def _from_json(values: Any) -> Any:
    if isinstance(values, dict) and "annotations" in values:
        return _ANNOTATED
    label = values if not isinstance(values, dict) else next((values[name] for name in _FIELDS if name in values), None)
    if isinstance(label, list):
        return tuple(_id_or_name(one) for one in label)
    return None if label is None else _id_or_name(label)


def _id_or_name(label: Any) -> int | str:
    if isinstance(label, bool) or not isinstance(label, int | str):
        raise BadLabel(f"got label {str(label)[:50]!r}; taken is a class id or a name; mend it")
    if isinstance(label, str) and not label.isdecimal():
        return label
    return int(label) if len(str(label)) < 10 else str(label)


def _coded(
    raw: dict[str, list[Any]], names: tuple[str, ...], path: Path, findings: list[Finding]
) -> tuple[tuple[str, ...], dict[str, tuple[Any, ...]], str]:
    """The names of the classes, a target for each sample, and the task."""
    every = [label for labels in raw.values() for label in labels]
    if not every:
        why = f" (such as {findings[0]})" if findings else ""
        raise BadData(
            f"got {printable(str(path))} without a sample that has a picture and a label{why}; taken are 7.jpg beside "
            "7.cls, 7.json or 7.txt; repack it"
        )
    late = [label is _ANNOTATED or isinstance(label, Caption) for label in every]
    if all(late):
        ready = {split: tuple(None if one is _ANNOTATED else one for one in labels) for split, labels in raw.items()}
        return names, ready, "captioning" if isinstance(every[0], Caption) else "detection"
    if any(late):
        raise BadData(
            f"got {printable(str(path))} with classes for some pictures and annotations or sentences for others; "
            "taken is one kind for all; repack it"
        )
    coded = encode_labels(raw, names)
    return coded.labels, dict(coded.targets), coded.task


def _source(root: Path, names: tuple[str, ...], rows: list[tuple[int, Entry]], targets: tuple[Any, ...]) -> Shards:
    places = np.array([(number, *entry.picture, *entry.label) for number, entry in rows], np.int64).reshape(-1, 5)
    return Shards(str(root), names, tuple(entry.key for _, entry in rows), places, targets)
