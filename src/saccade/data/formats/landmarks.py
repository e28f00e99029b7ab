"""Landmarks: the points of a face or of another thing, in a .pts file beside each picture, or in one CSV.

    helen/trainset/1.jpg          image,x1,y1,x2,y2            image,left_eye_x,left_eye_y,nose_x,nose_y,split
    helen/trainset/1.pts          a.jpg,30.5,41,52,40.5        a.jpg,30.5,41,,,train

    version: 1                    A .pts file counts pixels from 1, and a whole number is the middle of a pixel: its
    n_points: 68                  x is x − 0.5 in continuous pixels, where pixel i covers [i, i + 1]. The numbers of a
    {                             CSV are continuous pixels as they stand. An empty cell is a point that is not
    30.5 41                       labelled; a column such as nose_v says 0 for that, 1 for hidden and 2 for seen.
    }                             Several lines for one picture are several things on it.

Points in a .pts file with 68 numbers have the names, mirror pairs and lines of 300-W. Folders called trainset and
testset (and their like) are splits.

Source: Sagonas et al., "300 faces in-the-wild challenge" (2013) and its page: annotations count from 1, as Matlab does;
Kaggle's "Facial keypoints detection" for the names of columns.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import numpy as np

from saccade.data.files import Files, as_text, list_pictures, sub_folders
from saccade.data.format import Format
from saccade.data.labels.face_points import FACE_68_LINES, FACE_68_NAMES, FACE_68_SWAPS
from saccade.data.labels.keypoint_names import swaps_of
from saccade.data.labels.landmark_files import (
    SHIFT,
    Table,
    read_pts,
    read_table_of_points,
    table_of,
    write_pts,
    write_table,
)
from saccade.data.labels.pixel_labels import PointLabels
from saccade.data.labels.split_names import SPLIT_NAMES, split_of
from saccade.data.labels.writing import Names, Written, copy_picture, make_folders
from saccade.data.splitting import SPLITS, Splitting, complete
from saccade.errors import BadData, BadLabel, printable
from saccade.types.annotations import Annotations
from saccade.types.finding import Finding
from saccade.types.sample import DataSet

__all__ = ["landmarks"]

_TABLE = "landmarks.csv"
_LOOKED_AT, _DEPTH = 500, 3


def landmarks() -> Format:
    """Pictures with .pts files beside them, or a CSV of points."""
    return Format(
        "images with .pts files beside them, or a CSV with columns x1,y1,x2,y2",
        _open,
        _recognises,
        _write,
        arranges=True,
    )


@dataclass(frozen=True)
class _Row:
    """A picture with what is known of it."""

    split: str
    path: str
    labels: PointLabels


def _recognises(path: Path) -> bool:
    file = _table_at(path)
    return table_of(file) is not None if file else path.is_dir() and _has_points(path, _DEPTH)


def _table_at(path: Path) -> Path | None:
    file = path / _TABLE if path.is_dir() else path
    return file if file.suffix.lower() in (".csv", ".tsv") and file.is_file() else None


def _has_points(folder: Path, depth: int) -> bool:
    """Whether one of the first files in a folder, or in a folder in it, is a .pts file with a picture beside it."""
    for _, entry in zip(range(_LOOKED_AT), folder.glob("*.pts"), strict=False):
        if any(entry.with_suffix(suffix).is_file() for suffix in (".jpg", ".png", ".jpeg", ".JPG", ".PNG", ".bmp")):
            return True
    return depth > 0 and any(_has_points(inner, depth - 1) for inner in sub_folders(folder)[:50])


def _open(place: str, splitting: Splitting) -> DataSet:
    path, findings = Path(place), []
    file, names = _table_at(path), ()
    if file:
        table = table_of(file)
        if table is None:
            raise BadData(
                f"got {printable(file.name)} without columns of points; taken are x1,y1,x2,y2 or nose_x,nose_y; "
                "rename them"
            )
        root, names = file.parent, table.names
        rows = list(_of_table(file, table, findings))
    else:
        root = path
        rows = list(_of_points(root, findings))
    count = len(names) or max((row.labels.points.shape[1] for row in rows), default=0)
    rows = [row if row.labels.points.size else _empty(row, count) for row in rows]
    if not any(len(row.labels.points) for row in rows):
        shown = f" ({printable(str(findings[0]))})" if findings else ""
        raise BadData(f"got {printable(place)} without a picture that has points{shown}; taken are some; add them")
    face = count == len(FACE_68_NAMES) and (not names or names == FACE_68_NAMES)
    given = {}
    for split in {row.split for row in rows}:
        chosen = [row for row in rows if row.split == split]
        given[split] = Files(str(root), tuple(row.path for row in chosen), tuple(row.labels for row in chosen))
    return DataSet(
        path.stem if file else path.name or "landmarks",
        ("face",) if face or any("eye" in name.lower() for name in names) else ("thing",),
        complete(given, splitting),
        "keypoints",
        findings=tuple(findings),
        keypoint_names=FACE_68_NAMES if face else names or tuple(f"point {number + 1}" for number in range(count)),
        skeleton=FACE_68_LINES if face else (),
    )


def _empty(row: _Row, count: int) -> _Row:
    """A picture of nothing, with as many points to a thing as the others have."""
    return _Row(row.split, row.path, PointLabels(np.zeros((0, count, 2)), np.zeros((0, count), np.int64)))


def _of_points(root: Path, findings: list[Finding]) -> Iterator[_Row]:
    """Read the .pts file beside each picture; those with another number of points than most are left out."""
    found: list[tuple[str, np.ndarray | None]] = []
    for path in list_pictures(root, Counter()):
        file = PurePosixPath(path).with_suffix(".pts").as_posix()
        points = None
        if not (root / file).is_file():
            message = "got a picture without a .pts file; taken is one for each; it counts as a picture of nothing"
            findings.append(Finding("missing-label", message, as_text(file), key=as_text(path), severity="warning"))
        else:
            try:
                points = read_pts(root / file)
            except (BadLabel, BadData) as error:
                findings.append(Finding("bad-keypoints", str(error), as_text(file), key=as_text(path)))
        found.append((path, points))
    most = Counter(len(points) for _, points in found if points is not None).most_common(1)
    wanted = most[0][0] if most else 0
    for path, points in found:
        if points is not None and len(points) != wanted:
            message = f"got {len(points)} points; taken are {wanted}, as most files have; label it the same way"
            file = PurePosixPath(path).with_suffix(".pts").as_posix()
            findings.append(Finding("bad-keypoints", message, as_text(file), key=as_text(path)))
            points = None  # noqa: PLW2901 - it is as if there were none
        yield _Row(split_of(path) or "train", path, _labels(points, FACE_68_SWAPS if wanted == 68 else ()))


def _labels(points: np.ndarray | None, swaps: tuple[tuple[int, int], ...]) -> PointLabels:
    if points is None:
        return PointLabels(np.zeros((0, 0, 2)), np.zeros((0, 0), np.int64))
    return PointLabels(points[None] - SHIFT, np.full((1, len(points)), 2, np.int64), swaps)


def _of_table(file: Path, table: Table, findings: list[Finding]) -> Iterator[_Row]:
    swaps = FACE_68_SWAPS if table.names == FACE_68_NAMES else swaps_of(table.names)
    for path, split, points in read_table_of_points(file, table, findings):
        if split and split.lower() not in SPLIT_NAMES:
            raise BadLabel(
                f"got {printable(as_text(path))} with the split {printable(split)!r}; taken are train, val and test; "
                "mend it"
            )
        yield _Row(
            SPLIT_NAMES[split.lower()] if split else split_of(path) or "train",
            path,
            PointLabels(points[..., :2].copy(), points[..., 2].astype(np.int64), swaps),
        )


def _write(dataset: DataSet, folder: Path) -> Mapping[str, int]:
    """Write .pts files where each picture has one face of 68 points, all of them seen; otherwise one CSV."""
    targets = {
        split: [source.target(index) for index in range(len(source))] for split, source in dataset.splits.items()
    }
    plain = dataset.keypoint_names in ((), FACE_68_NAMES) and all(
        _is_whole(target) for several in targets.values() for target in several
    )
    written, lines = Written(), []
    for split in [split for split in SPLITS if split in targets]:
        make_folders(folder, split)
        names = Names()
        for index, target in enumerate(targets[split]):
            if not isinstance(target, Annotations) or (target.keypoints is None and len(target)):
                continue
            name = copy_picture(dataset.splits[split], index, folder / split, names)
            points = np.zeros((0, len(dataset.keypoint_names), 3))
            if target.keypoints is not None:
                seen = target.keypoints.visibility.double()[..., None]
                points = np.concatenate([target.keypoints.points.double().numpy(), seen.numpy()], 2)
                points = points[(points[..., 2] > 0).any(1)]  # a thing without a point has no line
            if plain:
                write_pts(points[0, :, :2] + SHIFT, (folder / split / name).with_suffix(".pts"))
            else:
                lines.append((f"{split}/{name}", split, points))
            written.add(Annotations(target.size, target.class_ids[: len(points)]))
            written.counts["keypoints"] += int((points[..., 2] > 0).sum())
    if not plain:
        make_folders(folder)
        write_table(folder / _TABLE, dataset.keypoint_names, lines)
    return written.result()


def _is_whole(target: object) -> bool:
    points = target.keypoints if isinstance(target, Annotations) else None
    return points is not None and points.visibility.shape == (1, 68) and bool((points.visibility == 2).all())
