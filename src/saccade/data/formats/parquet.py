"""Parquet: tables with the bytes of a picture, or its path, and a label in each row, as Hugging Face hands data out.

    faces.parquet                                     columns image {bytes, path} and label
    data/train-00000-of-00002.parquet …               the beginning of a name says the split
    data/test-00000-of-00001.parquet

Labels are whole numbers, with the names of the classes in the description that Hugging Face's datasets leave in the
file, or names. Pictures are read when they are asked for, a group of rows at a time: a file whose groups are small (a
hundred rows) is read in any order far sooner than one of large ones.

Source: the documentation of Apache Parquet, and of Hugging Face's datasets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from saccade.data.format import Format
from saccade.data.labelling import encode_labels
from saccade.data.labels.parquet_rows import GroupCache, ParquetRows, opened_parquet, write_parquet
from saccade.data.labels.split_names import SPLIT_NAMES
from saccade.data.labels.writing import Written, make_folders
from saccade.data.splitting import Divisible, Splitting, complete
from saccade.errors import BadData, BadLabel, printable
from saccade.types.sample import DataSet
from saccade.weights.files import storage_checked

__all__ = ["parquet"]

_IMAGES = ("image", "img", "images", "picture", "png", "jpg", "jpeg", "image_bytes", "bytes", "image_path", "path",
           "file_name", "filename", "file")  # fmt: skip
_LABELS = ("label", "labels", "class", "class_name", "category", "target", "fine_label", "tag", "tags")


def parquet() -> Format:
    """A Parquet file, or a folder of them."""
    return Format(
        "a .parquet file with the columns image and label, or a folder of such files", _open, _recognises, _write
    )


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        return sorted(path.glob("*.parquet")) or sorted((path / "data").glob("*.parquet"))
    return [path] if path.suffix.lower() == ".parquet" and path.is_file() else []


def _recognises(path: Path) -> bool:
    return bool(_files(path))


def _open(place: str, splitting: Splitting) -> DataSet:
    path = Path(place)
    files = [file for file in _files(path) if file.is_file()]
    root = path if path.is_dir() else path.parent
    opened = [opened_parquet(file) for file in files]
    image, label = _columns(opened[0].schema_arrow.names, files[0])
    for file, one in zip(files, opened, strict=True):
        if not {image, label} <= set(one.schema_arrow.names):
            raise BadData(
                f"got {printable(file.name)} without the columns {printable(image)} and {printable(label)}; taken are "
                "files of one form; keep others elsewhere"
            )
    names, splits = _class_names(opened[0].schema_arrow, label), [_split(file) for file in files]
    labels = [_labels(one, label, file) for one, file in zip(opened, files, strict=True)]
    rows: dict[str, list[tuple[int, int]]] = {split: [] for split in splits}
    raw: dict[str, list[Any]] = {split: [] for split in splits}
    for number, (split, values) in enumerate(zip(splits, labels, strict=True)):
        rows[split] += [(number, row) for row in range(len(values))]
        raw[split] += values
    if not any(raw.values()):
        raise BadData(f"got {printable(place)} without a row; taken is one for each picture; fetch it again")
    coded = encode_labels(raw, names)
    ends = tuple(_ends(one) for one in opened)
    given: dict[str, Divisible] = {}
    for split, several in rows.items():
        at = np.asarray(several, np.int64).reshape(-1, 2)
        paths = tuple(file.relative_to(root).as_posix() for file in files)
        given[split] = ParquetRows(str(root), paths, ends, image, at, coded.targets[split], GroupCache())
    return DataSet(path.stem or "parquet", coded.labels, complete(given, splitting), coded.task)


def _columns(names: Sequence[str], file: Path) -> tuple[str, str]:
    """The column of pictures and the column of labels."""
    lowered = {name.lower(): name for name in names}
    image = next((lowered[name] for name in _IMAGES if name in lowered), None)
    label = next((lowered[name] for name in _LABELS if name in lowered and lowered[name] != image), None)
    if image is None or label is None:
        raise BadData(
            f"got the columns {printable(', '.join(names)[:200])} in {printable(file.name)}; taken are image and "
            "label; rename them"
        )
    return image, label


def _class_names(schema: Any, label: str) -> tuple[str, ...]:
    """The names of the classes, where the description in the file gives them."""
    try:
        about = json.loads((schema.metadata or {}).get(b"huggingface", b"{}"))
        feature = about["info"]["features"][label]
        found = feature.get("names") or feature.get("feature", {}).get("names") or ()
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ()
    return tuple(found) if isinstance(found, list) and all(isinstance(name, str) for name in found) else ()


def _labels(opened: Any, column: str, file: Path) -> list[Any]:
    """The labels of a file: numbers, names, or tuples of either."""
    import pyarrow

    values: list[Any] = []
    try:
        for group in range(opened.num_row_groups):
            values += opened.read_row_group(group, columns=[column]).column(0).to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise BadData(
            f"got {printable(str(file))}, which cannot be read ({printable(str(error))[:150]}); taken are whole "
            "Parquet files; fetch it again"
        ) from error
    values = [tuple(value) if isinstance(value, list) else value for value in values]
    wrong = [row for row, value in enumerate(values) if not isinstance(value, int | float | str | tuple)]
    if wrong:
        raise BadLabel(
            f"got {printable(file.name)}[{wrong[0]}] without a label, one of {len(wrong)} such; taken is a number or a "
            "name in each row; fill it in, or leave the row out"
        )
    return values


def _ends(opened: Any) -> np.ndarray:
    counts = [opened.metadata.row_group(group).num_rows for group in range(opened.num_row_groups)]
    return np.cumsum(np.asarray(counts, np.int64))


def _split(file: Path) -> str:
    """The split that the beginning of a name says: "train" of train-00000-of-00002.parquet."""
    return SPLIT_NAMES.get(re.split(r"[-_.]", file.stem.lower(), maxsplit=1)[0], "train")


def _write(dataset: DataSet, folder: Path) -> Mapping[str, int]:
    """Write a file for each split, with the bytes of each picture, its label, and the names of the classes."""
    if dataset.task not in ("classification", "multi_label"):
        raise BadData(
            f"got data of the task {dataset.task}; parquet holds one class or several for each picture; choose another "
            "format"
        )
    written = Written()
    make_folders(folder)
    for split, source in dataset.splits.items():
        file = folder / f"{split}-00000-of-00001.parquet"
        with storage_checked(file):
            write_parquet(file, source, dataset.labels, several=dataset.task == "multi_label")
        for index in range(len(source)):
            written.add(source.target(index))
    return written.result()
