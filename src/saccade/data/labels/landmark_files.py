"""The files that landmarks come in: .pts for one picture, a CSV for many.

Source: the page of 300-W for .pts; the CSV is ours, and takes what Kaggle's and most tools' tables hold.
"""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Float64

from saccade.data.files import as_text
from saccade.data.labels.face_points import FACE_68_NAMES
from saccade.data.labels.text_files import decoded, number_of, read_lines, read_table
from saccade.data.labels.writing import digits_of, write_text
from saccade.data.reading import is_image_name
from saccade.errors import BadLabel, printable
from saccade.types.finding import Finding

SHIFT = 0.5  # what .pts says of a point, less what it is in continuous pixels
_MOST_POINTS = 10_000
_PATHS = ("image", "path", "file", "filename", "file_name", "filepath", "file_path", "image_path", "image_name", "img")
_LABELS = ("label", "labels", "class", "classes", "category", "target", "tag", "class_name")
_X = re.compile(r"(?:^|[_ .\-])x$|^x(?=[_ .\-]?\d+$)", re.ASCII)
_HEAD_BYTES = 1 << 16


@dataclass(frozen=True)
class Table:
    """What the columns of a CSV of points hold.

    Args:
        path: The column of paths.
        points: For each point its columns of x, y and visibility (−1 where there is none).
        names: What each point is called; 68 points that have numbers alone are those of a face.
        split: The column of splits; −1 where there is none.

    Source: ours.
    """

    path: int
    points: tuple[tuple[int, int, int], ...]
    names: tuple[str, ...]
    split: int = -1


def table_of(file: Path) -> Table | None:
    """Find the columns of points in a CSV, from its first line.

    Args:
        file: The CSV.

    Returns:
        Its columns; None where it has no two columns of a point, or none of paths.

    Source: ours.
    """
    try:
        with file.open("rb") as opened:
            first = decoded(opened.read(_HEAD_BYTES)).partition("\n")[0]
    except OSError:
        return None
    delimiter = max(",\t;", key=first.count)
    header = next(csv.reader([first.strip()], delimiter=delimiter, skipinitialspace=True), [])
    return columns_of([cell.strip() for cell in header])


def columns_of(header: Sequence[str]) -> Table | None:
    """Find the columns of points by their names: x1 and y1, x_1 and y_1, nose_x and nose_y, and their like.

    Args:
        header: The names of the columns.

    Returns:
        What they hold; None where there is no point, no column of paths, or one of labels (those are boxes).

    Source: ours.

    Example:
        >>> columns_of(["image", "nose_x", "nose_y"]).names
        ('nose',)
    """
    places = {name.lower(): column for column, name in reversed(list(enumerate(header)))}
    path = next((places[name] for name in _PATHS if name in places), -1)
    points, names = [], []
    for column, name in enumerate(header):
        found = _X.search(name.lower())
        if not found:
            continue
        before, after = name[: found.end() - 1], name[found.end() :]
        y, seen = (places.get(f"{before}{axis}{after}".lower(), -1) for axis in "yv")
        if y >= 0:
            points.append((column, y, seen))
            names.append((before + after).strip("_ .-"))
    if path < 0 or not points or len(set(names)) < len(names) or not places.keys().isdisjoint(_LABELS):
        return None
    split = next((places[name] for name in ("split", "set", "subset", "partition") if name in places), -1)
    if all(name.isdecimal() for name in names):
        face = len(names) == len(FACE_68_NAMES)
        names = list(FACE_68_NAMES) if face else [f"point {name}" for name in names]
    return Table(path, tuple(points), tuple(name or "point" for name in names), split)


def read_table_of_points(
    file: Path, table: Table, findings: list[Finding]
) -> Iterator[tuple[str, str, Float64[np.ndarray, "_ points 3"]]]:
    """Read a CSV of points, picture by picture.

    Args:
        file: The CSV.
        table: What its columns hold.
        findings: What is wrong is added here, and left out.

    Yields:
        The path of each picture as written, its split ("" where none is said), and (x, y, visibility) of each point of
        each thing on it.

    Raises:
        BadData: If it is no table.

    Source: ours.
    """
    things: dict[str, list[np.ndarray]] = {}
    splits: dict[str, str] = {}
    for line, cells in read_table(file)[1]:
        path = cells[table.path].strip().replace("\\", "/")
        if path not in things and not _usable(path, file, line, findings):
            continue
        things.setdefault(path, [])
        splits.setdefault(path, cells[table.split].strip() if table.split >= 0 else "")
        thing = _thing(cells, table, Finding("bad-keypoints", "", file.name, line, as_text(path)), findings)
        if thing is not None:
            things[path].append(thing)
    for path, several in things.items():
        yield path, splits[path], np.stack(several) if several else np.zeros((0, len(table.points), 3))


def _usable(path: str, file: Path, line: int, findings: list[Finding]) -> bool:
    parts = path.split("/")
    if path.startswith("/") or ".." in parts or "\0" in path or ":" in parts[0]:
        message = f"got the path {printable(path[:80])}; taken are paths inside the folder of the CSV; mend it"
        findings.append(Finding("path-outside", message, file.name, line))
        return False
    if not is_image_name(path) or not (file.parent / path).is_file():
        message = (
            f"got {printable(path[:80])!r}, which is no picture that is there; taken are paths from the CSV; mend it"
        )
        findings.append(Finding("missing-image", message, file.name, line))
        return False
    return True


def _thing(cells: Sequence[str], table: Table, place: Finding, findings: list[Finding]) -> np.ndarray | None:
    """The points of one line; None where none of them is labelled, as for a picture of nothing."""
    found = np.zeros((len(table.points), 3))
    for row, (x, y, seen) in enumerate(table.points):
        texts = [cells[x].strip(), cells[y].strip()]
        if not any(texts) or any(text.lower() in ("nan", "none", "null") for text in texts):
            continue
        numbers = [number_of(text) for text in texts]
        mark = number_of(cells[seen].strip() or "2") if seen >= 0 else 2.0
        if any(map(math.isnan, numbers)) or mark not in (0, 1, 2):
            message = (
                f"got point {printable(table.names[row])} = {printable(', '.join(texts)[:60])}; taken are two numbers, "
                "and 0, 1 or 2 for whether it is seen; mend it"
            )
            findings.append(Finding(place.code, message, place.file, place.line, place.key))
        elif mark:
            found[row] = (*numbers, mark)
    return found if found[:, 2].any() else None


def write_table(
    file: Path, names: Sequence[str], rows: Sequence[tuple[str, str, Float64[np.ndarray, "_ points 3"]]]
) -> None:
    """Write a CSV of points, so that reading gives the same numbers.

    Args:
        file: The CSV.
        names: What each point is called.
        rows: Of each picture its path, its split, and (x, y, visibility) of each point of each thing.

    Source: ours.
    """
    count = max((points.shape[1] for _, _, points in rows), default=0)
    named = (
        names if len(names) == count and len(set(names)) == count else [f"point {row}" for row in range(1, count + 1)]
    )
    columns = [" ".join(printable(name).split()).strip("_ .-") for name in named]
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["path", "split", *(f"{name}_{axis}" for name in columns for axis in "xyv")])
    for path, split, points in rows:
        for thing in points if len(points) else np.zeros((1, count, 3)):
            cells = [[digits_of(x), digits_of(y), int(seen)] if seen else ["", "", ""] for x, y, seen in thing.tolist()]
            writer.writerow([path, split, *(cell for point in cells for cell in point)])
    write_text(file, text.getvalue())


def read_pts(file: Path) -> Float64[np.ndarray, "points 2"]:
    """Read a .pts file.

    Args:
        file: Its path.

    Returns:
        (x, y) of each point as written: pixels counted from 1, whole numbers in their middle.

    Raises:
        BadData: If it cannot be read.
        BadLabel: If it is no list of points, or has more or fewer than it announces.

    Source: the page of 300-W.
    """
    lines = [line.split("//")[0].strip() for line in read_lines(file, 1 << 22)]
    opening = next((number for number, line in enumerate(lines) if line.startswith("{")), None)
    closing = next((number for number, line in enumerate(lines) if line.endswith("}")), None)
    announced = next((line.partition(":")[2].strip() for line in lines if line.lower().startswith("n_points")), "")
    if opening is None or closing is None or not announced.isdecimal() or len(announced) > 6:
        raise BadLabel(
            f"got {printable(file.name)} without n_points, {{ and }}; taken are .pts files as 300-W has them; mend it"
        )
    found = []
    for number in range(opening, closing + 1):
        words = lines[number].strip("{}").replace(",", " ").split()
        numbers = [number_of(word) for word in words]
        if words and (len(numbers) != 2 or any(map(math.isnan, numbers))):
            raise BadLabel(
                f"got {printable(file.name)}:{number + 1} with {printable(lines[number][:60])!r}; taken are two "
                "numbers; mend the line"
            )
        found += [numbers] if words else []
    if len(found) != int(announced) or not 0 < len(found) <= _MOST_POINTS:
        raise BadLabel(
            f"got {printable(file.name)} with {len(found)} points where {announced} are announced; taken are 1 to "
            f"{_MOST_POINTS:,}, and as many; mend it"
        )
    return np.asarray(found, np.float64)


def write_pts(points: Float64[np.ndarray, "points 2"], file: Path) -> None:
    """Write a .pts file, so that reading gives the same numbers.

    Args:
        points: (x, y) of each, in pixels counted from 1, whole numbers in their middle.
        file: Its path.

    Source: the page of 300-W.
    """
    rows = "".join(f"{digits_of(x)} {digits_of(y)}\n" for x, y in points.tolist())
    write_text(file, f"version: 1\nn_points: {len(points)}\n{{\n{rows}}}\n")
