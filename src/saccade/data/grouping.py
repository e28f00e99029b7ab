"""Cutting a data set so that pictures which belong together never fall into different splits.

Source: ours.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path, PurePosixPath

import numpy as np
from jaxtyping import Int64

from saccade.data.checking.check import Gathered
from saccade.data.checks.near_copies import near_rows
from saccade.data.randomness import ranks
from saccade.data.splitting import SPLITS, Splitting
from saccade.errors import BadConfig, BadData, offer, printable


def divide_groups(
    groups: Sequence[str], classes: Sequence[tuple[int, ...]], splitting: Splitting, *, stratify: bool = True
) -> Int64[np.ndarray, " pictures"]:
    """Cut pictures in three, group by group, each class by the shares as far as the groups allow.

    Larger groups are placed first, those of about one size in an order that depends on the seed and their names alone.
    Each goes where it brings the counts nearest to what the shares ask for, of all pictures and of each class.

    Args:
        groups: The name of each picture's group.
        classes: The classes of each picture.
        splitting: The seed and the shares.
        stratify: Look at the classes; without it at the number of pictures alone.

    Returns:
        0 for train, 1 for val, 2 for test, for each picture.

    Raises:
        BadData: If there are fewer groups than splits with a share.

    Source: ours; groups placed greedily, as in Sechidis et al., "On the stratification of multi-label data", 2011.

    Example:
        >>> halves = Splitting(0, (0.5, 0.0, 0.5))
        >>> parts = divide_groups(["a", "a", "b", "b"], [(0,), (1,), (0,), (1,)], halves)
        >>> sorted(parts.tolist()), bool(parts[0] == parts[1])
        ([0, 0, 2, 2], True)
    """
    shares = np.array(splitting.shares)
    members: dict[str, list[int]] = defaultdict(list)
    for row, name in enumerate(groups):
        members[name].append(row)
    if len(members) < (shares > 0).sum():
        raise BadData(
            f"got {len(members)} groups for {(shares > 0).sum()} splits; taken is one group for each split at least; "
            "group by something finer, or leave a split out"
        )
    tallies = {name: _tally(rows, classes, stratify) for name, rows in members.items()}
    total: Counter[int] = Counter()
    for tally in tallies.values():
        total.update(tally)
    place = Placing(total, shares)
    rank = dict(zip(members, ranks(members, splitting.seed).tolist(), strict=True))
    parts = np.zeros(len(groups), np.int64)
    for name in sorted(members, key=lambda one: (-len(members[one]).bit_length(), rank[one])):
        parts[members[name]] = place.put(tallies[name])
    return parts


def _tally(rows: Sequence[int], classes: Sequence[tuple[int, ...]], stratify: bool) -> Counter[int]:
    """How many pictures a group has in all (under −1), and of each class."""
    counts = Counter({-1: len(rows)})
    if stratify:
        counts.update(one for row in rows for one in classes[row])
    return counts


class Placing:
    """Puts groups into parts, one after the other, so that every count stays near its share.

    Args:
        total: How many there are of each class, and in all under −1.
        shares: Of the parts.

    Source: ours.

    Example:
        >>> place = Placing(Counter({-1: 4}), np.array([0.5, 0.0, 0.5]))
        >>> [place.put(Counter({-1: 1})) for _ in range(4)]
        [0, 2, 0, 2]
    """

    def __init__(self, total: Counter[int], shares: np.ndarray) -> None:
        self._number = {name: number for number, name in enumerate(total)}
        sizes = np.array(list(total.values()), np.float64)
        self._wanted = sizes[:, None] * shares
        self._open = shares > 0
        self._here = np.zeros_like(self._wanted)

    def put(self, tally: Counter[int]) -> int:
        """Choose the part for a group.

        Args:
            tally: How many it has of each class, and in all under −1.

        Returns:
            The number of the part.
        """
        rows = [self._number[name] for name in tally]
        counts = np.array(list(tally.values()), np.float64)
        lack = (self._wanted[rows] - self._here[rows]) / np.maximum(self._wanted[rows], 1e-9)
        lack[:, ~self._open] = -np.inf
        weights = counts / self._wanted[rows].sum(1)
        gain = (lack * weights[:, None]).sum(0)
        part = int(np.argmax(gain))
        self._here[rows, part] += counts
        return part


def groups_by(gathered: Gathered | None, keys: Sequence[str], how: str, table: Path | None) -> tuple[list[str], int]:
    """Name the group of each picture.

    Args:
        gathered: What was kept of the pictures; needed for "near" alone.
        keys: The names of the pictures.
        how: "folder" (that of the picture), "near" (pictures that look the same are one group), the name of a column
            of the table, or a regular expression: what its first group matches, or all of it.
        table: The CSV that names the pictures, where there is one.

    Returns:
        A name for each picture, and how many belong to no group and so stand for themselves.

    Raises:
        BadConfig: If it is no regular expression, and no column either.
        BadData: If no picture belongs to a group.

    Source: ours.

    Example:
        >>> groups_by(None, ["anna_1.jpg", "anna_2.jpg", "x.jpg"], "([a-z]+)_", None)
        (['=anna', '=anna', 'x.jpg'], 1)
    """
    if how == "near":
        assert gathered is not None
        return _by_looks(gathered, keys), 0
    if how == "folder":
        found: list[str | None] = [str(PurePosixPath(key).parent) for key in keys]
    elif table is not None and (column := _column(table, keys, how)) is not None:
        found = column
    else:
        found = _by_pattern(keys, how, table)
    alone = sum(one is None for one in found)
    if alone == len(keys):
        raise BadData(
            f"got --group-by {printable(how)!r}, which fits no picture (such as {printable(keys[0])!r}); taken are "
            "folder, near, the name of a column, or a regular expression; change it"
        )
    return [key if one is None else f"={one}" for key, one in zip(keys, found, strict=True)], alone


def _by_pattern(keys: Sequence[str], how: str, table: Path | None) -> list[str | None]:
    try:
        pattern = re.compile(how)
    except re.error as error:
        columns = _header(table) if table else []
        hint = offer(how, [*columns, "folder", "near"])
        raise BadConfig(
            f"got --group-by {printable(how)!r}, which is no regular expression ({error}); {hint}"
        ) from error
    matches = [pattern.search(key) for key in keys]
    return [None if match is None else match[1] if pattern.groups else match[0] for match in matches]


def _by_looks(gathered: Gathered, keys: Sequence[str]) -> list[str]:
    """Copies and pictures that look alike are joined, and what is joined to the same is one group."""
    leader = list(range(len(keys)))

    def top(row: int) -> int:
        while leader[row] != row:
            leader[row] = leader[leader[row]]
            row = leader[row]
        return row

    pairs = [*gathered.copies.items(), *((row, first) for row, (first, _) in near_rows(gathered).items())]
    for row, first in pairs:
        leader[top(row)] = top(first)
    names: dict[int, str] = {}
    for row, key in enumerate(keys):  # a group is named by the first of its keys, whatever the order of the rows
        names[top(row)] = min(names.get(top(row), key), key)
    return [names[top(row)] for row in range(len(keys))]


def _header(table: Path) -> list[str]:
    return next(iter(_rows(table)), [])


def _rows(table: Path) -> list[list[str]]:
    text = table.read_bytes().decode("utf-8-sig", "replace")
    delimiter = max(",\t;", key=text.split("\n", 1)[0].count)
    return [[cell.strip() for cell in row] for row in csv.reader(text.splitlines(), delimiter=delimiter) if row]


def _column(table: Path, keys: Sequence[str], name: str) -> list[str | None] | None:
    """What a column of a table says of each picture; None when it has no such column."""
    rows = _rows(table)
    if not rows or name not in rows[0]:
        return None
    column, wanted = rows[0].index(name), set(keys)
    said = {
        cell.replace("\\", "/"): row[column]
        for row in rows[1:]
        if len(row) == len(rows[0])
        for cell in row
        if cell.replace("\\", "/") in wanted
    }
    return [said.get(key) or None for key in keys]


def split_names(parts: Int64[np.ndarray, " pictures"]) -> list[str]:
    """Name the split of each picture.

    Args:
        parts: 0, 1 or 2 for each.

    Returns:
        "train", "val" or "test" for each.

    Source: ours.

    Example:
        >>> split_names(np.array([0, 2]))
        ['train', 'test']
    """
    return [SPLITS[part] for part in parts.tolist()]
