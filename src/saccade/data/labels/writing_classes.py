"""Data sets whose pictures have classes, written as class folders or as a CSV with the pictures beside it.

Source: ours.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from saccade.data.labels.writing import Names, Written, copy_picture, make_folders, safe_name, write_text
from saccade.errors import BadData, BadLabel, printable
from saccade.types.sample import DataSet, Source

_COLUMNS = ("path", "label", "split")


def write_class_folders(dataset: DataSet, folder: Path) -> Mapping[str, int]:
    """Write a data set as train/cats/1.jpg and so on.

    Args:
        dataset: Its pictures have one class each.
        folder: Where to; empty or not there yet.

    Returns:
        What was written, by kind. A class without a picture has no place in class folders.

    Raises:
        BadData: If pictures have other targets.

    Source: ours.
    """
    places = folder_names(dataset.labels)
    names: dict[Path, Names] = {}
    written = Written()
    make_folders(folder)
    for split, index, source, target in _classified(dataset, "class_folders", int):
        place = folder / split / places[target]
        make_folders(place)
        copy_picture(source, index, place, names.setdefault(place, Names()))
        written.add(target)
    return written.result()


def write_manifest(dataset: DataSet, folder: Path) -> Mapping[str, int]:
    """Write a data set as labels.csv with the columns path, label and split, beside train/1.jpg and so on.

    Where pictures have several classes, there is a column of 0 and 1 for each class instead of the label.

    Args:
        dataset: Its pictures have one class each, or several.
        folder: Where to; empty or not there yet.

    Returns:
        What was written, by kind.

    Raises:
        BadData: If pictures have other targets.
        BadLabel: If the name of a class would mean something else in a CSV.

    Source: ours.
    """
    several = dataset.task == "multi_label"
    _check_names(dataset.labels, several)
    make_folders(folder, *dataset.splits)
    names, written, text = Names(), Written(), io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["path", *dataset.labels, "split"] if several else _COLUMNS)
    for split, index, source, target in _classified(dataset, "manifest", tuple if several else int):
        name = copy_picture(source, index, folder / split, names)
        told = [int(number in target) for number in range(len(dataset.labels))] if several else [dataset.labels[target]]
        rows.writerow([f"{split}/{name}", *told, split])
        written.add(target)
    write_text(folder / "labels.csv", text.getvalue())
    return written.result()


def _classified(dataset: DataSet, name: str, kind: type) -> Iterator[tuple[str, int, Source, Any]]:
    for split, source in dataset.splits.items():
        for index in range(len(source)):
            target = source.target(index)
            if not isinstance(target, kind):
                other = "manifest" if isinstance(target, tuple) else "coco, voc or yolo"
                raise BadData(
                    f"got data of the task {dataset.task}; {name} holds "
                    f"{'one class' if kind is int else 'classes'} for each image; choose {other}"
                )
            yield split, index, source, target


def folder_names(labels: tuple[str, ...]) -> list[str]:
    """Give a safe name for the folder of each class, each once.

    Args:
        labels: The names of the classes.

    Returns:
        As many names.

    Source: ours.

    Example:
        >>> folder_names(("cat", "a/b", "CAT"))
        ['cat', 'a_b', 'CAT_2']
    """
    used: set[str] = set()
    found = []
    for label in labels:
        stem = label if _is_plain(label) else safe_name(label)
        name, number = stem, 1
        while name.casefold() in used:
            number += 1
            name = f"{stem}_{number}"
        used.add(name.casefold())
        found.append(name)
    return found


def _is_plain(label: str) -> bool:
    """Whether a name can be a folder's as it is: no separators, no control characters, not hidden."""
    clean = label == label.strip() and not label.startswith(".") and not label.endswith(".") and len(label) < 100
    return bool(label) and clean and label.isprintable() and not set(label) & set('/\\:*?"<>|')


def _check_names(labels: tuple[str, ...], several: bool) -> None:
    separators = [label for label in labels if set(label) & set(";|") or label != label.strip() or not label]
    columns = [
        label for label in labels if label.strip().lower() in (*_COLUMNS, "labels", "class", "image", "file", "set")
    ]
    wrong = columns if several else separators
    if wrong:
        raise BadLabel(
            f"got the class name {printable(wrong[0])!r}; taken in a CSV are names without ; and | and blanks at their "
            "ends, and not those of its columns; rename the class, or choose another format"
        )
