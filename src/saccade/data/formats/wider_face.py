"""WIDER FACE: boxes of faces in crowds, with what makes each hard to find.

    wider_face_split/wider_face_train_bbx_gt.txt      WIDER_train/images/0--Parade/0_Parade_1.jpg
    wider_face_split/wider_face_val_bbx_gt.txt        WIDER_val/images/…

    0--Parade/0_Parade_1.jpg
    2
    449 330 122 149 0 0 0 0 0 0
    10 10 8 9 2 0 1 0 1 0

A row is left, top, width and height in pixels, then blur (0 to 2), expression (0, 1), illumination (0, 1), invalid
(0, 1), occlusion (0 to 2) and pose (0, 1). A picture of no faces says 0 and has one row of zeros all the same. Faces
marked as invalid are kept, with that mark. The pictures of the test split have no published boxes.

Source: Yang et al., "WIDER FACE: a face detection benchmark" (2016), the readme of its annotations.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path, PurePosixPath

import numpy as np

from saccade.data.files import Files, as_text
from saccade.data.format import Format
from saccade.data.labels.box_checks import box_finding
from saccade.data.labels.pixel_labels import BoxLabels
from saccade.data.labels.text_files import number_of, read_lines
from saccade.data.labels.writing import Names, Written, copy_picture, digits_of, make_folders, safe_name, write_text
from saccade.data.reading import is_image_name
from saccade.data.splitting import Splitting, complete
from saccade.errors import BadData, printable
from saccade.types.annotations import Annotations
from saccade.types.finding import Finding
from saccade.types.sample import DataSet

__all__ = ["wider_face"]

_ATTRIBUTES = ("blur", "expression", "illumination", "invalid", "occlusion", "pose")
_SPLITS = ("train", "val", "test")
_FOLDER = "wider_face_split"


def wider_face() -> Format:
    """The folder of WIDER FACE."""
    return Format("the folder of WIDER FACE, with wider_face_split", _open, _recognises, _write, arranges=True)


def _lists(root: Path) -> dict[str, Path]:
    files = {split: root / _FOLDER / f"wider_face_{split}_bbx_gt.txt" for split in _SPLITS}
    return {split: file for split, file in files.items() if file.is_file()}


def _recognises(path: Path) -> bool:
    return path.is_dir() and bool(_lists(path))


def _open(place: str, splitting: Splitting) -> DataSet:
    root, given = Path(place), {}
    findings: list[Finding] = []
    for split, file in _lists(root).items():
        rows = dict(_rows(root, file, split, findings))
        given[split] = Files(str(root), tuple(rows), tuple(rows.values()))
    if not any(map(len, given.values())):
        shown = f" ({printable(str(findings[0]))})" if findings else ""
        raise BadData(
            f"got {printable(place)} without a picture that its lists name{shown}; taken are WIDER_train/images and "
            "WIDER_val/images beside wider_face_split; unpack them there"
        )
    return DataSet(
        root.name or "wider_face", ("face",), complete(given, splitting), "detection", findings=tuple(findings)
    )


def _rows(root: Path, file: Path, split: str, findings: list[Finding]) -> Iterator[tuple[str, BoxLabels]]:
    """The path of each picture that is there, with its faces."""
    name, lines = file.relative_to(root).as_posix(), read_lines(file)
    seen: set[str] = set()
    at = 0
    while at < len(lines):
        picture, at = lines[at].strip(), at + 1
        if not is_image_name(picture):
            if picture:
                message = f"got {printable(picture[:80])!r}; taken is the name of a picture; mend the list"
                findings.append(Finding("wrong-columns", message, name, at))
            continue
        first, count, end = _faces(lines, at)
        path, at, line = f"WIDER_{split}/images/{picture}", end, at
        if count is None:
            message = "got no count of faces after the name of a picture; taken is a whole number; mend the list"
            findings.append(Finding("not-a-number", message, name, line + 1, as_text(path)))
        elif not count <= sum(map(bool, map(str.strip, lines[first:end]))) <= max(count, 1):
            message = f"got {end - first} rows where {count} faces are announced; taken are as many; mend the list"
            findings.append(Finding("wrong-columns", message, name, line + 1, as_text(path)))
        if ".." in picture.split("/") or picture.startswith("/"):
            message = "got a path out of the folder of the pictures; taken are paths inside; mend the list"
            findings.append(Finding("path-outside", message, name, line))
        elif path in seen:
            findings.append(
                Finding("duplicate-label", "got a picture twice; taken is the first", name, line, as_text(path))
            )
        elif not (root / path).is_file():
            message = "got a picture that is not there; taken are pictures that are; add it, or remove its rows"
            findings.append(Finding("missing-image", message, name, line, as_text(path)))
        else:
            seen.add(path)
            rows = lines[first : min(end, first + (count or 0))]
            yield path, _labels(rows, name, first + 1, as_text(path), findings)


def _faces(lines: list[str], at: int) -> tuple[int, int | None, int]:
    """Where the rows of faces begin, how many are announced (None: nothing), and where the next picture begins."""
    end = at
    while end < len(lines) and not is_image_name(lines[end].strip()):
        end += 1
    text = lines[at].strip() if at < end else ""
    known = text.isascii() and text.isdecimal() and len(text) < 10
    return (at + 1, int(text), end) if known else (at, None, end)


def _labels(rows: list[str], file: str, first: int, key: str, findings: list[Finding]) -> BoxLabels:
    boxes, attributes = [], []
    for line, row in enumerate(rows, first):
        words = row.split()
        numbers = [number_of(word) for word in words]
        if len(numbers) not in (4, 10):
            message = f"got {len(words)} columns; taken are 4 of the box and 6 attributes; mend the row"
            findings.append(Finding("wrong-columns", message, file, line, key))
        elif not np.isfinite(numbers).all():
            message = f"got {printable(row.strip()[:80])!r}; taken are numbers; mend the row"
            findings.append(Finding("not-a-number", message, file, line, key))
        else:
            left, top, width, height = numbers[:4]
            box = (left, top, left + width, top + height)
            wrong = box_finding(box, None, file=file, line=line, key=key)
            if wrong:
                findings.append(wrong)
                continue
            boxes.append(box)
            attributes.append([min(int(number), 1 << 31) for number in numbers[4:]] or [0] * 6)
    columns = np.asarray(attributes, np.int64).reshape(-1, 6).T.copy()
    return BoxLabels(np.asarray(boxes, np.float64).reshape(-1, 4), dict(zip(_ATTRIBUTES, columns, strict=True)))


def _write(dataset: DataSet, folder: Path) -> Mapping[str, int]:
    """Write pictures and lists of faces; only boxes and the six attributes have a place."""
    written = Written()
    for split, source in dataset.splits.items():
        lines, names = [], {}
        for index in range(len(source)):
            target = source.target(index)
            if not isinstance(target, Annotations) or target.boxes is None:
                continue
            event = safe_name(PurePosixPath(source.key(index)).parent.name or "pictures")
            make_folders(folder, f"WIDER_{split}/images/{event}")
            taken = names.setdefault(event.casefold(), Names())
            name = copy_picture(source, index, folder / f"WIDER_{split}" / "images" / event, taken)
            rows = _text(target)
            lines += [f"{event}/{name}", str(len(rows)), *(rows or [" ".join("0" * 10)])]
            written.add(Annotations(target.size, target.class_ids, target.boxes))
        make_folders(folder, _FOLDER)
        write_text(folder / _FOLDER / f"wider_face_{split}_bbx_gt.txt", "".join(f"{line}\n" for line in lines))
    return written.result()


def _text(target: Annotations) -> list[str]:
    assert target.boxes is not None
    columns = [
        target.attributes[name].tolist() if name in target.attributes else [0] * len(target) for name in _ATTRIBUTES
    ]
    rows = []
    for number, (x1, y1, x2, y2) in enumerate(target.boxes.coordinates.double().tolist()):
        place = [digits_of(value) for value in (x1, y1, x2 - x1, y2 - y1)]
        rows.append(" ".join([*place, *(f"{int(column[number])}" for column in columns)]))
    return rows
