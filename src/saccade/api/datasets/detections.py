"""What a detector found, written as a data set that opens again: as COCO, Pascal VOC or YOLO.

Source: ours.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from saccade.api.datasets.converting import Converted, convert
from saccade.data.files import Files
from saccade.data.reading import read_size
from saccade.errors import BadConfig, BadData, BadImage, UnknownName, printable
from saccade.exports.coco_results import coco_results
from saccade.types.annotations import Annotations
from saccade.types.bad_file import BadFile
from saccade.types.boxes import Boxes
from saccade.types.detections import Detections
from saccade.types.sample import DataSet, Sample, Source
from saccade.weights.files import write_whole

FORMATS = ("coco", "voc", "yolo")
RESULTS = "results.json"


def write_detections(
    found: Iterable[Detections],
    format: str,  # noqa: A002
    out: str | Path,
    *,
    pictures: str | Path | None = None,
) -> Converted:
    """Write what was found as a data set into a new folder, with the pictures, which are copied as they are.

    Boxes are cut off at the edges of their picture. COCO keeps the confidence of each box as its "score", and gets a
    file results.json beside it, in the form that COCO's evaluation takes; in the other two it has no place.

    Args:
        found: What was found in each picture, of the same classes; filter it first, since every box is written.
        format: "coco", "voc" or "yolo".
        out: A folder that is empty or not there yet, outside the folders of the pictures.
        pictures: The folder that the keys are relative to; None where a key is a path as it is, or where the picture
            was kept.

    Returns:
        What was written: it was opened again and counted. What has no place in the format is listed, and boxes without
        an area or given twice, which no format takes; pictures that are no longer what they were are set aside.

    Raises:
        UnknownName: If there is no such format.
        BadConfig: If `out` is not empty, or lies in a folder of pictures.
        BadData: If nothing was found at all, classes differ, or a picture is not there.
        StorageFull: If the disk is full; nothing is left behind.

    Source: ours.

    Example:
        >>> import tempfile
        >>> picture = np.zeros((9, 9, 3), np.uint8)
        >>> box, sure = np.array([[1.0, 2, 4, 8]]), np.array([0.5])
        >>> one = Detections("a.png", ("cat",), (9, 9), box, sure, np.array([0]), picture)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_detections([one], "yolo", f"{folder}/new").after
        {'images': 1, 'things': 1, 'boxes': 1}
    """
    if format not in FORMATS:
        raise UnknownName("format for boxes", format, FORMATS)
    whole = list(found)
    _check_classes(whole)
    dropped: Counter[str] = Counter()
    kept = [_usable(one, dropped) for one in whole]
    places = _places(kept, pictures, Path(out).expanduser())
    wrong = [_changed(one, place) for one, place in zip(kept, places, strict=True)]
    good = [(one, place) for one, place, why in zip(kept, places, wrong, strict=True) if why is None]
    bad = tuple(why for why in wrong if why is not None)
    done = convert(DataSet("detections", whole[0].names, {"train": _source(good, bad)}, "detection"), format, out)
    if format == "coco":
        text = json.dumps(coco_results([one for one, _ in good]), allow_nan=False)
        write_whole(Path(out).expanduser() / RESULTS, lambda file: file.write(f"{text}\n".encode()))
    return replace(done, left_out={**done.left_out, **dropped}, bad=(*bad, *done.bad))


@dataclass(frozen=True, eq=False)
class _Kept:
    """Pictures that were kept with what was found in them."""

    found: tuple[Detections, ...]

    def __len__(self) -> int:
        return len(self.found)

    def read(self, index: int) -> Sample:
        one = self.found[index]
        assert one.picture is not None
        return Sample(one.picture, _annotations(one), one.key)

    def key(self, index: int) -> str:
        return self.found[index].key

    def target(self, index: int) -> Any:
        return _annotations(self.found[index])

    def fingerprint(self) -> str:
        return hashlib.sha256(repr([one.to_dict() for one in self.found]).encode()).hexdigest()


def _check_classes(found: Sequence[Detections]) -> None:
    if not found:
        raise BadData("got no pictures; taken is what was found in at least one; see what was left out")
    strange = next((one for one in found if one.names != found[0].names), None)
    if strange is not None:
        raise BadData(
            f"got {printable(strange.key)!r} with {len(strange.names)} classes that are not those of "
            f"{printable(found[0].key)!r}; taken is what one detector found; write them one after the other"
        )


def _usable(one: Detections, dropped: Counter[str]) -> Detections:
    """What is left on the picture, without boxes of no area, and of equal ones the surest."""
    height, width = one.size
    boxes = one.boxes.astype(np.float64).clip(0, [width, height, width, height])
    extended = (boxes[:, 2:] > boxes[:, :2]).all(1)
    kept = replace(one, boxes=boxes)[extended]
    kept = kept[np.argsort(-kept.confidence, kind="stable")]
    rows = np.concatenate([kept.boxes, kept.class_id[:, None]], 1)
    first = np.sort(np.unique(rows, axis=0, return_index=True)[1])
    _count(dropped, "boxes without an area", len(one) - len(kept))
    _count(dropped, "boxes given twice", len(kept) - len(first))
    return kept[first]


def _count(dropped: Counter[str], word: str, more: int) -> None:
    if more:
        dropped[word] += more


def _places(found: Sequence[Detections], pictures: str | Path | None, out: Path) -> list[Path | None]:
    """The file of each picture; None where the picture was kept."""
    places = [_place(one, pictures) for one in found]
    lost = next((one for one, place in zip(found, places, strict=True) if place is None and one.picture is None), None)
    if lost is not None:
        where = "no file" if pictures is None else f"no file below {printable(str(pictures))!r}"
        raise BadData(
            f"got {printable(lost.key)!r}, which is {where}, and no picture with it; taken are pictures that are "
            "there; give pictures=FOLDER, the folder that the names are relative to"
        )
    for folder in sorted({place.parent for place in places if place is not None}):
        if out.resolve().is_relative_to(folder):
            raise BadConfig(
                f"got {printable(str(out))}, inside a folder of pictures; taken is a place outside it, since data are "
                "never written to; give another"
            )
    return places


def _source(found: Sequence[tuple[Detections, Path | None]], bad: Sequence[BadFile]) -> Source:
    """The files of the pictures, or the pictures that were kept."""
    if not found:
        raise BadData(
            f"got {len(bad)} pictures, none of which can be used; taken are those that were looked at, as they were; "
            f"see the first: {bad[0].key}: {bad[0].reason}"
        )
    files = [place for _, place in found if place is not None]
    if len(files) == len(found):
        return Files(str(files[0].parent), tuple(map(str, files)), tuple(_annotations(one) for one, _ in found))
    lost = next((one for one, _ in found if one.picture is None), None)
    if lost is not None:
        raise BadData(
            f"got {printable(lost.key)!r} as a file and others as pictures kept; taken are all of one kind; write them "
            "one after the other"
        )
    return _Kept(tuple(one for one, _ in found))


def _changed(one: Detections, place: Path | None) -> BadFile | None:
    """Why a picture cannot be that in which this was found."""
    try:
        size = one.picture.shape[:2] if place is None and one.picture is not None else read_size(place or "")
    except BadImage as error:
        return BadFile(printable(one.key), error.reason)
    if tuple(size) == one.size:
        return None
    told, wanted = (f"{height} × {width}" for height, width in (size, one.size))
    return BadFile(
        printable(one.key), f"got a picture of {told} pixels (height × width) for boxes on {wanted}; give it as it was"
    )


def _place(one: Detections, pictures: str | Path | None) -> Path | None:
    """The file of a picture, for good; nothing where there is none, or it would lie outside the folder."""
    root = Path() if pictures is None else Path(pictures).expanduser()
    try:
        place = (root / one.key).resolve()
        inside = pictures is None or place.is_relative_to(root.resolve())
        return place if one.key and inside and place.is_file() else None
    except (OSError, ValueError):
        return None


def _annotations(one: Detections) -> Annotations:
    boxes = Boxes(torch.from_numpy(np.ascontiguousarray(one.boxes, np.float64)).reshape(-1, 4), one.size)
    score = torch.from_numpy(np.round(one.confidence.astype(np.float64), 6))
    ids = torch.from_numpy(np.ascontiguousarray(one.class_id, np.int64))
    return Annotations(one.size, ids, boxes, attributes={"score": score})
