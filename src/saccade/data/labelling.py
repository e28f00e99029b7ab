"""From labels as people write them (numbers, words, rows of 0 and 1, several at once) to class ids and names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from saccade.errors import BadData, BadLabel, printable

_CURE = "give one whole number or one name for each image, a tuple of them, or a row of 0 and 1"


@dataclass(frozen=True)
class Coded:
    """Labels as class ids.

    Args:
        labels: The names of the classes, in the order of their ids.
        targets: For each split, an id for each image, or a tuple of ids.
        task: "classification" or "multi_label".

    Source: ours.
    """

    labels: tuple[str, ...]
    targets: Mapping[str, tuple[Any, ...]]
    task: str


def encode_labels(given: Mapping[str, Any], classes: Sequence[str] = ()) -> Coded:
    """Number the classes of a data set, the same way in all of its splits.

    Names are numbered in their sorted order. Whole numbers are ids where the names of the classes are known; without
    names, each number that occurs is a class named by it. Rows of 0 and 1 say yes or no for each class; when every
    row has exactly one 1, that is one class for each image.

    Args:
        given: Labels for each split: numbers, names, tuples of either, or an array of rows.
        classes: The names of the classes, if they are known.

    Returns:
        The coded labels.

    Raises:
        BadLabel: If a label means nothing, such as NaN, −1, 0.5 or a number that has no name.
        BadData: If some splits have one label for each image and others several.

    Source: ours.

    Example:
        >>> encode_labels({"train": ["dog", "cat"], "test": ["dog"]}).targets
        {'train': (1, 0), 'test': (1,)}
    """
    names = tuple(str(name) for name in classes)
    rows = {split: _rows(labels) for split, labels in given.items()}
    if any(row is not None for row in rows.values()):
        plain, names = _from_rows(rows, names)
    else:
        plain = {split: _plain(labels, split) for split, labels in given.items()}
    several = {split: any(isinstance(label, tuple) for label in labels) for split, labels in plain.items() if labels}
    if len(set(several.values())) > 1:
        raise BadData(
            f"got several labels for an image in {', '.join(split for split in several if several[split])} and single "
            "ones elsewhere; taken is one form for all splits; write single labels as tuples of one"
        )
    names, ids = _numbering(plain, names)
    if any(several.values()):
        targets = {split: tuple(_ids(label, ids) for label in labels) for split, labels in plain.items()}
    else:
        targets = {split: tuple(ids[label] for label in labels) for split, labels in plain.items()}
    return Coded(names, targets, "multi_label" if any(several.values()) else "classification")


def _ids(label: tuple[Any, ...], ids: Mapping[Any, int]) -> tuple[int, ...]:
    return tuple(sorted({ids[one] for one in label}))


def _rows(labels: Any) -> np.ndarray | None:
    """Labels as rows of 0 and 1, one column for each class; None when they are something else."""
    array = labels.detach().cpu().numpy() if hasattr(labels, "detach") else labels
    if isinstance(array, np.ndarray) and array.ndim == 2 and array.shape[1] > 1 and np.isin(array, (0, 1)).all():
        return array.astype(bool)
    return None


def _from_rows(
    rows: Mapping[str, np.ndarray | None], names: tuple[str, ...]
) -> tuple[dict[str, list[Any]], tuple[str, ...]]:
    widths = {None if array is None else array.shape[1] for array in rows.values()}
    width = len(names) or max((width for width in widths if width is not None), default=0)
    if widths != {width}:
        found = ", ".join(f"{split}: {'no rows' if array is None else array.shape[1]}" for split, array in rows.items())
        raise BadLabel(
            f"got rows of 0 and 1 of different widths ({found}); taken are {width} columns in each split; {_CURE}"
        )
    arrays = {split: array for split, array in rows.items() if array is not None}
    single = all((array.sum(1) == 1).all() for array in arrays.values())
    plain = {
        split: array.argmax(1).tolist() if single else [tuple(np.flatnonzero(row).tolist()) for row in array]
        for split, array in arrays.items()
    }
    return plain, names or tuple(str(column) for column in range(width))


def _plain(labels: Any, split: str) -> list[Any]:
    """Labels as a list of ints, of strings, or of tuples of them."""
    if hasattr(labels, "detach"):
        labels = labels.detach().cpu().numpy()
    if not isinstance(labels, np.ndarray):
        labels = list(labels)
        if any(isinstance(label, list | tuple | set | frozenset) for label in labels):
            return [_several(label, f"{split}[{row}]") for row, label in enumerate(labels)]
    array = np.asarray(labels)
    if array.ndim == 2 and array.shape[1] == 1:
        array = array[:, 0]
    if array.ndim != 1:
        raise BadLabel(f"got labels of shape {array.shape} for {split}; taken is one for each image; {_CURE}")
    return _single(array, split)


def _several(label: Any, where: str) -> tuple[Any, ...]:
    if not isinstance(label, list | tuple | set | frozenset):
        raise BadLabel(f"got label {label!r} for {where}, others are tuples; taken is one form; {_CURE}")
    return tuple(_single(np.asarray(sorted(label)), where)) if label else ()


def _single(array: np.ndarray, split: str) -> list[Any]:
    """A column of labels as ints or strings."""
    if array.dtype.kind in "US" or (array.dtype == object and all(isinstance(label, str) for label in array)):
        return [
            label.decode("utf-8", "replace") if isinstance(label, bytes) else str(label) for label in array.tolist()
        ]
    if array.dtype.kind not in "biuf":
        raise BadLabel(f"got labels of type {array.dtype} for {split}; taken are whole numbers or names; {_CURE}")
    with np.errstate(invalid="ignore"):
        wrong = np.flatnonzero(~((array >= 0) & (array == np.floor(array)) & (array < 2**31)))
    if len(wrong):
        raise BadLabel(
            f"got label {array[wrong[0]]} for {split}[{wrong[0]}], one of {len(wrong)} such; taken are whole numbers "
            "≥ 0; mend them or leave those images out"
        )
    return array.astype(np.int64).tolist()


def _numbering(plain: Mapping[str, list[Any]], names: tuple[str, ...]) -> tuple[tuple[str, ...], dict[Any, int]]:
    """Names in the order of their ids, and the id of each raw label."""
    found = {
        one
        for labels in plain.values()
        for label in labels
        for one in (label if isinstance(label, tuple) else (label,))
    }
    words = any(isinstance(one, str) for one in found)
    if words and not all(isinstance(one, str) for one in found):
        raise BadLabel(f"got names and numbers mixed as labels; taken is one of the two; {_CURE}")
    if not names:
        order = sorted(found)
        return tuple(str(one) for one in order), {one: number for number, one in enumerate(order)}
    if len(set(names)) < len(names):
        raise BadLabel(f"got class names that occur twice; taken are {len(names)} different names; rename one")
    ids: dict[Any, int] = (
        {name: number for number, name in enumerate(names)} if words else dict(enumerate(range(len(names))))
    )
    strangers = sorted(found - set(ids))
    if strangers:
        shown = ", ".join(printable(str(one)) for one in strangers[:5])
        raise BadLabel(
            f"got {len(strangers)} labels that no class has ({shown}); taken are the {len(names)} classes with names; "
            "name every class, or none"
        )
    return names, ids
