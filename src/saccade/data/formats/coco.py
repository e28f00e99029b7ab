"""COCO: one JSON file for each split, beside folders of pictures.

    annotations/instances_train2017.json           train/_annotations.coco.json      labels.json
    annotations/person_keypoints_train2017.json    train/1.jpg                       data/1.jpg
    annotations/captions_train2017.json            valid/_annotations.coco.json
    train2017/1.jpg   (or images/, data/)          valid/2.jpg

Files of one split are put together: what has the same id in the same picture is one thing. Class ids are 0 to n − 1 in
the order of the category ids, which are kept and written again. Boxes, outlines, masks, crowds, keypoints and captions
are read, and any other number of a thing as its attribute. All places are continuous pixels, as they are written.

Source: the format of COCO (Lin et al., 2014), https://cocodataset.org/#format-data; Roboflow's and FiftyOne's layouts.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from saccade.data.coco.files import coco_files, without_collector
from saccade.data.coco.reading import CocoReader
from saccade.data.coco.writing import write_coco
from saccade.data.files import Files, ignored_of, list_pictures
from saccade.data.format import Format
from saccade.data.labels.label_table import LabelTable, TableRow
from saccade.data.splitting import Divisible, Splitting, complete
from saccade.errors import BadData, printable
from saccade.types.sample import DataSet

__all__ = ["coco"]


def coco() -> Format:
    """One JSON file for each split, beside folders of pictures."""
    about = "a folder with annotations/*.json in COCO's form beside its images, or one such file"
    return Format(about, _open, lambda path: bool(coco_files(path)), write_coco, arranges=True)


def _open(place: str, splitting: Splitting) -> DataSet:
    with without_collector():
        return _opened(place, splitting)  # what was read is freed by then


def _opened(place: str, splitting: Splitting) -> DataSet:
    path = Path(place)
    files = coco_files(path)
    if not files:
        raise BadData(f"got {printable(place)}; taken is {coco().about}; check the path")
    root = files[0].root
    reader = CocoReader(root)
    for file in files:
        reader.read(file)
    numbers = sorted(reader.categories)
    _tell_gaps(reader, numbers)
    table, rows = reader.table()
    given: dict[str, Divisible] = {}
    for split in {split for split, _ in rows}:
        own = [(name, row) for (where, name), row in rows.items() if where == split]
        targets = tuple(TableRow(table, row, reader.pictures[split, name].size) for name, row in own)
        given[split] = Files(str(root), tuple(name for name, _ in own), targets)
    named = max((reader.categories[number] for number in numbers), key=lambda one: len(one.keypoints), default=None)
    seen = named is not None and table.keypoints is not None
    return DataSet(
        path.stem if path.is_file() else path.name or "folder",
        tuple(reader.categories[number].name for number in numbers),
        complete(given, splitting),
        _task(table),
        {"category_ids": numbers, **ignored_of(_unlabelled(root, rows))},
        tuple(reader.findings),
        keypoint_names=named.keypoints if named and seen else (),
        skeleton=named.skeleton if named and seen else (),
    )


def _task(table: LabelTable) -> str:
    if table.keypoints is not None:
        return "keypoints"
    if table.outlines is not None or table.masks:
        return "instance_segmentation"
    return "captioning" if table.captions and not len(table.class_ids) else "detection"


def _tell_gaps(reader: CocoReader, numbers: list[int]) -> None:
    """Say so where category ids have gaps: no network counts its classes like that."""
    missing = numbers[-1] - numbers[0] + 1 - len(numbers) if numbers else 0
    if missing:
        told = f"got category ids {numbers[0]} to {numbers[-1]} with {missing} missing between"
        reader.say("category-gap", f"{told}; class ids here are 0 to {len(numbers) - 1}, in their order", "note")


def _unlabelled(root: Path, rows: dict[tuple[str, str], int]) -> Counter[str]:
    """Count the pictures beside the labelled ones that no file names."""
    named = {name for _, name in rows}
    folders = {name.rpartition("/")[0] for name in named}
    tops = {folder for folder in folders if not any(folder.startswith(f"{other}/") for other in folders if other)}
    found: Counter[str] = Counter()
    for top in tops:
        prefix = f"{top}/" if top else ""
        found["unlabelled images"] += sum(prefix + name not in named for name in list_pictures(root / top, Counter()))
    return +found
