"""YOLO: a text file for each picture, a row for each thing, and a data.yaml that says where they lie.

    data.yaml  (path, train, val, test, names, kpt_shape, flip_idx)      or no data.yaml, but a classes.txt
    images/train/1.jpg     labels/train/1.txt                            images/1.jpg     labels/1.txt
    images/val/2.jpg       labels/val/2.txt                              classes.txt

A row has five columns (a box), an odd number from seven on (an outline), or as many as kpt_shape says. An empty file,
or one that is missing, is a picture of the background; the second is told. A row that is wrong is left out.

Where the names are a mapping with gaps, class ids are 0 to n − 1 in the order of its numbers.

Source: Ultralytics' documentation of its dataset formats.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from saccade.data.files import Files, as_text
from saccade.data.format import Format
from saccade.data.labels.keypoint_names import swaps_of
from saccade.data.labels.label_table import LabelTable, TableBuilder, TableRow
from saccade.data.splitting import Divisible, Splitting, complete
from saccade.data.yolo.labels import YoloLabels
from saccade.data.yolo.places import YoloPlaces, is_yolo, yolo_names, yolo_places
from saccade.data.yolo.rows import YoloKind
from saccade.data.yolo.writing import write_yolo
from saccade.errors import BadData, printable
from saccade.types.sample import DataSet

__all__ = ["yolo"]

_MOST_POINTS = 1000


def yolo() -> Format:
    """A text file for each picture, a row for each thing."""
    about = "a data.yaml, or a folder with one or with images/ and labels/, in YOLO's form"
    return Format(about, _open, is_yolo, write_yolo, arranges=True)


def _open(place: str, splitting: Splitting) -> DataSet:
    path = Path(place)
    places = yolo_places(path)
    if not any(places.pictures.values()):
        raise BadData(f"got {printable(place)} without a picture; taken are images/ beside labels/; add some")
    points, columns = _point_shape(places.settings, places)
    labels = YoloLabels(places)
    names = yolo_names(places) or labels.numbers()
    numbers = sorted(names)
    if numbers and numbers != list(range(len(numbers))):
        told = f"got class numbers {numbers[0]} to {numbers[-1]} with gaps; class ids here are 0 to {len(numbers) - 1}"
        places.say("category-gap", told, "note")
    point_names = _point_names(places.settings, points)
    builder = TableBuilder(points, swaps=_swaps(places.settings, point_names, points), shares=True)
    kind = YoloKind({number: row for row, number in enumerate(numbers)}, points, columns)
    rows = {split: [labels.add(name, builder, kind) for name in paths] for split, paths in places.pictures.items()}
    labels.tell_strangers()
    table = builder.table()
    given: dict[str, Divisible] = {
        split: Files(str(places.root), tuple(places.pictures[split]), tuple(TableRow(table, row) for row in own))
        for split, own in rows.items()
    }
    return DataSet(
        as_text(path.parent.name if path.is_file() else path.name) or "folder",
        tuple(names[number] for number in numbers),
        complete(given, splitting),
        _task(table),
        _origin(places.settings, len(numbers)),
        tuple(places.findings),
        keypoint_names=point_names if table.keypoints is not None else (),
        skeleton=_lines(places.settings, points) if table.keypoints is not None else (),
    )


def _task(table: LabelTable) -> str:
    if table.keypoints is not None:
        return "keypoints"
    return "instance_segmentation" if table.outlines is not None else "detection"


def _point_shape(settings: Mapping[str, Any], places: YoloPlaces) -> tuple[int, int]:
    """How many keypoints a row has, and how many numbers each of them."""
    given = settings.get("kpt_shape")
    if given is None:
        return 0, 3
    right = isinstance(given, list) and len(given) == 2 and all(type(one) is int for one in given)
    if not right or not 0 < given[0] <= _MOST_POINTS or given[1] not in (2, 3):
        raise BadData(
            f"got kpt_shape: {printable(repr(given))[:60]}; taken are [points, 2] and [points, 3]; mend the data.yaml"
        )
    del places
    return given[0], given[1]


def _swaps(settings: Mapping[str, Any], names: tuple[str, ...], points: int) -> tuple[tuple[int, int], ...]:
    """The pairs of keypoints that flip_idx exchanges; where it is missing or wrong, those that the names tell."""
    given = settings.get("flip_idx")
    if isinstance(given, list) and all(type(one) is int for one in given) and sorted(given) == list(range(points)):
        pairs = [(here, there) for here, there in enumerate(given) if here < there and given[there] == here]
        if sum(here != there for here, there in enumerate(given)) == 2 * len(pairs):
            return tuple(pairs)
    return swaps_of(names)


def _point_names(settings: Mapping[str, Any], points: int) -> tuple[str, ...]:
    """The names in kpt_names, of the first class that has as many as there are points."""
    given = settings.get("kpt_names")
    lists = list(given.values()) if isinstance(given, dict) else [given]
    right = [one for one in lists if isinstance(one, list) and len(one) == points and all(map(_is_text, one))]
    return tuple(right[0]) if right and points else ()


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _lines(settings: Mapping[str, Any], points: int) -> tuple[tuple[int, int], ...]:
    given = settings.get("skeleton")
    pairs = [line for line in given if isinstance(line, list) and len(line) == 2] if isinstance(given, list) else []
    return tuple((a, b) for a, b in pairs if all(type(one) is int and 0 <= one < points for one in (a, b)))


def _origin(settings: Mapping[str, Any], classes: int) -> dict[str, Any]:
    """The category ids of COCO, where a writer of ours has left them."""
    given = settings.get("category_ids")
    right = isinstance(given, list) and len(given) == classes and all(type(one) is int for one in given)
    return {"category_ids": given} if right else {}
