"""The verb split_data: cut a data set into train, val and test, keep what belongs together, and write the cut.

Source: ours.
"""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from saccade.api.datasets.checking import open_whole
from saccade.data.checking.engine import check
from saccade.data.checking.mending import refuse_place, writing_format
from saccade.data.files import Files
from saccade.data.grouping import divide_groups, groups_by, split_names
from saccade.data.splitting import SPLITS, Splitting, divide
from saccade.errors import BadData, printable
from saccade.training.execution import available_cores
from saccade.types.sample import DataSet, class_lists, classes_of
from saccade.weights.files import write_whole

_TABLES = (".csv", ".tsv")


@dataclass(frozen=True)
class Cut:
    """How a data set was cut.

    Args:
        path: What was written: a table, or a folder.
        images: How many pictures each split has.
        classes: For each class how many each split has.
        groups: How many groups there are; 0 where pictures were not grouped.
        alone: How many pictures belong to no group.

    Source: ours.
    """

    path: Path
    images: dict[str, int]
    classes: dict[str, dict[str, int]]
    groups: int = 0
    alone: int = 0

    def to_dict(self) -> dict[str, Any]:
        """Give plain values that JSON can hold."""
        return {
            "path": str(self.path),
            "images": self.images,
            "classes": self.classes,
            "groups": self.groups,
            "alone": self.alone,
        }


@dataclass(frozen=True)
class CutSettings:
    """How to cut.

    Args:
        shares: Of train, val and test; they add up to 1.
        seed: Another seed makes another cut.
        group_by: "folder", "near", a column of the table, or a regular expression; "" for no groups.
        stratify: Whether each class is cut by the same shares.

    Source: ours.
    """

    shares: tuple[float, float, float] = (0.8, 0.1, 0.1)
    seed: int = 0
    group_by: str = ""
    stratify: bool = True


def split_data(
    data: Any,
    out: str | Path,
    *,
    settings: CutSettings | None = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Cut:
    """Cut a data set, whatever splits it has, and write the cut as a table or as a copy.

    Where a picture goes depends on the seed and on names alone. A table is a CSV with path, label and split, whose
    paths are relative to it; the pictures stay where they are. A folder gets a copy of the pictures, byte for byte, in
    the format that the data have.

    Args:
        data: A path to a data set whose pictures lie in files.
        out: A name that ends in .csv or .tsv, or a folder that is empty or not there; outside the data.
        settings: How to cut; by default 8 to 1 to 1, stratified, without groups.
        workers: Processes that decode, for groups of pictures that look the same; by default one for each core.
        progress: Told how many pictures are done, while they are decoded.

    Returns:
        What was written.

    Raises:
        BadData: If the data cannot be cut like that, or not be written to such an `out`.
        BadConfig: If a setting means nothing.

    Source: ours.
    """
    settings, path = settings or CutSettings(), Path(out).expanduser()
    splitting = Splitting(settings.seed, settings.shares)
    dataset = open_whole(data)
    _refuse(path, dataset)
    whole = _joined(dataset)
    keys, classes = [whole.key(row) for row in range(len(whole))], class_lists(whole)
    groups, alone = _groups(dataset, keys, settings.group_by, (workers, progress))
    if groups or not settings.stratify:
        names = split_names(divide_groups(groups or keys, classes, splitting, stratify=settings.stratify))
    else:
        parts = divide(whole, splitting.shares, splitting.seed)
        where = {part.key(row): split for split, part in zip(SPLITS, parts, strict=True) for row in range(len(part))}
        names = [where[key] for key in keys]
    rows = {split: [row for row, name in enumerate(names) if name == split] for split in SPLITS}
    cut = replace(dataset, splits={split: whole.pick(chosen) for split, chosen in rows.items() if chosen}, findings=())
    _write(cut, names, whole, path)
    counts = {
        label: {split: sum(number in classes[row] for row in chosen) for split, chosen in rows.items() if chosen}
        for number, label in enumerate(dataset.labels)
    }
    return Cut(path, cut.counts(), counts, len(set(groups)), alone)


def _groups(
    dataset: DataSet, keys: Sequence[str], how: str, reading: tuple[int | None, Callable[[int, int], None] | None]
) -> tuple[list[str], int]:
    if not how:
        return [], 0
    gathered = None
    if how == "near":
        workers, progress = reading
        count = available_cores() if workers is None else workers
        gathered = check(dataset, workers=count, progress=progress).gathered
    return groups_by(gathered, keys, how, _table_of(dataset))


def _table_of(dataset: DataSet) -> Path | None:
    where = str((dataset.origin or {}).get("data", ""))
    path = Path(where.removeprefix("manifest:"))
    return path if path.suffix.lower() in _TABLES and path.is_file() else None


def _joined(dataset: DataSet) -> Files:
    """All splits as one source, in the order of the data set."""
    files = [source for source in dataset.splits.values() if isinstance(source, Files)]
    if len(files) < len(dataset.splits) or len({source.root for source in files}) != 1:
        raise BadData(
            "got data whose pictures do not lie in files below one folder; taken are data sets of files; cut the "
            "arrays themselves, and give them as a mapping from train, val and test"
        )
    paths = tuple(path for source in files for path in source.paths)
    return Files(files[0].root, paths, tuple(target for source in files for target in source.targets))


def _refuse(path: Path, dataset: DataSet) -> None:
    """Refuse a place that cannot be written to before any work is done."""
    where = str((dataset.origin or {}).get("data", ""))
    if path.suffix.lower() not in _TABLES:
        refuse_place(path, where)
        writing_format(dataset)
        return
    if path.exists():
        raise BadData(f"got {printable(str(path))}, which is there already; taken is a new name; name another one")
    if dataset.task not in ("classification", "multi_label"):
        raise BadData(
            f"got a table to write data for {dataset.task} to; taken is a folder, as a table has no place for boxes; "
            "leave the suffix out"
        )
    odd = [label for label in dataset.labels if any(mark in label for mark in ";|\n\r") or label != label.strip()]
    if odd:
        raise BadData(
            f"got class {printable(odd[0])!r}, which a cell of a table cannot hold; taken are names without ; and |, "
            "and without a space at their ends; give a folder to write to"
        )


def _write(cut: DataSet, names: Sequence[str], whole: Files, path: Path) -> None:
    if path.suffix.lower() in _TABLES:
        text = _table(cut, names, whole, path).encode("utf-8", "surrogateescape")
        write_whole(path, lambda file: file.write(text))
        return
    _, format_ = writing_format(cut)
    assert format_.write is not None
    format_.write(cut, path)


def _table(cut: DataSet, names: Sequence[str], whole: Files, path: Path) -> str:
    """Lines of path, label and split, sorted as the data are; paths are relative to the table."""
    stream = io.StringIO()
    writer = csv.writer(stream, delimiter="\t" if path.suffix.lower() == ".tsv" else ",", lineterminator="\n")
    writer.writerow(["path", "label", "split"])
    start, folder = os.path.realpath(path.parent), os.path.realpath(whole.root)
    before = os.path.relpath(folder, start).replace(os.sep, "/")
    for row, split in enumerate(names):
        name = whole.paths[row]
        if name != name.strip() or "\\" in name or any(ord(letter) < 32 for letter in name):
            raise BadData(
                f"got {printable(name)!r}, a name that a table cannot hold; taken are names without a backslash, a "
                "line break and spaces at their ends; rename it, or give a folder to write to"
            )
        several = classes_of(whole.targets[row])
        label = ";".join(cut.labels[one] for one in several)
        writer.writerow([f"{before}/{name}", label, split])
    return stream.getvalue()
