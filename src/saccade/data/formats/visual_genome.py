"""Visual Genome: regions of pictures, each with a sentence.

    region_descriptions.json     [{"id": 1, "regions": [{"x": 421, "y": 57, "width": 82, "height": 139,
                                   "phrase": "the clock is green", "region_id": 1382, "image_id": 1}, …]}, …]
    image_data.json              [{"image_id": 1, "width": 800, "height": 600, "url": "…/VG_100K_2/1.jpg"}, …]
    VG_100K/2.jpg  VG_100K_2/1.jpg
    densecap_splits.json         if it is there: {"train": [1, …], "val": [2, …], "test": [3, …]}

Source: Krishna et al., "Visual Genome" (2017), the readme of version 1.2; splits: Johnson et al., "DenseCap" (2016).
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import numpy as np

from saccade.data.files import Files, as_text, has_picture, ignored_of, list_pictures, sub_folders
from saccade.data.format import Format
from saccade.data.labels.box_checks import box_finding
from saccade.data.labels.json_items import json_items
from saccade.data.labels.pixel_labels import BoxLabels
from saccade.data.labels.text_files import read_bytes
from saccade.data.labels.writing import Names, Written, annotated, copy_picture, make_folders, write_text
from saccade.data.splitting import SPLITS, Splitting, complete
from saccade.errors import BadData, printable
from saccade.types.annotations import Annotations
from saccade.types.finding import Finding
from saccade.types.sample import DataSet

__all__ = ["visual_genome"]

Box = tuple[float, float, float, float]

_PARTS = ("x", "y", "width", "height", "phrase")
_REGIONS, _IMAGES, _SPLITS = "region_descriptions.json", "image_data.json", "densecap_splits.json"


def visual_genome() -> Format:
    """Regions of pictures with a sentence for each."""
    about = "the folder of Visual Genome, with region_descriptions.json and VG_100K"
    return Format(about, _open, _recognises, _write, arranges=True)


def _recognises(path: Path) -> bool:
    return path.is_dir() and (path / _REGIONS).is_file() and any(map(has_picture, sub_folders(path)))


def _open(place: str, splitting: Splitting) -> DataSet:
    root, ignored = Path(place), Counter[str]()
    findings: list[Finding] = []
    pictures = _pictures(root, ignored)
    where = _splits(root, findings)
    rows: dict[str, list[tuple[str, BoxLabels]]] = {}
    for number, labels in _labels(root, pictures, findings):
        split = where.get(number, "" if where else "train")
        if split:
            rows.setdefault(split, []).append((pictures[number], labels))
        else:
            message = f"got picture {number}, which no split names; taken are those in {_SPLITS}; it is left out"
            findings.append(
                Finding("unlabelled-image", message, _SPLITS, key=as_text(pictures[number]), severity="warning")
            )
    if not rows:
        shown = f" ({printable(str(findings[0]))})" if findings else ""
        raise BadData(
            f"got {printable(place)} without a picture that has regions{shown}; taken are VG_100K and VG_100K_2 beside "
            f"{_REGIONS}; unpack them there"
        )
    given = {}
    for split, several in rows.items():
        several.sort(key=lambda row: row[0])
        given[split] = Files(str(root), tuple(path for path, _ in several), tuple(labels for _, labels in several))
    return DataSet(
        root.name or "visual_genome",
        ("region",),
        complete(given, splitting),
        "captioning",
        origin=ignored_of(ignored),
        findings=tuple(findings),
    )


def _pictures(root: Path, ignored: Counter[str]) -> dict[int, str]:
    """The path of each picture, by its number: 107899 of "VG_100K/107899.jpg"."""
    found = {}
    for folder in sub_folders(root):
        for path in list_pictures(folder, ignored):
            stem = path.rpartition("/")[2].rpartition(".")[0]
            if stem.isascii() and stem.isdecimal() and len(stem) < 19:
                found.setdefault(int(stem), f"{folder.name}/{path}")
            else:
                ignored["pictures without a number"] += 1
    return found


def _sizes(root: Path) -> dict[int, tuple[int, int]]:
    """(height, width) of each picture as the list states them."""
    file, found = root / _IMAGES, {}
    for item in json_items(file) if file.is_file() else ():
        match item:
            case {"width": int(width), "height": int(height)} if width > 0 and height > 0:
                number = item.get("image_id", item.get("id"))
                if isinstance(number, int):
                    found[number] = (height, width)
    return found


def _splits(root: Path, findings: list[Finding]) -> Mapping[int, str]:
    """The split of each picture, where a file says."""
    file = root / _SPLITS
    if not file.is_file():
        return {}
    try:
        found = json.loads(read_bytes(file, 1 << 26))
        return {int(number): split for split in SPLITS for number in found.get(split, ())}
    except (ValueError, TypeError, AttributeError, RecursionError) as error:
        message = f"got a file that names no splits ({printable(str(error))[:80]}); taken are lists of numbers; mend it"
        findings.append(Finding("bad-json", message, _SPLITS))
        return {}


def _labels(root: Path, pictures: Mapping[int, str], findings: list[Finding]) -> Iterator[tuple[int, BoxLabels]]:
    """The number and the regions of each picture that is there."""
    sizes, seen = _sizes(root), set()
    for row, item in enumerate(json_items(root / _REGIONS)):
        regions = item.get("regions") if isinstance(item, dict) else None
        number = item.get("id", item.get("image_id")) if isinstance(item, dict) else None
        if not isinstance(regions, list) or not isinstance(number, int):
            message = f"got item {row} without id and regions; taken are both; mend it"
            findings.append(Finding("bad-json", message, _REGIONS))
        elif number in seen:
            message = f"got picture {number} twice; taken is once; the first counts"
            findings.append(Finding("duplicate-id", message, _REGIONS))
        elif number not in pictures:
            message = f"got regions of picture {number}, which is not there; taken are pictures that are; add it"
            findings.append(Finding("missing-image", message, _REGIONS))
        else:
            seen.add(number)
            size, key = sizes.get(number), as_text(pictures[number])
            kept = [found for one in regions if (found := _region(one, size, key, findings))]
            boxes = np.asarray([box for box, _, _ in kept], np.float64).reshape(-1, 4)
            ids = np.asarray([region_id for _, region_id, _ in kept], np.int64)
            yield number, BoxLabels(boxes, {"region_id": ids}, tuple(phrase for _, _, phrase in kept))


def _region(
    region: Any, size: tuple[int, int] | None, key: str, findings: list[Finding]
) -> tuple[Box, int, str] | None:
    """The box, the number and the sentence of a region; None, and a finding, where it means nothing."""
    found = _place(region)
    if found is None:
        message = "got a region without x, y, width, height and phrase; taken are all five; mend it"
        findings.append(Finding("bad-json", message, _REGIONS, key=key))
        return None
    box, phrase = found
    number = region.get("region_id", -1)
    number = number if isinstance(number, int) and abs(number) < 2**63 else -1
    x1, y1, x2, y2 = box
    if 0 <= x1 < x2 and 0 <= y1 < y2 and size and x2 <= size[1] and y2 <= size[0]:  # as most are
        return box, number, phrase
    wrong = box_finding(box, size, file=_REGIONS, key=key)
    findings += [replace(wrong, message=f"region {number}: {wrong.message}")] if wrong else []
    return None if wrong and wrong.severity == "error" else (box, number, phrase)


def _place(region: Any) -> tuple[Box, str] | None:
    """Where a region is and what is said of it; NaN for a whole number of hundreds of digits."""
    try:
        x, y, width, height, phrase = (region[name] for name in _PARTS)
        box = (float(x + 0), float(y + 0), float(x + width), float(y + height))
    except (KeyError, TypeError):
        return None
    except OverflowError:
        box, phrase = (math.nan, math.nan, math.nan, math.nan), str(region["phrase"])
    return (box, phrase) if isinstance(phrase, str) else None


def _write(dataset: DataSet, folder: Path) -> Mapping[str, int]:
    """Write pictures with numbers for names, their regions, and the splits; boxes and phrases alone have a place."""
    written, regions, images, splits = Written(), [], [], {}
    apart = folder / "VG_100K" / "new"  # so that a number never meets the old name of another picture
    make_folders(folder, "VG_100K/new")
    for number, (split, index, source, target) in enumerate(annotated(dataset, "visual_genome"), 1):
        name = copy_picture(source, index, apart, Names())
        (apart / name).rename(folder / "VG_100K" / f"{number}{PurePosixPath(name).suffix}")
        splits.setdefault(split, []).append(number)
        height, width = target.size
        images.append({"image_id": number, "width": width, "height": height})
        regions.append({"id": number, "regions": _rows(target, number)})
        phrases = target.phrases or ("",) * len(target)
        written.add(Annotations(target.size, target.class_ids, target.boxes, phrases=phrases))
    apart.rmdir()
    for name, content in ((_REGIONS, regions), (_IMAGES, images), (_SPLITS, splits)):
        write_text(folder / name, json.dumps(content, ensure_ascii=False))
    return written.result()


def _rows(target: Annotations, number: int) -> list[dict[str, Any]]:
    """The regions of a picture as they are written."""
    boxes = target.boxes.coordinates.double().tolist() if target.boxes is not None else []
    given = target.attributes["region_id"].tolist() if "region_id" in target.attributes else [-1] * len(boxes)
    return [
        {
            "region_id": int(region), "image_id": number, "x": x1, "y": y1, "width": x2 - x1, "height": y2 - y1,
            "phrase": target.phrases[row] if target.phrases else "",
        }
        for row, ((x1, y1, x2, y2), region) in enumerate(zip(boxes, given, strict=True))
    ]  # fmt: skip
