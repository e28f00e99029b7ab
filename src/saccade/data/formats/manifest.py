"""Manifest: a CSV that names pictures and their labels.

    path,label,split            file;label                      image,cat,dog,snow
    a/1.jpg,cat,train           a/1.jpg;cat                     a/1.jpg,1,0,1
    a/2.jpg,cat;dog,test        (any of , ; tab as separator)   (columns of 0 and 1)

Several labels in a cell are separated by ";" or "|". Paths are relative to the CSV. UTF-8 with or without a byte-order
mark, UTF-16 with one, otherwise Latin-1.

Source: RFC 4180, read leniently.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from saccade.data.files import Files
from saccade.data.format import Format
from saccade.data.labelling import encode_labels
from saccade.data.labels.landmark_files import table_of
from saccade.data.labels.text_files import read_table
from saccade.data.labels.writing_classes import write_manifest
from saccade.data.reading import is_image_name
from saccade.data.splitting import Divisible, Splitting, complete
from saccade.errors import BadData, BadLabel, nearest, printable
from saccade.types.sample import DataSet

__all__ = ["manifest"]

_PATHS = ("path", "file", "filename", "file_name", "filepath", "file_path", "image", "image_path", "img", "image_name")
_LABELS = ("label", "labels", "class", "classes", "category", "categories", "target", "tag", "tags", "class_name")
_SPLIT_COLUMNS = ("split", "set", "subset", "partition")
_SPLITS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "dev": "val",
           "test": "test", "testing": "test"}  # fmt: skip
_SEPARATORS = re.compile(r"[;|]")
_PROBED = 50


def manifest() -> Format:
    """A CSV with a column of paths and a column of labels, or columns of 0 and 1."""
    about = "a CSV file with the columns path and label"
    return Format(about, _open, _recognises, write_manifest, _is_table)


def _is_table(path: Path) -> bool:
    return path.suffix.lower() in (".csv", ".tsv") and path.is_file()


def _recognises(path: Path) -> bool:
    """Whether it is a table, but not one of landmarks."""
    return _is_table(path) and table_of(path) is None


@dataclass(frozen=True)
class _Columns:
    """Which column holds what, by number."""

    path: int
    labels: tuple[int, ...]
    split: int | None


def _open(place: str, splitting: Splitting) -> DataSet:
    file = Path(place)
    header, rows = read_table(file)
    columns = _columns(header, rows, file)
    paths = [cells[columns.path].strip().replace("\\", "/") for _, cells in rows]
    _refuse_twice(paths, [line for line, _ in rows], file)
    _refuse_missing(paths, file)
    raw, classes = _raw_labels(header, rows, columns, file)
    where = [_split_of(cells, line, columns, file) for line, cells in rows]
    splits = [split for split in ("train", "val", "test") if split in where]
    chosen = {split: [row for row, place in enumerate(where) if place == split] for split in splits}
    coded = encode_labels({split: [raw[row] for row in chosen[split]] for split in splits}, classes)
    given: dict[str, Divisible] = {
        split: Files(str(file.parent), tuple(paths[row] for row in chosen[split]), coded.targets[split])
        for split in splits
    }
    return DataSet(file.stem, coded.labels, complete(given, splitting), coded.task)


def _columns(header: list[str], rows: Sequence[tuple[int, list[str]]], file: Path) -> _Columns:
    if any(is_image_name(cell) for cell in header):
        raise BadData(
            f"got {printable(file.name)} without a header ({printable(','.join(header))}); taken is a first line that "
            "names the columns; add path,label above"
        )
    paths = [number for number, name in enumerate(header) if name.lower() in _PATHS]
    paths = paths or [number for number in range(len(header)) if is_image_name(rows[0][1][number])]
    labels = tuple(number for number, name in enumerate(header) if name.lower() in _LABELS and number not in paths[:1])[
        :1
    ]
    split = next((number for number, name in enumerate(header) if name.lower() in _SPLIT_COLUMNS), None)
    others = tuple(number for number in range(len(header)) if number not in (*paths[:1], split))
    if paths and not labels and (len(others) == 1 or _all_yes_or_no(rows, others)):
        labels = others
    if not paths or not labels:
        missing = "path" if not paths else "label"
        close = [found for name in header for found in nearest(name, (missing,))]
        meant = f"did you mean {missing}?" if close else f"rename the one with the {missing}s"
        raise BadData(
            f"got columns {printable(', '.join(header))} in {printable(file.name)}; taken are path and label (or path "
            f"and columns of 0 and 1); no column is the {missing}, {meant}"
        )
    return _Columns(paths[0], labels, split)


def _all_yes_or_no(rows: Sequence[tuple[int, list[str]]], columns: Sequence[int]) -> bool:
    return len(columns) > 1 and all(
        cells[number].strip() in ("0", "1", "0.0", "1.0") for _, cells in rows for number in columns
    )


def _raw_labels(
    header: list[str], rows: Sequence[tuple[int, list[str]]], columns: _Columns, file: Path
) -> tuple[list[Any], tuple[str, ...]]:
    """Labels as words, tuples of words, or numbers of columns; and the names of the classes where columns give them."""
    only = columns.labels[0]
    if len(columns.labels) > 1:
        ones = np.array([[float(cells[number]) for number in columns.labels] for _, cells in rows])
        single = bool((ones.sum(1) == 1).all())
        names = tuple(header[number] for number in columns.labels)
        return ones.argmax(1).tolist() if single else [tuple(np.flatnonzero(row).tolist()) for row in ones], names
    cells = [(line, cells[only].strip()) for line, cells in rows]
    if any(_SEPARATORS.search(cell) for _, cell in cells):
        return [tuple(part.strip() for part in _SEPARATORS.split(cell) if part.strip()) for _, cell in cells], ()
    empty = [line for line, cell in cells if not cell]
    if empty:
        raise BadLabel(
            f"got {printable(file.name)}:{empty[0]} without a label, one of {len(empty)} such; taken is one label for "
            "each image; fill it in, or remove the line"
        )
    return [cell for _, cell in cells], ()


def _split_of(cells: list[str], line: int, columns: _Columns, file: Path) -> str:
    if columns.split is None:
        return "train"
    name = cells[columns.split].strip().lower()
    if name not in _SPLITS:
        raise BadLabel(
            f"got {printable(file.name)}:{line} with split {printable(name)!r}; taken are train, val and test; mend it"
        )
    return _SPLITS[name]


def _refuse_twice(paths: Sequence[str], lines: Sequence[int], file: Path) -> None:
    first: dict[str, int] = {}
    for path, line in zip(paths, lines, strict=True):
        if path in first:
            raise BadLabel(
                f"got {printable(path)} twice, {printable(file.name)}:{first[path]} and :{line}; taken is one line for "
                'each image; join its labels with ";", or remove one'
            )
        first[path] = line


def _refuse_missing(paths: Sequence[str], file: Path) -> None:
    """Stop at once when the paths mean nothing; single files that are missing are set aside while reading."""
    if not any((file.parent / path).is_file() for path in paths[:_PROBED]):
        tried = printable(str(file.parent / paths[0]))
        raise BadData(
            f"got {printable(file.name)}, where none of the first {min(_PROBED, len(paths))} paths leads to a file "
            f"(such as {tried}); taken are paths relative to the CSV; move it, or mend the paths"
        )
